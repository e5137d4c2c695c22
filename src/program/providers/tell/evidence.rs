//! Evidence in words.

use crate::sending::verdict::Term;
use crate::shared::text::{Words, clean};

use super::super::row::{Counting, Row};
use super::day;

/// A trial in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldTrial {
    pub exhibit: i64,
    pub title: String,
    /// What it alone shows.
    pub terms: String,
    /// Whether it counts, and why not.
    pub counting: String,
    pub counts: bool,
    pub connections: Vec<ToldConnection>,
    pub questions: Vec<[String; 4]>,
    pub fetches: Vec<[String; 3]>,
    /// What is in the document alone.
    pub more: Option<String>,
}

/// A connection in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldConnection {
    pub number: usize,
    pub at: String,
    pub from: String,
    pub server: String,
    pub offered: String,
    pub tls: String,
    pub sni: String,
    pub outcome: String,
}

/// A check in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldCheck {
    pub exhibit: i64,
    pub title: String,
    pub counting: String,
    pub counts: bool,
}

/// What stands for nothing.
const NONE: &str = "–";

/// The trials of a row in words, the newest first.
pub fn trials(row: &Row, words: &Words) -> Vec<ToldTrial> {
    let told = |trial: &super::super::row::TrialShown| {
        let blanks = [("number", trial.exhibit.into()), ("day", day(trial.opened).into())];
        let terms: Vec<String> = trial.terms.iter().copied().map(Term::name).map(str::to_owned).collect();
        let time = |at: crate::shared::time::Timestamp| at.strftime("%m-%d %H:%M:%S").to_string();
        let connections = trial.connections.iter().map(|shown| ToldConnection {
            number: shown.number,
            at: time(shown.at),
            from: match &shown.ehlo {
                Some(name) => format!("{} ({})", shown.source, clean(name)),
                None => shown.source.clone(),
            },
            server: shown.server.map_or_else(|| NONE.to_owned(), |server| server.to_string()),
            offered: match shown.starttls_offered {
                Some(true) => words.say("prov-offered-yes"),
                Some(false) => words.say("prov-offered-no"),
                None => NONE.to_owned(),
            },
            tls: shown.tls.clone().unwrap_or_else(|| NONE.to_owned()),
            sni: shown.sni.as_deref().map_or_else(|| NONE.to_owned(), clean),
            outcome: words.say(&format!("prov-outcome-{}", shown.outcome)),
        });
        ToldTrial {
            exhibit: trial.exhibit,
            title: words.tell("prov-trial", &blanks),
            terms: if terms.is_empty() { words.say("prov-open") } else { words.all_of(&terms) },
            counting: counting(trial.counting, words),
            counts: trial.counting == Counting::Counts,
            connections: connections.collect(),
            questions: trial
                .questions
                .iter()
                .map(|shown| [time(shown.at), shown.source.clone(), clean(&shown.name), clean(&shown.rtype)])
                .collect(),
            fetches: trial
                .fetches
                .iter()
                .map(|shown| {
                    let status = shown.status.map_or_else(|| NONE.to_owned(), |status| status.to_string());
                    [time(shown.at), shown.source.clone(), status]
                })
                .collect(),
            more: (trial.more > 0).then(|| words.tell("prov-more", &[("count", trial.more.into())])),
        }
    };
    row.trials.iter().rev().map(told).collect()
}

/// The checks of a row in words, the newest first.
pub fn checks(row: &Row, words: &Words) -> Vec<ToldCheck> {
    let told = |check: &super::super::row::CheckShown| {
        let blanks = [
            ("number", check.exhibit.into()),
            ("domain", clean(&check.domain).into()),
            ("day", day(check.at).into()),
        ];
        ToldCheck {
            exhibit: check.exhibit,
            title: words.tell("prov-check", &blanks),
            counting: counting(check.counting, words),
            counts: check.counting == Counting::Counts,
        }
    };
    row.checks.iter().rev().map(told).collect()
}

fn counting(counting: Counting, words: &Words) -> String {
    words.say(match counting {
        Counting::Counts => "prov-counts",
        Counting::RedDay => "prov-red-day",
        Counting::SetAside => "prov-set-aside",
        Counting::TooOld => "prov-evidence-too-old",
        Counting::NotOver => "prov-not-over",
    })
}
