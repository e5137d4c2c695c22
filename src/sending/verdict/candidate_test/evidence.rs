//! What a history shows: what its sender was seen to do, where that may have been, and what it is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::sending::history::History;
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::Pace;
use crate::sending::verdict::event::Event;
use crate::sending::verdict::meeting::{Host, Way, World};
use crate::sending::verdict::model::reading::Reading;
use crate::sending::verdict::model::{Act, SenderModel};
use crate::sending::verdict::recipients;

use super::weight::Weight;

/// What a history shows.
#[derive(Clone)]
pub(in crate::sending::verdict) struct Evidence<'a> {
    pub(in crate::sending::verdict) catalogue: &'a Catalogue,
    pub(in crate::sending::verdict) pace: &'a Pace,
    pub(in crate::sending::verdict) history: &'a History,
    pub(in crate::sending::verdict) hosts: Vec<Host<'a>>,
    pub(in crate::sending::verdict) events: Vec<Event>,
    /// What each event is worth, in the same order.
    pub(in crate::sending::verdict) weights: Vec<Weight>,
}

impl Evidence<'_> {
    /// The addresses that it was seen at.
    pub(in crate::sending::verdict) fn addresses(&self) -> BTreeSet<IpAddr> {
        self.events.iter().filter(|event| !event.kin).map(Event::address).collect()
    }

    /// The events that eliminate.
    pub(in crate::sending::verdict) fn counting(&self) -> impl Iterator<Item = &Event> {
        self.weighing(Weight::Counts)
    }

    /// The events of a weight.
    pub(in crate::sending::verdict) fn weighing(&self, wanted: Weight) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .zip(&self.weights)
            .filter(move |(_, weight)| **weight == wanted)
            .map(|(event, _)| event)
    }

    /// Whether a reading may have been what was seen: somewhere that it may have been, seeing what it may have
    /// seen.
    pub(in crate::sending::verdict) fn fits(&self, reading: &Reading, event: &Event) -> bool {
        [false, true].into_iter().any(|bare| self.fits_at(reading.model(bare), bare, event))
    }

    /// Removes the readings that do not fit an event. What a model does is found out once, however many readings it
    /// is part of.
    pub(in crate::sending::verdict) fn keep_fitting(&self, readings: &mut Vec<Reading>, event: &Event) {
        let mut known: BTreeMap<(SenderModel, bool), bool> = BTreeMap::new();
        readings.retain(|reading| {
            [false, true].into_iter().any(|bare| {
                let model = *reading.model(bare);
                *known.entry((model, bare)).or_insert_with(|| self.fits_at(&model, bare, event))
            })
        });
    }

    /// Whether a model may have been what was seen, at a case that publishes something, or nothing.
    fn fits_at(&self, model: &SenderModel, bare: bool, event: &Event) -> bool {
        let hosts = || self.hosts.iter().filter(|host| host.bare == bare && event.may_be_at(host));
        event.worlds.iter().any(|world| {
            hosts().any(|host| event.action.fits(host.meets(self.catalogue, model, event.way, *world)))
        })
    }

    /// What a model does at a host met in a way, all being well.
    pub(in crate::sending::verdict) fn act(&self, model: &SenderModel, host: &Host<'_>, way: Way) -> Act {
        host.meets(self.catalogue, model, way, World::SOUND)
    }

    /// Whether mail of the trial was for this case, as far as recipients and To/Cc tell.
    pub(in crate::sending::verdict) fn addressed(&self, case: &CaseId) -> bool {
        recipients::addressed(self.history, case)
    }
}
