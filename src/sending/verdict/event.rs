//! From links to events: what a sender was seen to do, and where that may have been.

use std::net::IpAddr;
use std::sync::Arc;

use crate::sending::history::{Attributed, History, Link, Noted, Phase, SelfChecked, Seq, Strength};
use crate::sending::persona::{CaseId, Catalogue, PersonaId};
use crate::sending::trial::{Source, Tie};
use crate::shared::time::Timestamp;

use super::meeting::{Host, Way, World};
use super::model::Act;
use super::recipients::addressed;

/// Something that a sender did, as far as it can be told from one link.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The observations that carry it.
    pub(super) seqs: Vec<Seq>,
    pub(super) at: Timestamp,
    pub(super) source: Source,
    pub(super) action: Action,
    /// The case, where a recipient tells it.
    pub(super) case: Option<CaseId>,
    /// The persona, where SNI or an own address tells it.
    pub(super) persona: Option<PersonaId>,
    /// Cases that it was not at, since mail for them was taken in the same way later.
    pub(super) not_at: Vec<CaseId>,
    /// What the link offered.
    pub(super) way: Way,
    /// Whether nothing but the name in EHLO ties it to the trial: another node of the sender, or a stranger.
    pub(super) kin: bool,
    /// Whether another trial has as good a claim to it.
    pub(super) shared: bool,
    /// What the sender may have seen of us.
    pub(super) worlds: Vec<World>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// Mail, or at least its envelope, in clear.
    Clear,
    /// The mail came in TLS.
    Delivered { sni: bool },
    /// The certificate was refused: with an alert, with QUIT, or without a word.
    Refused { sni: bool, alert: bool, quit: bool },
    /// The link was left without mail, STARTTLS not having been offered.
    Left,
    /// TLS failed otherwise.
    TlsFailed { our_limit: bool },
}

impl Action {
    pub(super) fn is_mail(self) -> bool {
        matches!(self, Self::Clear | Self::Delivered { .. })
    }

    pub(super) fn has_no_sni(self) -> bool {
        matches!(self, Self::Delivered { sni: false } | Self::Refused { sni: false, .. })
    }

    pub(super) fn begins_tls(self) -> bool {
        matches!(self, Self::Delivered { .. } | Self::Refused { .. } | Self::TlsFailed { .. })
    }

    /// Whether doing this fits what a model does.
    pub(super) fn fits(self, act: Act) -> bool {
        match (self, act) {
            (Self::Clear, Act::Clear) | (Self::Left, Act::Leaves | Act::Shuns { .. }) => true,
            (Self::Delivered { sni }, Act::Delivers { sni: expected }) => sni == expected,
            (Self::Refused { sni, .. }, Act::Refuses { sni: expected } | Act::Shuns { sni: expected }) => {
                sni == expected
            }
            (Self::TlsFailed { .. }, _) => true,
            _ => false,
        }
    }
}

impl Event {
    /// Whether it may have been at this host.
    pub(super) fn may_be_at(&self, host: &Host<'_>) -> bool {
        self.case.as_ref().is_none_or(|case| case == host.case_id())
            && self.persona.as_ref().is_none_or(|persona| persona == host.persona_id())
            && !self.not_at.contains(host.case_id())
    }

    /// Whether it eliminates the same readings as another.
    pub(super) fn eliminates_alike(&self, other: &Self) -> bool {
        self.action == other.action
            && self.way == other.way
            && self.case == other.case
            && self.persona == other.persona
            && self.not_at == other.not_at
            && self.worlds == other.worlds
    }

    /// The address it came from.
    pub(super) fn address(&self) -> IpAddr {
        self.source.address
    }
}

/// All events of a history in order.
pub(super) fn events(catalogue: &Catalogue, history: &History) -> Vec<Event> {
    let worlds = |at: Timestamp, opened: Timestamp| {
        let state = in_force(&history.self_checks, at);
        let green = |check: fn(&SelfChecked) -> bool| state.is_none_or(check);
        // RFC 8461 §5.1: the first mail may go before the policy is known; where it was fetched during the
        // trial, what came before the fetch says nothing about MTA-STS.
        let policy_known = history.policy_known_from.is_none_or(|known| opened >= known);
        World::possible(
            green(|checked| checked.dns.is_green()),
            green(|checked| checked.certificates.is_green()),
            green(|checked| checked.policy_host.is_green()) && policy_known,
        )
    };
    let mut events: Vec<_> = history
        .links
        .iter()
        .filter(|attributed| history.is_judged(attributed.link.first) && attributed.link.entrance.is_none())
        .flat_map(|attributed| {
            // Who has connected has decided, however long it takes to come to MAIL.
            let opened = attributed.link.opened;
            let events = of_link(catalogue, &judged(history, attributed)).into_iter();
            events.map(move |event| (event, opened))
        })
        .map(|(event, opened)| Event { worlds: worlds(event.at, opened), ..event })
        .collect();
    events.sort_by_key(|event| event.seqs[0]);
    // Links without mail, which tell no case, were for one that mail of the trial was for.
    let strangers = catalogue.classic_cases().map(|case| &case.id).filter(|case| !addressed(history, case));
    let strangers: Vec<_> = strangers.cloned().collect();
    let all_strangers = strangers.len() == catalogue.classic_cases().count();
    let tells_nothing =
        |event: &&mut Event| !all_strangers && event.case.is_none() && event.persona.is_none();
    for event in events.iter_mut().filter(tells_nothing) {
        event.not_at.extend(strangers.iter().cloned());
    }
    events
}

/// A link as far as the verdict may rest on it.
fn judged(history: &History, attributed: &Attributed) -> Attributed {
    let mut attributed = attributed.clone();
    let link = &mut attributed.link;
    let all = link.transactions.iter().all(|(seq, _)| history.is_judged(*seq));
    if all && link.closing.as_ref().is_none_or(|closing| history.is_judged(closing.seq)) {
        return attributed;
    }
    let link = Arc::make_mut(link);
    link.transactions.retain(|(seq, _)| history.is_judged(*seq));
    link.closing = link.closing.take().filter(|closing| history.is_judged(closing.seq));
    attributed
}

/// The self-check in force at a time.
pub(super) fn in_force(checks: &[Noted<Arc<SelfChecked>>], at: Timestamp) -> Option<&SelfChecked> {
    checks.iter().rfind(|check| check.at <= at).map(|check| &*check.what)
}

/// A refusal was not at a host that took mail in the same way from the same address later: what was delivered
/// there was not refused there, unless the sender is laxer on retry, which no model is. Where that leaves no
/// host, the refusal stands as laxness, not as an event. Without SNI a case with several hosts hides which one
/// refused; only with `whole_cases` is all of it ruled out.
pub(super) fn narrow(catalogue: &Catalogue, events: &mut [Event], whole_cases: bool) {
    let delivered: Vec<_> = events
        .iter()
        .filter(|event| matches!(event.action, Action::Delivered { .. }))
        .filter_map(|event| Some((event.case.clone()?, event.clone())))
        .collect();
    for event in events.iter_mut().filter(|event| matches!(event.action, Action::Refused { .. })) {
        let (since, address) = (event.seqs[0], event.address());
        let (persona, way) = (event.persona.clone(), event.way);
        let later = delivered.iter().filter(|(case, delivery)| {
            delivery.seqs[0] > since
                && delivery.address() == address
                && delivery.persona == persona
                && (delivery.persona.is_some()
                    || delivery.way == way && (whole_cases || catalogue.hosts_of(case).count() == 1))
        });
        event.not_at.extend(later.map(|(case, _)| case.clone()));
        event.not_at.sort();
        event.not_at.dedup();
    }
}

fn of_link(catalogue: &Catalogue, attributed: &Attributed) -> Vec<Event> {
    let link = &attributed.link;
    let kin = matches!(attributed.strength, Strength::Weak { tie: Tie::Domain, .. });
    let shared = matches!(attributed.strength, Strength::Weak { shared: true, .. });
    let base = |seqs: Vec<Seq>, at: Timestamp, action: Action| Event {
        seqs,
        at,
        source: link.source(),
        action,
        case: None,
        persona: link.persona_by_address.clone(),
        not_at: Vec::new(),
        way: way_of(link),
        kin,
        shared,
        worlds: Vec::new(),
    };
    let mut events = Vec::new();
    // Transactions of a weakly attributed link belong to no trial: callouts and the like.
    let transactions = link.transactions.iter().filter(|_| attributed.strength == Strength::Exact);
    for (seq, received) in transactions {
        let sni = sni_persona(link).is_some();
        let action = if received.tls { Action::Delivered { sni } } else { Action::Clear };
        // Each once, in their order; et, ut, et are two.
        let mut cases: Vec<CaseId> = Vec::new();
        for recipient in &received.recipients {
            if !cases.contains(&recipient.case) {
                cases.push(recipient.case.clone());
            }
        }
        for case in cases {
            let persona = if received.tls { persona_of(link) } else { link.persona_by_address.clone() };
            // A link that is used again for another case (a connection cache goes by address) says nothing of
            // that case's hosts.
            let foreign = |persona: &PersonaId| {
                catalogue.persona(persona).is_some_and(|p| p.case.as_ref() != Some(&case))
            };
            if persona.as_ref().is_some_and(foreign) {
                continue;
            }
            events.push(Event { case: Some(case), persona, ..base(vec![*seq], received.began, action) });
        }
    }
    if !events.is_empty() || link.has_mail() {
        return events;
    }
    if let Some(tls) = &link.tls {
        let sni = sni_persona(link).is_some();
        let closed = link.closing.as_ref().map(|closing| closing.seq);
        let seqs: Vec<_> = [tls.seq].into_iter().chain(closed).collect();
        let alert = link.alert().is_some();
        let quit = link.closing.as_ref().is_some_and(|closing| closing.quit);
        if foreign_to_suite(catalogue, tls.persona.as_ref()) {
            return events;
        }
        if link.refused_certificate() {
            events.push(Event {
                persona: persona_of(link),
                ..base(seqs, link.opened, Action::Refused { sni, alert, quit })
            });
        } else if link.tls_failed().is_some() || link.closing.is_some() && !tls.greeted {
            // After the handshake, too: another alert than about the certificate, or an end that was ours.
            let our_limit = link.tls_failed().is_some_and(|failure| failure.our_limit);
            let action = Action::TlsFailed { our_limit };
            events.push(Event { persona: persona_of(link), ..base(seqs, link.opened, action) });
        }
    } else if link.starttls == Some(220) && link.closing.is_some() {
        let seqs = link.closing.iter().map(|closing| closing.seq).collect();
        events.push(base(seqs, link.opened, Action::TlsFailed { our_limit: false }));
    } else if link.left_without_starttls() {
        let seqs =
            link.offer.iter().map(|(seq, _)| *seq).chain(link.closing.as_ref().map(|closing| closing.seq));
        events.push(base(seqs.collect(), link.opened, Action::Left));
    }
    events
}

/// Whether a persona is of a domain where mail is no test.
fn foreign_to_suite(catalogue: &Catalogue, persona: Option<&PersonaId>) -> bool {
    let case =
        persona.and_then(|persona| catalogue.persona(persona)).and_then(|persona| persona.case.as_ref());
    case.and_then(|case| catalogue.case(case)).is_some_and(|case| case.suite.is_none())
}

/// The persona that the sender named.
fn sni_persona(link: &Link) -> Option<&PersonaId> {
    let tls = link.tls.as_ref()?;
    tls.hello.sni.as_ref()?;
    tls.persona.as_ref()
}

/// The persona that the sender met: named, or alone at the address.
fn persona_of(link: &Link) -> Option<PersonaId> {
    sni_persona(link).or(link.persona_by_address.as_ref()).cloned()
}

fn way_of(link: &Link) -> Way {
    let starttls = link.offer.is_some_and(|(_, offer)| offer.starttls) || link.tls.is_some();
    let phase = match (&link.tls, link.offer) {
        (Some(tls), _) => tls.phase,
        (None, Some((_, offer))) => offer.phase,
        (None, None) => Phase::A,
    };
    Way { starttls, phase, by_address: link.persona_by_address.is_some() }
}
