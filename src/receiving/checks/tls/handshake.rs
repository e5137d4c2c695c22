//! Properties of the handshake: compression, renegotiation, extended master secret, early data, injection.

use jiff::Timestamp;

use super::probe_lines::{Chose, chosen, hellos, line, of_version, whole};
use super::surveyed::{inconclusive, instead, old_version, surveyed};
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Inapplicable, Measured, Unknown, Word};
use crate::receiving::checks::lines::dedup;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Answer, Evidence, Gap, Hello, Known, Probe, Question, RealHandshake, Server, Survey,
};

/// An extension that servers answer up to TLS 1.2.
struct Extension {
    code: u16,
    name: &'static str,
    /// From which version on it is looked for.
    from: TlsVersion,
}

const RENEGOTIATION_INFO: Extension =
    Extension { code: 65281, name: "renegotiation_info", from: TlsVersion(0x0300) };
const EXTENDED_MASTER_SECRET: Extension =
    Extension { code: 23, name: "extended_master_secret", from: TlsVersion::TLS12 };

/// [`Check::Compression`] (RFC 3749; TLS 1.3 has none).
pub(in crate::receiving::checks) fn compression(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Compression, evidence, |_, server| {
        said(
            server,
            old(evidence, server).map(|survey| word(survey.compression, Word::Present, Word::Absent)),
        )
        .seen(compressed(server))
    })
}

/// [`Check::SecureRenegotiation`].
pub(in crate::receiving::checks) fn secure_renegotiation(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::SecureRenegotiation, evidence, |_, server| {
        said(
            server,
            old(evidence, server)
                .map(|survey| word(survey.secure_renegotiation, Word::Present, Word::Absent)),
        )
        .seen(extension(server, &RENEGOTIATION_INFO))
    })
}

/// [`Check::ClientRenegotiation`]: our client for it speaks TLS 1.2.
pub(in crate::receiving::checks) fn client_renegotiation(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ClientRenegotiation, evidence, |_, server| {
        said(
            server,
            old(evidence, server).map(|survey| match survey.renegotiations {
                Ok(accepted) => Said::count(u32::from(accepted)),
                Err(gap) => inconclusive(tls12_only(&survey, server, gap)).into(),
            }),
        )
        .seen(renegotiation(server))
    })
}

/// [`Check::ExtendedMasterSecret`]: TLS 1.3 has nothing to extend, and before TLS 1.2 nobody asks for it.
pub(in crate::receiving::checks) fn extended_master_secret(
    evidence: &Evidence,
    _: Timestamp,
) -> Vec<Finding> {
    each_address(Check::ExtendedMasterSecret, evidence, |_, server| {
        said(
            server,
            old(evidence, server).map(|survey| match survey.version(TlsVersion::TLS12) {
                Known::No => Said::not_applicable(Inapplicable::NoSuchParameter)
                    .seen(of_version(server, TlsVersion::TLS12)),
                _ => word(survey.extended_master_secret, Word::Present, Word::Absent),
            }),
        )
        .seen(extension(server, &EXTENDED_MASTER_SECRET))
    })
}

/// [`Check::ZeroRtt`].
pub(in crate::receiving::checks) fn zero_rtt(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ZeroRtt, evidence, |_, server| {
        said(
            server,
            surveyed(evidence, server).map(|survey| match survey.version(TlsVersion::TLS13) {
                Known::No => {
                    let why = Said::not_applicable(Inapplicable::NoTls13);
                    why.seen(of_version(server, TlsVersion::TLS13))
                }
                _ => word(survey.early_data, Word::Present, Word::Absent)
                    .seen(whole(server).into_iter().chain(ticket(server))),
            }),
        )
    })
}

/// [`Check::ClientCertificate`]: of the whole handshake; in clear up to TLS 1.2.
pub(in crate::receiving::checks) fn client_certificate(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ClientCertificate, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let whole = match &server.handshake {
            Some(RealHandshake::Completed(completed)) => {
                completed.client_certificate.map(|asked| (Chose::Whole(completed).line(), asked))
            }
            _ => None,
        };
        let flights = chosen(server).filter_map(|chose| match chose {
            Chose::Flight(_, _, flight) if flight.complete && flight.version < TlsVersion::TLS13 => {
                Some((chose.line(), flight.client_certificate))
            }
            _ => None,
        });
        let seen: Vec<(String, bool)> = whole.into_iter().chain(flights).collect();
        let asked = seen.iter().find(|(_, asked)| *asked);
        match (asked, seen.first()) {
            (Some((line, _)), _) => Said::is(Word::Present).seen([format!("{line}, CertificateRequest")]),
            (None, Some((line, _))) => {
                Said::is(Word::Absent).seen([format!("{line}, no CertificateRequest")])
            }
            // In TLS 1.3 the request is encrypted; older scans did not keep whether there was one.
            (None, None) if survey.rest() == Gap::NotAsked => {
                Said::inconclusive(Unknown::NotAsked).seen(self::whole(server))
            }
            (None, None) => Said::from(inconclusive(survey.rest())).seen(self::whole(server)),
        }
    })
}

/// [`Check::Injection`].
pub(in crate::receiving::checks) fn injection(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Injection, evidence, |_, server| {
        said(
            server,
            surveyed(evidence, server).map(|survey| match survey.injected {
                Known::Yes => Said::is(Word::Executed),
                Known::No => Said::is(Word::Discarded),
                Known::Unknown(gap) => inconclusive(tls12_only(&survey, server, gap)).into(),
            }),
        )
        .seen(injections(server))
    })
}

/// Our client for renegotiation speaks TLS 1.2 only, with few suites: a server without them was not asked, or said no
/// to the first hello.
fn tls12_only(survey: &Survey, server: &Server, gap: Gap) -> Gap {
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
fn old(evidence: &Evidence, server: &Server) -> Result<Survey, Measured> {
    let survey = surveyed(evidence, server)?;
    old_version(&survey)?;
    Ok(survey)
}

fn said(server: &Server, said: Result<Said, Measured>) -> Said {
    said.unwrap_or_else(|measured| instead(server, measured))
}

fn word(known: Known, yes: Word, no: Word) -> Said {
    match known {
        Known::Yes => Said::is(yes),
        Known::No => Said::is(no),
        Known::Unknown(gap) => inconclusive(gap).into(),
    }
}

/// The first choice of compression; where there is none, every choice without it that had the offer, or else what came
/// of the offers.
fn compressed(server: &Server) -> Vec<String> {
    let offers = |hello: &Hello| hello.compression && hello.version < TlsVersion::TLS13;
    let choices = || {
        chosen(server).filter_map(|chose| match chose {
            Chose::Flight(_, hello, flight) if hello.compression => Some((chose.line(), flight.compression)),
            _ => None,
        })
    };
    if let Some((line, _)) = choices().find(|(_, compression)| *compression != 0) {
        return vec![line];
    }
    let without = dedup(choices().map(|(line, _)| line));
    if without.is_empty() { hellos(server, offers) } else { without }
}

/// The first answer that has an extension; where none has, every kind of answer that might.
fn extension(server: &Server, wanted: &Extension) -> Vec<String> {
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

fn renegotiation(server: &Server) -> Vec<String> {
    let asked = |question: &Question| matches!(question, Question::Renegotiate { .. });
    server.probes.iter().filter(|probe| asked(&probe.question)).map(line).collect()
}

fn injections(server: &Server) -> Vec<String> {
    server.probes.iter().filter(|probe| probe.question.injects()).map(line).collect()
}

fn ticket(server: &Server) -> Option<String> {
    let Some(RealHandshake::Completed(completed)) = &server.handshake else { return None };
    let octets = completed.early_data_octets;
    Some(format!(
        "{}: max_early_data_size {}",
        completed.version,
        octets.map_or("-".to_owned(), |n| n.to_string())
    ))
}
