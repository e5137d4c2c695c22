//! One mechanism: what the models that remain say of it, and which sightings carry that.

use std::collections::BTreeSet;

use crate::history::{Phase, SelfCheck, SelfChecked, Seq};
use crate::persona::{Case, StandsFor};

use super::examination::{Examination, WAYS, Weight};
use super::finding::{Finding, FindingResult, Mechanism, Reason};
use super::meeting::{Host, Way};
use super::model::{Act, Certificates, Dane, Precedence, SenderModel, Sni, Starttls};
use super::sighting::{Deed, Sighting, in_force};

/// The finding on a mechanism that is a trait of models.
pub(super) fn on_trait(examination: &Examination<'_>, mechanism: Mechanism) -> Finding {
    let results: BTreeSet<_> =
        examination.remaining.iter().map(|model| of_model(examination, mechanism, model)).collect();
    let agreed = match results.iter().next() {
        Some(result) if results.len() == 1 => *result,
        _ => FindingResult::Inconclusive,
    };
    let open = if results.is_empty() {
        Some(Reason::Contradiction)
    } else {
        not_met_in_clear(examination, mechanism, agreed)
    };
    let result = if open.is_some() { FindingResult::Inconclusive } else { agreed };
    let evidence = evidence(examination, mechanism, result);
    let reason = match (open, result) {
        (Some(open), _) => open,
        (None, FindingResult::Inconclusive) => why_not(examination, mechanism),
        (None, FindingResult::Broken) => Reason::Overridden,
        (None, FindingResult::NotPractised) if by_silence(examination, mechanism) => {
            // What was not seen is carried by nothing that was.
            return Finding { mechanism, result, reason: Reason::Silence, evidence: Vec::new() };
        }
        (None, FindingResult::NotPractised | FindingResult::Practised) => shown(examination, &evidence),
    };
    let evidence = evidence.iter().flat_map(|sighting| sighting.seqs.iter().copied()).collect();
    Finding { mechanism, result, reason, evidence: without_repeats(evidence) }
}

/// Why nothing is said of clear text to a case although the models agree: no mail was for it, or what came in
/// clear is no fault of a model that obeys the policy.
fn not_met_in_clear(
    examination: &Examination<'_>,
    mechanism: Mechanism,
    agreed: FindingResult,
) -> Option<Reason> {
    let of_mechanism = |case: &&Case| match mechanism {
        Mechanism::ClearTextEt => case.mta_sts.is_some(),
        Mechanism::ClearTextUt => case.mta_sts.is_none(),
        _ => false,
    };
    let case = examination.catalogue.test_cases().find(of_mechanism)?;
    if !examination.addressed(&case.id) {
        return Some(Reason::NotAddressed(case.id.to_string()));
    }
    let withheld: Vec<_> = examination.counting().filter(|sighting| !sighting.way.starttls).collect();
    let came = withheld.iter().any(|s| s.deed == Deed::Clear && s.case.as_ref() == Some(&case.id));
    let left = withheld.iter().any(|sighting| sighting.deed == Deed::Left);
    let excused = agreed == FindingResult::NotPractised && came && !left;
    excused.then(|| our_fault(examination, mechanism).unwrap_or(Reason::BeforePolicy))
}

/// What a model does about a mechanism.
fn of_model(examination: &Examination<'_>, mechanism: Mechanism, model: &SenderModel) -> FindingResult {
    let practised =
        |practises: bool| if practises { FindingResult::Practised } else { FindingResult::NotPractised };
    let policies = model.dane != Dane::Off || model.mta_sts;
    match mechanism {
        Mechanism::ClearTextEt => {
            practised(sends_in_clear(examination, model, |case| case.mta_sts.is_some()))
        }
        Mechanism::ClearTextUt => {
            practised(sends_in_clear(examination, model, |case| case.mta_sts.is_none()))
        }
        // Without TLS that DANE authenticates there is no delivery either.
        Mechanism::MandatoryTls => {
            practised(model.starttls == Starttls::Required || model.dane == Dane::Required)
        }
        // Where DANE is required everywhere, no certificate is ever judged by CA alone.
        Mechanism::CertificateChecking => {
            practised(model.certificates == Certificates::Verified && model.dane != Dane::Required)
        }
        Mechanism::Dane if model.mta_sts && model.precedence == Precedence::MtaStsOverrides => {
            FindingResult::Broken
        }
        Mechanism::Dane => practised(model.dane != Dane::Off),
        Mechanism::MtaSts => practised(model.mta_sts),
        Mechanism::Sni => practised(model.sni == Sni::Always || model.sni == Sni::ForPolicy && policies),
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer => {
            FindingResult::NotPractised
        }
    }
}

fn sends_in_clear(examination: &Examination<'_>, model: &SenderModel, of: impl Fn(&Case) -> bool) -> bool {
    let mut hosts = examination.hosts.iter().filter(|host| of(host.case));
    hosts.any(|host| examination.act(model, host, WAYS[0]) == Act::Clear)
}

/// The sightings that speak for a result on a mechanism.
fn evidence<'a>(
    examination: &'a Examination<'_>,
    mechanism: Mechanism,
    result: FindingResult,
) -> Vec<&'a Sighting> {
    let of = |speaks: &dyn Fn(&Sighting) -> bool| -> Vec<&'a Sighting> {
        examination.counting().filter(|sighting| speaks(sighting)).collect()
    };
    let bare = |sighting: &Sighting| {
        let case = sighting.case.as_ref().and_then(|case| examination.catalogue.case(case));
        case.is_some_and(|case| case.mta_sts.is_none())
    };
    let host_at_fault = |sighting: &Sighting| {
        let persona = sighting.persona.as_ref().and_then(|persona| examination.catalogue.persona(persona));
        persona.is_some_and(|persona| persona.case.is_some()) && !bare(sighting)
    };
    let tls = |sighting: &Sighting| sni(sighting).is_some();
    let left = |sighting: &Sighting| sighting.deed == Deed::Left;
    let clear = |sighting: &Sighting| sighting.deed == Deed::Clear;
    let in_clear = |to_bare: bool| {
        let there = |s: &Sighting| clear(s) && !s.way.starttls && bare(s) == to_bare;
        match result {
            FindingResult::NotPractised => of(&left),
            FindingResult::Practised => of(&there),
            _ => of(&|sighting| left(sighting) || there(sighting)),
        }
    };
    let sightings = match (mechanism, result) {
        (Mechanism::ClearTextEt, _) => in_clear(false),
        (Mechanism::ClearTextUt, _) => in_clear(true),
        (Mechanism::MandatoryTls, FindingResult::Practised) => of(&left),
        (Mechanism::MandatoryTls, FindingResult::NotPractised) => of(&clear),
        (Mechanism::MandatoryTls, _) => of(&|sighting| left(sighting) || clear(sighting)),
        (Mechanism::CertificateChecking, _) => {
            let without_policy = of(&|s| tls(s) && (bare(s) || s.persona.is_none()));
            if without_policy.is_empty() { of(&tls) } else { without_policy }
        }
        (Mechanism::Dane | Mechanism::MtaSts, _) => {
            let at_hosts = |s: &Sighting| tls(s) && (host_at_fault(s) || s.persona.is_none() && !bare(s));
            let refused = of(&|s| at_hosts(s) && matches!(s.deed, Deed::Refused { .. }));
            // Without a refusal it is what was left that shows a policy at work.
            let leaves = refused.is_empty() && result == FindingResult::Practised;
            of(&|sighting| at_hosts(sighting) || leaves && left(sighting))
        }
        (Mechanism::Sni, FindingResult::Practised) => of(&|sighting| sni(sighting) == Some(true)),
        (Mechanism::Sni, FindingResult::NotPractised) => of(&|sighting| sni(sighting) == Some(false)),
        (Mechanism::Sni, _) => of(&tls),
        (Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer, _) => {
            Vec::new()
        }
    };
    // What never uses TLS shows all of this by its clear text; so does what sends in clear to the other case.
    let all_in_clear = match mechanism {
        Mechanism::ClearTextEt | Mechanism::ClearTextUt => result == FindingResult::Practised,
        _ => of(&tls).is_empty() && result != FindingResult::Practised,
    };
    if sightings.is_empty() && all_in_clear { of(&clear) } else { sightings }
}

/// Whether the host was named where the certificate was taken or refused.
fn sni(sighting: &Sighting) -> Option<bool> {
    match sighting.deed {
        Deed::Delivered { sni } | Deed::Refused { sni, .. } => Some(sni),
        _ => None,
    }
}

/// Whether only the absence of something struck the models that practise it.
fn by_silence(examination: &Examination<'_>, mechanism: Mechanism) -> bool {
    let heard = &examination.silence;
    let struck_by = match mechanism {
        Mechanism::MtaSts => heard.policy_not_asked,
        Mechanism::Dane => heard.tlsa_not_asked,
        Mechanism::ClearTextUt => heard.avoided,
        _ => false,
    };
    let practises =
        |model: &SenderModel| of_model(examination, mechanism, model) != FindingResult::NotPractised;
    struck_by && examination.by_smtp.iter().any(practises)
}

fn shown(examination: &Examination<'_>, evidence: &[&Sighting]) -> Reason {
    let servers = |wanted: fn(Deed) -> bool| -> Vec<u8> {
        let of_deed = evidence.iter().filter(|sighting| wanted(sighting.deed));
        of_deed
            .filter_map(|sighting| server(examination, sighting))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    };
    Reason::Shown {
        clear: servers(|deed| deed == Deed::Clear),
        delivered: servers(|deed| matches!(deed, Deed::Delivered { .. })),
        refused: servers(|deed| matches!(deed, Deed::Refused { .. })),
        left: evidence.iter().filter(|sighting| sighting.deed == Deed::Left).count(),
    }
}

/// The number of the server that a sighting was at. Mail for a case with a single host counts for that host,
/// however it came, as Lindenberg counts server 7.
fn server(examination: &Examination<'_>, sighting: &Sighting) -> Option<u8> {
    let catalogue = examination.catalogue;
    if let Some(case) = &sighting.case {
        let mut hosts = catalogue.hosts_of(case);
        if let (Some(only), None) = (hosts.next(), hosts.next()) {
            return Some(only.server);
        }
    }
    let persona = match (&sighting.persona, sighting.deed) {
        (Some(persona), _) => catalogue.persona(persona),
        (None, Deed::Clear | Deed::Left) => catalogue.standing_for(StandsFor::StarttlsWithheld),
        (None, _) => catalogue.standing_for(StandsFor::NoSni),
    };
    persona.map(|persona| persona.server)
}

/// Why models that remain differ on a mechanism.
fn why_not(examination: &Examination<'_>, mechanism: Mechanism) -> Reason {
    if let Some(fault) = our_fault(examination, mechanism) {
        return fault;
    }
    if examination.weighing(Weight::Shared).next().is_some() {
        return Reason::SharedSource;
    }
    let refused = examination.weighing(Weight::NoControl);
    let refused: BTreeSet<_> = refused.filter_map(|sighting| server(examination, sighting)).collect();
    if !refused.is_empty() {
        return Reason::NoControl(refused.into_iter().collect());
    }
    if examination.weighing(Weight::Failed).any(|s| matches!(s.deed, Deed::TlsFailed { our_limit: true })) {
        return Reason::OurLimit;
    }
    let would_tell = |case: &&Case| {
        let mut hosts = examination.hosts.iter().filter(|host| host.case.id == case.id);
        hosts.any(|host| WAYS.into_iter().any(|way| tells(examination, mechanism, host, way)))
    };
    let mut unaddressed = examination.catalogue.test_cases().filter(|case| !examination.addressed(&case.id));
    if let Some(case) = unaddressed.find(would_tell) {
        return Reason::NotAddressed(case.id.to_string());
    }
    let rows: BTreeSet<_> =
        examination.remaining.iter().map(|model| format!("{:?}", examination.signature(model))).collect();
    if rows.len() == 1 {
        return Reason::Ambiguous;
    }
    Reason::NotMet(telling(examination, mechanism))
}

/// Whether models that differ on a mechanism act differently at a host that is met in a way.
fn tells(examination: &Examination<'_>, mechanism: Mechanism, host: &Host<'_>, way: Way) -> bool {
    let of =
        |model: &SenderModel| (examination.act(model, host, way), of_model(examination, mechanism, model));
    let pairs: BTreeSet<_> = examination.remaining.iter().map(of).collect();
    let acts: BTreeSet<_> = pairs.iter().map(|(act, _)| act).collect();
    let results: BTreeSet<_> = pairs.iter().map(|(_, result)| result).collect();
    acts.len() > 1 && results.len() > 1
}

/// The servers at which models that differ on a mechanism would act differently.
fn telling(examination: &Examination<'_>, mechanism: Mechanism) -> Vec<u8> {
    let catalogue = examination.catalogue;
    let mut servers = BTreeSet::new();
    for host in &examination.hosts {
        for way in WAYS {
            if !tells(examination, mechanism, host, way) {
                continue;
            }
            let acts: BTreeSet<_> =
                examination.remaining.iter().map(|model| examination.act(model, host, way)).collect();
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
fn our_fault(examination: &Examination<'_>, mechanism: Mechanism) -> Option<Reason> {
    let checks = &examination.history.self_checks;
    let reason = |check: &SelfCheck| match check {
        SelfCheck::Red { reason } => Some(reason.clone()),
        SelfCheck::Green => None,
    };
    let red = |checked: &SelfChecked| {
        let SelfChecked { dns, certificates, policy_host } = checked;
        let order = match mechanism {
            Mechanism::MtaSts => [policy_host, certificates, dns],
            Mechanism::CertificateChecking => [certificates, dns, policy_host],
            _ => [dns, certificates, policy_host],
        };
        order.into_iter().find_map(reason)
    };
    let state = examination.sightings.iter().filter_map(|sighting| in_force(checks, sighting.at));
    let fault = state.filter_map(red).next()?;
    let sound = examination.all_being_well();
    let of = |model: &SenderModel| of_model(&sound, mechanism, model);
    let results: BTreeSet<_> = sound.remaining.iter().map(of).collect();
    (results.len() < 2).then_some(Reason::OurFault(fault))
}

/// The findings that are no trait: what a sender does after a failure.
pub(super) fn about_retry(examination: &Examination<'_>, mechanism: Mechanism, weight: Weight) -> Finding {
    let seen: Vec<_> = examination.weighing(weight).collect();
    let failures: Vec<_> = examination
        .sightings
        .iter()
        .filter(|sighting| match sighting.deed {
            Deed::Refused { .. } => true,
            // Where TLS failed otherwise, nothing was refused that a retry might take.
            Deed::TlsFailed { .. } => mechanism == Mechanism::FallsBackToClearText,
            _ => false,
        })
        .collect();
    let shown_by = |result, sightings: &[&Sighting]| {
        let evidence = sightings.iter().flat_map(|sighting| sighting.seqs.iter().copied()).collect();
        let reason = shown(examination, sightings);
        Finding { mechanism, result, reason, evidence: without_repeats(evidence) }
    };
    if !seen.is_empty() {
        return shown_by(FindingResult::Practised, &seen);
    }
    let result = FindingResult::NotPractised;
    if failures.iter().any(|failure| tried_again(examination, failure)) {
        return shown_by(result, &failures);
    }
    Finding { mechanism, result, reason: Reason::NoOccasion, evidence: Vec::new() }
}

/// Whether what failed was tried again where STARTTLS was offered: then the sender had its chance to be laxer.
fn tried_again(examination: &Examination<'_>, failure: &Sighting) -> bool {
    examination.sightings.iter().any(|later| {
        later.seqs[0] > failure.seqs[0]
            && later.source.tie(&failure.source).is_some()
            && later.way.starttls
            && later.persona == failure.persona
    })
}

fn without_repeats(mut seqs: Vec<Seq>) -> Vec<Seq> {
    seqs.sort();
    seqs.dedup();
    seqs
}
