//! Probes in one line each, as evidence.

use crate::evidence::TlsVersion;
use crate::evidence::scan::{Answer, Flight, Hello, Probe, Question, Refusal, Server, SessionFault};
use crate::verdict::receiving::tables::Tables;

/// The hellos of a server that `wanted` picks, with their answers.
pub(super) fn hellos(server: &Server, wanted: impl Fn(&Hello) -> bool) -> Vec<String> {
    let picked = server.probes.iter().filter(|probe| match &probe.question {
        Question::Hello(hello) => wanted(hello),
        Question::Ssl2 | Question::Renegotiate { .. } | Question::Inject => false,
    });
    picked.map(line).collect()
}

/// A probe and its answer, such as `tls10: TLS 1.0, 40 suites -> alert 70`.
pub(super) fn line(probe: &Probe) -> String {
    format!("{}: {} -> {}", probe.step, question(&probe.question), answer(&probe.answer))
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
    for (what, codes) in [("groups", &hello.groups), ("schemes", &hello.schemes)] {
        match codes.0.len() {
            0 => {}
            1..=4 => text.push_str(&format!(", {what} {codes}")),
            many => text.push_str(&format!(", {many} {what}")),
        }
    }
    if hello.compression {
        text.push_str(", DEFLATE");
    }
    text
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Flight(flight) => chosen(flight),
        Answer::Ssl2 { ciphers, .. } => format!("SSL 2.0, {}", ciphers.join(" ")),
        Answer::Renegotiated(seen) => {
            let end = match seen.refused {
                Some(Refusal::Alert { alert }) => format!("alert {}", alert.0),
                Some(Refusal::Dropped) => "closed".to_owned(),
                Some(Refusal::TimedOut) => "timeout".to_owned(),
                None => "-".to_owned(),
            };
            format!("{}, {} renegotiations, then {end}", chosen(&seen.flight), seen.accepted)
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

fn chosen(flight: &Flight) -> String {
    let tables = Tables::embedded();
    let mut text = format!("{} {}", flight.version, suite_name(flight.suite));
    if let Some(group) = flight.group {
        let name = tables.group_name(group).map_or(format!("0x{group:04x}"), str::to_owned);
        text.push_str(&format!(", {name}"));
    }
    if let Some(dh) = &flight.dh {
        let name =
            tables.prime(&dh.sha256).map_or_else(|| format!("{} bits", dh.bits), |(name, _)| name.to_owned());
        text.push_str(&format!(", {name}"));
    }
    if let Some(scheme) = flight.scheme.filter(|_| flight.version <= TlsVersion::TLS12) {
        text.push_str(&format!(", scheme {scheme:04x}"));
    }
    if flight.compression != 0 {
        text.push_str(&format!(", compression {}", flight.compression));
    }
    text
}

pub(super) fn suite_name(code: u16) -> String {
    Tables::embedded().suite(code).map_or(format!("0x{code:04X}"), |suite| suite.name())
}
