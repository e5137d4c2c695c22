//! The strike: which models a history leaves.

use crate::history::{Ending, History, MessageFacts, Offer, Phase, Received, Seq};
use crate::persona::{CaseId, Catalogue};
use crate::trial::Pace;

use super::meeting::{Host, Way, World, hosts};
use super::model::{Act, SenderModel, Starttls};
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
    /// A link left without STARTTLS where mail for every case came in clear: a look at the port, not mail.
    Visit,
    /// TLS failed in a way that tells nothing of the sender's policy.
    Failed,
}

/// What SMTP could still show of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    row: Row,
    /// At each host, where each is met at an address of its own.
    by_address: Vec<Act>,
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
        let addressed: Vec<_> =
            catalogue.test_cases().map(|case| &case.id).filter(|case| addressed(history, case)).collect();
        let weights = 0..sightings.len();
        let weights = weights.map(|index| weigh(&sightings, index, catalogue, &addressed)).collect();
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
        // Who began TLS is not one that never does, however it went on; and who sent mail for a case does not
        // avoid it, also where a link that was used again hides which host that was meant for.
        let began = this.sightings.iter().any(|sighting| sighting.deed.begins_tls() && !sighting.shared);
        let came: Vec<_> = addressed.iter().filter(|case| received(history, case)).collect();
        let avoids = |model: &SenderModel, case: &CaseId| {
            let mut hosts = this.hosts.iter().filter(|host| host.case_id() == case);
            hosts.all(|host| WAYS.into_iter().all(|way| this.act(model, host, way) == Act::Avoids))
        };
        let does_so = |model: &SenderModel| {
            (!began || model.starttls != Starttls::Never) && !came.iter().any(|case| avoids(model, case))
        };
        let kept: Vec<_> = this.by_smtp.iter().copied().filter(does_so).collect();
        if !kept.is_empty() {
            this.by_smtp = kept;
        }
        (this.remaining, this.silence) = silence::listen(&this);
        this
    }

    /// The same, had nothing been wrong with us and every policy been known.
    pub(super) fn all_being_well(&self) -> Self {
        let sound = |sighting: &Sighting| Sighting { worlds: vec![World::SOUND], ..sighting.clone() };
        Self::of(self.catalogue, self.pace, self.history, self.sightings.iter().map(sound).collect())
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
    pub(super) fn signature(&self, model: &SenderModel) -> Signature {
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
            let offers = self.history.links.iter().rev().filter_map(|attributed| attributed.link.offer);
            let mut judged = offers.filter(|(seq, _): &(Seq, Offer)| self.history.is_judged(*seq));
            if judged.next().is_some_and(|(_, offer)| offer.phase == Phase::B) {
                row.no_sni_a.clear();
            }
        }
        // Who only calls addresses that are a persona's own meets its certificate, with SNI or without.
        let mut by_address = Vec::new();
        if self.sightings.iter().all(|sighting| sighting.way.by_address) {
            let hosts = self.hosts.iter().filter(|host| reachable(host.case_id()));
            let way = Way { by_address: true, ..WAYS[1] };
            by_address.extend(hosts.map(|host| match self.act(model, host, way) {
                // Some connect to an unlisted host and refuse it, others do not.
                Act::Shuns { sni } => Act::Refuses { sni },
                act => act,
            }));
            row.hosts.clear();
            row.no_sni_a.clear();
            row.no_sni_b.clear();
        }
        Signature { row, by_address }
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

fn weigh(all: &[Sighting], index: usize, catalogue: &Catalogue, addressed: &[&CaseId]) -> Weight {
    let sighting = &all[index];
    let tied = |other: &&Sighting| other.source.tie(&sighting.source).is_some();
    let delivered = || all.iter().filter(tied).filter(|other| matches!(other.deed, Deed::Delivered { .. }));
    let failed_before = || {
        all[..index]
            .iter()
            .filter(tied)
            .any(|other| matches!(other.deed, Deed::Refused { .. } | Deed::TlsFailed { .. }))
    };
    let came_in_clear = |case: &CaseId| {
        let mut clear = all.iter().filter(tied).filter(|s| s.deed == Deed::Clear && !s.way.starttls);
        clear.any(|other| other.case.as_ref() == Some(case))
    };
    match sighting.deed {
        Deed::TlsFailed { .. } => Weight::Failed,
        Deed::Clear if sighting.way.starttls && failed_before() => Weight::Fallback,
        Deed::Clear | Deed::Delivered { .. } => Weight::Counts,
        Deed::Left if sighting.shared => Weight::Shared,
        // The control of a link left without STARTTLS is mail in TLS from the same source.
        Deed::Left if delivered().next().is_none() => Weight::NoControl,
        Deed::Left if addressed.iter().all(|case| came_in_clear(case)) => Weight::Visit,
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
