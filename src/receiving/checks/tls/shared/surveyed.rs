//! What the survey of a server knows, as the checks of TLS take it.

use crate::receiving::checks::shared::probe_lines::of_version;
use crate::receiving::checks::shared::starttls::over_tls;
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::tls::shared::undecided;
use crate::receiving::checks::{Inapplicable, Measured, Unknown};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Authentication, Evidence, Gap, Key, Known, RealHandshake, Server, Survey,
};

/// The versions that have suites, groups and extensions of the old kind, SSL 2.0 apart.
const OLD: [TlsVersion; 4] = [TlsVersion::TLS12, TlsVersion(0x0302), TlsVersion(0x0301), TlsVersion(0x0300)];

/// The survey of a server that was heard to speak TLS; otherwise what is to be said instead.
pub(in crate::receiving::checks) fn surveyed(
    evidence: &Evidence,
    server: &Server,
) -> Result<Survey, Measured> {
    over_tls(evidence, server)?;
    let survey = Survey::of(server);
    if survey.speaks_tls() {
        return Ok(survey);
    }
    let our_limit = matches!(server.handshake, Some(RealHandshake::Failed { our_limit: true, .. }));
    Err(inconclusive(if our_limit { Gap::OurLimit } else { survey.rest() }))
}

/// A gap as a reason.
pub(in crate::receiving::checks) fn unknown(gap: Gap) -> Unknown {
    match gap {
        Gap::Limited => Unknown::Limited,
        Gap::OutOfTime => Unknown::OutOfTime,
        Gap::OutOfConnections => Unknown::OutOfConnections,
        Gap::OurLimit => Unknown::OurLimit,
        Gap::NoAnswer | Gap::NotAsked => Unknown::NoAnswer,
    }
}

pub(in crate::receiving::checks) fn inconclusive(gap: Gap) -> Measured {
    Measured::Inconclusive { why: unknown(gap) }
}

/// The highest version below TLS 1.3; otherwise that there is none, or why it is not known.
pub(in crate::receiving::checks) fn old_version(survey: &Survey) -> Result<TlsVersion, Measured> {
    if let Some(version) = survey.old_version() {
        return Ok(version);
    }
    let open = OLD.iter().find_map(|version| match survey.version(*version) {
        Known::Unknown(gap) => Some(gap),
        Known::Yes | Known::No => None,
    });
    Err(match open {
        Some(gap) => inconclusive(gap),
        None => Measured::NotApplicable { why: Inapplicable::OnlyTls13 },
    })
}

/// What is said instead where something about the versions below TLS 1.3 was asked, with what shows that there are none.
pub(in crate::receiving::checks) fn instead(server: &Server, measured: Measured) -> Said {
    let none = measured == Measured::NotApplicable { why: Inapplicable::OnlyTls13 };
    let said = Said::from(measured);
    if none { said.seen(OLD.iter().flat_map(|version| of_version(server, *version))) } else { said }
}

/// Why what is undecided is; none: nothing is.
pub(in crate::receiving::checks) fn open(undecided: impl IntoIterator<Item = Known>) -> Option<Unknown> {
    undecided::why(undecided).map(unknown)
}

/// Why a certificate of a server may not have been seen: it can have one with an RSA and one with an ECDSA key. None:
/// all were. Where those that were seen are right, this is what is to be said.
pub(in crate::receiving::checks) fn unseen_certificate(
    evidence: &Evidence,
    server: &Server,
) -> Option<Unknown> {
    let survey = Survey::of(server);
    let kind = |chain: &Vec<String>| match evidence.certificates.get(chain.first()?)?.key {
        Key::Rsa { .. } => Some(Authentication::Rsa),
        Key::Ec { .. } | Key::Ed25519 | Key::Ed448 => Some(Authentication::Ecdsa),
        Key::Other { .. } => None,
    };
    let seen: Vec<_> = survey.chains.iter().filter_map(kind).collect();
    Authentication::ALL.into_iter().find_map(|kind| match survey.certificate(kind) {
        _ if seen.contains(&kind) => None,
        // It is there, and what carries it was encrypted.
        Known::Yes => Some(Unknown::OurLimit),
        Known::Unknown(gap) if gap != Gap::NotAsked => Some(unknown(gap)),
        Known::Unknown(_) | Known::No => None,
    })
}
