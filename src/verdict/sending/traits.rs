//! One mechanism: what the models that remain say of it, and which sightings carry that.

use std::collections::BTreeSet;

use crate::history::{Phase, Seq};
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
    let result = match results.iter().next() {
        Some(result) if results.len() == 1 => *result,
        _ => FindingResult::Inconclusive,
    };
    let evidence = evidence(examination, mechanism);
    let reason = match result {
        _ if results.is_empty() => Reason::Contradiction,
        FindingResult::Inconclusive => why_not(examination, mechanism),
        FindingResult::Broken => Reason::Overridden,
        FindingResult::NotPractised if by_silence(examination, mechanism) => Reason::Silence,
        FindingResult::NotPractised | FindingResult::Practised => shown(examination, &evidence),
    };
    let evidence = evidence.iter().flat_map(|sighting| sighting.seqs.iter().copied()).collect();
    Finding { mechanism, result, reason, evidence: without_repeats(evidence) }
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
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText => FindingResult::NotPractised,
    }
}

fn sends_in_clear(examination: &Examination<'_>, model: &SenderModel, of: impl Fn(&Case) -> bool) -> bool {
    let mut hosts = examination.hosts.iter().filter(|host| of(host.case));
    hosts.any(|host| examination.act(model, host, WAYS[0]) == Act::Clear)
}

/// The sightings that speak of a mechanism.
fn evidence<'a>(examination: &'a Examination<'_>, mechanism: Mechanism) -> Vec<&'a Sighting> {
    let bare = |sighting: &Sighting| {
        let case = sighting.case.as_ref().and_then(|case| examination.catalogue.case(case));
        case.is_some_and(|case| case.mta_sts.is_none())
    };
    let host_at_fault = |sighting: &Sighting| {
        let persona = sighting.persona.as_ref().and_then(|persona| examination.catalogue.persona(persona));
        persona.is_some_and(|persona| persona.case.is_some()) && !bare(sighting)
    };
    let tls = |sighting: &Sighting| matches!(sighting.deed, Deed::Delivered { .. } | Deed::Refused { .. });
    let speaks = |sighting: &&Sighting| match mechanism {
        Mechanism::ClearTextEt => {
            sighting.deed == Deed::Left || sighting.deed == Deed::Clear && !bare(sighting)
        }
        Mechanism::ClearTextUt => {
            sighting.deed == Deed::Left || sighting.deed == Deed::Clear && bare(sighting)
        }
        Mechanism::MandatoryTls => matches!(sighting.deed, Deed::Left | Deed::Clear),
        Mechanism::CertificateChecking => tls(sighting) && (bare(sighting) || sighting.persona.is_none()),
        Mechanism::Dane | Mechanism::MtaSts => {
            tls(sighting) && (host_at_fault(sighting) || sighting.persona.is_none() && !bare(sighting))
        }
        Mechanism::Sni => tls(sighting),
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText => false,
    };
    let mut sightings: Vec<_> = examination.counting().filter(speaks).collect();
    // What never uses TLS shows all of this by its clear text.
    if sightings.is_empty() {
        sightings = examination.counting().filter(|sighting| sighting.deed == Deed::Clear).collect();
    }
    sightings
}

/// Whether only the absence of something struck the models that practise it.
fn by_silence(examination: &Examination<'_>, mechanism: Mechanism) -> bool {
    let heard = &examination.silence;
    let struck_by = match mechanism {
        Mechanism::MtaSts => heard.policy_not_asked,
        Mechanism::Dane => heard.tlsa_not_asked,
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
        return Reason::OurFault(fault);
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

/// The part of a self-check that was red in the trial and stands in the way of a mechanism.
fn our_fault(examination: &Examination<'_>, mechanism: Mechanism) -> Option<String> {
    use crate::history::SelfCheck;
    let checks = &examination.history.self_checks;
    let state = examination.sightings.iter().filter_map(|sighting| in_force(checks, sighting.at));
    let reason = |check: &SelfCheck| match check {
        SelfCheck::Red { reason } => Some(reason.clone()),
        SelfCheck::Green => None,
    };
    let mut relevant = state.filter_map(|checked| match mechanism {
        Mechanism::Dane => reason(&checked.dns),
        Mechanism::MtaSts => reason(&checked.policy_host)
            .or_else(|| reason(&checked.certificates))
            .or_else(|| reason(&checked.dns)),
        Mechanism::CertificateChecking => reason(&checked.certificates),
        _ => reason(&checked.dns)
            .or_else(|| reason(&checked.certificates))
            .or_else(|| reason(&checked.policy_host)),
    });
    relevant.next()
}

/// The findings that are no trait: what a sender does after a failure.
pub(super) fn about_retry(examination: &Examination<'_>, mechanism: Mechanism, weight: Weight) -> Finding {
    let seen: Vec<_> = examination.weighing(weight).collect();
    let evidence: Vec<Seq> = seen.iter().flat_map(|sighting| sighting.seqs.iter().copied()).collect();
    let failures: Vec<_> = examination
        .sightings
        .iter()
        .filter(|sighting| matches!(sighting.deed, Deed::Refused { .. } | Deed::TlsFailed { .. }))
        .collect();
    let (result, reason) = if !seen.is_empty() {
        (FindingResult::Practised, shown(examination, &seen))
    } else if retried(&failures) {
        (FindingResult::NotPractised, shown(examination, &failures))
    } else {
        (FindingResult::NotPractised, Reason::Silence)
    };
    let carried = if seen.is_empty() {
        failures.iter().flat_map(|s| s.seqs.iter().copied()).collect()
    } else {
        evidence
    };
    Finding { mechanism, result, reason, evidence: without_repeats(carried) }
}

/// Whether a failure was met again at the same persona: then the sender had its chance to be laxer.
fn retried(failures: &[&Sighting]) -> bool {
    failures.iter().enumerate().any(|(n, failure)| {
        failures[..n].iter().any(|earlier| earlier.persona == failure.persona && earlier.way == failure.way)
    })
}

fn without_repeats(mut seqs: Vec<Seq>) -> Vec<Seq> {
    seqs.sort();
    seqs.dedup();
    seqs
}
