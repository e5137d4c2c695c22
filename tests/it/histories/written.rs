//! Histories written by hand: `tests/histories/<case>/` holds a README that says what and why, `journal.txt` in
//! the notation of [`line`], and `verdict.txt`, which states what must be found, with the lines of the journal
//! that carry it. `UPDATE_GOLDENS=1` writes the verdicts anew; each one was reasoned out from the design.

mod explained;
mod line;
pub(super) mod play;
mod redaction;
mod verdict;

use std::fs;
use std::path::Path;

use play::World;

#[test]
fn written_histories_are_judged_as_reasoned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let only = std::env::var("HISTORY").ok();
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .expect("tests/histories")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .filter(|path| only.as_ref().is_none_or(|only| path.ends_with(only)))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case in {}", folder.display());
    let mut wrong = Vec::new();
    for case in cases {
        let read = |name: &str| fs::read_to_string(case.join(name));
        let readme = read("README.md").unwrap_or_default();
        assert!(readme.trim().len() > 40, "{}: the README says what and why", case.display());
        let journal = read("journal.txt").expect("journal.txt");
        let found = World::play(&journal).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            fs::write(case.join("verdict.txt"), &found).expect("verdict.txt can be written");
        }
        let expected = read("verdict.txt").unwrap_or_default();
        if found != expected {
            let name = case.file_name().expect("a name").display();
            wrong.push(format!("== {name}\n-- expected\n{expected}-- found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{} histories are judged otherwise:\n{}", wrong.len(), wrong.join("\n"));
}
