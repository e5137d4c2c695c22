//! The floor plan: `ARCHITECTURE.md` says which room may import which, and the code keeps to it. Also the sizes of
//! files and folders, and that below the roof there is neither a clock nor chance.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "floors/imports.rs"]
mod imports;
#[path = "floors/rings.rs"]
mod rings;

use imports::named;

/// Rooms of a house.
const ROOMS_MAX: usize = 12;

/// A row of the table.
#[derive(Debug)]
struct Room {
    name: String,
    roof: bool,
    may_import: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tables of `ARCHITECTURE.md`, one a house: `| floor | room | may import | owns |`. A room is named by its house and
/// itself, `shared::dns`; what a row names of its own house is named alone there.
fn plan() -> Vec<Room> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut rooms: Vec<Room> = Vec::new();
    let mut house = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("### `src/") {
            house = title.split('`').next().unwrap_or_default().to_owned();
        }
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [floor @ ("ground" | "first" | "second" | "roof"), room, imports, _] = cells[..] else {
            continue;
        };
        let may_import = match imports {
            "everything above" => rooms.iter().map(|room| room.name.clone()).collect(),
            imports => imports
                .split_whitespace()
                .map(|room| if room.contains("::") { room.to_owned() } else { format!("{house}::{room}") })
                .collect(),
        };
        rooms.push(Room {
            name: format!("{house}::{}", room.trim_matches('`')),
            roof: floor == "roof",
            may_import,
        });
    }
    rooms
}

impl Room {
    fn folder(&self) -> PathBuf {
        root().join("src").join(self.name.replace("::", "/"))
    }

    /// Its files: a folder's, or the one file that is a room.
    fn files(&self) -> Vec<PathBuf> {
        let folder = self.folder();
        if folder.is_dir() { files(&folder) } else { vec![folder.with_extension("rs")] }
    }
}

/// All Rust files below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The code of a file that is part of the program: without comments, strings and unit tests.
fn code(path: &Path) -> String {
    if path.with_extension("").iter().any(|name| name == "tests") {
        return String::new();
    }
    let text = without_comments_and_strings(&fs::read_to_string(path).unwrap());
    // Unit tests are the last thing in a file.
    let tests = ["#[cfg(test)]\nmod tests", "#[cfg(test)]\npub(in crate::receiving) mod tests"];
    let end = tests.iter().find_map(|begin| text.find(begin)).unwrap_or(text.len());
    assert!(
        !text[..end].contains("#[cfg(test)]"),
        "{}: code for tests that is no `mod tests`",
        path.display()
    );
    text[..end].to_owned()
}

fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = hashes + 2;
            begin + rest[begin..].find(&end).unwrap_or(rest.len() - begin - end.len()) + end.len()
        } else if rest.starts_with('"') {
            string_length(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("b'\"'") {
            rest.find('"').unwrap_or(0) + 2
        } else {
            code.push(next);
            next.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// The number of hashes of a raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.chars().take_while(|c| *c == '#').count();
    rest[hashes..].starts_with('"').then_some(hashes)
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The module that a file of `src` is.
fn module(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(root().join("src")).unwrap().with_extension("");
    let mut module: Vec<String> = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

#[test]
fn reads_what_is_code() {
    let code = without_comments_and_strings(
        "a; // crate::b\nlet x = g(\"crate::c \\\" crate::d\"); r#\"crate::p\"#",
    );
    assert_eq!(code.split_whitespace().collect::<String>(), "a;letx=g();");
}

/// Also no cycle: a row may import only rows above it.
#[test]
fn every_room_imports_only_what_the_plan_allows() {
    let rooms = plan();
    let mut above = BTreeSet::new();
    for room in &rooms {
        let strange: Vec<_> = room.may_import.difference(&above).collect();
        assert!(strange.is_empty(), "ARCHITECTURE.md: {} may import {strange:?}, not above it", room.name);
        above.insert(room.name.clone());
    }
    let mut declared = BTreeSet::new();
    for house in ["shared", "receiving", "sending", "operations", "program"] {
        let door = code(&root().join("src").join(house).join("mod.rs"));
        let rooms = door.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
        declared.extend(rooms.map(|room| format!("{house}::{room}")));
        let count = declared.iter().filter(|room| room.starts_with(house)).count();
        assert!(count <= ROOMS_MAX, "src/{house}: {count} rooms, {ROOMS_MAX} at most");
    }
    assert_eq!(declared, above, "the doors of the houses and the tables of ARCHITECTURE.md");

    let mut faults = Vec::new();
    let mut references = 0;
    for room in &rooms {
        for path in room.files() {
            let others: BTreeSet<String> = named(&code(&path), &module(&path))
                .iter()
                // A house alone is how far something may be seen.
                .filter(|path| path.len() > 1)
                .map(|path| path.iter().take(2).cloned().collect::<Vec<_>>().join("::"))
                .collect();
            for other in others {
                references += 1;
                if other != room.name && !room.may_import.contains(&other) {
                    let path = path.strip_prefix(root()).unwrap();
                    faults
                        .push(format!("{} imports `{other}`, which ARCHITECTURE.md forbids", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(references > 200, "only {references} references were found: the search is broken");
}

/// `mailassay check DOMAIN` is receiving alone.
#[test]
fn the_check_of_a_domain_knows_nothing_of_sending() {
    for path in files(&root().join("src/program/app/command/check")) {
        let names = named(&code(&path), &module(&path));
        let sending: Vec<_> = names.iter().filter(|name| name[0] == "sending").collect();
        assert!(sending.is_empty(), "{} names {sending:?}", path.display());
    }
}

#[test]
fn below_the_roof_there_is_neither_clock_nor_chance() {
    // What would read a clock or a source of randomness. A wait on tokio's clock is not a time of day.
    let words =
        ["::now(", "now_local(", "now_utc(", "elapsed(", "rand::", "OsRng", "SystemRandom", "getrandom"];
    let mut faults = Vec::new();
    for room in plan().iter().filter(|room| !room.roof) {
        for path in room.files() {
            let code = code(&path);
            let tokio = code.contains("tokio::time::Instant")
                || code.contains("use tokio::time::{Instant")
                    && !code.contains("std::time::Instant")
                    && !code.contains("std::time::{Instant");
            for line in code.lines() {
                let line = match tokio {
                    true => line.replace("Instant::now(", "").replace("elapsed(", ""),
                    false => line.to_owned(),
                };
                if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                    faults.push(format!("{}: {word} in: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The macros of `tracing` in a text, each with its arguments as they are written.
fn logged(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("tracing::") {
        let rest = &text[at..];
        let Some(open) = rest.find("!(").filter(|open| rest[..*open].len() <= "tracing::error".len()) else {
            continue;
        };
        let (mut depth, mut end) = (0, open + 1);
        while let Some(next) = rest[end..].chars().next() {
            depth += usize::from(next == '(');
            depth -= usize::from(next == ')');
            end += if next == '"' { string_length(&rest[end..]) } else { next.len_utf8() };
            if depth == 0 {
                break;
            }
        }
        found.push(&rest[open + 2..end - 1]);
    }
    found
}

/// The arguments among them that show the identity of a trial.
fn shows_a_trial(logged: &str) -> bool {
    let code = without_comments_and_strings(logged);
    let is_shown = |argument: &str| {
        let words = argument.split(|c: char| !c.is_alphanumeric() && c != '_');
        let names_it = argument.contains("history.id") || words.clone().any(|word| word == "trial");
        names_it && !words.clone().any(|word| word == "log_name")
    };
    code.split(',').any(is_shown) || ["{trial", "{history"].iter().any(|shown| logged.contains(shown))
}

#[test]
fn reads_what_is_logged() {
    let text = "tracing::info!(%trial, \"a) {b}\"); tracing::warn!(\n trial = f(x).log_name(), \"a trial\",\n);\n\
                let _ = || tracing::error!(id = %history.id, n = (1)); tracing::debug!(\"of {trial}\")";
    let logged = logged(text);
    assert_eq!(logged.len(), 4, "{logged:?}");
    assert_eq!(logged[0], "%trial, \"a) {b}\"");
    assert_eq!(logged.iter().map(|one| shows_a_trial(one)).collect::<Vec<_>>(), [true, false, true, true]);
}

/// The identity of a trial is the address of its result.
#[test]
fn no_log_names_a_trial_but_by_its_log_name() {
    let (mut faults, mut count) = (Vec::new(), 0);
    for path in files(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("use tracing::"),
            "{}: write tracing::…!, so that it is found",
            path.display()
        );
        let logged = logged(&text);
        count += logged.len();
        let shown = logged.into_iter().filter(|one| shows_a_trial(one));
        faults.extend(shown.map(|one| format!("{}: {one}", path.display())));
    }
    assert!(faults.is_empty(), "write `trial = ….log_name()`:\n{}", faults.join("\n"));
    assert!(count > 30, "only {count} lines of a log were found: the search is broken");
}

const LINES_MAX: usize = 500;
/// Lines that a file of the middle has at most.
const LINES_OF_THE_MEDIAN_MAX: usize = 150;
/// Lines of a large file, and of how many files one may be large.
const LINES_OF_A_LARGE_FILE: usize = 300;
const FILES_TO_A_LARGE_ONE: usize = 10;
/// Files of a folder beside its `mod.rs`, which is its door and not one of its things.
const FILES_MAX: usize = 8;
/// A folder in here is a catalogue: a file a check, found by its name. What is no check lies in folders below it.
const CATALOGUE: &str = "src/receiving/checks";

#[test]
fn files_and_folders_stay_small() {
    let mut folders: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let (mut faults, mut all_lines) = (Vec::new(), Vec::new());
    for path in files(&root().join("src")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        all_lines.push(lines);
        if lines > LINES_MAX {
            faults.push(format!("{}: {lines} lines, {LINES_MAX} at most", path.display()));
        }
        if path.file_name().is_some_and(|name| name != "mod.rs") {
            *folders.entry(path.parent().unwrap().to_owned()).or_default() += 1;
        }
    }
    let catalogued = |folder: &Path| folder.parent() == Some(&root().join(CATALOGUE));
    let large = folders.iter().filter(|(path, count)| **count > FILES_MAX && !catalogued(path));
    faults.extend(large.map(|(path, count)| {
        format!("{}: {count} files beside mod.rs, {FILES_MAX} at most", path.display())
    }));
    all_lines.sort_unstable();
    let median = all_lines[all_lines.len() / 2];
    if median > LINES_OF_THE_MEDIAN_MAX {
        faults.push(format!("src: the median file has {median} lines, {LINES_OF_THE_MEDIAN_MAX} at most"));
    }
    let large = all_lines.iter().filter(|lines| **lines >= LINES_OF_A_LARGE_FILE).count();
    if large * FILES_TO_A_LARGE_ONE > all_lines.len() {
        faults.push(format!("src: {large} files of {} have {LINES_OF_A_LARGE_FILE} lines", all_lines.len()));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_plan_fits_on_two_pages() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 150, "{} lines", text.lines().count());
}
