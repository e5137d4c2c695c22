//! One mechanism: what the readings that remain say of it, and which events carry that.

mod reasons;

use std::collections::BTreeSet;

use crate::sending::history::Seq;
use crate::sending::persona::StandsFor;

use super::candidate_test::{CandidateTest, Weight, of_reading, seen_instead, surely_asked_for_tlsa};
use super::event::{Action, Event};
use super::finding::{Finding, FindingResult, Mechanism, Reason};
use super::meeting::Host;
use super::model::reading::Reading;

pub(super) use reasons::{shown, telling, why_not};

use reasons::{asked_for, not_met_in_clear};

/// The finding on a mechanism that is a trait of models. Where no reading does all that was seen, it is told from the
/// events of this mechanism alone: what contradicts itself elsewhere leaves a plain fact plain.
pub(super) fn on_trait(test: &CandidateTest<'_>, mechanism: Mechanism) -> Finding {
    if !test.remaining.is_empty() {
        return judged(test, mechanism);
    }
    let own = test.of_some(|event| bears_on(test, mechanism, event));
    if !own.remaining.is_empty() {
        return judged(&own, mechanism);
    }
    let evidence = seqs(&evidence(test, mechanism, FindingResult::Inconclusive));
    Finding { mechanism, result: FindingResult::Inconclusive, reason: Reason::Contradiction, evidence }
}

/// Whether an event says anything of a mechanism.
pub(super) fn bears_on(test: &CandidateTest<'_>, mechanism: Mechanism, event: &Event) -> bool {
    let bare = |wanted: bool| {
        let here = |host: &&Host<'_>| host.bare == wanted && event.may_be_at(host);
        test.hosts.iter().any(|host| here(&host))
    };
    let tls = sni(event).is_some();
    match mechanism {
        Mechanism::ClearTextEt => !event.way.starttls && bare(false),
        Mechanism::ClearTextUt => !event.way.starttls && bare(true),
        Mechanism::MandatoryTls => !event.way.starttls || event.action == Action::Clear,
        Mechanism::CertificateChecking => tls && (event.persona.is_none() || bare(true)),
        Mechanism::Dane | Mechanism::MtaSts => tls && event.persona.is_some() && bare(false),
        Mechanism::Sni => tls,
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer => false,
    }
}

/// The finding on a mechanism from the readings that remain.
fn judged(test: &CandidateTest<'_>, mechanism: Mechanism) -> Finding {
    let (agreed, open) = agreed(test, mechanism);
    let result = if open.is_some() { FindingResult::Inconclusive } else { agreed };
    if let Some((by, undoing)) = undoing(test, mechanism, result) {
        let both = evidence(test, mechanism, result).into_iter().chain(undoing);
        let evidence = seqs(&both.collect::<Vec<_>>());
        return Finding { mechanism, result: FindingResult::Broken, reason: Reason::Undone(by), evidence };
    }
    let shows = evidence(test, mechanism, result);
    let (reason, evidence) = match (open, result) {
        (Some(Reason::AskedFor), _) => (Reason::AskedFor, asked_for(test, mechanism)),
        (Some(open), _) => (open, seqs(&shows)),
        (None, FindingResult::Broken) => {
            (Reason::Overridden, joined(seqs(&shows), asked_for(test, mechanism)))
        }
        (None, _) if result == FindingResult::NotPractised && by_silence(test, mechanism) => {
            // What was not seen is carried by nothing but what was seen where it would have been.
            (Reason::Silence, seen_instead(test, mechanism))
        }
        (None, _) if shows.is_empty() => {
            let deciding = test.deciding(mechanism, result);
            (shown(test, &deciding), seqs(&deciding))
        }
        (None, _) => (shown(test, &shows), seqs(&shows)),
    };
    Finding { mechanism, result, reason, evidence }
}

/// What all readings that remain say of a mechanism; and, where they differ or it is not proved, why it stays open.
fn agreed(test: &CandidateTest<'_>, mechanism: Mechanism) -> (FindingResult, Option<Reason>) {
    let results: BTreeSet<_> =
        test.remaining.iter().map(|reading| of_reading(test, mechanism, reading)).collect();
    let mut results = results.into_iter();
    match (results.next(), results.next(), results.next()) {
        (Some(FindingResult::Practised), None, _) if unproved(test, mechanism) => {
            (FindingResult::Inconclusive, Some(Reason::NotProved(test.provers(mechanism))))
        }
        (Some(result), None, _) => {
            let never_met = never_met_in_clear(test, mechanism, result);
            let never_met = never_met.then(|| Reason::NotMet(withheld(test)));
            (result, not_met_in_clear(test, mechanism, result).or(never_met))
        }
        // MTA-STS that overrides DANE and MTA-STS alone act alike. A certificate was taken that DANE forbids; whether
        // that breaks a policy or shows that there is none is told by who asked for the records.
        (Some(FindingResult::NotPractised), Some(FindingResult::Broken), None) => {
            let surely_asked = surely_asked_for_tlsa(test);
            if surely_asked && !unproved(test, Mechanism::MtaSts) {
                (FindingResult::Broken, None)
            } else {
                (FindingResult::NotPractised, None)
            }
        }
        _ => (FindingResult::Inconclusive, Some(why_not(test, mechanism))),
    }
}

/// Whether what is said of clear text to a case was met nowhere: no mail for it came in clear, or no link that may have
/// been for it was left. What was avoided altogether is told by silence.
pub(super) fn never_met_in_clear(
    test: &CandidateTest<'_>,
    mechanism: Mechanism,
    result: FindingResult,
) -> bool {
    let bare = match mechanism {
        Mechanism::ClearTextEt => false,
        Mechanism::ClearTextUt => true,
        _ => return false,
    };
    let here = |event: &&Event| test.hosts.iter().any(|host| host.bare == bare && event.may_be_at(host));
    let met = |action: Action| test.counting().filter(here).any(|event| event.action == action);
    match result {
        FindingResult::Practised => !met(Action::Clear),
        FindingResult::NotPractised => !met(Action::Left) && !by_silence(test, mechanism),
        FindingResult::Broken | FindingResult::Inconclusive => false,
    }
}

/// The server that stands for STARTTLS being withheld.
pub(super) fn withheld(test: &CandidateTest<'_>) -> Vec<u8> {
    let stand_in = test.catalogue.standing_for(StandsFor::StarttlsWithheld);
    stand_in.map(|persona| persona.server).into_iter().collect()
}

/// Whether a mechanism wants a refusal as its proof, and none was seen.
fn unproved(test: &CandidateTest<'_>, mechanism: Mechanism) -> bool {
    test.proof(mechanism).is_some_and(|proof| proof.is_empty())
}

/// What undoes a result, and the events of it: mail that was kept back, or refused to go, went out unprotected
/// after all.
fn undoing<'a>(
    test: &'a CandidateTest<'_>,
    mechanism: Mechanism,
    result: FindingResult,
) -> Option<(Mechanism, Vec<&'a Event>)> {
    let protects = match mechanism {
        Mechanism::ClearTextEt | Mechanism::ClearTextUt => result == FindingResult::NotPractised,
        Mechanism::MandatoryTls | Mechanism::CertificateChecking | Mechanism::Dane | Mechanism::MtaSts => {
            result == FindingResult::Practised
        }
        _ => false,
    };
    let concerned = |event: &&Event| {
        let may_be = |bare: bool| test.hosts.iter().any(|host| host.bare == bare && event.may_be_at(host));
        match mechanism {
            Mechanism::ClearTextEt | Mechanism::Dane | Mechanism::MtaSts => may_be(false),
            Mechanism::ClearTextUt => may_be(true),
            _ => true,
        }
    };
    let by = |weight| test.weighing(weight).filter(concerned).collect::<Vec<_>>();
    let fallback = by(Weight::Fallback);
    if protects && !fallback.is_empty() {
        return Some((Mechanism::FallsBackToClearText, fallback));
    }
    let checks = matches!(mechanism, Mechanism::CertificateChecking | Mechanism::Dane | Mechanism::MtaSts);
    let lax = by(Weight::LaxDelivery);
    (protects && checks && !lax.is_empty()).then_some((Mechanism::LaxerOnRetry, lax))
}

/// The events that speak for a result on a mechanism.
fn evidence<'a>(test: &'a CandidateTest<'_>, mechanism: Mechanism, result: FindingResult) -> Vec<&'a Event> {
    let of = |speaks: &dyn Fn(&Event) -> bool| -> Vec<&'a Event> {
        test.counting().filter(|event| speaks(event)).collect()
    };
    let bare = |event: &Event| {
        let case = event.case.as_ref().and_then(|case| test.catalogue.case(case));
        case.is_some_and(|case| case.mta_sts.is_none())
    };
    let host_at_fault = |event: &Event| {
        let persona = event.persona.as_ref().and_then(|persona| test.catalogue.persona(persona));
        persona.is_some_and(|persona| persona.case.is_some()) && !bare(event)
    };
    let tls = |event: &Event| sni(event).is_some();
    let left = |event: &Event| event.action == Action::Left;
    let clear = |event: &Event| event.action == Action::Clear;
    let in_clear = |to_bare: bool| {
        let there = |s: &Event| clear(s) && !s.way.starttls && bare(s) == to_bare;
        match result {
            FindingResult::NotPractised => of(&left),
            FindingResult::Practised => of(&there),
            _ => of(&|event| left(event) || there(event)),
        }
    };
    let events = match (mechanism, result) {
        (Mechanism::ClearTextEt, _) => in_clear(false),
        (Mechanism::ClearTextUt, _) => in_clear(true),
        (Mechanism::MandatoryTls, FindingResult::Practised) => of(&left),
        (Mechanism::MandatoryTls, FindingResult::NotPractised) => of(&clear),
        (Mechanism::MandatoryTls, _) => of(&|event| left(event) || clear(event)),
        (Mechanism::CertificateChecking, _) => {
            let refused =
                |s: &Event| result == FindingResult::Practised && matches!(s.action, Action::Refused { .. });
            let without_policy = of(&|s| tls(s) && (bare(s) || s.persona.is_none() || refused(s)));
            if without_policy.is_empty() { of(&tls) } else { without_policy }
        }
        (Mechanism::Dane | Mechanism::MtaSts, _) => {
            let at_hosts = |s: &Event| tls(s) && (host_at_fault(s) || s.persona.is_none() && !bare(s));
            let refused = of(&|s| at_hosts(s) && matches!(s.action, Action::Refused { .. }));
            // Without a refusal it is what was left that shows a policy at work.
            let leaves = refused.is_empty() && result == FindingResult::Practised;
            of(&|event| at_hosts(event) || leaves && left(event))
        }
        (Mechanism::Sni, FindingResult::Practised) => of(&|event| sni(event) == Some(true)),
        (Mechanism::Sni, FindingResult::NotPractised) => of(&|event| sni(event) == Some(false)),
        (Mechanism::Sni, _) => of(&tls),
        (Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer, _) => {
            Vec::new()
        }
    };
    // What never uses TLS shows all of this by its clear text; so does what sends in clear to the other case.
    let by_case = matches!(mechanism, Mechanism::ClearTextEt | Mechanism::ClearTextUt);
    let all_in_clear = !by_case && of(&tls).is_empty() && result != FindingResult::Practised;
    if events.is_empty() && all_in_clear { of(&clear) } else { events }
}

/// Whether the host was named where the certificate was taken or refused.
fn sni(event: &Event) -> Option<bool> {
    match event.action {
        Action::Delivered { sni } | Action::Refused { sni, .. } => Some(sni),
        _ => None,
    }
}

/// Whether only the absence of something eliminated the readings that practise it.
fn by_silence(test: &CandidateTest<'_>, mechanism: Mechanism) -> bool {
    let absences = &test.silence;
    let struck_by = match mechanism {
        Mechanism::MtaSts => absences.policy_not_asked,
        Mechanism::Dane => absences.tlsa_not_asked,
        Mechanism::ClearTextUt => absences.avoided,
        _ => false,
    };
    let practises = |reading: &Reading| of_reading(test, mechanism, reading) != FindingResult::NotPractised;
    struck_by && test.by_smtp.iter().any(practises)
}

/// The observations of events, each once.
pub(super) fn seqs(events: &[&Event]) -> Vec<Seq> {
    joined(events.iter().flat_map(|event| event.seqs.iter().copied()).collect(), Vec::new())
}

fn joined(mut seqs: Vec<Seq>, others: Vec<Seq>) -> Vec<Seq> {
    seqs.extend(others);
    seqs.sort();
    seqs.dedup();
    seqs
}
