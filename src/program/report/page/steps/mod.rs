//! A trial step by step: what we did, what the sender did, and what follows; and what is still awaited.

mod awaited;
mod follows;

use crate::program::report::account::{Account, Settings};
use crate::program::report::link::{
    LinkOutcome, addressed_domains, alert_name, answered, met_by, observations, ruled_of,
};
use crate::sending::history::{Attributed, Link, Phase, Seq};
use crate::sending::persona::StandsFor;
use crate::sending::verdict::{self, Silence};
use crate::shared::evidence::Party;
use crate::shared::text::{Language, Tone, clean};
use crate::shared::time::Timestamp;

use super::telling::Telling;
use super::{brief, connections, lookups};

pub use awaited::awaited;

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// A question to our DNS, by its number among those that the page shows.
    Question,
    /// A fetch of the policy.
    Fetch,
    /// A connection.
    Link,
    /// What did not happen; always the last step.
    Silence,
}

impl StepKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Fetch => "fetch",
            Self::Link => "connection",
            Self::Silence => "silence",
        }
    }
}

/// A step of a trial in words, a few whole sentences each. Kind and number name a step for good; while a connection
/// lasts, its place moves on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldStep {
    /// Its place: the last observation that it rests on.
    pub id: Seq,
    pub kind: StepKind,
    /// Its number on the page among those of its kind, from 1.
    pub number: usize,
    /// When it began.
    pub at: Timestamp,
    /// How good it is, as far as a single event can show that.
    pub tone: Tone,
    /// What we did.
    pub did: String,
    /// What the sender did.
    pub seen: String,
    /// What follows.
    pub follows: String,
}

/// The steps of a trial in order. What a step says rests on what was known then, and does not change when more comes.
pub fn steps(account: Account<'_>, settings: &Settings, language: Language) -> Vec<ToldStep> {
    told(account, settings, language, None)
}

/// The steps after the place `after`, for who has those up to it: only what is new is judged. What did not happen is
/// always the last of them, and takes the place of an earlier one.
pub fn steps_after(
    account: Account<'_>,
    settings: &Settings,
    language: Language,
    after: Seq,
) -> Vec<ToldStep> {
    told(account, settings, language, Some(after))
}

fn told(account: Account<'_>, settings: &Settings, language: Language, after: Option<Seq>) -> Vec<ToldStep> {
    let telling = Telling { account, settings, words: crate::program::report::words::of(language) };
    let steps = verdict::steps(account.catalogue, account.pace, account.history, after);
    let links = &account.history.links;
    let mut told: Vec<ToldStep> = Vec::new();
    for step in &steps.links {
        if let Some(attributed) = links.get(step.link) {
            let follows = match attributed.link.entrance {
                Some(_) => follows::of_ruled(&telling, &attributed.link),
                None => follows::of_link(&telling, step),
            };
            told.push(link(&telling, step.link + 1, attributed, follows));
        }
    }
    let questions = lookups::asked(&telling).into_iter().enumerate();
    told.extend(questions.map(|(n, entry)| question(&telling, n + 1, &entry)));
    let fetches = lookups::fetched(&telling).into_iter().enumerate();
    told.extend(fetches.map(|(n, entry)| fetch(&telling, n + 1, &entry)));
    told.retain(|step| after.is_none_or(|after| step.id > after));
    told.sort_by_key(|step| (step.id, step.kind, step.number));
    let silence = steps.silence.filter(|_| !account.is_of_cases_alone());
    told.extend(silence.map(|silence| quiet(&telling, &silence)));
    told
}

fn link(telling: &Telling<'_>, number: usize, attributed: &Attributed, follows: String) -> ToldStep {
    let link = &attributed.link;
    let tie = connections::tie(telling, attributed.strength);
    let seen = [Some(what_it_did(telling, link)), tie].into_iter().flatten().collect::<Vec<_>>().join(" ");
    ToldStep {
        id: observations(link).into_iter().max().unwrap_or(link.first),
        kind: StepKind::Link,
        number,
        at: link.opened,
        tone: connections::tone(LinkOutcome::of(link)),
        did: what_we_did(telling, link),
        seen,
        follows,
    }
}

/// As which host of a ruled case it was met.
fn ruled(telling: &Telling<'_>, link: &Link) -> String {
    let met = ruled_of(telling.account.catalogue, link);
    let Some((case, role)) = met.and_then(|met| Some((&met.case.id, met.role?))) else {
        return telling.words.say("step-did-entrance");
    };
    let blanks = [("case", case.to_string().into()), ("host", role.name().into())];
    telling.words.tell("step-did-ruled", &blanks)
}

/// What was offered and shown.
fn what_we_did(telling: &Telling<'_>, link: &Link) -> String {
    let words = telling.words;
    let catalogue = telling.account.catalogue;
    if link.entrance.is_some() {
        return ruled(telling, link);
    }
    let Some((_, offer)) = link.offer else {
        return words.say(if link.tls.is_some() { "step-did-offered" } else { "step-did-accepted" });
    };
    match (&link.tls, offer.starttls) {
        (None, false) => words.say("step-did-withheld"),
        (None, true) => words.say("step-did-offered"),
        (Some(part), _) => match met_by(catalogue, link).filter(|met| met.stands_for == StandsFor::Host) {
            Some(host) if part.persona.is_some() => {
                let shown = words.say(&format!("step-shown-{}", brief::kind(catalogue, host)));
                let blanks = [
                    ("number", host.server.into()),
                    ("host", host.id.to_string().into()),
                    ("certificate", shown.into()),
                ];
                words.tell("step-did-shown", &blanks)
            }
            _ => words.say(match part.phase {
                Phase::A => "step-did-unnamed-a",
                Phase::B => "step-did-unnamed-b",
            }),
        },
    }
}

fn what_it_did(telling: &Telling<'_>, link: &Link) -> String {
    let words = telling.words;
    let outcome = LinkOutcome::of(link);
    let id = format!("step-seen-{}", outcome.name());
    match outcome {
        LinkOutcome::MailInClear | LinkOutcome::MailInTls => {
            let domains = addressed_domains(telling.account.catalogue, link);
            let answer = link.transactions.last().map(|(_, received)| answered(words, link, received));
            let version = link.negotiated().map_or_else(|| "TLS".to_owned(), |tls| tls.version.to_string());
            let blanks = [
                ("count", domains.len().into()),
                ("domains", words.all_of(&domains).into()),
                ("answer", answer.unwrap_or_default().into()),
                ("version", version.into()),
            ];
            words.tell(&id, &blanks)
        }
        LinkOutcome::RefusedCertificate => {
            let alert = link.alert().map(|alert| {
                let name = alert_name(alert.0);
                words.tell("alert", &[("code", alert.0.into()), ("name", name.into())])
            });
            let quit =
                link.closing.as_ref().is_some_and(|closing| closing.quit && closing.by == Party::Sender);
            let how = alert.unwrap_or_else(|| words.say(if quit { "closed-quit" } else { "closed-sender" }));
            words.tell(&id, &[("how", how.into())])
        }
        LinkOutcome::TlsFailed => {
            let reason = link.tls_failed().map(|failure| clean(&failure.reason));
            words.tell(&id, &[("reason", reason.unwrap_or_else(|| words.say("closed-sender")).into())])
        }
        _ => words.say(&id),
    }
}

/// A question. Equal ones are one step, which stays where the first one was.
fn question(telling: &Telling<'_>, number: usize, entry: &lookups::Entry) -> ToldStep {
    let words = telling.words;
    let (id, at) = entry.begun();
    ToldStep {
        id,
        kind: StepKind::Question,
        number,
        at,
        tone: Tone::Info,
        did: words.tell("step-did-question", &[("rcode", entry.rcode.as_str().into())]),
        seen: words.tell("step-seen-question", &[("question", entry.text.as_str().into())]),
        follows: words.say(entry.about.text()),
    }
}

fn fetch(telling: &Telling<'_>, number: usize, entry: &lookups::Entry) -> ToldStep {
    let words = telling.words;
    let (id, at) = entry.begun();
    ToldStep {
        id,
        kind: StepKind::Fetch,
        number,
        at,
        tone: Tone::Info,
        did: words.say("step-did-fetch"),
        seen: words.tell("step-seen-fetch", &[("fetch", entry.text.as_str().into())]),
        follows: words.say(entry.about.text()),
    }
}

/// What did not happen.
fn quiet(telling: &Telling<'_>, silence: &Silence) -> ToldStep {
    let words = telling.words;
    let history = telling.account.history;
    let absent = [
        (silence.tlsa_not_asked, "silence-dane"),
        (silence.policy_not_asked, "silence-mta-sts"),
        (silence.passed_by, "step-seen-passed-by"),
    ];
    let absent: Vec<String> =
        absent.into_iter().filter(|(is_so, _)| *is_so).map(|(_, id)| words.say(id)).collect();
    ToldStep {
        id: history.judged_to.unwrap_or(history.last),
        kind: StepKind::Silence,
        number: 1,
        at: history.ended.as_ref().map_or(telling.account.now, |ended| ended.at),
        tone: Tone::Info,
        did: words.say("step-did-silence"),
        seen: absent.join(" "),
        follows: follows::of_silence(telling, silence),
    }
}
