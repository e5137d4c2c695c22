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
    let (mut faults, mut limits) = (Vec::new(), 0);
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
            if !fs::read_to_string(root.join(path)).is_ok_and(|text| text.contains(name)) {
                faults.push(format!("{path} has no {name}"));
            }
        }
        let missing = quoted(test).into_iter().filter(|test| !tests.contains(*test));
        faults.extend(missing.map(|test| format!("there is no test {test}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(limits > 50, "only {limits} limits were found: the search is broken");
}
