//! Whether an MX host is what the MTA-STS policy promises.

use crate::receiving::checks::binding::shared::mta_sts::{seen, served};
use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::certificate::shared::trust::{names_line, path_line};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Inapplicable, Measured, Word};
use crate::shared::evidence::scan::{Evidence, MxHost, Path, Server};
use crate::shared::policy::Policy;

/// What [`Check::MtaStsMx`] says of one host under a policy that asks for something.
pub(in crate::receiving::checks) fn host(evidence: &Evidence, policy: &Policy, mx: &MxHost) -> Said {
    let shown = evidence.servers_of(&mx.host).flat_map(|server| shown(evidence, server));
    let lists = policy.lists(&mx.host);
    let said = measured(evidence, policy, mx).seen(seen(evidence));
    if lists { said.seen(shown) } else { said }
}

/// What decides whether the certificates of an address are trusted for the host's name.
fn shown(evidence: &Evidence, server: &Server) -> Vec<String> {
    match chains(evidence, server) {
        Ok(chains) => {
            let both = |chain: &Chain<'_>| [path_line(evidence, chain), names_line(&server.host, chain)];
            chains.iter().flat_map(both).collect()
        }
        Err(_) => unasked(server),
    }
}

pub(in crate::receiving::checks) fn measured(evidence: &Evidence, policy: &Policy, mx: &MxHost) -> Said {
    if !policy.lists(&mx.host) {
        return Said::is(Word::Unlisted).details(served(evidence, Some("mx")));
    }
    let (mut trusted, mut missing) = (false, None);
    for server in evidence.servers_of(&mx.host) {
        match address(evidence, server) {
            Ok(()) => trusted = true,
            Err(said) => match said.measured() {
                Measured::Is { .. } => return *said,
                Measured::Inconclusive { .. } => missing = Some(said),
                _ => {}
            },
        }
    }
    match missing {
        Some(said) => *said,
        None if trusted => Said::is(Word::Matched),
        None => Said::not_applicable(Inapplicable::NoAddress),
    }
}

/// Whether every certificate of an address is trusted for the host's name (RFC 8461 §4.2); a server without
/// STARTTLS or certificate is as bad as one with a wrong one.
fn address(evidence: &Evidence, server: &Server) -> Result<(), Box<Said>> {
    let untrusted = |row: String| Err(Box::new(Said::is(Word::Untrusted).detail(row)));
    let chains = match chains(evidence, server) {
        Ok(chains) => chains,
        Err(Measured::NotApplicable { why: Inapplicable::NoStarttls | Inapplicable::NoCertificate }) => {
            return untrusted(format!("{}: -", server.ip));
        }
        Err(measured) => return Err(Box::new(measured.into())),
    };
    let fault = |chain: &Chain<'_>| match &chain.examined.path {
        Path::Untrusted { reason, .. } => Some(format!("{}: {reason}", chain.title())),
        Path::Trusted { .. } if !chain.examined.name_matches => {
            Some(format!("{}: ≠ {}", chain.title(), server.host))
        }
        Path::Trusted { .. } => None,
    };
    match (chains.iter().find_map(fault), unseen_certificate(evidence, server)) {
        (Some(fault), _) => untrusted(format!("{}: {fault}", server.ip)),
        (None, Some(why)) => Err(Box::new(Said::inconclusive(why))),
        (None, None) => Ok(()),
    }
}
