//! Surveys: lists, what tenants of one operator share, how many connections an operator sees, and that a survey that is
//! killed goes on.

mod contract;
mod killed;
mod queues;
mod report;
mod shared;
mod workers;
pub(crate) mod world;

use std::fs;
use std::path::Path;

use super::commands::run;

/// Each file of `tests/survey/lists` is refused, with the words that its `.txt` has.
#[test]
fn what_is_wrong_with_a_list_is_told_by_file_and_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/survey/lists");
    let out = tempfile::tempdir().unwrap();
    let mut lists: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    lists.retain(|path| path.extension().is_some_and(|ending| ending == "csv" || ending == "list"));
    assert!(lists.len() >= 5);
    for list in lists {
        let expected = fs::read_to_string(list.with_extension("txt")).unwrap();
        let file = out.path().join("survey.sqlite");
        let arguments = ["survey", "run", list.to_str().unwrap(), "--out", file.to_str().unwrap()];
        let (code, output, error) = run(&arguments, None);
        assert_eq!((code, output.as_str()), (2, ""), "{list:?}: {error}");
        assert_eq!(error.replace(&format!("{}/", folder.display()), ""), expected, "{list:?}");
        assert!(!file.exists(), "{list:?}: nothing is begun");
    }
}

#[test]
fn what_cannot_be_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list");
    fs::write(&list, "a.example\n").unwrap();
    let list = list.to_str().unwrap();
    let other = folder.path().join("other.sqlite");
    fs::write(&other, "not a database, and long enough to be told from an empty one").unwrap();
    for (arguments, said) in [
        (&["--out", "mysql://host/db"][..], "`mysql` is nothing that a survey is kept in"),
        (
            &["--out", "postgres://ma:secret@host:port/db"],
            "a database is named `postgres://USER@HOST/DATABASE`",
        ),
        (&["--out", "postgres://nobody@localhost/db?host=/nowhere"], "postgres://nobody@/nowhere:5432/db: "),
        (&["--out", other.to_str().unwrap()], "other.sqlite: "),
        (&["--out", "x", "--seed", "1"], "--sample"),
        (&["--out", "x", "--since", "yesterday"], "write an instant such as 2026-11-30T12:00:00Z"),
        (&["--out", "x", "--operators", list], "list: "),
        (&[], "--out"),
    ] {
        let arguments = [&["survey", "run", list], arguments].concat();
        let (code, _, error) = run(&arguments, None);
        assert_eq!(code, 2, "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}
