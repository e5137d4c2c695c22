//! The steps that decide every profile, in the order of their value.

use crate::receiving::checks::{Tables, undecided};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Authentication, CodePoints, Hello, Known, Question, Survey};

use super::state::{PlanState, Step, first_name, hello};
use super::{enumerate, groups, last, offers, order};

/// How many connections the last steps may need: two for what was late; the mini client, then the same without the
/// injection or the injection without it; and a question behind that.
const LAST_CONNECTIONS: u32 = 5;

/// In the order of their value: a scan may be cut behind any of them.
const DECIDING: &[fn(&PlanState<'_>) -> Option<Step>] = &[
    tls13,
    tls12,
    tls11,
    tls10,
    ssl3,
    ssl2,
    bad_suites,
    bad_suites_13,
    order::reversed,
    order::order,
    hashes,
    groups::groups_13,
    second_certificate,
    groups::groups_old,
    groups::finite_field,
    key_exchange,
    last::again,
];

/// What follows is enumerated as long as there are connections for the last steps.
const ENUMERATING: &[fn(&PlanState<'_>) -> Option<Step>] =
    &[enumerate::suites, enumerate::groups, enumerate::old_versions];

/// Last, since some servers ban a client for what it does here.
const LAST: &[fn(&PlanState<'_>) -> Option<Step>] =
    &[last::late, last::renegotiation, last::injection, last::after_injection];

impl PlanState<'_> {
    /// The next step with so many connections left, and none if all that is open must make way for the last steps.
    pub(super) fn next(&self, connections_left: u32) -> Option<Step> {
        let enumerating = if connections_left > LAST_CONNECTIONS { ENUMERATING } else { &[] };
        let mut steps = DECIDING.iter().chain(enumerating).chain(LAST);
        steps.find_map(|step| self.fresh(step(self)))
    }

    /// The names of all steps that could be taken now.
    pub(super) fn open(&self) -> Vec<String> {
        let steps = DECIDING.iter().chain(ENUMERATING).chain(LAST);
        steps.filter_map(|step| self.fresh(step(self))).map(|(name, _)| name).collect()
    }

    /// A question is put once; again only by the steps that are there for it.
    fn fresh(&self, step: Option<Step>) -> Option<Step> {
        step.filter(|(name, question)| first_name(name) != name || !self.asked(question))
    }
}

/// TLS 1.3, where the real handshake did not say.
fn tls13(state: &PlanState<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS13).unknown().then_some(())?;
    hello("tls13", offers::wide(TlsVersion::TLS13, offers::suites_13()))
}

/// TLS 1.2 with every suite that is fit for something, and as many others as an offer takes: version, compression,
/// extended master secret, secure renegotiation, group, hash and certificate at once.
fn tls12(state: &PlanState<'_>) -> Option<Step> {
    let mut suites = offers::first_suites().to_vec();
    suites.truncate(state.suites_max());
    let old = undecided::old_version(state.survey)?;
    let first = state.probes("tls12").next().is_none();
    let open = state.survey.suites(old).is_empty() || state.survey.compression.unknown();
    // A server that did not bear the long offer gets a short one.
    let short = state.probes("tls12").count() == 1 && suites.len() <= Survey::SUITES_BORNE_MAX && open;
    (first || short).then_some(())?;
    hello(if first { "tls12" } else { "tls12-short" }, offers::wide(TlsVersion::TLS12, suites))
}

fn tls11(state: &PlanState<'_>) -> Option<Step> {
    old(state, "tls11", TlsVersion(0x0302))
}

fn tls10(state: &PlanState<'_>) -> Option<Step> {
    old(state, "tls10", TlsVersion(0x0301))
}

fn ssl3(state: &PlanState<'_>) -> Option<Step> {
    old(state, "ssl3", TlsVersion(0x0300))
}

fn old(state: &PlanState<'_>, step: &str, version: TlsVersion) -> Option<Step> {
    (state.survey.version(version).unknown() && state.probes(step).next().is_none()).then_some(())?;
    let suites = offers::old_offer(state.survey, version, state.suites_max());
    hello(step, offers::wide(version, suites))
}

fn ssl2(state: &PlanState<'_>) -> Option<Step> {
    let unknown = state.survey.version(TlsVersion(0x0002)).unknown();
    unknown.then(|| ("ssl2".to_owned(), Question::Ssl2))
}

/// The suites that could make a level worse than all that is known, until there is none.
fn bad_suites(state: &PlanState<'_>) -> Option<Step> {
    let version = undecided::old_version(state.survey)?;
    let open = undecided::suites(state.survey, Tables::embedded(), version);
    Some((state.numbered("suites-"), state.chunk(version, open)?))
}

fn bad_suites_13(state: &PlanState<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS13).yes().then_some(())?;
    let open = undecided::suites(state.survey, Tables::embedded(), TlsVersion::TLS13);
    Some((state.numbered("tls13-suites-"), state.chunk(TlsVersion::TLS13, open)?))
}

/// Key exchanges signed with a weak hash, as long as one worse than those known is open.
fn hashes(state: &PlanState<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS12).yes().then_some(())?;
    let signed = |suite: &u16| Survey::is_signed(*suite);
    let suites: Vec<u16> = state.survey.suites(TlsVersion::TLS12).iter().copied().filter(signed).collect();
    let open = undecided::hashes(state.survey, Tables::embedded());
    (!suites.is_empty() && !open.is_empty() && state.probes("hash-").count() < 3).then_some(())?;
    Some((state.numbered("hash-"), offers::with_hashes(suites, &open)))
}

/// Key exchange that RFC 10015 forbids, until one is known to be accepted or all are known to be refused.
fn key_exchange(state: &PlanState<'_>) -> Option<Step> {
    let version = state.survey.old_version()?;
    let open = undecided::forbidden_suites(state.survey, Tables::embedded(), version);
    Some((state.numbered("key-exchange-"), state.chunk(version, open)?))
}

/// The certificate of the other kind: by its suites, or where only TLS 1.3 is there by its schemes.
fn second_certificate(state: &PlanState<'_>) -> Option<Step> {
    let open = |kind: &Authentication| state.survey.certificate(*kind).unknown();
    let kind = Authentication::ALL.into_iter().find(open)?;
    let step = match kind {
        Authentication::Rsa => "certificate-rsa",
        Authentication::Ecdsa => "certificate-ecdsa",
    };
    if let Some(version) = state.survey.old_version() {
        let suites = offers::of_certificate(state.survey, version, kind);
        (!suites.is_empty()).then_some(())?;
        return hello(step, Hello { suites: CodePoints(suites.clone()), ..offers::wide(version, suites) });
    }
    state.survey.version(TlsVersion::TLS13).yes().then_some(())?;
    let suites = state.survey.suites(TlsVersion::TLS13).to_vec();
    // A hybrid cannot be read without a real client, and may be all that is known so far.
    let classic = |known: fn(Known) -> bool| {
        [0x001d, 0x0017, 0x0018].into_iter().find(|group| known(state.survey.group(true, *group)))
    };
    let share = classic(Known::yes).or_else(|| classic(Known::unknown));
    Some((step.to_owned(), offers::with_certificate_13(kind, suites, share)))
}
