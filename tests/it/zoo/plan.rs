//! What is asked of which zone, and what is right.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use mailassay::shared::dns::RecordType;
use serde::Deserialize;

/// What may come of a question. Records are there where nothing else is said.
const STATES: [&str; 9] = [
    "secure",
    "secure no-data",
    "secure no-name",
    "insecure",
    "insecure no-data",
    "insecure no-name",
    "bogus",
    "indeterminate",
    "fails",
];

/// One zone of the zoo.
pub(super) struct Zone {
    pub(super) questions: Vec<Question>,
}

/// One question.
pub(super) struct Question {
    zone: String,
    /// The name, absolute.
    pub(super) name: String,
    /// The type.
    pub(super) rtype: RecordType,
    /// What unbound says.
    pub(super) expected: String,
    /// Which of our limits keeps us from saying the same.
    pub(super) limit: Option<String>,
    /// What we say where that is something else; the zone says why.
    pub(super) differs: Option<String>,
}

/// What the comparison wants of a file; the rest is for the player, which refuses what it does not know.
#[derive(Deserialize)]
struct File {
    note: String,
    ask: BTreeMap<String, String>,
    #[serde(default)]
    limit: BTreeMap<String, String>,
    #[serde(default)]
    differs: BTreeMap<String, String>,
}

/// The folder of the zoo.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zoo")
}

impl Zone {
    /// All of them, by name.
    pub(super) fn all() -> Vec<Self> {
        let entries = fs::read_dir(folder().join("zones")).expect("the folder of zones");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    fn read(path: &Path) -> Self {
        let shown = path.display();
        let zone = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(path).expect("a zone");
        let mut file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert!(!file.note.is_empty() && !file.ask.is_empty(), "{shown}: no note, or nothing is asked");
        let ask = std::mem::take(&mut file.ask);
        let questions = ask.into_iter().map(|(asked, expected)| {
            let (owner, text) = asked.split_once(' ').unwrap_or_else(|| panic!("{shown}: `{asked}`"));
            let name = match owner {
                "@" => format!("{zone}.zoo."),
                _ if owner.ends_with('.') => owner.to_owned(),
                _ => format!("{owner}.{zone}.zoo."),
            };
            let rtype = RecordType::from_str(text).unwrap_or_else(|_| panic!("{shown}: `{text}` is no type"));
            let (limit, differs) = (file.limit.remove(&asked), file.differs.remove(&asked));
            for state in [Some(&expected), differs.as_ref()].into_iter().flatten() {
                assert!(STATES.contains(&state.as_str()), "{shown}: nothing is `{state}`");
            }
            Question { zone: zone.clone(), name, rtype, expected, limit, differs }
        });
        let questions = questions.collect();
        let left: Vec<&String> = file.limit.keys().chain(file.differs.keys()).collect();
        assert!(left.is_empty(), "{shown}: {left:?} is not asked");
        Self { questions }
    }
}

impl Question {
    /// Whether there may be no answer to wait for.
    pub(super) fn is_of_patience(&self) -> bool {
        ["fails", "indeterminate"].contains(&self.expected.as_str())
    }

    /// Whether this is what unbound should say. It does not tell keys that cannot be had from keys that are wrong.
    pub(super) fn is_met_by_unbound(&self, state: &str) -> bool {
        state == self.expected || (self.expected == "indeterminate" && state == "bogus")
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, name, rtype, expected, .. } = self;
        write!(f, "{zone}: {name} {rtype} is `{expected}`")
    }
}

/// Those of the zones that `MAILASSAY_ZOO_ZONES` names, with commas between; all where it does not say.
pub(super) fn chosen(mut questions: Vec<Question>) -> Vec<Question> {
    if let Ok(zones) = std::env::var("MAILASSAY_ZOO_ZONES") {
        questions.retain(|question| zones.split(',').any(|zone| zone == question.zone));
    }
    questions
}
