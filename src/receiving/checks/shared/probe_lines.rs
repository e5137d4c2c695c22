//! What a server showed in TLS, in one line each: what was asked, and what came.

use crate::receiving::checks::Item;
use crate::receiving::checks::lines::dedup;
use crate::receiving::checks::tables::Tables;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Answer, Completed, DhParameters, Flight, Hello, Probe, Question, RealHandshake, Refusal, Server,
    SessionFault, Survey, hash_of_scheme,
};

/// What our client for whole handshakes offers: a server takes the highest that it has (RFC 8446 §4.2.1).
const WHOLE: &str = "handshake: TLS 1.3 and 1.2";

/// A choice of the server's.
#[derive(Clone, Copy)]
pub(in crate::receiving::checks) enum Chose<'a> {
    /// In a whole handshake.
    Whole(&'a Completed),
    /// In answer to a hello.
    Flight(&'a Probe, &'a Hello, &'a Flight),
}

impl<'a> Chose<'a> {
    pub(in crate::receiving::checks) fn version(self) -> TlsVersion {
        match self {
            Self::Whole(completed) => completed.version,
            Self::Flight(_, _, flight) => flight.version,
        }
    }

    pub(in crate::receiving::checks) fn suite(self) -> u16 {
        match self {
            Self::Whole(completed) => completed.suite,
            Self::Flight(_, _, flight) => flight.suite,
        }
    }

    pub(in crate::receiving::checks) fn group(self) -> Option<u16> {
        match self {
            Self::Whole(completed) => completed.group,
            Self::Flight(_, _, flight) => flight.group,
        }
    }

    pub(in crate::receiving::checks) fn dh(self) -> Option<&'a DhParameters> {
        match self {
            Self::Whole(_) => None,
            Self::Flight(_, _, flight) => flight.dh.as_ref(),
        }
    }

    pub(in crate::receiving::checks) fn scheme(self) -> Option<u16> {
        match self {
            Self::Whole(completed) => completed.scheme,
            Self::Flight(_, _, flight) => flight.scheme,
        }
    }

    /// What it was chosen from; none: what our client for whole handshakes offers.
    pub(in crate::receiving::checks) fn hello(self) -> Option<&'a Hello> {
        match self {
            Self::Whole(_) => None,
            Self::Flight(_, hello, _) => Some(hello),
        }
    }

    pub(in crate::receiving::checks) fn line(self) -> String {
        match self {
            Self::Whole(completed) => format!("{WHOLE} -> {}", finished(completed)),
            Self::Flight(probe, ..) => line(probe),
        }
    }
}

/// Everything that a server chose, its whole handshake first.
pub(in crate::receiving::checks) fn chosen(server: &Server) -> impl Iterator<Item = Chose<'_>> {
    let whole = match &server.handshake {
        Some(RealHandshake::Completed(completed)) => Some(Chose::Whole(completed)),
        _ => None,
    };
    let flight = |probe| {
        let hello = hello(probe)?;
        let flight = match &probe.answer {
            Answer::Flight(flight) => flight,
            Answer::Renegotiated(renegotiated) => &renegotiated.flight,
            _ => return None,
        };
        // What was not offered cannot be chosen (RFC 5246 §7.4.1.3): such an answer says nothing.
        let offered = hello.suites.contains(flight.suite) && flight.version <= hello.version;
        offered.then_some(Chose::Flight(probe, hello, flight))
    };
    whole.into_iter().chain(server.probes.iter().filter_map(flight))
}

/// Of what a server chose, whatever first shows something that `of` names.
pub(in crate::receiving::checks) fn first_of_each<'a, K: PartialEq>(
    server: &'a Server,
    of: impl Fn(Chose<'a>) -> Vec<K>,
) -> Vec<String> {
    let mut known = Vec::new();
    let mut lines = Vec::new();
    for chose in chosen(server) {
        let fresh: Vec<K> = of(chose).into_iter().filter(|key| !known.contains(key)).collect();
        if !fresh.is_empty() {
            known.extend(fresh);
            lines.push(chose.line());
        }
    }
    lines
}

/// The hellos that `wanted` picks and that the server chose nothing from.
pub(in crate::receiving::checks) fn refused(server: &Server, wanted: impl Fn(&Hello) -> bool) -> Vec<String> {
    let chose = |probe: &Probe| matches!(probe.answer, Answer::Flight(_) | Answer::Renegotiated(_));
    let picked = server.probes.iter().filter(|probe| !chose(probe) && hello(probe).is_some_and(&wanted));
    dedup(picked.map(line))
}

/// The hellos of a server that `wanted` picks, with their answers.
pub(in crate::receiving::checks) fn hellos(server: &Server, wanted: impl Fn(&Hello) -> bool) -> Vec<String> {
    dedup(server.probes.iter().filter(|probe| hello(probe).is_some_and(&wanted)).map(line))
}

/// What shows whether a server accepts a version: its first choice of it. Where there is none, the hellos that offered
/// it as the highest, or else a choice or a refusal that rules it out.
pub(in crate::receiving::checks) fn of_version(server: &Server, version: TlsVersion) -> Vec<String> {
    if let Some(chose) = chosen(server).find(|chose| chose.version() == version) {
        return vec![chose.line()];
    }
    if version == TlsVersion(0x0002) {
        return dedup(server.probes.iter().filter(|probe| probe.question == Question::Ssl2).map(line));
    }
    let offers =
        |chose: &Chose<'_>| chose.hello().map_or(TlsVersion::TLS13, |hello| hello.version) >= version;
    if let Some(lower) = chosen(server).find(|chose| offers(chose) && chose.version() < version) {
        return vec![lower.line()];
    }
    let own = hellos(server, |hello| hello.version == version);
    if !own.is_empty() {
        return own;
    }
    // protocol_version: "only versions greater than the client's" (RFC 5246 §E.1).
    let above = |probe: &&Probe| {
        hello(probe).is_some_and(|hello| hello.version > version)
            && matches!(&probe.answer, Answer::Alert { alert } if alert.0 == 70)
    };
    server.probes.iter().filter(above).take(1).map(line).collect()
}

/// The whole handshake, and what came of it; none: there was none.
pub(in crate::receiving::checks) fn whole(server: &Server) -> Option<String> {
    Some(match server.handshake.as_ref()? {
        RealHandshake::Completed(completed) => Chose::Whole(completed).line(),
        RealHandshake::Failed { reason, .. } => format!("{WHOLE} -> {reason}"),
    })
}

/// The hello of a probe.
fn hello(probe: &Probe) -> Option<&Hello> {
    match &probe.question {
        Question::Hello(hello) | Question::Renegotiate { hello, .. } => Some(hello),
        Question::Ssl2 | Question::Inject => None,
    }
}

/// A probe and its answer, such as `tls10: TLS 1.0, 40 suites -> alert 70`.
pub(in crate::receiving::checks) fn line(probe: &Probe) -> String {
    let mut text = format!("{}: {} -> {}", probe.step, question(&probe.question), answer(&probe.answer));
    if let (Some(hello), Answer::Flight(flight)) = (hello(probe), &probe.answer)
        && hello.compression
        && flight.compression == 0
        && flight.version < TlsVersion::TLS13
    {
        text.push_str(", no compression");
    }
    text
}

/// What a whole handshake came to.
fn finished(completed: &Completed) -> String {
    let mut text = format!("{} {}", completed.version, suite_name(completed.suite));
    if let Some(group) = completed.group {
        text.push_str(&format!(", {}", group_name(group)));
    }
    text.push_str(&signed(completed.version, completed.suite, completed.scheme));
    text
}

fn question(question: &Question) -> String {
    match question {
        Question::Hello(hello) => offer(hello),
        Question::Ssl2 => "SSL 2.0".to_owned(),
        Question::Renegotiate { hello, tries, inject } => {
            let inject = if *inject { ", STARTTLS + NOOP" } else { "" };
            format!("{}{inject}, {tries} x ClientHello", offer(hello))
        }
        Question::Inject => format!("{}, STARTTLS + NOOP", TlsVersion::TLS13),
    }
}

fn offer(hello: &Hello) -> String {
    let mut text = format!("{}, {} suites", hello.version, hello.suites.0.len());
    // Where a part of the offer is narrow, the question is about that part.
    match hello.groups.0.len() {
        0 => {}
        many if many > 4 && Survey::any_group(hello) => text.push_str(&format!(", {many} groups")),
        _ => text.push_str(&format!(", groups {}", hello.groups)),
    }
    match hello.schemes.0.len() {
        0 => {}
        many if many > 4 && Survey::any_scheme(hello) => text.push_str(&format!(", {many} schemes")),
        _ => text.push_str(&format!(", schemes {}", hello.schemes)),
    }
    if hello.compression {
        text.push_str(", DEFLATE");
    }
    text
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Flight(flight) => flown(flight),
        Answer::Ssl2 { ciphers, .. } => {
            let name = |kind: &String| Tables::embedded().name(&Item::Ssl2(kind.clone()));
            format!("SSL 2.0 {}", ciphers.iter().map(name).collect::<Vec<_>>().join(" "))
        }
        Answer::Renegotiated(seen) => {
            let end = match seen.refused {
                Some(Refusal::Alert { alert }) => format!("alert {}", alert.0),
                Some(Refusal::Dropped) => "closed".to_owned(),
                Some(Refusal::TimedOut) => "timeout".to_owned(),
                None => "-".to_owned(),
            };
            let injected = match seen.injected {
                Some(true) => ", NOOP was answered within TLS",
                Some(false) => ", NOOP was not answered",
                None => "",
            };
            format!("{}{injected}, {} renegotiations, then {end}", flown(&seen.flight), seen.accepted)
        }
        Answer::Injected { executed } => match executed {
            Some(true) => "NOOP was answered within TLS".to_owned(),
            Some(false) => "NOOP was not answered".to_owned(),
            None => "no reply to EHLO within TLS".to_owned(),
        },
        Answer::Alert { alert } => format!("alert {}", alert.0),
        Answer::Dropped => "closed".to_owned(),
        Answer::TimedOut => "timeout".to_owned(),
        Answer::Garbage { reason } | Answer::OurLimit { reason } => reason.clone(),
        Answer::NotPut { fault } => match fault {
            SessionFault::Reply { reply, .. } => {
                format!("{} {}", reply.code, reply.lines.first().map_or("", String::as_str))
            }
            SessionFault::Dropped { .. } => "closed before TLS".to_owned(),
            SessionFault::TimedOut { .. } => "timeout before TLS".to_owned(),
            SessionFault::Garbage { reason, .. } => reason.clone(),
        },
    }
}

fn flown(flight: &Flight) -> String {
    let tables = Tables::embedded();
    let mut text = format!("{} {}", flight.version, suite_name(flight.suite));
    if let Some(group) = flight.group {
        text.push_str(&format!(", {}", group_name(group)));
    }
    if let Some(dh) = &flight.dh {
        let name =
            tables.prime(&dh.sha256).map_or_else(|| format!("{} bits", dh.bits), |(name, _)| name.to_owned());
        text.push_str(&format!(", {name}"));
    }
    text.push_str(&signed(flight.version, flight.suite, flight.scheme));
    if flight.compression != 0 {
        text.push_str(&format!(", compression {}", flight.compression));
    }
    text
}

pub(in crate::receiving::checks) fn suite_name(code: u16) -> String {
    Tables::embedded().suite(code).map_or(format!("0x{code:04X}"), |suite| suite.name())
}

/// What the key exchange was signed with, where that is to be seen before encryption begins.
fn signed(version: TlsVersion, suite: u16, scheme: Option<u16>) -> String {
    // Before TLS 1.2 nothing else is possible (RFC 4346 §7.4.3).
    if version < TlsVersion::TLS12 && Survey::is_signed(suite) {
        return ", signed with SHA-1".to_owned();
    }
    let scheme = scheme.filter(|_| version <= TlsVersion::TLS12);
    scheme.map_or(String::new(), |scheme| match hash_of_scheme(scheme) {
        Some(hash) => format!(", scheme {scheme:04x} ({hash})"),
        None => format!(", scheme {scheme:04x}"),
    })
}

fn group_name(code: u16) -> String {
    Tables::embedded().group_name(code).map_or(format!("0x{code:04x}"), str::to_owned)
}
