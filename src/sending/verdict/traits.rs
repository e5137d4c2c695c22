//! One mechanism: what the readings that remain say of it, and which sightings carry that.

use std::collections::BTreeSet;

use crate::sending::history::{Phase, SelfCheck, SelfChecked, Seq};
use crate::sending::persona::{Case, StandsFor};

use super::examination::{
    Examination, Weight, asked_for_policy, asked_for_tlsa, seen_instead, surely_asked_for_tlsa,
};
use super::finding::{Finding, FindingResult, Mechanism, Reason};
use super::meeting::{Host, WAYS, Way};
use super::model::reading::Reading;
use super::model::{Act, Certificates, Dane, Precedence, SenderModel, Sni, Starttls};
use super::sighting::{Deed, Sighting, in_force};

/// The finding on a mechanism that is a trait of models. Where no reading does all that was seen, it is told from the
/// sightings of this mechanism alone: what contradicts itself elsewhere leaves a plain fact plain.
pub(super) fn on_trait(examination: &Examination<'_>, mechanism: Mechanism) -> Finding {
    if !examination.remaining.is_empty() {
        return judged(examination, mechanism);
    }
    let own = examination.of_some(|sighting| bears_on(examination, mechanism, sighting));
    if !own.remaining.is_empty() {
        return judged(&own, mechanism);
    }
    let evidence = seqs(&evidence(examination, mechanism, FindingResult::Inconclusive));
    Finding { mechanism, result: FindingResult::Inconclusive, reason: Reason::Contradiction, evidence }
}

/// Whether a sighting says anything of a mechanism.
fn bears_on(examination: &Examination<'_>, mechanism: Mechanism, sighting: &Sighting) -> bool {
    let bare = |wanted: bool| {
        let here = |host: &&Host<'_>| host.bare == wanted && sighting.may_be_at(host);
        examination.hosts.iter().any(|host| here(&host))
    };
    let tls = sni(sighting).is_some();
    match mechanism {
        Mechanism::ClearTextEt => !sighting.way.starttls && bare(false),
        Mechanism::ClearTextUt => !sighting.way.starttls && bare(true),
        Mechanism::MandatoryTls => !sighting.way.starttls || sighting.deed == Deed::Clear,
        Mechanism::CertificateChecking => tls && (sighting.persona.is_none() || bare(true)),
        Mechanism::Dane | Mechanism::MtaSts => tls && sighting.persona.is_some() && bare(false),
        Mechanism::Sni => tls,
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer => false,
    }
}

/// The finding on a mechanism from the readings that remain.
fn judged(examination: &Examination<'_>, mechanism: Mechanism) -> Finding {
    let (agreed, open) = agreed(examination, mechanism);
    let result = if open.is_some() { FindingResult::Inconclusive } else { agreed };
    if let Some((by, undoing)) = undoing(examination, mechanism, result) {
        let both = evidence(examination, mechanism, result).into_iter().chain(undoing);
        let evidence = seqs(&both.collect::<Vec<_>>());
        return Finding { mechanism, result: FindingResult::Broken, reason: Reason::Undone(by), evidence };
    }
    let shows = evidence(examination, mechanism, result);
    let (reason, evidence) = match (open, result) {
        (Some(Reason::AskedFor), _) => (Reason::AskedFor, asked_for(examination, mechanism)),
        (Some(open), _) => (open, seqs(&shows)),
        (None, FindingResult::Broken) => {
            (Reason::Overridden, joined(seqs(&shows), asked_for(examination, mechanism)))
        }
        (None, _) if result == FindingResult::NotPractised && by_silence(examination, mechanism) => {
            // What was not seen is carried by nothing but what was seen where it would have been.
            (Reason::Silence, seen_instead(examination, mechanism))
        }
        (None, _) if shows.is_empty() => {
            let deciding = examination.deciding(mechanism, result);
            (shown(examination, &deciding), seqs(&deciding))
        }
        (None, _) => (shown(examination, &shows), seqs(&shows)),
    };
    Finding { mechanism, result, reason, evidence }
}

/// What all readings that remain say of a mechanism; and, where they differ or it is not proved, why it stays open.
fn agreed(examination: &Examination<'_>, mechanism: Mechanism) -> (FindingResult, Option<Reason>) {
    let results: BTreeSet<_> =
        examination.remaining.iter().map(|reading| of_reading(examination, mechanism, reading)).collect();
    let mut results = results.into_iter();
    match (results.next(), results.next(), results.next()) {
        (Some(FindingResult::Practised), None, _) if unproved(examination, mechanism) => {
            (FindingResult::Inconclusive, Some(Reason::NotProved(examination.provers(mechanism))))
        }
        (Some(result), None, _) => {
            let never_met = never_met_in_clear(examination, mechanism, result);
            let never_met = never_met.then(|| Reason::NotMet(withheld(examination)));
            (result, not_met_in_clear(examination, mechanism, result).or(never_met))
        }
        // MTA-STS that overrides DANE and MTA-STS alone act alike. A certificate was taken that DANE forbids; whether
        // that breaks a policy or shows that there is none is told by who asked for the records.
        (Some(FindingResult::NotPractised), Some(FindingResult::Broken), None) => {
            let surely_asked = surely_asked_for_tlsa(examination);
            if surely_asked && !unproved(examination, Mechanism::MtaSts) {
                (FindingResult::Broken, None)
            } else {
                (FindingResult::NotPractised, None)
            }
        }
        _ => (FindingResult::Inconclusive, Some(why_not(examination, mechanism))),
    }
}

/// Whether what is said of clear text to a case was met nowhere: no mail for it came in clear, or no link that may have
/// been for it was left. What was avoided altogether is told by silence.
fn never_met_in_clear(examination: &Examination<'_>, mechanism: Mechanism, result: FindingResult) -> bool {
    let bare = match mechanism {
        Mechanism::ClearTextEt => false,
        Mechanism::ClearTextUt => true,
        _ => return false,
    };
    let here = |sighting: &&Sighting| {
        examination.hosts.iter().any(|host| host.bare == bare && sighting.may_be_at(host))
    };
    let met = |deed: Deed| examination.counting().filter(here).any(|sighting| sighting.deed == deed);
    match result {
        FindingResult::Practised => !met(Deed::Clear),
        FindingResult::NotPractised => !met(Deed::Left) && !by_silence(examination, mechanism),
        FindingResult::Broken | FindingResult::Inconclusive => false,
    }
}

/// The server that stands for STARTTLS being withheld.
fn withheld(examination: &Examination<'_>) -> Vec<u8> {
    let stand_in = examination.catalogue.standing_for(StandsFor::StarttlsWithheld);
    stand_in.map(|persona| persona.server).into_iter().collect()
}

/// Whether a mechanism wants a refusal as its proof, and none was seen.
fn unproved(examination: &Examination<'_>, mechanism: Mechanism) -> bool {
    examination.proof(mechanism).is_some_and(|proof| proof.is_empty())
}

/// What undoes a result, and the sightings of it: mail that was kept back, or refused to go, went out unprotected
/// after all.
fn undoing<'a>(
    examination: &'a Examination<'_>,
    mechanism: Mechanism,
    result: FindingResult,
) -> Option<(Mechanism, Vec<&'a Sighting>)> {
    let protects = match mechanism {
        Mechanism::ClearTextEt | Mechanism::ClearTextUt => result == FindingResult::NotPractised,
        Mechanism::MandatoryTls | Mechanism::CertificateChecking | Mechanism::Dane | Mechanism::MtaSts => {
            result == FindingResult::Practised
        }
        _ => false,
    };
    let concerned = |sighting: &&Sighting| {
        let may_be =
            |bare: bool| examination.hosts.iter().any(|host| host.bare == bare && sighting.may_be_at(host));
        match mechanism {
            Mechanism::ClearTextEt | Mechanism::Dane | Mechanism::MtaSts => may_be(false),
            Mechanism::ClearTextUt => may_be(true),
            _ => true,
        }
    };
    let by = |weight| examination.weighing(weight).filter(concerned).collect::<Vec<_>>();
    let fallback = by(Weight::Fallback);
    if protects && !fallback.is_empty() {
        return Some((Mechanism::FallsBackToClearText, fallback));
    }
    let checks = matches!(mechanism, Mechanism::CertificateChecking | Mechanism::Dane | Mechanism::MtaSts);
    let lax = by(Weight::LaxDelivery);
    (protects && checks && !lax.is_empty()).then_some((Mechanism::LaxerOnRetry, lax))
}

/// The questions and fetches by which a mechanism was asked for.
fn asked_for(examination: &Examination<'_>, mechanism: Mechanism) -> Vec<Seq> {
    let mut seqs: Vec<Seq> = match mechanism {
        Mechanism::MtaSts => asked_for_policy(examination.history).collect(),
        Mechanism::Dane => asked_for_tlsa(examination).collect(),
        _ => Vec::new(),
    };
    seqs.sort();
    seqs.truncate(ASKED_CITED_MAX);
    seqs
}

/// How many questions and fetches a finding cites.
const ASKED_CITED_MAX: usize = 8;

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

/// What a reading does about a mechanism.
pub(super) fn of_reading(
    examination: &Examination<'_>,
    mechanism: Mechanism,
    reading: &Reading,
) -> FindingResult {
    let practised =
        |practises: bool| if practises { FindingResult::Practised } else { FindingResult::NotPractised };
    let all = |does: fn(&SenderModel) -> bool| practised(reading.models().into_iter().all(does));
    let any = |does: fn(&SenderModel) -> bool| practised(reading.models().into_iter().any(does));
    match mechanism {
        Mechanism::ClearTextEt => {
            practised(sends_in_clear(examination, reading, |case| case.mta_sts.is_some()))
        }
        Mechanism::ClearTextUt => {
            practised(sends_in_clear(examination, reading, |case| case.mta_sts.is_none()))
        }
        // Without TLS that DANE authenticates there is no delivery either.
        Mechanism::MandatoryTls => {
            all(|model| model.starttls == Starttls::Required || model.dane == Dane::Required)
        }
        // Where DANE is required everywhere, no certificate is ever judged by CA alone.
        Mechanism::CertificateChecking => {
            all(|model| model.certificates == Certificates::Verified && model.dane != Dane::Required)
        }
        Mechanism::Dane if reading.models().iter().all(|model| overrides(model)) => FindingResult::Broken,
        Mechanism::Dane => any(|model| model.dane != Dane::Off),
        Mechanism::MtaSts => any(|model| model.mta_sts),
        Mechanism::Sni => any(|model| {
            let policies = model.dane != Dane::Off || model.mta_sts;
            model.sni == Sni::Always || model.sni == Sni::ForPolicy && policies
        }),
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer => {
            FindingResult::NotPractised
        }
    }
}

fn overrides(model: &SenderModel) -> bool {
    model.mta_sts && model.precedence == Precedence::MtaStsOverrides
}

fn sends_in_clear(examination: &Examination<'_>, reading: &Reading, of: impl Fn(&Case) -> bool) -> bool {
    let mut hosts = examination.hosts.iter().filter(|host| of(host.case));
    hosts.any(|host| examination.act(reading.model(host.bare), host, WAYS[0]) == Act::Clear)
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
            let refused =
                |s: &Sighting| result == FindingResult::Practised && matches!(s.deed, Deed::Refused { .. });
            let without_policy = of(&|s| tls(s) && (bare(s) || s.persona.is_none() || refused(s)));
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
    let by_case = matches!(mechanism, Mechanism::ClearTextEt | Mechanism::ClearTextUt);
    let all_in_clear = !by_case && of(&tls).is_empty() && result != FindingResult::Practised;
    if sightings.is_empty() && all_in_clear { of(&clear) } else { sightings }
}

/// Whether the host was named where the certificate was taken or refused.
fn sni(sighting: &Sighting) -> Option<bool> {
    match sighting.deed {
        Deed::Delivered { sni } | Deed::Refused { sni, .. } => Some(sni),
        _ => None,
    }
}

/// Whether only the absence of something struck the readings that practise it.
fn by_silence(examination: &Examination<'_>, mechanism: Mechanism) -> bool {
    let heard = &examination.silence;
    let struck_by = match mechanism {
        Mechanism::MtaSts => heard.policy_not_asked,
        Mechanism::Dane => heard.tlsa_not_asked,
        Mechanism::ClearTextUt => heard.avoided,
        _ => false,
    };
    let practises =
        |reading: &Reading| of_reading(examination, mechanism, reading) != FindingResult::NotPractised;
    struck_by && examination.by_smtp.iter().any(practises)
}

pub(super) fn shown(examination: &Examination<'_>, evidence: &[&Sighting]) -> Reason {
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

/// Why readings that remain differ on a mechanism.
fn why_not(examination: &Examination<'_>, mechanism: Mechanism) -> Reason {
    if let Some(fault) = our_fault(examination, mechanism) {
        return fault;
    }
    if matches!(mechanism, Mechanism::Dane | Mechanism::MtaSts | Mechanism::CertificateChecking)
        && examination.weighing(Weight::Sound).next().is_some()
    {
        return Reason::SoundRefused;
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
    if !examination.can_be_told_apart() {
        return if asked_for(examination, mechanism).is_empty() {
            Reason::Ambiguous
        } else {
            Reason::AskedFor
        };
    }
    Reason::NotMet(telling(examination, mechanism))
}

/// Whether readings that differ on a mechanism act differently at a host that is met in a way.
fn tells(examination: &Examination<'_>, mechanism: Mechanism, host: &Host<'_>, way: Way) -> bool {
    let of = |reading: &Reading| {
        (examination.act(reading.model(host.bare), host, way), of_reading(examination, mechanism, reading))
    };
    let pairs: BTreeSet<_> = examination.remaining.iter().map(of).collect();
    let acts: BTreeSet<_> = pairs.iter().map(|(act, _)| act).collect();
    let results: BTreeSet<_> = pairs.iter().map(|(_, result)| result).collect();
    acts.len() > 1 && results.len() > 1
}

/// The servers at which readings that differ on a mechanism would act differently.
fn telling(examination: &Examination<'_>, mechanism: Mechanism) -> Vec<u8> {
    let catalogue = examination.catalogue;
    let mut servers = BTreeSet::new();
    for host in &examination.hosts {
        for way in WAYS {
            if !tells(examination, mechanism, host, way) {
                continue;
            }
            let acts: BTreeSet<_> = examination
                .remaining
                .iter()
                .map(|reading| examination.act(reading.model(host.bare), host, way))
                .collect();
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
    let of = |reading: &Reading| of_reading(&sound, mechanism, reading);
    let results: BTreeSet<_> = sound.remaining.iter().map(of).collect();
    (results.len() < 2).then_some(Reason::OurFault(fault))
}

/// The observations of sightings, each once.
pub(super) fn seqs(sightings: &[&Sighting]) -> Vec<Seq> {
    joined(sightings.iter().flat_map(|sighting| sighting.seqs.iter().copied()).collect(), Vec::new())
}

fn joined(mut seqs: Vec<Seq>, others: Vec<Seq>) -> Vec<Seq> {
    seqs.extend(others);
    seqs.sort();
    seqs.dedup();
    seqs
}
