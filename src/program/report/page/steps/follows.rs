//! What follows from a step, in whole sentences.

use crate::program::report::link::ruled_of;
use crate::sending::history::Link;
use crate::sending::verdict::{Bearing, Mechanism, Silence, Step, Term};

use super::super::findings::listed;
use super::super::telling::Telling;

/// With more terms than this, what is left is not named one by one.
const TERMS_NAMED_MAX: usize = 5;

/// What follows from a connection.
pub(super) fn of_link(telling: &Telling<'_>, step: &Step) -> String {
    let words = telling.words;
    let mut said: Vec<String> = bearing(telling, step).into_iter().collect();
    if !step.counts_now.is_empty() {
        let numbers: Vec<usize> = step.counts_now.iter().map(|link| link + 1).collect();
        let blanks = [("count", numbers.len().into()), ("list", listed(&numbers).into())];
        said.push(words.tell("step-counts-now", &blanks));
    }
    if step.laxer && step.bearing == Bearing::Counts {
        said.push(words.say("step-laxer"));
    }
    for (would, terms) in &step.excluded {
        let would: Vec<String> =
            would.iter().map(|would| words.say(&format!("step-would-{}", would.name()))).collect();
        let id = if would.is_empty() { "step-excluded-plain" } else { "step-excluded" };
        let blanks = [
            ("count", terms.len().into()),
            ("terms", words.all_of(&names(terms)).into()),
            ("would", words.one_of(&would).into()),
        ];
        said.push(words.tell(id, &blanks));
    }
    if !step.returned.is_empty() {
        let blanks =
            [("count", step.returned.len().into()), ("terms", words.all_of(&names(&step.returned)).into())];
        said.push(words.tell("step-returned", &blanks));
    }
    for mechanism in &step.proved {
        said.push(words.say(match mechanism {
            Mechanism::Dane => "step-proved-dane",
            _ => "step-proved-mta-sts",
        }));
    }
    if step.ways_struck > 0 || !step.returned.is_empty() {
        said.push(left(telling, &step.remaining, step.ways_left));
    }
    if said.is_empty() {
        said.push(words.say("step-nothing-new"));
    }
    said.join(" ")
}

/// What follows from a connection to a host of a ruled case: it is weighed with the others of the case.
pub(super) fn of_ruled(telling: &Telling<'_>, link: &Link) -> String {
    match ruled_of(telling.account.catalogue, link) {
        Some(met) => telling.words.tell("step-follows-ruled", &[("case", met.case.id.to_string().into())]),
        None => telling.words.say("step-follows-entrance"),
    }
}

/// What the connection is worth, where that is to be said.
fn bearing(telling: &Telling<'_>, step: &Step) -> Option<String> {
    let words = telling.words;
    let id = match step.bearing {
        Bearing::Counts => return None,
        Bearing::Alike(link) => return Some(words.tell("step-alike", &[("number", (link + 1).into())])),
        Bearing::NoControl => "step-no-control",
        Bearing::Foreign => "step-foreign",
        Bearing::Fallback => "step-fallback",
        Bearing::LaxDelivery => "step-lax-delivery",
        Bearing::Visit => "step-visit",
        Bearing::SoundRefused => "step-sound-refused",
        Bearing::Failed { our_limit: true } => "step-our-limit",
        Bearing::Failed { our_limit: false } => "step-failed",
        Bearing::ShowsNothing => "step-shows-nothing",
        Bearing::AfterVerdict => "step-after-verdict",
        Bearing::Beyond => "step-beyond",
    };
    Some(words.say(id))
}

/// What follows from silence.
pub(super) fn of_silence(telling: &Telling<'_>, silence: &Silence) -> String {
    let words = telling.words;
    let excluded = &silence.excluded;
    let blanks = [("count", excluded.len().into()), ("terms", words.all_of(&names(excluded)).into())];
    let excluded = (!excluded.is_empty()).then(|| words.tell("step-excluded-silence", &blanks));
    let left = left(telling, &silence.remaining, silence.ways_left);
    excluded.into_iter().chain([left]).collect::<Vec<_>>().join(" ")
}

/// What is left of all ways to send.
fn left(telling: &Telling<'_>, terms: &[Term], ways: usize) -> String {
    let words = telling.words;
    match terms {
        [] => words.say("step-left-none"),
        [one] => words.tell("step-left-one", &[("term", one.name().into())]),
        few if few.len() <= TERMS_NAMED_MAX => {
            words.tell("step-left-few", &[("terms", words.one_of(&names(few)).into())])
        }
        many => words.tell("step-left-many", &[("count", many.len().into()), ("ways", ways.into())]),
    }
}

fn names(terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| term.name().to_owned()).collect()
}
