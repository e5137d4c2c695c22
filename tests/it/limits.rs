//! What strangers decide, and up to what: the table of `tests/limits` is that of the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All Rust files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    all.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

/// What stands between backticks in a text.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The numbers in the words of a limit, such as "16 KiB", "10 × 4" or "3 000 000", in the unit of the code.
fn told(words: &str) -> Vec<u64> {
    let mut told: Vec<u64> = Vec::new();
    let mut grouped = false;
    for word in words.split([' ', ',']) {
        let number = word.parse::<u64>().ok();
        match (number, told.last_mut(), word) {
            (Some(group), Some(last), _) if grouped && word.len() == 3 => *last = *last * 1_000 + group,
            (Some(number), ..) => told.push(number),
            (None, Some(last), "KiB") => *last <<= 10,
            (None, Some(last), "MiB") => *last <<= 20,
            _ => {}
        }
        grouped = number.is_some();
    }
    told
}

/// What a name is set to in a file: as a constant, or as the default of a setting.
fn set_to(text: &str, name: &str) -> Vec<u64> {
    let code =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let named = code.match_indices(name).filter_map(|(at, _)| code[at + name.len()..].strip_prefix(": "));
    let values = named.filter_map(|rest| rest.split([';', ',', '\n', '}']).next());
    values.filter_map(|value| number(value.split_once(" = ").map_or(value, |(_, value)| value))).collect()
}

/// A number as Rust writes it, a product, a power of two, or the end of a range.
fn number(value: &str) -> Option<u64> {
    let value = value.rsplit("..=").next()?.trim();
    if let Some((left, right)) = value.split_once(" << ") {
        return Some(number(left)? << number(right)?);
    }
    value.split(" * ").map(|factor| factor.replace('_', "").parse::<u64>().ok()).product()
}

#[test]
fn each_limit_of_the_table_stands_where_it_says_and_each_test_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("tests/limits/README.md")).unwrap();
    let sources = ["src", "tests/it"].map(|folder| files(&root.join(folder))).concat();
    let tests: BTreeSet<String> = sources
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let named = text.lines().filter_map(|line| Some(line.trim_start().split_once("fn ")?.1));
            named.filter_map(|line| Some(line.split_once(['(', '<'])?.0.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let (mut faults, mut limits, mut compared) = (Vec::new(), 0, 0);
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what |")) {
        let cells: Vec<&str> = row.split('|').collect();
        let [_, _, _, limit, test, _] = cells[..] else {
            faults.push(format!("not four cells: {row}"));
            continue;
        };
        for pair in quoted(limit).chunks(2) {
            let [name, path] = pair else {
                faults.push(format!("a limit without its file: {row}"));
                continue;
            };
            limits += 1;
            let text = fs::read_to_string(root.join(path)).unwrap_or_default();
            if !text.contains(name) {
                faults.push(format!("{path} has no {name}"));
            }
            let Some((words, _)) = limit.split_once(": `") else { continue };
            let (told, set) = (told(words), set_to(&text, name));
            compared += 1;
            if !set.iter().any(|number| told.contains(number)) {
                faults.push(format!("{name} is {set:?} in {path}, and {told:?} here"));
            }
        }
        let missing = quoted(test).into_iter().filter(|test| !tests.contains(*test));
        faults.extend(missing.map(|test| format!("there is no test {test}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(compared > 50, "only {compared} numbers were compared: the search is broken");
    assert!(limits > 50, "only {limits} limits were found: the search is broken");
}
