//! A redacted history told step by step, as the trial's page tells the whole.

use crate::program::report::account::{Account, Settings};
use crate::program::report::page::{StepKind, ToldStep, steps};
use crate::program::report::words;
use crate::receiving::report::Half;
use crate::sending::persona::Catalogue;
use crate::sending::verdict::{Judgement, judge, judge_cases};
use crate::shared::text::{Body, Language, Line, Lines, Page, Section, Words, clean};
use crate::shared::time::Timestamp;

use super::RedactedHistory;

/// What a redacted history shows.
pub struct Replayed {
    /// The answer, and the steps that lead to it.
    pub page: Page,
    pub judgement: Judgement,
    words: &'static Words,
}

impl Replayed {
    /// Whether `told`, the names of the policies that a document says are possible, are those that came out, and that in a
    /// sentence.
    pub fn compared(&self, told: &[&str]) -> (bool, String) {
        let found: Vec<&str> = self.judgement.candidates.iter().map(|term| term.name()).collect();
        if told == found {
            return (true, self.words.say("replay-same"));
        }
        let list = |terms: &[&str]| match terms {
            [] => "–".to_owned(),
            terms => clean(&terms.join(", ")),
        };
        let blanks = [("told", list(told).into()), ("found", list(&found).into())];
        (false, self.words.tell("replay-other", &blanks))
    }
}

/// Judges a redacted history anew, step by step, with the personas of `catalogue`.
pub fn replay(
    catalogue: &Catalogue,
    redacted: &RedactedHistory,
    language: Language,
    now: Timestamp,
) -> Replayed {
    let history = redacted.history();
    let verdict = judge(catalogue, &redacted.pace, &history);
    let cases = judge_cases(catalogue, &redacted.pace, &history);
    let account = Account {
        catalogue,
        history: &history,
        verdict: &verdict,
        cases: &cases,
        pace: &redacted.pace,
        receiving: Half::NotScanned,
        now,
    };
    let settings = Settings::default();
    let words = words::of(language);
    let shown = |text: &str| super::document::told(redacted, text).unwrap_or_else(|| text.to_owned());
    let line = |step: ToldStep| {
        let kind = match step.kind {
            StepKind::Question => "replay-question",
            StepKind::Fetch => "replay-fetch",
            StepKind::Link => "replay-connection",
            StepKind::Silence => "replay-silence",
        };
        Line {
            numbers: words.tell(kind, &[("number", step.number.into())]),
            time: words.moment(step.at),
            text: shown(&format!("{} {} {}", step.did, step.seen, step.follows)),
            tone: Some(step.tone),
        }
    };
    let lines: Vec<Line> = steps(account, &settings, language).into_iter().map(line).collect();
    let in_text = lines.len();
    let lines = Lines { lines, more: String::new(), in_text, more_in_text: String::new() };
    let whole = Page::new(account, language, &settings);
    let about = [
        ("trial", clean(&redacted.trial).into()),
        ("origin", clean(&redacted.origin).into()),
        ("time", words.moment(redacted.opened).into()),
    ];
    let page = Page {
        about: words.tell("replay-about", &about),
        subject: shown(&whole.subject),
        answer: whole.answer.iter().map(|sentence| shown(sentence)).collect(),
        term: shown(&whole.term),
        sections: vec![Section {
            title: words.say("replay-title"),
            intro: words.say("replay-intro"),
            body: Body::Lines(lines),
            detailed: false,
        }],
        footer: Vec::new(),
        ..whole
    };
    let of_cases_alone = account.is_of_cases_alone();
    let mut judgement = verdict.overall;
    if of_cases_alone {
        judgement.candidates.clone_from(&cases.terms);
    }
    Replayed { page, judgement, words }
}
