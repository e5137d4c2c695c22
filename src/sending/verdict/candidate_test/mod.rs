//! The elimination: which readings a history leaves.

mod evidence;
mod practice;
mod proof;
mod signature;
mod silence;
mod weight;

use std::ops::Deref;

use crate::sending::history::History;
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::Pace;

use super::event::{Event, events, narrow};
use super::meeting::{WAYS, World, hosts};
use super::model::reading::Reading;
use super::model::{Act, Certificates, Dane, Starttls};
use super::recipients::{addressed, received};

pub(super) use evidence::Evidence;
pub(super) use practice::of_reading;
pub(super) use silence::{asked_for_policy, asked_for_tlsa, attempts, seen_instead, surely_asked_for_tlsa};
pub(super) use weight::Weight;

use silence::{Absences, listen};
use weight::{Laxness, weights};

/// A history held against all readings.
pub(super) struct CandidateTest<'a> {
    evidence: Evidence<'a>,
    /// What transactions and refusals leave.
    pub(super) by_smtp: Vec<Reading>,
    /// What remains after silence, too.
    pub(super) remaining: Vec<Reading>,
    /// What absence eliminated.
    pub(super) silence: Absences,
}

impl<'a> Deref for CandidateTest<'a> {
    type Target = Evidence<'a>;

    fn deref(&self) -> &Evidence<'a> {
        &self.evidence
    }
}

impl<'a> CandidateTest<'a> {
    /// Holds `history` against all readings.
    pub(super) fn new(catalogue: &'a Catalogue, pace: &'a Pace, history: &'a History) -> Self {
        Self::with(catalogue, pace, history, events(catalogue, history))
    }

    /// Holds these events of `history` against all readings.
    pub(super) fn with(
        catalogue: &'a Catalogue,
        pace: &'a Pace,
        history: &'a History,
        seen: Vec<Event>,
    ) -> Self {
        let mut this = Self::most_lenient(catalogue, pace, history, seen);
        if this.nodes_differ() {
            this.remaining.clear();
        }
        this
    }

    /// Whether all that remains checks certificates, and none of it would have refused what was refused once and taken
    /// later.
    fn passes_over_a_refusal(&self) -> bool {
        let checks = |reading: &Reading| {
            reading.models().iter().any(|model| {
                model.dane != Dane::Off || model.mta_sts || model.certificates == Certificates::Verified
            })
        };
        let at_its_host = |lax: &Event| Event { not_at: Vec::new(), ..lax.clone() };
        let refused = |reading: &Reading, lax: &Event| self.fits(reading, &at_its_host(lax));
        self.remaining.iter().all(checks)
            && self
                .weighing(Weight::Lax)
                .any(|lax| !self.remaining.iter().any(|reading| refused(reading, lax)))
    }

    /// Whether what looks like a policy per destination may as well be that of nodes that differ: each address alone
    /// makes sense by one policy for all.
    fn nodes_differ(&self) -> bool {
        let makes_sense = |address| {
            let alone = self.events.iter().filter(|event| event.address() == address).cloned();
            let alone = Self::most_lenient(self.catalogue, self.pace, self.history, alone.collect());
            alone.remaining.iter().any(Reading::is_uniform)
        };
        let addresses = self.addresses();
        !self.remaining.is_empty()
            && !self.remaining.iter().any(Reading::is_uniform)
            && addresses.len() > 1
            && addresses.into_iter().all(makes_sense)
    }

    /// Takes a delivery after a refusal for what it may be, until a reading fits.
    fn most_lenient(
        catalogue: &'a Catalogue,
        pace: &'a Pace,
        history: &'a History,
        seen: Vec<Event>,
    ) -> Self {
        let examine = |events, laxness| Self::of(catalogue, pace, history, events, laxness);
        let mut narrowed = seen.clone();
        narrow(catalogue, &mut narrowed, false);
        let first = examine(narrowed.clone(), Laxness::Eliminates);
        if !first.remaining.is_empty() {
            // A policy that would not have refused what was refused and then taken is not the one that was given up.
            let given_up = first.passes_over_a_refusal().then(|| examine(seen, Laxness::Undoes));
            return given_up.filter(|given_up| !given_up.remaining.is_empty()).unwrap_or(first);
        }
        // No reading does all of that: perhaps because the sender was laxer on retry behind our back.
        narrow(catalogue, &mut narrowed, true);
        let second = examine(narrowed, Laxness::Eliminates);
        if !second.remaining.is_empty() {
            return second;
        }
        // Or because it gave up on retry a policy that its other refusals show.
        let third = examine(seen, Laxness::Undoes);
        if third.remaining.is_empty() { first } else { third }
    }

    fn of(
        catalogue: &'a Catalogue,
        pace: &'a Pace,
        history: &'a History,
        events: Vec<Event>,
        laxness: Laxness,
    ) -> Self {
        let addressed: Vec<_> =
            catalogue.classic_cases().map(|case| &case.id).filter(|case| addressed(history, case)).collect();
        let weights = weights(catalogue, &events, &addressed, laxness);
        let hosts = hosts(catalogue);
        Self::eliminate(Evidence { catalogue, pace, history, hosts, events, weights })
    }

    /// The same with the events of one mechanism alone, each as heavy as it was.
    pub(super) fn of_some(&self, wanted: impl Fn(&Event) -> bool) -> Self {
        let kept = self.events.iter().zip(&self.weights).filter(|(event, _)| wanted(event));
        let (events, weights) = kept.map(|(event, weight)| (event.clone(), *weight)).unzip();
        let Evidence { catalogue, pace, history, .. } = self.evidence;
        let hosts = self.hosts.clone();
        Self::eliminate(Evidence { catalogue, pace, history, hosts, events, weights })
    }

    /// Eliminates the readings that the events contradict, and what silence eliminates beside them.
    fn eliminate(evidence: Evidence<'a>) -> Self {
        // Of events that differ only in when they were, one eliminates for all.
        let mut distinct: Vec<&Event> = Vec::new();
        for event in evidence.counting() {
            if !distinct.iter().any(|known| known.eliminates_alike(event)) {
                distinct.push(event);
            }
        }
        let mut left = Reading::all();
        for event in distinct {
            evidence.keep_fitting(&mut left, event);
        }
        // Who began TLS is not one that never does, however it went on; and who sent mail for a case does not
        // avoid it, also where a link that was used again hides which host that was meant for.
        let began = evidence.events.iter().any(|event| event.action.begins_tls() && !event.shared);
        let cases = evidence.catalogue.classic_cases().map(|case| &case.id);
        let came: Vec<_> = cases.filter(|case| received(evidence.history, case)).collect();
        let avoids = |reading: &Reading, case: &CaseId| {
            let mut hosts = evidence.hosts.iter().filter(|host| host.case_id() == case);
            hosts.all(|host| {
                WAYS.into_iter().all(|way| evidence.act(reading.model(host.bare), host, way) == Act::Avoids)
            })
        };
        let never =
            |reading: &Reading| reading.models().iter().all(|model| model.starttls == Starttls::Never);
        let does_so =
            |reading: &Reading| (!began || !never(reading)) && !came.iter().any(|case| avoids(reading, case));
        let kept: Vec<_> = left.iter().copied().filter(does_so).collect();
        let by_smtp = if kept.is_empty() { left } else { kept };
        let (remaining, silence) = listen(&evidence, &by_smtp);
        let mut this = Self { evidence, by_smtp, remaining, silence };
        this.remaining = this.without_mixtures(&this.remaining);
        this
    }

    /// What remains before silence is listened to; nothing where nothing remains at all.
    pub(super) fn before_silence(&self) -> Vec<Reading> {
        if self.remaining.is_empty() { Vec::new() } else { self.without_mixtures(&self.by_smtp) }
    }

    /// The same, had nothing been wrong with us and every policy been known.
    pub(super) fn all_being_well(&self) -> Self {
        let sound = |event: &Event| Event { worlds: vec![World::SOUND], ..event.clone() };
        Self::with(self.catalogue, self.pace, self.history, self.events.iter().map(sound).collect())
    }
}
