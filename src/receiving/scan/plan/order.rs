//! Who decides the suite, and whether the order of a server that does is a good one.

use crate::receiving::checks::{Column, Item, Level, Tables};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Answer, Chosen, Depth, Hello, Question};

use super::offers;
use super::state::{PlanState, Step, first_name, hello};

/// How often suites are struck from an offer to see the order among levels.
const ORDER_STEPS_MAX: usize = 3;

/// The first offer that was answered from below TLS 1.3.
fn first_offer<'a>(state: &PlanState<'a>) -> Option<(&'a Hello, TlsVersion)> {
    state.server.probes.iter().find_map(|probe| match (&probe.question, &probe.answer) {
        (Question::Hello(hello), Answer::Flight(flight)) if first_name(&probe.step).starts_with("tls12") => {
            Some((hello, flight.version))
        }
        _ => None,
    })
}

/// The first offer in reverse: who decides? If the answers differ by a ChaCha20 that stood first, the same without.
pub(super) fn reversed(state: &PlanState<'_>) -> Option<Step> {
    state.survey.server_decides.is_none().then_some(())?;
    let (offer, version) = first_offer(state)?;
    let reverse = |suites: &[u16]| suites.iter().rev().copied().collect::<Vec<_>>();
    let turned = offers::wide(TlsVersion::TLS12, reverse(&offer.suites.0));
    if state.probes("tls12-reversed").next().is_none() {
        return hello("tls12-reversed", turned);
    }
    let accepted = state.survey.suites(version);
    let plain =
        |code: &u16| Tables::embedded().suite(*code).is_some_and(|suite| !suite.enc.starts_with("ChaCha"));
    (accepted.len() > 2 && accepted.iter().filter(|code| plain(code)).count() > 1).then_some(())?;
    let without: Vec<u16> = offer.suites.0.iter().copied().filter(plain).collect();
    let forward = offers::wide(TlsVersion::TLS12, without.clone());
    if state.probes("tls12-plain").next().is_none() {
        return hello("tls12-plain", forward);
    }
    hello("tls12-plain-reversed", offers::wide(TlsVersion::TLS12, reverse(&without)))
}

/// Whether a server that decides for itself prefers a worse suite to a better one: what it prefers is struck from
/// the offer, with all that is as strong, until it names one of a worse level or none of these is left.
pub(super) fn order(state: &PlanState<'_>) -> Option<Step> {
    (state.depth == Depth::Verdict && state.survey.server_decides == Some(true)).then_some(())?;
    (state.probes("tls12-order-").count() < ORDER_STEPS_MAX).then_some(())?;
    let (first, version) = first_offer(state)?;
    let last = state.probes("tls12-order-").last();
    let (offer, chosen) = match last {
        None => (first, state.survey.choices.iter().find(|choice| choice.version == version)?.suite),
        Some(probe) => match (&probe.question, &probe.answer) {
            (Question::Hello(hello), Answer::Flight(flight)) => (hello, flight.suite),
            _ => return None,
        },
    };
    let possible = |code: &u16| !state.survey.suite(version, *code).no();
    // A breach in the eyes of one era says nothing of the other.
    let kept = |column: &Column| !violates(state.survey.choices.iter(), &[*column]);
    let eras: Vec<Column> = ORDERED.into_iter().filter(kept).collect();
    let better = |a: u16, b: u16| better(a, b, &eras);
    let rest: Vec<u16> = if eras.is_empty() {
        return None;
    } else if worse_than_some(chosen, &offer.suites.0, &eras) {
        // It named a worse one: is any of the better ones accepted at all?
        offer.suites.0.iter().copied().filter(|code| possible(code) && better(*code, chosen)).collect()
    } else {
        let strength =
            |code: u16| Tables::embedded().suite(code).map(|suite| (&suite.enc, suite.bits, suite.fs));
        let own = strength(chosen);
        let rest = offer.suites.0.iter().copied();
        // What is worse stays, however strong: whether it comes before the next is the question.
        let stays = |code: u16| strength(code) != own || better(chosen, code);
        rest.filter(|code| possible(code) && *code != chosen && stays(*code)).collect()
    };
    mixed(&rest, chosen, &eras).then_some(())?;
    hello(state.numbered("tls12-order-"), offers::wide(TlsVersion::TLS12, rest))
}

/// The columns whose order internet.nl looks at.
const ORDERED: [Column; 2] = [Column::Ncsc2025, Column::NcscV2];

/// Whether `a` is of a better level than `b` in one of these eras: today's looks only at phase-out beside better ones.
fn better(a: u16, b: u16, eras: &[Column]) -> bool {
    let level = |code, column| {
        let level = Tables::embedded().level(&Item::Suite(code), column).unwrap_or(Level::Insufficient);
        if column == Column::Ncsc2025 { level.max(Level::Sufficient) } else { level }
    };
    eras.iter().any(|column| level(a, *column) < level(b, *column))
}

fn worse_than_some(chosen: u16, offer: &[u16], eras: &[Column]) -> bool {
    offer.iter().any(|other| better(*other, chosen, eras))
}

/// Whether the order of an offer can say more: there are levels to choose between, or better ones to confirm.
fn mixed(offer: &[u16], chosen: u16, eras: &[Column]) -> bool {
    offer.iter().any(|a| offer.iter().any(|b| better(*a, *b, eras)) || better(*a, chosen, eras))
}

fn violates<'a>(mut choices: impl Iterator<Item = &'a Chosen>, eras: &[Column]) -> bool {
    choices.any(|choice| worse_than_some(choice.suite, &choice.accepted, eras))
}
