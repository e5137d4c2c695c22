//! A provider on a terminal: its row with all evidence, at 80 columns.

use crate::shared::text::{Words, clean_to, wrapped};
use crate::shared::time::Timestamp;

use super::super::provider::TEXT_CHARS_MAX;
use super::super::register::Entry;
use super::super::row::Row;
use super::super::settings::Settings;
use super::cell::{ToldProof, row};
use super::evidence::{checks, trials};
use super::{day, said};

/// The width of a terminal, in columns.
const COLUMNS: usize = 80;

/// All that is known of a provider, with the row that it makes at `now`.
pub fn show(entry: &Entry, computed: &Row, settings: &Settings, now: Timestamp, words: &Words) -> String {
    let told = row(computed, settings, now, words);
    let mut text = Lines::default();
    let title = clean_to(&entry.provider.title, TEXT_CHARS_MAX);
    text.push(0, &format!("{title} ({}): {}", entry.provider.name, state(entry, words)));
    text.push(2, &entry.provider.domains.join(", "));
    if !entry.provider.mx.is_empty() {
        text.push(2, &format!("MX {}", entry.provider.mx.join(", ")));
    }
    text.push(0, "");
    for line in said::summary(&told, words).lines() {
        text.push(2, line.trim_start());
    }
    if let Some(wanted) = &told.wanted {
        text.push(2, wanted);
    }
    text.head(&words.say("prov-show-evidence"));
    for cell in told.sending.iter().filter(|cell| !cell.proofs.is_empty()) {
        text.push(2, &format!("{}: {}", cell.label, cell.value));
        proofs(&mut text, &cell.proofs);
    }
    for note in &told.notes {
        text.push(2, &format!("({}) {}", note.number, note.text));
        proofs(&mut text, &note.proofs);
    }
    for trial in trials(computed, words) {
        text.push(0, "");
        text.push(2, &format!("{}: {}; {}", trial.title, trial.terms, trial.counting));
        for shown in &trial.connections {
            let line = format!(
                "{:>3} {} {} {} {}, {}: {}",
                shown.number,
                shown.at,
                shown.from,
                words.say("prov-server"),
                shown.server,
                shown.tls,
                shown.outcome
            );
            text.push(4, &line);
        }
    }
    for check in checks(computed, words) {
        text.push(2, &format!("{}: {}", check.title, check.counting));
    }
    let remark = entry.provider.remark.iter().map(|remark| (None, remark));
    let dated = |list: &'_ [super::super::register::Dated]| -> Vec<(Option<Timestamp>, String)> {
        list.iter().map(|one| (Some(one.at), one.text.clone())).collect()
    };
    let lists = [
        ("prov-show-remark", remark.map(|(at, text)| (at, text.clone())).collect()),
        ("prov-show-replies", dated(&entry.replies)),
        ("prov-show-corrections", dated(&entry.corrections)),
    ];
    for (heading, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        text.head(&words.say(heading));
        for (at, said) in list {
            let at = at.map_or_else(String::new, |at| format!("{} ", day(at)));
            text.push(2, &format!("{at}{}", clean_to(&said, TEXT_CHARS_MAX)));
        }
    }
    text.0
}

/// Whether it is public, and if not, why.
fn state(entry: &Entry, words: &Words) -> String {
    let on = |id: &str, at: Timestamp| words.tell(id, &[("day", day(at).into())]);
    match (&entry.published, entry.retracted, entry.told.last()) {
        (Some(published), ..) => on("prov-show-published", published.since),
        (None, Some(retracted), _) => on("prov-show-retracted", retracted),
        (None, None, told) => {
            let told = told.map_or_else(|| words.say("prov-show-not-told"), |at| on("prov-show-told", *at));
            words.tell("prov-show-draft", &[("told", told.into())])
        }
    }
}

fn proofs(text: &mut Lines, proofs: &[ToldProof]) {
    for proof in proofs {
        let said = [proof.connections.as_str(), proof.why.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        text.push(4, &format!("[{}] {}", proof.exhibit, said.join(": ")));
    }
}

/// Lines of at most [`COLUMNS`].
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Adds a text behind a margin; what does not fit goes on below it.
    fn push(&mut self, margin: usize, text: &str) {
        let aligned = text.len() - text.trim_start_matches(' ').len();
        let (first, rest) = (" ".repeat(margin + aligned), " ".repeat(margin + 2));
        for line in wrapped(&first, &rest, text, COLUMNS) {
            self.0.push_str(line.trim_end());
            self.0.push('\n');
        }
    }

    fn head(&mut self, title: &str) {
        self.push(0, "");
        self.push(0, title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_below() {
        let mut lines = Lines::default();
        lines.push(2, &["word"; 40].join(" "));
        assert!(lines.0.lines().all(|line| line.chars().count() <= COLUMNS), "{}", lines.0);
        assert_eq!(lines.0.lines().count(), 3);
    }
}
