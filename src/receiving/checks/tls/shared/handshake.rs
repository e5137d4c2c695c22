//! Properties of the handshake: compression, renegotiation, extended master secret, early data, injection.

use crate::receiving::checks::lines::dedup;
use crate::receiving::checks::shared::probe_lines::{Chose, chosen};
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, instead, old_version, surveyed};
use crate::receiving::checks::{Measured, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Answer, Evidence, Gap, Known, Probe, Question, Server, Survey};

/// An extension that servers answer up to TLS 1.2.
pub(in crate::receiving::checks) struct Extension {
    pub(in crate::receiving::checks) code: u16,
    pub(in crate::receiving::checks) name: &'static str,
    /// From which version on it is looked for.
    pub(in crate::receiving::checks) from: TlsVersion,
}

/// Our client for renegotiation speaks TLS 1.2 only, with few suites: a server without them was not asked, or said no
/// to the first hello.
pub(in crate::receiving::checks) fn tls12_only(survey: &Survey, server: &Server, gap: Gap) -> Gap {
    let refused = |probe: &Probe| {
        matches!(probe.question, Question::Renegotiate { .. }) && matches!(probe.answer, Answer::Alert { .. })
    };
    match gap {
        Gap::NotAsked if survey.version(TlsVersion::TLS12).no() => Gap::OurLimit,
        Gap::NoAnswer if server.probes.iter().any(refused) => Gap::OurLimit,
        gap => gap,
    }
}

/// The survey of a server with a version below TLS 1.3.
pub(in crate::receiving::checks) fn old(evidence: &Evidence, server: &Server) -> Result<Survey, Measured> {
    let survey = surveyed(evidence, server)?;
    old_version(&survey)?;
    Ok(survey)
}

pub(in crate::receiving::checks) fn said(server: &Server, said: Result<Said, Measured>) -> Said {
    said.unwrap_or_else(|measured| instead(server, measured))
}

pub(in crate::receiving::checks) fn word(known: Known, yes: Word, no: Word) -> Said {
    match known {
        Known::Yes => Said::is(yes),
        Known::No => Said::is(no),
        Known::Unknown(gap) => inconclusive(gap).into(),
    }
}

/// The first answer that has an extension; where none has, every kind of answer that might.
pub(in crate::receiving::checks) fn extension(server: &Server, wanted: &Extension) -> Vec<String> {
    let answers = || {
        chosen(server).filter_map(|chose| match chose {
            Chose::Flight(_, _, flight) if (wanted.from..=TlsVersion::TLS12).contains(&flight.version) => {
                Some((chose.line(), flight.extensions.contains(wanted.code)))
            }
            _ => None,
        })
    };
    match answers().find(|(_, has)| *has) {
        Some((line, _)) => vec![format!("{line}, {}", wanted.name)],
        None => dedup(answers().map(|(line, _)| format!("{line}, no {}", wanted.name))),
    }
}
