//! The strike: which readings a history leaves.

mod proof;
mod signature;
mod weight;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::sending::history::{Ending, History, MessageFacts, Phase, Received};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::Pace;

use super::meeting::{Host, Way, World, hosts};
use super::model::reading::Reading;
use super::model::{Act, Certificates, Dane, SenderModel, Starttls};
use super::sighting::{Sighting, narrow, sightings};
use super::silence;

pub(super) use weight::Weight;

use weight::{Laxness, weights};

/// A history held against all readings.
pub(super) struct Examination<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) pace: &'a Pace,
    pub(super) history: &'a History,
    pub(super) hosts: Vec<Host<'a>>,
    pub(super) sightings: Vec<Sighting>,
    /// What each sighting is worth, in the same order.
    pub(super) weights: Vec<Weight>,
    /// What transactions and refusals leave.
    pub(super) by_smtp: Vec<Reading>,
    /// What remains after silence, too.
    pub(super) remaining: Vec<Reading>,
    /// What DNS and the policy host said.
    pub(super) silence: silence::Heard,
}

/// The ways that a host without an address of its own can be met.
pub(super) const WAYS: [Way; 3] = [
    Way { starttls: false, phase: Phase::A, by_address: false },
    Way { starttls: true, phase: Phase::A, by_address: false },
    Way { starttls: true, phase: Phase::B, by_address: false },
];

impl<'a> Examination<'a> {
    /// Holds `history` against all readings.
    pub(super) fn new(catalogue: &'a Catalogue, pace: &'a Pace, history: &'a History) -> Self {
        Self::with(catalogue, pace, history, sightings(catalogue, history))
    }

    /// Holds these sightings of `history` against all readings.
    pub(super) fn with(
        catalogue: &'a Catalogue,
        pace: &'a Pace,
        history: &'a History,
        seen: Vec<Sighting>,
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
        let at_its_host = |lax: &Sighting| Sighting { not_at: Vec::new(), ..lax.clone() };
        let refused = |reading: &Reading, lax: &Sighting| self.fits(reading, &at_its_host(lax));
        self.remaining.iter().all(checks)
            && self
                .weighing(Weight::Lax)
                .any(|lax| !self.remaining.iter().any(|reading| refused(reading, lax)))
    }

    /// Whether what looks like a policy per destination may as well be that of nodes that differ: each address alone
    /// makes sense by one policy for all.
    fn nodes_differ(&self) -> bool {
        let makes_sense = |address| {
            let alone = self.sightings.iter().filter(|sighting| sighting.address() == address).cloned();
            let alone = Self::most_lenient(self.catalogue, self.pace, self.history, alone.collect());
            alone.remaining.iter().any(Reading::is_uniform)
        };
        let addresses = self.addresses();
        !self.remaining.is_empty()
            && !self.remaining.iter().any(Reading::is_uniform)
            && addresses.len() > 1
            && addresses.into_iter().all(makes_sense)
    }

    /// The addresses that it was seen at.
    pub(super) fn addresses(&self) -> BTreeSet<IpAddr> {
        self.sightings.iter().filter(|sighting| !sighting.kin).map(Sighting::address).collect()
    }

    /// Takes a delivery after a refusal for what it may be, until a reading fits.
    fn most_lenient(
        catalogue: &'a Catalogue,
        pace: &'a Pace,
        history: &'a History,
        seen: Vec<Sighting>,
    ) -> Self {
        let examine = |sightings, laxness| Self::of(catalogue, pace, history, sightings, laxness);
        let mut narrowed = seen.clone();
        narrow(catalogue, &mut narrowed, false);
        let first = examine(narrowed.clone(), Laxness::Strikes);
        if !first.remaining.is_empty() {
            // A policy that would not have refused what was refused and then taken is not the one that was given up.
            let given_up = first.passes_over_a_refusal().then(|| examine(seen, Laxness::Undoes));
            return given_up.filter(|given_up| !given_up.remaining.is_empty()).unwrap_or(first);
        }
        // No reading does all of that: perhaps because the sender was laxer on retry behind our back.
        narrow(catalogue, &mut narrowed, true);
        let second = examine(narrowed, Laxness::Strikes);
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
        sightings: Vec<Sighting>,
        laxness: Laxness,
    ) -> Self {
        let addressed: Vec<_> =
            catalogue.test_cases().map(|case| &case.id).filter(|case| addressed(history, case)).collect();
        let weights = weights(catalogue, &sightings, &addressed, laxness);
        let silence = silence::Heard::default();
        let (hosts, by_smtp, remaining) = (hosts(catalogue), Vec::new(), Vec::new());
        let this = Self { catalogue, pace, history, hosts, sightings, weights, by_smtp, remaining, silence };
        this.strike()
    }

    /// The same with the sightings of one mechanism alone, each as heavy as it was.
    pub(super) fn of_some(&self, wanted: impl Fn(&Sighting) -> bool) -> Self {
        let kept = self.sightings.iter().zip(&self.weights).filter(|(sighting, _)| wanted(sighting));
        let (sightings, weights) = kept.map(|(sighting, weight)| (sighting.clone(), *weight)).unzip();
        let (silence, hosts) = (silence::Heard::default(), self.hosts.clone());
        let (by_smtp, remaining) = (Vec::new(), Vec::new());
        let Self { catalogue, pace, history, .. } = *self;
        Self { catalogue, pace, history, hosts, sightings, weights, by_smtp, remaining, silence }.strike()
    }

    /// Strikes the readings that the sightings contradict, and what silence strikes beside them.
    fn strike(mut self) -> Self {
        // Of sightings that differ only in when they were, one strikes for all.
        let mut distinct: Vec<&Sighting> = Vec::new();
        for sighting in self.counting() {
            if !distinct.iter().any(|known| known.strikes_alike(sighting)) {
                distinct.push(sighting);
            }
        }
        let mut struck = Reading::all();
        for sighting in distinct {
            self.keep_fitting(&mut struck, sighting);
        }
        // Who began TLS is not one that never does, however it went on; and who sent mail for a case does not
        // avoid it, also where a link that was used again hides which host that was meant for.
        let began = self.sightings.iter().any(|sighting| sighting.deed.begins_tls() && !sighting.shared);
        let cases = self.catalogue.test_cases().map(|case| &case.id);
        let came: Vec<_> = cases.filter(|case| received(self.history, case)).collect();
        let avoids = |reading: &Reading, case: &CaseId| {
            let mut hosts = self.hosts.iter().filter(|host| host.case_id() == case);
            hosts.all(|host| {
                WAYS.into_iter().all(|way| self.act(reading.model(host.bare), host, way) == Act::Avoids)
            })
        };
        let never =
            |reading: &Reading| reading.models().iter().all(|model| model.starttls == Starttls::Never);
        let does_so =
            |reading: &Reading| (!began || !never(reading)) && !came.iter().any(|case| avoids(reading, case));
        let kept: Vec<_> = struck.iter().copied().filter(does_so).collect();
        self.by_smtp = if kept.is_empty() { struck } else { kept };
        (self.remaining, self.silence) = silence::listen(&self);
        self.remaining = self.without_mixtures();
        self
    }

    /// The same, had nothing been wrong with us and every policy been known.
    pub(super) fn all_being_well(&self) -> Self {
        let sound = |sighting: &Sighting| Sighting { worlds: vec![World::SOUND], ..sighting.clone() };
        Self::with(self.catalogue, self.pace, self.history, self.sightings.iter().map(sound).collect())
    }

    /// The sightings that strike.
    pub(super) fn counting(&self) -> impl Iterator<Item = &Sighting> {
        self.weighing(Weight::Counts)
    }

    /// The sightings of a weight.
    pub(super) fn weighing(&self, wanted: Weight) -> impl Iterator<Item = &Sighting> {
        self.sightings
            .iter()
            .zip(&self.weights)
            .filter(move |(_, weight)| **weight == wanted)
            .map(|(sighting, _)| sighting)
    }

    /// Whether a reading may have been what was seen: somewhere that it may have been, seeing what it may have
    /// seen.
    pub(super) fn fits(&self, reading: &Reading, sighting: &Sighting) -> bool {
        [false, true].into_iter().any(|bare| self.fits_at(reading.model(bare), bare, sighting))
    }

    /// Removes the readings that do not fit a sighting. What a model does is found out once, however many readings it
    /// is part of.
    fn keep_fitting(&self, readings: &mut Vec<Reading>, sighting: &Sighting) {
        let mut known: BTreeMap<(SenderModel, bool), bool> = BTreeMap::new();
        readings.retain(|reading| {
            [false, true].into_iter().any(|bare| {
                let model = *reading.model(bare);
                *known.entry((model, bare)).or_insert_with(|| self.fits_at(&model, bare, sighting))
            })
        });
    }

    /// Whether a model may have been what was seen, at a case that publishes something, or nothing.
    fn fits_at(&self, model: &SenderModel, bare: bool, sighting: &Sighting) -> bool {
        let hosts = || self.hosts.iter().filter(|host| host.bare == bare && sighting.may_be_at(host));
        sighting.worlds.iter().any(|world| {
            hosts().any(|host| sighting.deed.fits(host.meets(self.catalogue, model, sighting.way, *world)))
        })
    }

    /// What a model does at a host met in a way, all being well.
    pub(super) fn act(&self, model: &SenderModel, host: &Host<'_>, way: Way) -> Act {
        host.meets(self.catalogue, model, way, World::SOUND)
    }

    /// Whether mail of the trial was for this case, as far as recipients and To/Cc tell.
    pub(super) fn addressed(&self, case: &CaseId) -> bool {
        addressed(self.history, case)
    }
}

/// Whether mail of a trial was for this case, as far as recipients and To/Cc tell.
pub(super) fn addressed(history: &History, case: &CaseId) -> bool {
    let named = |message: &MessageFacts| message.addressed.iter().any(|recipient| recipient.case == *case);
    received(history, case)
        || judged(history).any(|tx| matches!(&tx.ending, Ending::Complete(message) if named(message)))
}

/// Whether a transaction of a trial was for this case.
pub(super) fn received(history: &History, case: &CaseId) -> bool {
    judged(history).any(|tx| tx.recipients.iter().any(|recipient| recipient.case == *case))
}

fn judged(history: &History) -> impl Iterator<Item = &Received> {
    history.transactions().filter(|(_, seq, _)| history.is_judged(*seq)).map(|(.., received)| received)
}
