//! The strike: which models a history leaves.

use crate::history::{History, Offer, Phase, Seq};
use crate::persona::{CaseId, Catalogue};
use crate::trial::Pace;

use super::meeting::{Host, Way, World, hosts};
use super::model::{Act, SenderModel};
use super::sighting::{Deed, Sighting, narrow, sightings};
use super::silence;
use super::{Row, table};

/// A history held against all models.
pub(super) struct Examination<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) pace: &'a Pace,
    pub(super) history: &'a History,
    pub(super) hosts: Vec<Host<'a>>,
    pub(super) sightings: Vec<Sighting>,
    /// What each sighting is worth, in the same order.
    pub(super) weights: Vec<Weight>,
    /// What transactions and refusals leave.
    pub(super) by_smtp: Vec<SenderModel>,
    /// What remains after silence, too.
    pub(super) remaining: Vec<SenderModel>,
    /// What DNS and the policy host said.
    pub(super) silence: silence::Heard,
}

/// What a sighting is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It strikes the models that it does not fit.
    Counts,
    /// A refusal whose control got no mail yet: it may mean anything.
    NoControl,
    /// Another trial has as good a claim to it.
    Shared,
    /// A refusal where the same source delivered later: laxer on retry.
    Lax,
    /// Clear text where STARTTLS was offered, after TLS had failed: a fallback.
    Fallback,
    /// TLS failed in a way that tells nothing of the sender's policy.
    Failed,
}

/// The ways that a host without an address of its own can be met.
pub(super) const WAYS: [Way; 3] = [
    Way { starttls: false, phase: Phase::A, by_address: false },
    Way { starttls: true, phase: Phase::A, by_address: false },
    Way { starttls: true, phase: Phase::B, by_address: false },
];

impl<'a> Examination<'a> {
    /// Holds `history` against all models.
    pub(super) fn new(catalogue: &'a Catalogue, pace: &'a Pace, history: &'a History) -> Self {
        let mut seen = sightings(catalogue, history);
        let first = Self::of(catalogue, pace, history, seen.clone());
        if !first.remaining.is_empty() {
            return first;
        }
        // No model does all of that: perhaps because the sender was laxer on retry behind our back.
        narrow(catalogue, &mut seen, true);
        let second = Self::of(catalogue, pace, history, seen);
        if second.remaining.is_empty() { first } else { second }
    }

    /// Holds these sightings of `history` against all models.
    pub(super) fn of(
        catalogue: &'a Catalogue,
        pace: &'a Pace,
        history: &'a History,
        sightings: Vec<Sighting>,
    ) -> Self {
        let weights = (0..sightings.len()).map(|index| weigh(&sightings, index, catalogue)).collect();
        let silence = silence::Heard::default();
        let (hosts, by_smtp, remaining) = (hosts(catalogue), Vec::new(), Vec::new());
        let mut this =
            Self { catalogue, pace, history, hosts, sightings, weights, by_smtp, remaining, silence };
        // Of sightings that differ only in when they were, one strikes for all.
        let mut distinct: Vec<&Sighting> = Vec::new();
        for sighting in this.counting() {
            if !distinct.iter().any(|known| known.strikes_alike(sighting)) {
                distinct.push(sighting);
            }
        }
        let fits_all = |model: &SenderModel| distinct.iter().all(|sighting| this.fits(model, sighting));
        let struck = SenderModel::all().into_iter().filter(fits_all).collect();
        this.by_smtp = struck;
        (this.remaining, this.silence) = silence::listen(&this);
        this
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

    /// Whether a model may have been what was seen: somewhere that it may have been, seeing what it may have
    /// seen.
    pub(super) fn fits(&self, model: &SenderModel, sighting: &Sighting) -> bool {
        let hosts = || self.hosts.iter().filter(|host| sighting.may_be_at(host));
        sighting.worlds.iter().any(|world| {
            hosts().any(|host| sighting.deed.fits(host.meets(self.catalogue, model, sighting.way, *world)))
        })
    }

    /// What a model does at a host met in a way, all being well.
    pub(super) fn act(&self, model: &SenderModel, host: &Host<'_>, way: Way) -> Act {
        host.meets(self.catalogue, model, way, World::SOUND)
    }

    /// All that SMTP could still show of a model in this trial. Models with the same signature only DNS and the
    /// policy host can tell apart.
    pub(super) fn signature(&self, model: &SenderModel) -> Row {
        let mut row = table(self.catalogue, model);
        let addressed: Vec<_> = self.catalogue.test_cases().filter(|case| self.addressed(&case.id)).collect();
        let reachable = |id: &CaseId| addressed.iter().any(|case| case.id == *id);
        row.withheld.retain(|(case, _)| reachable(case));
        row.no_sni_a.retain(|(case, _)| reachable(case));
        row.no_sni_b.retain(|(case, _)| reachable(case));
        row.hosts.retain(|(id, _)| {
            self.hosts.iter().any(|host| host.persona_id() == id && reachable(host.case_id()))
        });
        // Once mail for each case came in TLS, its window is over, and what a model does without STARTTLS is not
        // met again; nor is the certificate of phase A by who refused it often enough.
        let came = |case: &CaseId| {
            let mut delivered = self.sightings.iter().filter(|s| matches!(s.deed, Deed::Delivered { .. }));
            delivered.any(|sighting| sighting.case.as_ref() == Some(case))
        };
        if addressed.iter().all(|case| came(&case.id)) {
            row.withheld.clear();
            let mut offers = self.history.links.iter().rev().filter_map(|attributed| attributed.link.offer);
            if offers.next().is_some_and(|(_, offer): (Seq, Offer)| offer.phase == Phase::B) {
                row.no_sni_a.clear();
            }
        }
        row
    }

    /// Whether mail of the trial was for this case, as far as recipients and To/Cc tell.
    pub(super) fn addressed(&self, case: &CaseId) -> bool {
        self.history.transactions().any(|(_, _, received)| {
            received.recipients.iter().any(|recipient| recipient.case == *case)
                || matches!(&received.ending, crate::history::Ending::Complete(message)
                    if message.addressed.iter().any(|recipient| recipient.case == *case))
        })
    }
}

fn weigh(all: &[Sighting], index: usize, catalogue: &Catalogue) -> Weight {
    let sighting = &all[index];
    let tied = |other: &&Sighting| other.source.tie(&sighting.source).is_some();
    let delivered = || all.iter().filter(tied).filter(|other| matches!(other.deed, Deed::Delivered { .. }));
    let failed_before = || {
        all[..index]
            .iter()
            .filter(tied)
            .any(|other| matches!(other.deed, Deed::Refused { .. } | Deed::TlsFailed { .. }))
    };
    match sighting.deed {
        Deed::TlsFailed { .. } => Weight::Failed,
        Deed::Clear if sighting.way.starttls && failed_before() => Weight::Fallback,
        Deed::Clear | Deed::Delivered { .. } => Weight::Counts,
        Deed::Left if sighting.shared => Weight::Shared,
        // The control of a link left without STARTTLS is mail in TLS from the same source.
        Deed::Left if delivered().next().is_none() => Weight::NoControl,
        Deed::Left => Weight::Counts,
        Deed::Refused { .. } if sighting.shared => Weight::Shared,
        Deed::Refused { sni, alert } => {
            if hosts(catalogue).iter().all(|host| !sighting.may_be_at(host)) {
                return Weight::Lax;
            }
            let same = |other: &&Sighting| {
                matches!(other.deed, Deed::Refused { sni: theirs, .. } if theirs == sni)
                    && other.persona == sighting.persona
                    && (sni || other.way.phase == sighting.way.phase)
            };
            let repeats = all.iter().filter(tied).filter(same).count() > 1;
            let twin_delivered = delivered().any(|other| is_twin(catalogue, sighting, other));
            let control = delivered().next().is_some();
            if twin_delivered || control && (repeats || alert) { Weight::Counts } else { Weight::NoControl }
        }
    }
}

/// Whether a delivery was at the sound twin of what was refused: the case's sound persona, or for links without
/// SNI the certificate that verifies.
fn is_twin(catalogue: &Catalogue, refused: &Sighting, delivered: &Sighting) -> bool {
    match (&refused.persona, &delivered.persona) {
        (Some(refused), Some(delivered)) => {
            let (refused, delivered) = (catalogue.persona(refused), catalogue.persona(delivered));
            refused.zip(delivered).is_some_and(|(refused, delivered)| {
                delivered.is_sound() && delivered.case == refused.case && delivered.id != refused.id
            })
        }
        (None, None) => refused.way.phase == Phase::A && delivered.way.phase == Phase::B,
        _ => false,
    }
}
