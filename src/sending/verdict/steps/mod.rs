//! The judge explains itself: what each link of a history struck out when it came, and what silence struck out last.
//!
//! A step is judged from what was known up to it, so that it stays what it was when more comes. That takes an elimination
//! for each link that shows something which no earlier ones did: of links that show the same from the same address only
//! the first [`ALIKE_MAX`] are judged, and of a history at most [`JUDGED_MAX`]. One elimination is what [`super::judge`]
//! begins with, well under a millisecond; so whoever follows a trial asks for the steps after those that he has.

mod step;

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::{History, Link, Seq, TrialEnd};
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;

use super::candidate_test::{CandidateTest, Weight};
use super::event::{Action, Event, events};
use super::finding::Mechanism;
use super::judge::terms;
use super::model::reading::Reading;
use super::term::Term;

pub use step::{Bearing, Silence, Step, Steps, Would};

/// How many links that show the same from the same address are judged: a control and a repetition make a difference.
const ALIKE_MAX: usize = 3;

/// How many acts are told of a term that was struck out.
const ACTS_TOLD_MAX: usize = 2;

/// How many links of a history are judged one by one; what is left of the rest is in the last step.
const JUDGED_MAX: usize = 64;

/// How the verdict on a history came about; of its links those whose last observation is after `after`.
pub fn steps(catalogue: &Catalogue, pace: &Pace, history: &History, after: Option<Seq>) -> Steps {
    if history.ended.as_ref().is_some_and(|ended| ended.what == TrialEnd::Unjudged) {
        return Steps::default();
    }
    let links = in_order(catalogue, history);
    let mut prefix = history.clone();
    let up_to = |seq: Seq| Some(history.judged_to.map_or(seq, |last| last.min(seq)));
    let mut before = Known::nothing();
    let mut behind = None;
    let mut told = Vec::new();
    for (seq, link, worth) in links {
        if after.is_some_and(|after| seq <= after) {
            behind = worth.is_ok().then_some(seq).or(behind);
            continue;
        }
        if let Some(seq) = behind.take() {
            prefix.judged_to = up_to(seq);
            before = Known::of(&CandidateTest::new(catalogue, pace, &prefix));
        }
        told.push(match worth {
            Err(bearing) => without(link, bearing, &before),
            Ok(()) => {
                prefix.judged_to = up_to(seq);
                let test = CandidateTest::new(catalogue, pace, &prefix);
                let now = Known::of(&test);
                let step = step(&test, link, &before, &now);
                before = now;
                step
            }
        });
    }
    Steps { links: told, silence: silence(catalogue, pace, history) }
}

/// The links by their last observations, and why one is not judged anew, if it is not.
fn in_order(catalogue: &Catalogue, history: &History) -> Vec<(Seq, usize, Result<(), Bearing>)> {
    let mut links: Vec<_> =
        history.links.iter().enumerate().map(|(n, one)| (last_of(&one.link), n, Ok(()))).collect();
    links.sort_by_key(|(seq, n, _)| (*seq, *n));
    let all = events(catalogue, history);
    let mut earlier: Vec<(&Event, usize)> = Vec::new();
    let mut judged = 0;
    for (_, n, worth) in &mut links {
        let own: Vec<&Event> = all.iter().filter(|event| is_of(event, &history.links[*n].link)).collect();
        let alike = |event: &&Event| {
            let same = |(known, _): &&(&Event, usize)| {
                known.eliminates_alike(event)
                    && known.address() == event.address()
                    && (known.kin, known.shared) == (event.kin, event.shared)
            };
            let mut same = earlier.iter().filter(same);
            let first = same.next().map(|(_, link)| *link);
            first.filter(|_| same.count() + 1 >= ALIKE_MAX)
        };
        let known: Vec<_> = own.iter().map(alike).collect();
        *worth = if !history.is_judged(history.links[*n].link.first) {
            Err(Bearing::AfterVerdict)
        } else if own.is_empty() {
            Err(Bearing::ShowsNothing)
        } else if let Some(first) = known.iter().copied().collect::<Option<Vec<_>>>() {
            Err(Bearing::Alike(first[0]))
        } else if judged >= JUDGED_MAX {
            Err(Bearing::Beyond)
        } else {
            judged += 1;
            Ok(())
        };
        earlier.extend(own.into_iter().map(|event| (event, *n)));
    }
    links
}

/// The last observation of a link that an event can rest on.
fn last_of(link: &Link) -> Seq {
    let offer = link.offer.map(|(seq, _)| seq);
    let tls = link.tls.as_ref().map(|part| part.seq);
    let mail = link.transactions.iter().map(|(seq, _)| *seq).max();
    let closing = link.closing.as_ref().map(|closing| closing.seq);
    [offer, tls, mail, closing].into_iter().flatten().fold(link.first, Ord::max)
}

fn is_of(event: &Event, link: &Link) -> bool {
    let seq = event.seqs[0];
    let carries = link.offer.is_some_and(|(offer, _)| offer == seq)
        || link.tls.as_ref().is_some_and(|part| part.seq == seq)
        || link.closing.as_ref().is_some_and(|closing| closing.seq == seq);
    carries || link.transactions.iter().any(|(mail, _)| *mail == seq)
}

/// What is known at a place of the history.
struct Known {
    readings: Vec<Reading>,
    terms: Vec<Term>,
    /// The events, each by its observations and its place among those of them, with what it is worth.
    weights: BTreeMap<(Seq, usize), Weight>,
    proved: Vec<Mechanism>,
}

impl Known {
    fn nothing() -> Self {
        let readings = Reading::all();
        let mut terms: Vec<_> = readings.iter().map(Reading::term).collect();
        terms.sort();
        terms.dedup();
        Self { readings, terms, weights: BTreeMap::new(), proved: Vec::new() }
    }

    fn of(test: &CandidateTest<'_>) -> Self {
        let readings = test.before_silence();
        let proved = [Mechanism::Dane, Mechanism::MtaSts].into_iter().filter(|mechanism| {
            test.all_practise(*mechanism, &readings)
                && test.proof(*mechanism).is_some_and(|proof| !proof.is_empty())
        });
        let weights = keys(&test.events).into_iter().zip(test.weights.iter().copied()).collect();
        Self { terms: terms(test, &readings), proved: proved.collect(), readings, weights }
    }

    fn counted(&self, key: (Seq, usize)) -> bool {
        self.weights.get(&key) == Some(&Weight::Counts)
    }
}

/// What each event is known by.
fn keys(events: &[Event]) -> Vec<(Seq, usize)> {
    let mut met: BTreeMap<Seq, usize> = BTreeMap::new();
    let key = |event: &Event| {
        let place = met.entry(event.seqs[0]).or_default();
        *place += 1;
        (event.seqs[0], *place)
    };
    events.iter().map(key).collect()
}

/// A step from which nothing follows.
fn without(link: usize, bearing: Bearing, known: &Known) -> Step {
    Step {
        link,
        bearing,
        excluded: Vec::new(),
        returned: Vec::new(),
        counts_now: Vec::new(),
        laxer: false,
        proved: Vec::new(),
        remaining: known.terms.clone(),
        ways_left: known.readings.iter().filter(|reading| reading.is_uniform()).count(),
        ways_struck: 0,
    }
}

fn step(test: &CandidateTest<'_>, link: usize, before: &Known, now: &Known) -> Step {
    let links = &test.history.links;
    let keyed: Vec<_> = keys(&test.events).into_iter().zip(test.events.iter()).collect();
    let own = |event: &Event| is_of(event, &links[link].link);
    let own_weights = keyed.iter().zip(&test.weights).filter(|((_, event), _)| own(event));
    let weights: Vec<_> = own_weights.map(|((_, event), weight)| (*weight, event.action)).collect();
    let own_events: Vec<&Event> = test.events.iter().filter(|event| own(event)).collect();
    // What decides here: events that count and did not before.
    let deciding: Vec<&Event> = keyed
        .iter()
        .filter(|(key, _)| now.counted(*key) && !before.counted(*key))
        .map(|(_, event)| *event)
        .collect();
    let held_back = deciding.iter().filter(|event| !own(event));
    let counts_now: BTreeSet<usize> =
        held_back.filter_map(|event| links.iter().position(|one| is_of(event, &one.link))).collect();
    let became_lax = |(key, weight): (&(Seq, usize), &Weight)| {
        matches!(weight, Weight::Lax | Weight::LaxDelivery) && before.weights.get(key) != Some(weight)
    };
    let struck: Vec<_> =
        before.readings.iter().filter(|reading| !now.readings.contains(reading)).copied().collect();
    // What is left when no single policy fits comes and goes with those; it is named with what is left.
    let absent = |these: &[Term], those: &[Term]| -> Vec<Term> {
        let single = these.iter().copied().filter(|term| *term != Term::PerDestination);
        single.filter(|term| !those.contains(term)).collect()
    };
    Step {
        bearing: bearing(&weights),
        excluded: reasons(test, &deciding, &own_events, &struck, &absent(&before.terms, &now.terms)),
        returned: absent(&now.terms, &before.terms),
        counts_now: counts_now.into_iter().collect(),
        laxer: now.weights.iter().any(became_lax),
        proved: now.proved.iter().copied().filter(|one| !before.proved.contains(one)).collect(),
        ways_struck: struck.iter().filter(|reading| reading.is_uniform()).count(),
        ..without(link, Bearing::Counts, now)
    }
}

/// What a link is worth by its events: as much as the one that is worth most.
fn bearing(weights: &[(Weight, Action)]) -> Bearing {
    let of = |(weight, action): &(Weight, Action)| match weight {
        Weight::Counts => Bearing::Counts,
        Weight::NoControl | Weight::Lax => Bearing::NoControl,
        Weight::Kin | Weight::Shared => Bearing::Foreign,
        Weight::LaxDelivery => Bearing::LaxDelivery,
        Weight::Fallback => Bearing::Fallback,
        Weight::Visit => Bearing::Visit,
        Weight::Sound => Bearing::SoundRefused,
        Weight::Failed => {
            Bearing::Failed { our_limit: matches!(action, Action::TlsFailed { our_limit: true }) }
        }
    };
    let all: Vec<Bearing> = weights.iter().map(of).collect();
    let counts = all.iter().find(|bearing| **bearing == Bearing::Counts);
    counts.or(all.first()).copied().unwrap_or(Bearing::ShowsNothing)
}

/// The terms that are gone, by what their readings would have done at the event that struck them out.
fn reasons(
    test: &CandidateTest<'_>,
    deciding: &[&Event],
    own: &[&Event],
    struck: &[Reading],
    gone: &[Term],
) -> Vec<(Vec<Would>, Vec<Term>)> {
    // Who began TLS is not one that never does, also where nothing else follows from that.
    let began = own.iter().filter(|event| event.action.begins_tls());
    let deciding: Vec<&Event> = deciding.iter().chain(began).copied().collect();
    let would = |reading: &Reading| -> BTreeSet<Would> {
        let Some(event) = deciding.iter().find(|event| !test.fits(reading, event)) else {
            return BTreeSet::new();
        };
        let hosts = test.hosts.iter().filter(|host| event.may_be_at(host));
        let acts = hosts.map(|host| test.act(reading.model(host.bare), host, event.way));
        acts.filter(|act| !event.action.fits(*act)).map(|act| Would::of(event.action, act)).collect()
    };
    let mut by_acts: BTreeMap<Vec<Would>, Vec<Term>> = BTreeMap::new();
    for term in gone {
        let of_term = struck.iter().filter(|reading| reading.term() == *term);
        let acts: BTreeSet<Would> = of_term.flat_map(&would).collect();
        // More than two say no more than that nothing fits.
        let told = if acts.len() <= ACTS_TOLD_MAX { acts.into_iter().collect() } else { Vec::new() };
        by_acts.entry(told).or_default().push(*term);
    }
    by_acts.into_iter().collect()
}

/// What absence struck out of what links have left.
fn silence(catalogue: &Catalogue, pace: &Pace, history: &History) -> Option<Silence> {
    let test = CandidateTest::new(catalogue, pace, history);
    let absences = &test.silence;
    let passed_by = absences.avoided || absences.left_bare;
    if test.remaining.is_empty() || !(absences.policy_not_asked || absences.tlsa_not_asked || passed_by) {
        return None;
    }
    let remaining = terms(&test, &test.remaining);
    let heard = terms(&test, &test.before_silence());
    Some(Silence {
        policy_not_asked: absences.policy_not_asked,
        tlsa_not_asked: absences.tlsa_not_asked,
        passed_by,
        excluded: heard.into_iter().filter(|term| !remaining.contains(term)).collect(),
        ways_left: test.remaining.iter().filter(|reading| reading.is_uniform()).count(),
        remaining,
    })
}
