//! Why a finding is what it is.

use std::collections::BTreeSet;

use crate::sending::history::{Phase, SelfCheck, SelfChecked, Seq};
use crate::sending::persona::{Case, StandsFor};
use crate::sending::verdict::candidate_test::{
    CandidateTest, Weight, asked_for_policy, asked_for_tlsa, of_reading,
};
use crate::sending::verdict::event::{Action, Event, in_force};
use crate::sending::verdict::finding::{FindingResult, Mechanism, Reason};
use crate::sending::verdict::meeting::{Host, WAYS, Way};
use crate::sending::verdict::model::Act;
use crate::sending::verdict::model::reading::Reading;

pub(in crate::sending::verdict) fn shown(test: &CandidateTest<'_>, evidence: &[&Event]) -> Reason {
    let servers = |wanted: fn(Action) -> bool| -> Vec<u8> {
        let of_action = evidence.iter().filter(|event| wanted(event.action));
        of_action.filter_map(|event| server(test, event)).collect::<BTreeSet<_>>().into_iter().collect()
    };
    Reason::Shown {
        clear: servers(|action| action == Action::Clear),
        delivered: servers(|action| matches!(action, Action::Delivered { .. })),
        refused: servers(|action| matches!(action, Action::Refused { .. })),
        left: evidence.iter().filter(|event| event.action == Action::Left).count(),
    }
}

/// The number of the server that an event was at. Mail for a case with a single host counts for that host,
/// however it came, as Lindenberg counts server 7.
fn server(test: &CandidateTest<'_>, event: &Event) -> Option<u8> {
    let catalogue = test.catalogue;
    if let Some(case) = &event.case {
        let mut hosts = catalogue.hosts_of(case);
        if let (Some(only), None) = (hosts.next(), hosts.next()) {
            return Some(only.server);
        }
    }
    let persona = match (&event.persona, event.action) {
        (Some(persona), _) => catalogue.persona(persona),
        (None, Action::Clear | Action::Left) => catalogue.standing_for(StandsFor::StarttlsWithheld),
        (None, _) => catalogue.standing_for(StandsFor::NoSni),
    };
    persona.map(|persona| persona.server)
}

/// Why readings that remain differ on a mechanism.
pub(in crate::sending::verdict) fn why_not(test: &CandidateTest<'_>, mechanism: Mechanism) -> Reason {
    if let Some(fault) = our_fault(test, mechanism) {
        return fault;
    }
    if matches!(mechanism, Mechanism::Dane | Mechanism::MtaSts | Mechanism::CertificateChecking)
        && test.weighing(Weight::Sound).next().is_some()
    {
        return Reason::SoundRefused;
    }
    if test.weighing(Weight::Shared).next().is_some() {
        return Reason::SharedSource;
    }
    let refused = test.weighing(Weight::NoControl);
    let refused: BTreeSet<_> = refused.filter_map(|event| server(test, event)).collect();
    if !refused.is_empty() {
        return Reason::NoControl(refused.into_iter().collect());
    }
    if test.weighing(Weight::Failed).any(|s| matches!(s.action, Action::TlsFailed { our_limit: true })) {
        return Reason::OurLimit;
    }
    let would_tell = |case: &&Case| {
        let mut hosts = test.hosts.iter().filter(|host| host.case.id == case.id);
        hosts.any(|host| WAYS.into_iter().any(|way| tells(test, mechanism, host, way)))
    };
    let mut unaddressed = test.catalogue.classic_cases().filter(|case| !test.addressed(&case.id));
    if let Some(case) = unaddressed.find(would_tell) {
        return Reason::NotAddressed(case.id.to_string());
    }
    if !test.can_be_told_apart() {
        return if asked_for(test, mechanism).is_empty() { Reason::Ambiguous } else { Reason::AskedFor };
    }
    Reason::NotMet(telling(test, mechanism))
}

/// Why nothing is said of clear text to a case although the models agree: no mail was for it, or what came in
/// clear is no fault of a model that obeys the policy.
pub(super) fn not_met_in_clear(
    test: &CandidateTest<'_>,
    mechanism: Mechanism,
    agreed: FindingResult,
) -> Option<Reason> {
    let of_mechanism = |case: &&Case| match mechanism {
        Mechanism::ClearTextEt => case.mta_sts.is_some(),
        Mechanism::ClearTextUt => case.mta_sts.is_none(),
        _ => false,
    };
    let case = test.catalogue.classic_cases().find(of_mechanism)?;
    if !test.addressed(&case.id) {
        return Some(Reason::NotAddressed(case.id.to_string()));
    }
    let withheld: Vec<_> = test.counting().filter(|event| !event.way.starttls).collect();
    let came = withheld.iter().any(|s| s.action == Action::Clear && s.case.as_ref() == Some(&case.id));
    let left = withheld.iter().any(|event| event.action == Action::Left);
    let excused = agreed == FindingResult::NotPractised && came && !left;
    excused.then(|| our_fault(test, mechanism).unwrap_or(Reason::BeforePolicy))
}

/// The questions and fetches by which a mechanism was asked for.
pub(super) fn asked_for(test: &CandidateTest<'_>, mechanism: Mechanism) -> Vec<Seq> {
    let mut seqs: Vec<Seq> = match mechanism {
        Mechanism::MtaSts => asked_for_policy(test.history).collect(),
        Mechanism::Dane => asked_for_tlsa(test).collect(),
        _ => Vec::new(),
    };
    seqs.sort();
    seqs.truncate(ASKED_CITED_MAX);
    seqs
}

/// How many questions and fetches a finding cites.
const ASKED_CITED_MAX: usize = 8;

/// Whether readings that differ on a mechanism act differently at a host that is met in a way.
fn tells(test: &CandidateTest<'_>, mechanism: Mechanism, host: &Host<'_>, way: Way) -> bool {
    let of = |reading: &Reading| {
        (test.act(reading.model(host.bare), host, way), of_reading(test, mechanism, reading))
    };
    let pairs: BTreeSet<_> = test.remaining.iter().map(of).collect();
    let acts: BTreeSet<_> = pairs.iter().map(|(act, _)| act).collect();
    let results: BTreeSet<_> = pairs.iter().map(|(_, result)| result).collect();
    acts.len() > 1 && results.len() > 1
}

/// The servers at which readings that differ on a mechanism would act differently.
pub(in crate::sending::verdict) fn telling(test: &CandidateTest<'_>, mechanism: Mechanism) -> Vec<u8> {
    let catalogue = test.catalogue;
    let mut servers = BTreeSet::new();
    for host in &test.hosts {
        for way in WAYS {
            if !tells(test, mechanism, host, way) {
                continue;
            }
            let acts: BTreeSet<_> =
                test.remaining.iter().map(|reading| test.act(reading.model(host.bare), host, way)).collect();
            let without_sni =
                |act: &Act| matches!(act, Act::Delivers { sni: false } | Act::Refuses { sni: false });
            let stands_for = if !way.starttls {
                Some(StandsFor::StarttlsWithheld)
            } else if acts.iter().any(without_sni) && (way.phase == Phase::A || acts.iter().all(without_sni))
            {
                Some(StandsFor::NoSni)
            } else {
                None
            };
            let stand_in = stands_for.and_then(|what| catalogue.standing_for(what));
            servers.insert(stand_in.unwrap_or(host.persona).server);
        }
    }
    servers.into_iter().collect()
}

/// The part of a self-check that was red in the trial, if what was seen would have told all being well.
pub(super) fn our_fault(test: &CandidateTest<'_>, mechanism: Mechanism) -> Option<Reason> {
    let checks = &test.history.self_checks;
    let reason = |check: &SelfCheck| match check {
        SelfCheck::Red { reason } => Some(reason.clone()),
        SelfCheck::Green => None,
    };
    let red = |checked: &SelfChecked| {
        let SelfChecked { dns, certificates, policy_host, unseen: _, cases: _, unlooked: _ } = checked;
        let order = match mechanism {
            Mechanism::MtaSts => [policy_host, certificates, dns],
            Mechanism::CertificateChecking => [certificates, dns, policy_host],
            _ => [dns, certificates, policy_host],
        };
        order.into_iter().find_map(reason)
    };
    let state = test.events.iter().filter_map(|event| in_force(checks, event.at));
    let fault = state.filter_map(red).next()?;
    let sound = test.all_being_well();
    let of = |reading: &Reading| of_reading(&sound, mechanism, reading);
    let results: BTreeSet<_> = sound.remaining.iter().map(of).collect();
    (results.len() < 2).then_some(Reason::OurFault(fault))
}
