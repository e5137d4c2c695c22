//! A ruled case in words. Names and descriptions are written; what it expects, and what stands for a case that has no
//! words, derives from its file.

use crate::program::report::words;
use crate::sending::persona::{
    CaseCertificate, Family, HostSpec, Layout, RuledCase, SmtpBehaviour, Standing, TlsaPlan, ZoneState,
};
use crate::sending::trial::HostRole;
use crate::sending::verdict::{CaseFinding, CaseOutcome, CaseSign, CaseWhy};
use crate::shared::text::{Language, Tone, Words};

/// A case in words of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseText {
    /// Its name in a few words.
    pub title: String,
    /// What the matter with it is.
    pub what: String,
    /// What each outcome is worth, a sentence each: first what the standards ask for.
    pub worth: Vec<Worth>,
    /// How it differs from a signed domain with two sound servers, in the words of its file.
    pub differences: Vec<(&'static str, String)>,
}

/// The outcomes that are worth the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    pub standing: Standing,
    pub text: String,
}

impl CaseText {
    /// What the standards ask for and allow, in one or two sentences.
    pub fn expected(&self) -> String {
        let shown = self
            .worth
            .iter()
            .filter(|worth| matches!(worth.standing, Standing::Conforms | Standing::Allowed));
        shown.map(|worth| worth.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A case in words of `language`.
pub fn describe(case: &RuledCase, language: Language) -> CaseText {
    described(case, words::of(language))
}

/// The title of a family in `language`.
pub fn family_title(family: Family, language: Language) -> String {
    words::of(language).say(&format!("cases-family-{}", family.word()))
}

/// How good what is worth so is, or what was not seen: what is allowed is never shown as a fault.
pub fn tone_of(standing: Option<Standing>) -> Tone {
    match standing {
        Some(Standing::Conforms) => Tone::Good,
        Some(Standing::Allowed) => Tone::Info,
        Some(Standing::Fault) => Tone::Bad,
        Some(Standing::NotPractised) => Tone::Warning,
        None => Tone::Inconclusive,
    }
}

/// A case in these words.
pub(in crate::program::report) fn described(case: &RuledCase, words: &Words) -> CaseText {
    let differences = differences(case);
    let own = format!("case-{}", case.id);
    let (title, what) = match words.has(&own) && words.has(&format!("{own}.what")) {
        true => (words.say(&own), words.say(&format!("{own}.what"))),
        false => (words.say("case-own"), what(words, &differences)),
    };
    CaseText { title, what, worth: worth(case, words), differences }
}

/// What stands for a description.
fn what(words: &Words, differences: &[(&'static str, String)]) -> String {
    if differences.is_empty() {
        return words.say("cases-same");
    }
    let told: Vec<String> = differences.iter().map(|(key, value)| format!("{key} {value}")).collect();
    words.tell("case-own.what", &[("differences", told.join("; ").into())])
}

/// What each outcome is worth.
fn worth(case: &RuledCase, words: &Words) -> Vec<Worth> {
    let possible = possible(case);
    let of = |wanted: Standing| {
        let list = possible.iter().filter(|(_, standing)| *standing == wanted);
        list.map(|(outcome, _)| outcome_of(words, case, outcome)).collect::<Vec<String>>()
    };
    let asks = !of(Standing::Conforms).is_empty();
    if of(Standing::Allowed).len() == possible.len() {
        return vec![Worth { standing: Standing::Allowed, text: words.say("cases-open") }];
    }
    let told =
        Standing::ALL.iter().map(|standing| (*standing, of(*standing))).filter(|(_, list)| !list.is_empty());
    told.map(|(standing, list)| {
        let id = match standing {
            Standing::Allowed if !asks => "cases-allowed-alone".to_owned(),
            _ => format!("cases-{}", standing.word()),
        };
        Worth { standing, text: words.tell(&id, &[("list", words.one_of(&list).into())]) }
    })
    .collect()
}

/// The outcomes that a case can have, the worst first, each with what it is worth.
fn possible(case: &RuledCase) -> Vec<(&'static str, Standing)> {
    let expect = case.expect;
    let roles = case.roles();
    let mail = !roles.is_empty();
    let tls = mail && case.bad.smtp.completes_tls();
    let second = roles.contains(&HostRole::Good);
    let all = [
        (mail, "clear", expect.clear),
        (tls, "delivered", expect.delivered),
        (second, "turned", expect.turned),
        (true, "held", expect.held),
    ];
    all.into_iter().filter(|(can_be, _, _)| *can_be).map(|(_, name, standing)| (name, standing)).collect()
}

fn outcome_of(words: &Words, case: &RuledCase, outcome: &str) -> String {
    words.tell(&format!("cases-outcome-{outcome}"), &[("hosts", hosts(case).into())])
}

/// How an outcome was seen, as a clause: no more than is known.
pub(in crate::program::report) fn outcome(words: &Words, case: &RuledCase, finding: &CaseFinding) -> String {
    let turned = matches!(finding.outcome, CaseOutcome::Refused | CaseOutcome::PassedOver);
    // Whose dialogue is an answer behind has called the first server, and may not have refused it.
    let unclear = finding.why == CaseWhy::Ambiguous || finding.signs.contains(&CaseSign::InjectionBelieved);
    let name = if turned && unclear { "turned" } else { finding.outcome.name() };
    words.tell(&format!("cases-seen-{name}"), &[("hosts", hosts(case).into())])
}

/// Whether a domain has a second server.
fn hosts(case: &RuledCase) -> &'static str {
    if case.roles().contains(&HostRole::Good) { "two" } else { "one" }
}

/// How a case differs from a signed domain with two sound servers.
fn differences(case: &RuledCase) -> Vec<(&'static str, String)> {
    let mut told: Vec<(&'static str, String)> = Vec::new();
    if case.zone != ZoneState::default() {
        told.push(("zone", case.zone.word().to_owned()));
    }
    if case.layout != Layout::default() {
        told.push(("layout", case.layout.word().to_owned()));
    }
    told.extend(case.reach.map(|reach| ("reach", reach.word().to_owned())));
    if !case.tlsa.is_empty() {
        told.push(("tlsa", plans(&case.tlsa)));
    }
    host(&mut told, ["bad.certificate", "bad.smtp", "bad.tlsa", "bad.tlsa-lookup"], &case.bad);
    host(&mut told, ["good.certificate", "good.smtp", "good.tlsa", "good.tlsa-lookup"], &case.good);
    if let Some(policy) = &case.mta_sts {
        told.push(("mta_sts.mode", policy.mode.to_string()));
        let lists: Vec<&str> = policy.lists.iter().map(|listed| listed.word()).collect();
        told.push(("mta_sts.lists", lists.join(", ")));
        told.push(("mta_sts.max_age_s", policy.max_age_s.to_string()));
        told.extend(policy.defect.map(|defect| ("mta_sts.defect", defect.word().to_owned())));
        told.extend(policy.oddity.map(|oddity| ("mta_sts.oddity", oddity.word().to_owned())));
    }
    told.extend(case.fixed_label.as_ref().map(|label| ("fixed_label", label.to_string())));
    told.extend(case.then.map(|then| ("then", then.word().to_owned())));
    told
}

fn host(told: &mut Vec<(&'static str, String)>, keys: [&'static str; 4], host: &HostSpec) {
    let [certificate, smtp, tlsa, lookup] = keys;
    if host.certificate != CaseCertificate::default() {
        told.push((certificate, host.certificate.word().to_owned()));
    }
    if host.smtp != SmtpBehaviour::default() {
        told.push((smtp, host.smtp.word().to_owned()));
    }
    told.extend(host.tlsa.as_ref().map(|all| (tlsa, plans(all))));
    told.extend(host.tlsa_lookup.map(|fault| (lookup, fault.word().to_owned())));
}

/// TLSA records as files write them.
fn plans(plans: &[TlsaPlan]) -> String {
    let plan =
        |plan: &TlsaPlan| format!("{} {} {} {}", plan.usage, plan.selector, plan.matching, plan.of.word());
    match plans {
        [] => "none".to_owned(),
        some => some.iter().map(plan).collect::<Vec<_>>().join(", "),
    }
}
