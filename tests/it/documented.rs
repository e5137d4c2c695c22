//! What is public says what it is for: every `pub` function, type, trait, module and constant has a doc comment that is a
//! whole sentence. Fields and variants may go without, where the name says as much: rustc's `missing_docs` knows no such
//! difference, and is off for that.

use std::fs;
use std::path::{Path, PathBuf};

/// How long a comment is at least, in characters: what is shorter repeats the name.
const COMMENT_CHARS_MIN: usize = 15;

/// What must be documented.
const KINDS: [&str; 8] = ["fn", "struct", "enum", "trait", "mod", "const", "static", "type"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// Kind and name of the public item that a line begins.
fn item(line: &str) -> Option<(&str, &str)> {
    let mut words = line.trim_start().strip_prefix("pub ")?.split_whitespace().peekable();
    loop {
        let word = words.next()?;
        let next = words.peek().copied().unwrap_or_default();
        // `const fn` is a function.
        if KINDS.contains(&word) && !KINDS.contains(&next) {
            let end = next.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(next.len());
            // A name that a macro makes has its comment from there.
            return (end > 0).then_some((word, &next[..end]));
        }
        if !["async", "const"].contains(&word) {
            return None;
        }
    }
}

/// The text of the comment over line `at`; attributes may stand between them.
fn comment_over(lines: &[&str], mut at: usize, mark: &str) -> String {
    while at > 0 && !lines[at - 1].trim_start().starts_with(mark) {
        let line = lines[at - 1].trim();
        // An attribute of several lines ends in `)]`; what stands within it ends in none of these.
        let code = line.is_empty() || line.ends_with([';', '{', '}']) || line.starts_with("//");
        if code {
            return String::new();
        }
        at -= 1;
    }
    let first =
        lines[..at].iter().rposition(|line| !line.trim_start().starts_with(mark)).map_or(0, |at| at + 1);
    text_of(&lines[first..at], mark)
}

fn text_of(lines: &[&str], mark: &str) -> String {
    let words = lines.iter().filter_map(|line| Some(line.trim_start().strip_prefix(mark)?.trim()));
    words.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The comment at the head of the file of the module `name` that the file at `path` declares.
fn comment_of_module(path: &Path, name: &str) -> String {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let folder = match stem {
        "mod" | "lib" | "main" => path.parent().unwrap().to_owned(),
        _ => path.with_extension(""),
    };
    let text = fs::read_to_string(folder.join(format!("{name}.rs")))
        .or_else(|_| fs::read_to_string(folder.join(name).join("mod.rs")));
    let text = text.unwrap();
    text_of(&text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>(), "//!")
}

/// What is wrong with a comment.
fn fault(comment: &str) -> Option<&'static str> {
    if comment.is_empty() {
        Some("has no doc comment")
    } else if comment.chars().count() < COMMENT_CHARS_MIN {
        Some("has a doc comment that says nothing")
    } else if !comment.trim_end_matches('`').trim_end().ends_with(['.', ':']) {
        Some("has a doc comment that ends in the middle of a sentence")
    } else {
        None
    }
}

#[test]
fn what_is_public_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = Vec::new();
    let mut items = 0;
    for path in files(&root.join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((kind, name)) = item(line) else { continue };
            items += 1;
            let mut comment = comment_over(&lines, at, "///");
            if kind == "mod" && line.ends_with(';') && comment.is_empty() {
                comment = comment_of_module(&path, name);
            }
            if let Some(fault) = fault(&comment) {
                let path = path.strip_prefix(root).unwrap().display();
                faults.push(format!("{path}:{}: `{kind} {name}` {fault}: {comment}", at + 1));
            }
        }
    }
    assert!(items > 1000, "{items}");
    assert!(faults.is_empty(), "{} items:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn items_and_their_comments_are_found() {
    let text = "/// A whole sentence\n/// of two lines.\n#[derive(\n    Debug,\n)]\npub struct One {\n    pub field: u8,\n}\n\npub const fn two() {}";
    let lines: Vec<&str> = text.lines().collect();
    let found: Vec<_> = lines.iter().filter_map(|line| item(line)).collect();
    assert_eq!(found, [("struct", "One"), ("fn", "two")]);
    assert_eq!(comment_over(&lines, 5, "///"), "A whole sentence of two lines.");
    assert_eq!(comment_over(&lines, 9, "///"), "");
    assert_eq!(item("    pub async fn ask<'a>(&self) {"), Some(("fn", "ask")));
    assert_eq!(item("pub(crate) fn ours() {"), None);
    assert_eq!(fault("EHLO."), Some("has a doc comment that says nothing"));
    assert_eq!(
        fault("Whoever gathers the evidence"),
        Some("has a doc comment that ends in the middle of a sentence")
    );
}
