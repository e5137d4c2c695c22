//! What SMTP could still show of a reading in a trial.

use std::collections::BTreeMap;

use crate::sending::history::{Offer, Phase, Strength};

use super::super::event::Action;
use super::super::meeting::{WAYS, Way};
use super::super::model::reading::Reading;
use super::super::model::table::Cell;
use super::super::model::{Act, SenderModel};
use super::CandidateTest;

/// What SMTP could still show of a reading: what it does at each place that can still be met. Readings with the same
/// signature only DNS and the policy host can tell apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sending::verdict) struct Signature(Vec<Cell>);

/// A host as it can still be met.
struct Place {
    /// Which host of the table, by its index.
    host: usize,
    way: Way,
    kind: Kind,
}

/// What tells a host apart.
#[derive(Clone, Copy)]
enum Kind {
    /// Nothing: STARTTLS is withheld.
    Withheld,
    /// Nothing: the certificate for links without SNI.
    NoSni,
    Named,
    /// Its own address.
    Address,
}

impl Place {
    fn cell(&self, act: Act) -> Cell {
        match (self.kind, act) {
            (Kind::Withheld, Act::Clear) => Cell::Clear,
            (Kind::Withheld, Act::Leaves | Act::Shuns { .. }) => Cell::Leaves,
            (Kind::NoSni, Act::Delivers { sni: false }) | (Kind::Named, Act::Delivers { sni: true }) => {
                Cell::Delivers
            }
            (Kind::NoSni, Act::Refuses { sni: false }) => Cell::Refuses,
            // Some connect to an unlisted host and refuse it, others do not.
            (Kind::Named, Act::Refuses { sni: true } | Act::Shuns { sni: true }) => Cell::Refuses,
            (Kind::Address, Act::Delivers { .. }) => Cell::Delivers,
            (Kind::Address, Act::Refuses { .. } | Act::Shuns { .. }) => Cell::Refuses,
            (Kind::Address, Act::Clear) => Cell::Clear,
            (Kind::Address, Act::Leaves) => Cell::Leaves,
            _ => Cell::Never,
        }
    }
}

impl CandidateTest<'_> {
    /// What SMTP could still show of a reading in this trial.
    pub(in crate::sending::verdict) fn signature(&self, reading: &Reading) -> Signature {
        let places = self.places();
        let half = |bare: bool| self.half(&places, reading.model(bare), bare).0;
        Signature([half(false), half(true)].concat())
    }

    /// Whether SMTP could still tell the readings that remain apart.
    pub(in crate::sending::verdict) fn can_be_told_apart(&self) -> bool {
        let mut signatures = self.remaining.iter().map(|reading| self.signature(reading));
        let first = signatures.next();
        !signatures.all(|signature| Some(signature) == first)
    }

    /// These readings without policies per destination that are mere mixtures: where models remain that do the same at
    /// each of the cases, one policy for all is the plainer reading.
    pub(super) fn without_mixtures(&self, readings: &[Reading]) -> Vec<Reading> {
        let (uniform, others): (Vec<Reading>, Vec<Reading>) =
            readings.iter().partition(|reading| reading.is_uniform());
        if uniform.is_empty() || others.is_empty() {
            return readings.to_vec();
        }
        let places = self.places();
        let mut known: BTreeMap<(SenderModel, bool), Signature> = BTreeMap::new();
        let mut half = |reading: &Reading, bare: bool| {
            let model = *reading.model(bare);
            known.entry((model, bare)).or_insert_with(|| self.half(&places, &model, bare)).clone()
        };
        let mut of_models = |bare: bool| uniform.iter().map(|model| half(model, bare)).collect::<Vec<_>>();
        let (published, bare) = (of_models(false), of_models(true));
        let mut is_mixture = |reading: &Reading| {
            published.contains(&half(reading, false)) && bare.contains(&half(reading, true))
        };
        let others: Vec<_> = others.into_iter().filter(|reading| !is_mixture(reading)).collect();
        [uniform, others].concat()
    }

    /// What a model does at the places of cases that publish something, or nothing.
    fn half(&self, places: &[Place], model: &SenderModel, bare: bool) -> Signature {
        let here = places.iter().filter(|place| self.hosts[place.host].bare == bare);
        let cell = |place: &Place| place.cell(self.act(model, &self.hosts[place.host], place.way));
        Signature(here.map(cell).collect())
    }

    /// Where the sender can still be met.
    fn places(&self) -> Vec<Place> {
        let came = |action: fn(&Action) -> bool, host: usize| {
            let case = Some(self.hosts[host].case_id());
            self.events.iter().any(|event| action(&event.action) && event.case.as_ref() == case)
        };
        let in_tls = |action: &Action| matches!(action, Action::Delivered { .. });
        let reachable: Vec<usize> =
            (0..self.hosts.len()).filter(|host| self.addressed(self.hosts[*host].case_id())).collect();
        // Once mail for each case came in TLS, its window is over, and what a model does without STARTTLS is not
        // met again; nor is the certificate of phase A by who refused it often enough.
        let window_over = reachable.iter().all(|host| came(in_tls, *host));
        // Who only calls addresses that are a persona's own meets its certificate, with SNI or without.
        let mut own = self.events.iter().filter(|event| !event.kin);
        let by_address = own.all(|event| event.way.by_address);
        let mut ways = Vec::new();
        if !window_over {
            ways.push((Kind::Withheld, WAYS[0]));
        }
        if by_address {
            ways.push((Kind::Address, Way { by_address: true, ..WAYS[1] }));
        } else {
            if !(window_over && self.is_in_phase_b()) {
                ways.push((Kind::NoSni, WAYS[1]));
            }
            ways.extend([(Kind::Named, WAYS[1]), (Kind::NoSni, WAYS[2])]);
        }
        let everywhere = ways
            .into_iter()
            .flat_map(|(kind, way)| reachable.iter().map(move |host| Place { host: *host, way, kind }));
        everywhere.collect()
    }

    /// Whether the sender's latest links were offered the certificate of phase B.
    pub(in crate::sending::verdict) fn is_in_phase_b(&self) -> bool {
        let exact = self.history.links.iter().rev().filter(|link| link.strength == Strength::Exact);
        let offers = exact.filter_map(|attributed| attributed.link.offer);
        let mut judged = offers.filter(|(seq, _): &(_, Offer)| self.history.is_judged(*seq));
        judged.next().is_some_and(|(_, offer)| offer.phase == Phase::B)
    }
}
