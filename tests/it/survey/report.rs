//! What surveys come to: the rows, the report and the difference of a survey of faked worlds. `UPDATE_GOLDENS=1` writes
//! `tests/survey/report` anew, for eyes to read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mailassay::program::domains::rules;
use mailassay::receiving::survey::{Claimed, Entry, List, NewSurvey, SqliteStore, Store};
use mailassay::shared::evidence::scan::Evidence;
use mailassay::shared::time::Timestamp;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use crate::commands::run;
use crate::domains::evidence_of;

/// The worlds that are surveyed, and the sector that the list says of each.
const WORLDS: [(&str, &str); 12] = [
    ("sound", "law"),
    ("no-starttls", "law"),
    ("default-postfix", "law"),
    ("self-signed-with-dane", "law"),
    ("expired", "law"),
    ("dane-mismatch", "authority"),
    ("null-mx", "authority"),
    ("servfail", "authority"),
    ("refused", "authority"),
    ("rate-limited", "authority"),
    ("port-25-closed-here", "<b>&\"odd\""),
    ("tls10-only", ""),
];

fn began(day: u8) -> Timestamp {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

/// A survey of the worlds, in which `changed` stands for some.
async fn survey(path: &Path, day: u8, changed: &[(&str, &str)]) -> Vec<Evidence> {
    let entry = |(name, sector): (&str, &str)| Entry {
        domain: format!("{name}.example"),
        values: vec![sector.to_owned(), "north".to_owned()],
    };
    let mut entries: Vec<Entry> = WORLDS.into_iter().map(entry).collect();
    // One that nobody comes to.
    entries.push(Entry {
        domain: "late.example".to_owned(),
        values: vec!["law".to_owned(), "south".to_owned()],
    });
    let list = List { attributes: vec!["sector".to_owned(), "region".to_owned()], entries };
    let new = NewSurvey { list, listed: 40, seed: Some(7), dns_only: false };
    let store = SqliteStore::open(path).await.unwrap();
    store.begin(&new, began(day)).await.unwrap();
    let mut seen = Vec::new();
    let Claimed::Tasks(tasks) = store.claim(100).await.unwrap() else { panic!("nothing to do") };
    for task in tasks {
        let name = task.domain.strip_suffix(".example").unwrap();
        let world = changed.iter().find(|(of, _)| *of == name).map_or(name, |(_, world)| world);
        if name == "late" {
            continue;
        }
        let mut evidence = evidence_of(world);
        evidence.domain.clone_from(&task.domain);
        store.finish(&task, &evidence).await.unwrap();
        seen.push(evidence);
    }
    assert_eq!(seen.len(), WORLDS.len());
    seen
}

fn golden(name: &str, is: &str) -> Option<String> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/survey/report").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, is).unwrap();
    }
    let should = fs::read_to_string(&path).unwrap_or_default();
    let differ = is.lines().zip(should.lines()).find(|(is, should)| is != should);
    (is != should).then(|| format!("{}: {differ:?}", path.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_as_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let [before, now] = ["before", "law-firms"].map(|name| folder.path().join(format!("{name}.sqlite")));
    survey(&before, 1, &[("sound", "no-starttls"), ("expired", "null-mx")]).await;
    survey(&now, 21, &[]).await;
    let out = folder.path().join("out");
    let words = |path: &Path| path.to_str().unwrap().to_owned();
    let (now, before) = (words(&now), words(&before));
    let (code, said, error) =
        run(&["survey", "report", &now, "--before", &before, "--out", &words(&out)], None);
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(said, format!("{}\n", out.join("index.html").display()));
    let mut wrong = Vec::new();
    for name in [
        "index.html",
        "survey.json",
        "domains.csv",
        "colours.svg",
        "grades.svg",
        "scores.svg",
        "faults.svg",
        "time.svg",
    ] {
        let text = fs::read_to_string(out.join(name)).unwrap().replace(rules(), "RULES");
        assert!(
            !text.contains("<b>") || name == "domains.csv" || name == "survey.json",
            "{name} is not escaped"
        );
        wrong.extend(golden(name, &text));
    }
    assert_eq!(columns(&out.join("domains.parquet")), table(&out.join("domains.csv")));
    // In German, too; the numbers are the same.
    let de = folder.path().join("de");
    let (code, _, error) =
        run(&["survey", "report", &now, "--before", &before, "--language", "de", "--out", &words(&de)], None);
    assert_eq!((code, error.as_str()), (0, ""));
    for name in ["index.html", "colours.svg"] {
        let text = fs::read_to_string(de.join(name)).unwrap().replace(rules(), "RULES");
        wrong.extend(golden(&name.replace('.', ".de."), &text));
    }
    assert_eq!(fs::read(de.join("survey.json")).unwrap(), fs::read(out.join("survey.json")).unwrap());
    // The chart of an earlier report goes with what it was of, and other surveys may be later ones.
    assert!(de.join("time.svg").exists());
    assert_eq!(run(&["survey", "report", &now, "--out", &words(&de)], None).0, 0);
    assert!(!de.join("time.svg").exists() && de.join("faults.svg").exists());
    assert_eq!(run(&["survey", "report", &before, "--before", &now, "--out", &words(&de)], None).0, 0);
    let time = fs::read_to_string(de.join("time.svg")).unwrap();
    assert!(time.find("2026-11-01") < time.find("2026-11-21"), "{time}");
    let (code, said, error) = run(&["survey", "diff", &before, &now], None);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    wrong.extend(golden("diff.txt", &said));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Each share is of what was measured, and all domains are somewhere.
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(out.join("survey.json")).unwrap()).unwrap();
    let number = |pointer: &str| json.pointer(pointer).unwrap().as_u64().unwrap();
    for share in ["colours", "letters", "scores"] {
        let counts = json.pointer(&format!("/all/{share}/counts")).unwrap().as_object().unwrap();
        let sum: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(sum, number(&format!("/all/{share}/measured")), "{share}");
        assert_eq!(sum + number(&format!("/all/{share}/not_measured")), number("/all/counted"), "{share}");
        let whole = number("/all/counted") + number(&format!("/all/{share}/nothing_to_measure"));
        assert_eq!(whole, number("/all/domains"), "{share}");
    }
    assert_eq!(number("/all/domains"), 13);
    assert_eq!(number("/all/why/receives-no-mail"), 1);
    assert_eq!(number("/all/why/not-begun"), 1);
    assert!(number("/all/why/port-25-closed-here") == 1 && number("/all/why/limited") == 1);
}

/// Each row of the table, with the names of its columns.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        names.iter().zip(row.iter()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// The same of the table of columns, as another program reads it.
fn columns(path: &Path) -> Vec<BTreeMap<String, String>> {
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let value = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Int(number) => number.to_string(),
        Field::TimestampMicros(at) => Timestamp::from_microsecond(*at).unwrap().to_string(),
        Field::ListInternal(list) => {
            let text = |field: &Field| match field {
                Field::Str(text) => text.clone(),
                other => panic!("{other:?}"),
            };
            list.elements().iter().map(text).collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    };
    let row = |row: parquet::record::Row| {
        row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
    };
    reader.get_row_iter(None).unwrap().map(|record| row(record.unwrap())).collect()
}

/// What is no survey is told apart from one, and a survey of a later version from ours.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_survey_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let words = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(folder.path().join("other"), "not a database, and long enough to be told from an empty one")
        .unwrap();
    let store = SqliteStore::open(&folder.path().join("empty")).await.unwrap();
    for (name, said) in [
        ("nowhere", "nowhere: there is no such file"),
        ("other", "other: this is no survey that can be used"),
        ("empty", "empty: no survey was begun in it"),
    ] {
        let (code, _, error) = run(&["survey", "report", &words(name), "--out", &words("out")], None);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains(said), "{error}");
    }
    // One process works on it.
    assert!(
        SqliteStore::open(&folder.path().join("empty"))
            .await
            .is_err_and(|error| error.to_string().contains("another process works"))
    );
    drop(store);
    assert!(SqliteStore::open(&folder.path().join("empty")).await.is_ok());
}
