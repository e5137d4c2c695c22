//! The steps that decide every profile, in the order of their value.

use crate::receiving::checks::{Column, Item, Level, Tables, undecided};
use crate::receiving::probe::renegotiating_hello;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Answer, Authentication, Chosen, CodePoints, Depth, Hello, Known, Probe, Question, Server, Survey,
};

use super::enumerate;
use super::offers::{self, SUITES_MAX};

/// How often suites are struck from an offer to see the order among levels.
const ORDER_STEPS_MAX: usize = 3;
/// How many questions that ended in a dropped connection are asked again, to tell refusal from fault.
const AGAIN_MAX: usize = 2;

/// How many questions that were not answered in time are asked again, at the end.
const LATE_MAX: usize = 2;

/// A step: its name and its question.
pub(super) type Step = (String, Question);

/// What was seen so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct State<'a> {
    pub(super) server: &'a Server,
    pub(super) survey: &'a Survey,
    pub(super) depth: Depth,
    pub(super) renegotiations: u8,
}

/// How many connections the last steps may need: two for what was late; the mini client, then the same without the
/// injection or the injection without it; and a question behind that.
const LAST_CONNECTIONS: u32 = 5;

/// In the order of their value: a scan may be cut behind any of them.
const DECIDING: &[fn(&State<'_>) -> Option<Step>] = &[
    tls13,
    tls12,
    tls11,
    tls10,
    ssl3,
    ssl2,
    bad_suites,
    bad_suites_13,
    reversed,
    order,
    hashes,
    groups_13,
    second_certificate,
    groups_old,
    finite_field,
    key_exchange,
    again,
];

/// What follows is enumerated as long as there are connections for the last steps.
const ENUMERATING: &[fn(&State<'_>) -> Option<Step>] =
    &[enumerate::suites, enumerate::groups, enumerate::old_versions];

/// Last, since some servers ban a client for what it does here.
const LAST: &[fn(&State<'_>) -> Option<Step>] = &[late, renegotiation, injection, after_injection];

impl State<'_> {
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

    /// A step unless its question was put; for steps of which several are looked at in turn.
    pub(super) fn unless_asked(&self, name: String, question: Question) -> Option<Step> {
        (!self.asked(&question)).then_some((name, question))
    }

    fn asked(&self, question: &Question) -> bool {
        self.server.probes.iter().any(|probe| probe.question == *question)
    }

    pub(super) fn probes<'b>(&'b self, prefix: &'b str) -> impl Iterator<Item = &'b Probe> {
        self.server.probes.iter().filter(move |probe| probe.step.starts_with(prefix))
    }

    /// The name of the next of several steps of a kind.
    pub(super) fn numbered(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.probes(prefix).count() + 1)
    }

    /// How many suites a hello may offer: few, once a long one was not answered or not understood.
    pub(super) fn suites_max(&self) -> usize {
        let offered = |probe: &Probe| match &probe.question {
            Question::Hello(hello) => hello.suites.0.len(),
            _ => 0,
        };
        let answered = |probe: &&Probe| matches!(probe.answer, Answer::Flight(_));
        let borne = self.server.probes.iter().filter(answered).map(offered).max().unwrap_or(0);
        let borne = borne.max(Survey::SUITES_BORNE_MAX);
        let chokes = |probe: &Probe| {
            // decode_error (50) and record_overflow (22) are about the hello as such.
            let not_understood = match &probe.answer {
                Answer::Alert { alert } => matches!(alert.0, 22 | 50),
                Answer::TimedOut | Answer::Garbage { .. } | Answer::Dropped => true,
                _ => false,
            };
            not_understood && offered(probe) > borne
        };
        if self.server.probes.iter().any(chokes) { Survey::SUITES_BORNE_MAX } else { SUITES_MAX }
    }

    /// The next chunk of `open`: without what was asked in short offers twice and gave no answer.
    pub(super) fn chunk(&self, version: TlsVersion, open: Vec<u16>) -> Option<Question> {
        let mut chunk: Vec<u16> = open.into_iter().filter(|suite| !self.given_up(version, *suite)).collect();
        chunk.truncate(self.suites_max());
        (!chunk.is_empty()).then(|| Question::Hello(offers::wide(version, chunk)))
    }

    fn given_up(&self, version: TlsVersion, suite: u16) -> bool {
        let in_vain = |probe: &Probe| {
            matches!(probe.answer, Answer::TimedOut | Answer::Garbage { .. } | Answer::Dropped)
        };
        let answered = |question: &Question| {
            self.server.probes.iter().any(|probe| probe.question == *question && !in_vain(probe))
        };
        let unanswered = |probe: &Probe| match &probe.question {
            Question::Hello(hello) => {
                in_vain(probe)
                    && hello.version == version
                    && hello.suites.0.len() <= Survey::SUITES_BORNE_MAX
                    && hello.suites.contains(suite)
                    && !answered(&probe.question)
            }
            _ => false,
        };
        self.server.probes.iter().any(unanswered)
    }
}

/// The name of a step without what says that its question was put again.
fn first_name(step: &str) -> &str {
    ["again-", "late-"].into_iter().find_map(|again| step.strip_prefix(again)).unwrap_or(step)
}

fn hello(step: impl Into<String>, hello: Hello) -> Option<Step> {
    Some((step.into(), Question::Hello(hello)))
}

/// TLS 1.3, where the real handshake did not say.
fn tls13(state: &State<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS13).unknown().then_some(())?;
    hello("tls13", offers::wide(TlsVersion::TLS13, offers::suites_13()))
}

/// TLS 1.2 with every suite that is fit for something, and as many others as an offer takes: version, compression,
/// extended master secret, secure renegotiation, group, hash and certificate at once.
fn tls12(state: &State<'_>) -> Option<Step> {
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

fn tls11(state: &State<'_>) -> Option<Step> {
    old(state, "tls11", TlsVersion(0x0302))
}

fn tls10(state: &State<'_>) -> Option<Step> {
    old(state, "tls10", TlsVersion(0x0301))
}

fn ssl3(state: &State<'_>) -> Option<Step> {
    old(state, "ssl3", TlsVersion(0x0300))
}

fn old(state: &State<'_>, step: &str, version: TlsVersion) -> Option<Step> {
    (state.survey.version(version).unknown() && state.probes(step).next().is_none()).then_some(())?;
    let suites = offers::old_offer(state.survey, version, state.suites_max());
    hello(step, offers::wide(version, suites))
}

fn ssl2(state: &State<'_>) -> Option<Step> {
    let unknown = state.survey.version(TlsVersion(0x0002)).unknown();
    unknown.then(|| ("ssl2".to_owned(), Question::Ssl2))
}

/// The suites that could make a level worse than all that is known, until there is none.
fn bad_suites(state: &State<'_>) -> Option<Step> {
    let version = undecided::old_version(state.survey)?;
    let open = undecided::suites(state.survey, Tables::embedded(), version);
    Some((state.numbered("suites-"), state.chunk(version, open)?))
}

fn bad_suites_13(state: &State<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS13).yes().then_some(())?;
    let open = undecided::suites(state.survey, Tables::embedded(), TlsVersion::TLS13);
    Some((state.numbered("tls13-suites-"), state.chunk(TlsVersion::TLS13, open)?))
}

/// The first offer that was answered from below TLS 1.3.
fn first_offer<'a>(state: &State<'a>) -> Option<(&'a Hello, TlsVersion)> {
    state.server.probes.iter().find_map(|probe| match (&probe.question, &probe.answer) {
        (Question::Hello(hello), Answer::Flight(flight)) if first_name(&probe.step).starts_with("tls12") => {
            Some((hello, flight.version))
        }
        _ => None,
    })
}

/// The first offer in reverse: who decides? If the answers differ by a ChaCha20 that stood first, the same without.
fn reversed(state: &State<'_>) -> Option<Step> {
    state.survey.server_decides.is_none().then_some(())?;
    let (offer, version) = first_offer(state)?;
    let reverse = |suites: &[u16]| suites.iter().rev().copied().collect::<Vec<_>>();
    let turned = offers::wide(TlsVersion::TLS12, reverse(&offer.suites.0));
    if state.probes("tls12-reversed").next().is_none() {
        return hello("tls12-reversed", turned);
    }
    let accepted = state.survey.suites(version);
    let plain =
        |code: &u16| Tables::embedded().suite(*code).is_some_and(|suite| !suite.enc.starts_with("ChaCha"));
    (accepted.len() > 2 && accepted.iter().filter(|code| plain(code)).count() > 1).then_some(())?;
    let without: Vec<u16> = offer.suites.0.iter().copied().filter(plain).collect();
    let forward = offers::wide(TlsVersion::TLS12, without.clone());
    if state.probes("tls12-plain").next().is_none() {
        return hello("tls12-plain", forward);
    }
    hello("tls12-plain-reversed", offers::wide(TlsVersion::TLS12, reverse(&without)))
}

/// Whether a server that decides for itself prefers a worse suite to a better one: what it prefers is struck from
/// the offer, with all that is as strong, until it names one of a worse level or none of these is left.
fn order(state: &State<'_>) -> Option<Step> {
    (state.depth == Depth::Verdict && state.survey.server_decides == Some(true)).then_some(())?;
    (state.probes("tls12-order-").count() < ORDER_STEPS_MAX).then_some(())?;
    let (first, version) = first_offer(state)?;
    let last = state.probes("tls12-order-").last();
    let (offer, chosen) = match last {
        None => (first, state.survey.choices.iter().find(|choice| choice.version == version)?.suite),
        Some(probe) => match (&probe.question, &probe.answer) {
            (Question::Hello(hello), Answer::Flight(flight)) => (hello, flight.suite),
            _ => return None,
        },
    };
    let possible = |code: &u16| !state.survey.suite(version, *code).no();
    // A breach in the eyes of one era says nothing of the other.
    let kept = |column: &Column| !violates(state.survey.choices.iter(), &[*column]);
    let eras: Vec<Column> = ORDERED.into_iter().filter(kept).collect();
    let better = |a: u16, b: u16| better(a, b, &eras);
    let rest: Vec<u16> = if eras.is_empty() {
        return None;
    } else if worse_than_some(chosen, &offer.suites.0, &eras) {
        // It named a worse one: is any of the better ones accepted at all?
        offer.suites.0.iter().copied().filter(|code| possible(code) && better(*code, chosen)).collect()
    } else {
        let strength =
            |code: u16| Tables::embedded().suite(code).map(|suite| (&suite.enc, suite.bits, suite.fs));
        let own = strength(chosen);
        let rest = offer.suites.0.iter().copied();
        // What is worse stays, however strong: whether it comes before the next is the question.
        let stays = |code: u16| strength(code) != own || better(chosen, code);
        rest.filter(|code| possible(code) && *code != chosen && stays(*code)).collect()
    };
    mixed(&rest, chosen, &eras).then_some(())?;
    hello(state.numbered("tls12-order-"), offers::wide(TlsVersion::TLS12, rest))
}

/// The columns whose order internet.nl looks at.
const ORDERED: [Column; 2] = [Column::Ncsc2025, Column::NcscV2];

/// Whether `a` is of a better level than `b` in one of these eras: today's looks only at phase-out beside better ones.
fn better(a: u16, b: u16, eras: &[Column]) -> bool {
    let level = |code, column| {
        let level = Tables::embedded().level(&Item::Suite(code), column).unwrap_or(Level::Insufficient);
        if column == Column::Ncsc2025 { level.max(Level::Sufficient) } else { level }
    };
    eras.iter().any(|column| level(a, *column) < level(b, *column))
}

fn worse_than_some(chosen: u16, offer: &[u16], eras: &[Column]) -> bool {
    offer.iter().any(|other| better(*other, chosen, eras))
}

/// Whether the order of an offer can say more: there are levels to choose between, or better ones to confirm.
fn mixed(offer: &[u16], chosen: u16, eras: &[Column]) -> bool {
    offer.iter().any(|a| offer.iter().any(|b| better(*a, *b, eras)) || better(*a, chosen, eras))
}

fn violates<'a>(mut choices: impl Iterator<Item = &'a Chosen>, eras: &[Column]) -> bool {
    choices.any(|choice| worse_than_some(choice.suite, &choice.accepted, eras))
}

/// Key exchanges signed with a weak hash, as long as one worse than those known is open.
fn hashes(state: &State<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS12).yes().then_some(())?;
    let signed = |suite: &u16| Survey::is_signed(*suite);
    let suites: Vec<u16> = state.survey.suites(TlsVersion::TLS12).iter().copied().filter(signed).collect();
    let open = undecided::hashes(state.survey, Tables::embedded());
    (!suites.is_empty() && !open.is_empty() && state.probes("hash-").count() < 3).then_some(())?;
    Some((state.numbered("hash-"), offers::with_hashes(suites, &open)))
}

/// The groups of TLS 1.3 that could make a level worse, and the post-quantum hybrids.
fn groups_13(state: &State<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS13).yes().then_some(())?;
    let suites = state.survey.suites(TlsVersion::TLS13).to_vec();
    let open = undecided::groups(state.survey, Tables::embedded(), true);
    (!suites.is_empty() && !open.is_empty()).then_some(())?;
    Some((state.numbered("tls13-groups-"), offers::with_groups(TlsVersion::TLS13, suites, open)))
}

/// The curves of the versions below. A server whose suites on curves are not known yet is asked for these first.
fn groups_old(state: &State<'_>) -> Option<Step> {
    let version = state.survey.old_version()?;
    let on_curves = |suite: &u16| Survey::is_ecdhe(*suite);
    let open = undecided::groups(state.survey, Tables::embedded(), false);
    if open.is_empty() {
        return None;
    }
    if !state.survey.suites(version).iter().any(on_curves) {
        let all = offers::all_suites(version).into_iter().filter(on_curves);
        let open: Vec<u16> = all.filter(|suite| state.survey.suite(version, *suite).unknown()).collect();
        return Some((state.numbered("curves-"), state.chunk(version, open)?));
    }
    curves(state, "groups-", version, open)
}

/// An offer of these curves only, with suites on curves that the server accepts. A certificate on a curve may be used
/// only if that curve is offered, too (RFC 8422 §5.3): a server that has no other is then asked again with a curve of
/// certificates behind those in question.
pub(super) fn curves(state: &State<'_>, step: &str, version: TlsVersion, groups: Vec<u16>) -> Option<Step> {
    let accepted = state.survey.suites(version).iter().copied().filter(|suite| Survey::is_ecdhe(*suite));
    let (bound, free): (Vec<u16>, Vec<u16>) =
        accepted.partition(|suite| Authentication::of_suite(*suite) == Some(Authentication::Ecdsa));
    let name = state.numbered(step);
    if !free.is_empty() {
        return state.unless_asked(name, offers::with_groups(version, free, groups));
    }
    (!bound.is_empty()).then_some(())?;
    if !state.survey.certificate(Authentication::Rsa).no() {
        let other = offers::of_certificate(state.survey, version, Authentication::Rsa).into_iter();
        let open = other.filter(|suite| Survey::is_ecdhe(*suite)).collect();
        if let Some(question) = state.chunk(version, open).filter(|question| !state.asked(question)) {
            return Some((state.numbered("curves-"), question));
        }
    }
    let alone = offers::with_groups(version, bound.clone(), groups.clone());
    if !state.asked(&alone) {
        return Some((name, alone));
    }
    // One at a time: beside a further one that the server likes better, those in question would not be chosen.
    OF_CERTIFICATES.into_iter().filter(|own| !groups.contains(own)).find_map(|own| {
        let beside = groups.iter().copied().chain([own]).collect();
        state.unless_asked(name.clone(), offers::with_groups(version, bound.clone(), beside))
    })
}

/// The curves that certificates are on, the usual one first.
const OF_CERTIFICATES: [u16; 3] = [0x0017, 0x0018, 0x0019];

/// Finite-field parameters.
fn finite_field(state: &State<'_>) -> Option<Step> {
    let version = state.survey.old_version()?;
    let mut suites = undecided::finite_field_suites(state.survey, Tables::embedded(), version);
    suites.sort_by_key(|suite| !offers::is_fit(*suite));
    Some((state.numbered("finite-field-"), state.chunk(version, suites)?))
}

/// Key exchange that RFC 10015 forbids, until one is known to be accepted or all are known to be refused.
fn key_exchange(state: &State<'_>) -> Option<Step> {
    let version = state.survey.old_version()?;
    let open = undecided::forbidden_suites(state.survey, Tables::embedded(), version);
    Some((state.numbered("key-exchange-"), state.chunk(version, open)?))
}

/// The certificate of the other kind: by its suites, or where only TLS 1.3 is there by its schemes.
fn second_certificate(state: &State<'_>) -> Option<Step> {
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

/// A question whose connection was dropped, where the drop may be a fault as well as a refusal.
fn again(state: &State<'_>) -> Option<Step> {
    (state.probes("again-").count() < AGAIN_MAX && state.survey.speaks_tls()).then_some(())?;
    let probes = &state.server.probes;
    let last = probes.last()?;
    // What came before is vouched for by what came after.
    let once = probes.iter().filter(|probe| probe.question == last.question).count() == 1;
    let last_steps = matches!(last.question, Question::Renegotiate { .. } | Question::Inject);
    (last.answer == Answer::Dropped && once && !last_steps)
        .then(|| (format!("again-{}", last.step), last.question.clone()))
}

/// Questions that were not answered in time, as it happens with a server that serves one connection after the other
/// and is asked at two addresses. Not an offer that was too long, perhaps.
fn late(state: &State<'_>) -> Option<Step> {
    (state.probes("late-").count() < LATE_MAX && state.survey.speaks_tls()).then_some(())?;
    let probes = &state.server.probes;
    let suites_max = state.suites_max();
    let late = probes.iter().find(|probe| {
        let again = match &probe.question {
            Question::Hello(hello) => hello.suites.0.len() <= suites_max,
            Question::Ssl2 => true,
            Question::Renegotiate { .. } | Question::Inject => false,
        };
        let once = || probes.iter().filter(|other| other.question == probe.question).count() == 1;
        again && probe.answer == Answer::TimedOut && once()
    })?;
    Some((format!("late-{}", late.step), late.question.clone()))
}

/// The mini client: secure and client-initiated renegotiation, and a command in clear behind STARTTLS; without that
/// command, where the server does not take STARTTLS with it.
fn renegotiation(state: &State<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS12).yes().then_some(())?;
    let mut hello = renegotiating_hello();
    let accepted = state.survey.suites(TlsVersion::TLS12);
    if hello.suites.0.iter().any(|suite| accepted.contains(suite)) {
        hello.suites.0.retain(|suite| accepted.contains(suite));
    }
    let tries = state.renegotiations;
    let refused = |probe: &Probe| matches!(probe.answer, Answer::NotPut { .. });
    // A server that will not have a command behind STARTTLS is asked without.
    let (step, inject) = match state.probes("renegotiation").any(refused) {
        false => ("renegotiation", true),
        true => ("renegotiation-alone", false),
    };
    Some((step.to_owned(), Question::Renegotiate { hello, tries, inject }))
}

/// A command in clear behind STARTTLS where the mini client has nothing in common with the server, but TLS 1.3 is there.
fn injection(state: &State<'_>) -> Option<Step> {
    let open = state.survey.injected.unknown() && state.survey.version(TlsVersion::TLS13).yes();
    let mut mini = state.probes("renegotiation").peekable();
    let its_turn = !state.survey.version(TlsVersion::TLS12).yes() || mini.peek().is_some();
    // Whether the server takes STARTTLS with a command behind it is known then.
    let put = mini.all(|probe| matches!(probe.answer, Answer::OurLimit { .. } | Answer::Alert { .. }));
    (open && its_turn && put).then(|| ("injection".to_owned(), Question::Inject))
}

/// A server that broke off there is asked something that it answered before: whether it was the command's doing.
fn after_injection(state: &State<'_>) -> Option<Step> {
    let last = state.server.probes.last().filter(|probe| probe.question == Question::Inject)?;
    let Answer::NotPut { fault } = &last.answer else { return None };
    let answered = |probe: &&Probe| {
        matches!(probe.answer, Answer::Flight(_) | Answer::Alert { .. } | Answer::Ssl2 { .. })
    };
    let known = state.server.probes.iter().find(answered).filter(|_| fault.refuses_pipelining())?;
    Some(("again-without-injection".to_owned(), known.question.clone()))
}
