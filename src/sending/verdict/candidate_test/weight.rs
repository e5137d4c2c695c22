//! What each event is worth.

use crate::sending::persona::{CaseId, Catalogue};

use super::super::event::{Action, Event};
use super::super::meeting::hosts;

/// What an event is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::verdict) enum Weight {
    /// It eliminates the readings that it does not fit.
    Counts,
    /// A refusal whose control got no mail yet: it may mean anything.
    NoControl,
    /// Only the name in EHLO ties it to the trial, and anybody can give that.
    Kin,
    /// Another trial has as good a claim to it.
    Shared,
    /// A refusal where the same address delivered later: laxer on retry.
    Lax,
    /// That delivery, where it is held to undo a policy rather than to show that there is none.
    LaxDelivery,
    /// Clear text where STARTTLS was offered, after TLS had failed: a fallback.
    Fallback,
    /// A link left without STARTTLS where mail for every case came in clear from the same address: a look at the
    /// port, not mail.
    Visit,
    /// The sound server was refused, which no policy does: as a rule its CA is not known.
    Sound,
    /// TLS failed in a way that tells nothing of the sender's policy.
    Failed,
}

/// Whether a delivery where the same address had refused is laxness that undoes a policy: then it does not eliminate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Laxness {
    /// A delivery shows what the sender takes, and the refusal before it meant nothing.
    Eliminates,
    /// The refusal shows a policy, and the delivery that it is given up on retry.
    Undoes,
}

/// The weights of `all`, in order.
pub(super) fn weights(
    catalogue: &Catalogue,
    all: &[Event],
    addressed: &[&CaseId],
    laxness: Laxness,
) -> Vec<Weight> {
    let scale = Scale { catalogue, all, addressed, laxness };
    (0..all.len()).map(|index| scale.weigh(index)).collect()
}

struct Scale<'a> {
    catalogue: &'a Catalogue,
    all: &'a [Event],
    addressed: &'a [&'a CaseId],
    laxness: Laxness,
}

impl<'a> Scale<'a> {
    fn weigh(&self, index: usize) -> Weight {
        let event = &self.all[index];
        match event.action {
            _ if event.kin => Weight::Kin,
            Action::TlsFailed { .. } => Weight::Failed,
            Action::Clear if event.way.starttls && self.failed_before(index, false) => Weight::Fallback,
            Action::Delivered { .. }
                if self.laxness == Laxness::Undoes && self.refused_before(index, false) =>
            {
                Weight::LaxDelivery
            }
            // If the failure was its own it undoes, if it was another's it counts: nobody knows.
            Action::Clear if event.way.starttls && self.failed_before(index, true) => Weight::Shared,
            Action::Delivered { .. }
                if self.laxness == Laxness::Undoes && self.refused_before(index, true) =>
            {
                Weight::Shared
            }
            Action::Clear | Action::Delivered { .. } => Weight::Counts,
            Action::Left | Action::Refused { .. } if event.shared => Weight::Shared,
            // The control of a link left without STARTTLS is mail in TLS from the same source.
            Action::Left if self.delivered(event).next().is_none() => Weight::NoControl,
            Action::Left if self.all_came_in_clear(event) => Weight::Visit,
            Action::Left => Weight::Counts,
            Action::Refused { sni, alert, .. } => self.weigh_refusal(event, sni, alert),
        }
    }

    fn weigh_refusal(&self, event: &Event, sni: bool, alert: bool) -> Weight {
        if hosts(self.catalogue).iter().all(|host| !event.may_be_at(host)) {
            return Weight::Lax;
        }
        if self.is_sound(event) {
            // Who delivered there before looks at it now.
            let delivered = self
                .delivered(event)
                .any(|other| other.address() == event.address() && other.persona == event.persona);
            return if delivered { Weight::Visit } else { Weight::Sound };
        }
        let same = |other: &&Event| {
            matches!(other.action, Action::Refused { sni: theirs, .. } if theirs == sni)
                && other.persona == event.persona
                && (sni || other.way.phase == event.way.phase)
        };
        let repeats = self.tied(event).filter(same).count() > 1;
        let twin_delivered = self.delivered(event).any(|other| is_twin(self.catalogue, event, other));
        let control = self.delivered(event).any(|other| self.is_control(event, other));
        if twin_delivered || control && (repeats || alert) { Weight::Counts } else { Weight::NoControl }
    }

    /// A delivery where the same check applied: at the case of the host that was refused. Where neither name nor
    /// address tells the host, in the same way at a case that the refusal may have been at.
    fn is_control(&self, refused: &Event, delivered: &Event) -> bool {
        let case =
            refused.persona.as_ref().and_then(|persona| self.catalogue.persona(persona)?.case.as_ref());
        match (case, &delivered.case) {
            (Some(refused), Some(delivered)) => refused == delivered,
            (None, Some(case)) => delivered.action.has_no_sni() && !refused.not_at.contains(case),
            (_, None) => false,
        }
    }

    /// Whether it was at a host whose certificate verifies and fits, as far as that is certain.
    fn is_sound(&self, event: &Event) -> bool {
        let persona = event.persona.as_ref().and_then(|persona| self.catalogue.persona(persona));
        let as_it_should_be = event.worlds.iter().all(|world| world.webpki && world.tlsa);
        as_it_should_be && persona.is_some_and(|persona| persona.is_sound())
    }

    fn tied(&self, event: &'a Event) -> impl Iterator<Item = &'a Event> {
        self.all.iter().filter(|other| !other.kin && other.source.tie(&event.source).is_some())
    }

    fn delivered(&self, event: &'a Event) -> impl Iterator<Item = &'a Event> {
        self.tied(event).filter(|other| matches!(other.action, Action::Delivered { .. }))
    }

    /// Whether the same address had failed in TLS before, for sure or on a link that may be another test's (`shared`). What other
    /// addresses did is another node's.
    fn failed_before(&self, index: usize, shared: bool) -> bool {
        let address = self.all[index].address();
        let failed =
            |other: &Event| matches!(other.action, Action::Refused { .. } | Action::TlsFailed { .. });
        self.all[..index]
            .iter()
            .any(|other| other.shared == shared && other.address() == address && failed(other))
    }

    /// Whether the same address had refused the same host before, for sure or on a link that may be another test's.
    fn refused_before(&self, index: usize, shared: bool) -> bool {
        let delivered = &self.all[index];
        self.all[..index].iter().any(|other| {
            matches!(other.action, Action::Refused { .. })
                && other.shared == shared
                && other.address() == delivered.address()
                && other.persona == delivered.persona
                && (other.persona.is_some() || other.way == delivered.way)
        })
    }

    fn all_came_in_clear(&self, left: &Event) -> bool {
        self.addressed.iter().all(|case| {
            self.all.iter().any(|other| {
                other.address() == left.address()
                    && other.action == Action::Clear
                    && !other.way.starttls
                    && other.case.as_ref() == Some(case)
            })
        })
    }
}

/// Whether a delivery was at the sound twin of what was refused: the case's sound persona, or for links without
/// SNI the certificate that verifies.
fn is_twin(catalogue: &Catalogue, refused: &Event, delivered: &Event) -> bool {
    use crate::sending::history::Phase;
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
