//! How well a domain receives, in words: the report of `mailassay check`, and the second half of a verdict.
//!
//! Everything here is a pure function of a [`Receiving`]. Sentences speak of one server; what stands before them says
//! of which. What is hostile was cut where it was read and passes through `clean` here.

mod advice;
mod checks;
mod half;
mod heading;
mod json;
mod results;
mod scores;
mod tables;
mod unmeasured;
mod words;

use std::net::IpAddr;

use fluent::FluentValue;
use serde_json::Value;

use crate::receiving::checks::Check;
use crate::receiving::grades::{self, Grade, Rating, Receiving};
use crate::receiving::profiles::Status;
use crate::shared::text::{Body, Language, Page, Section, Tone, Words, clean};
use crate::shared::time::Timestamp;

pub use advice::Urgency;
pub use advice::as_spf;
pub use half::Half;
pub use half::{Told, asked, details, section, sentence, steps};
pub use heading::{exists, readable};
pub use json::CHECK_SCHEMA;
pub use words::texts;

/// The profile that is shown where none is chosen.
const OWN: &str = grades::OWN;

/// What every part is made from.
#[derive(Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) receiving: &'a Receiving<'a>,
    /// The profile whose levels are shown.
    pub(super) profile: &'a str,
    /// Addresses from which mail of the domain was seen to come; none where no trial was.
    pub(super) senders: &'a [IpAddr],
    /// When it is told.
    pub(super) now: Timestamp,
    pub(super) words: &'static Words,
}

/// The report of one domain, by the levels of `profile`.
pub fn page(receiving: &Receiving<'_>, profile: &str, language: Language, now: Timestamp) -> Page {
    page_in(receiving, profile, words::of(language), now)
}

fn page_in(receiving: &Receiving<'_>, profile: &str, words: &'static Words, now: Timestamp) -> Page {
    let telling = Telling { receiving, profile, senders: &[], now, words };
    let mut sections = vec![results::profiles(telling), advice::section(telling)];
    sections.extend(scores::categories(telling));
    sections.extend(checks::sections(telling));
    sections.extend(tables::sections(telling));
    sections.push(unmeasured::section(telling));
    let domain = heading::readable(&receiving.evidence.domain);
    let day = telling.words.moment(receiving.evidence.to);
    let about = [("domain", domain.clone().into()), ("day", day.into())];
    let page = Page {
        language: words.language(),
        about: telling.words.tell("recv-about", &about),
        subject: results::subject(telling).replacen(&clean(&receiving.evidence.domain), &domain, 1),
        tone: results::tone(telling),
        answer: results::answer(telling),
        term: results::others(telling),
        sections,
        evidence_title: telling.words.say("recv-evidence"),
        footer: unmeasured::cost(telling),
    };
    match heading::exists(receiving) {
        true => heading::by_profile(telling, page, results::line),
        false => heading::no_such_name(telling, page),
    }
}

/// What a check is called.
pub fn check_title(check: Check, language: Language) -> String {
    words::of(language).say(&checks::sentences::key(check, ""))
}

/// What a check came to, in a word, and how good that is.
pub fn status_told(status: Status, language: Language) -> (Tone, String) {
    let name = match status {
        Status::Passed => "verdict-passed",
        Status::Info => "verdict-info",
        Status::Recommendation => "verdict-recommendation",
        Status::Failed => "verdict-failed",
        Status::Inconclusive => "verdict-inconclusive",
        Status::NotApplicable => "level-not-applicable",
        Status::NotScored => "level-not-scored",
    };
    (checks::tone(status), words::of(language).say(&format!("recv-{name}")))
}

/// The same as JSON that other tools rely on, with English sentences. To be written by [`crate::program::report::json_text`], which
/// escapes what could steer a terminal.
pub fn json(receiving: &Receiving<'_>, now: Timestamp) -> Value {
    let telling = Telling { receiving, profile: OWN, senders: &[], now, words: words::of(Language::En) };
    json::json(receiving, |index| {
        let finding = receiving.findings.get(index);
        let rated = telling.rating().and_then(|rating| rating.rated.get(index));
        finding.zip(rated).map_or_else(String::new, |(finding, rated)| {
            checks::sentence(telling, finding.check, finding, rated)
        })
    })
}

impl<'a> Telling<'a> {
    /// The section `recv-<name>` with its title and introduction from the texts.
    fn section(self, name: &str, body: Body) -> Section {
        Section {
            title: self.words.say(&format!("recv-{name}-title")),
            intro: self.words.say(&format!("recv-{name}-intro")),
            body,
            detailed: false,
        }
    }

    /// What the profile says.
    fn rating(self) -> Option<&'a Rating> {
        let ratings = &self.receiving.ratings;
        ratings.of(self.profile).or_else(|| ratings.of(OWN))
    }

    fn grade(self, profile: &str) -> Option<&'a Grade> {
        self.receiving.ratings.of(profile).map(|rating| &rating.grade)
    }

    /// What texts of checks may name: the domain and one of its MX hosts.
    fn names(self, host: Option<&str>) -> [(&'static str, FluentValue<'static>); 2] {
        let evidence = self.receiving.evidence;
        let domain = clean(&evidence.domain);
        let host = host.or_else(|| evidence.mx.first().map(|mx| mx.host.as_str()));
        let host = host.map_or_else(|| domain.clone(), clean);
        [("domain", domain.into()), ("host", host.into())]
    }
}

#[cfg(test)]
mod tests;
