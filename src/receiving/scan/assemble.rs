//! What the visits showed, as evidence: servers, certificates, examined chains; and that it stays small.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use crate::receiving::examine::{certificate, examine};
use crate::shared::evidence::scan::{Cut, Evidence, RealHandshake, Server, Survey};
use crate::shared::tls::client::Roots;

use super::visit::Visit;
use crate::receiving::names::Reverse;

/// Puts the servers into the evidence, with their names, certificates and examined chains.
pub(super) fn servers(
    evidence: &mut Evidence,
    visits: Vec<Visit>,
    reverses: Vec<(IpAddr, Reverse)>,
    roots: &Roots,
    now: Timestamp,
) {
    let reverses: BTreeMap<IpAddr, Reverse> = reverses.into_iter().collect();
    for Visit { mut server, certificates, .. } in visits {
        if let Some(reverse) = reverses.get(&server.ip) {
            server.ptr = reverse.ptr.clone();
            server.ptr_addresses.clone_from(&reverse.addresses);
            for cut in &reverse.cuts {
                if !evidence.cuts.contains(cut) {
                    evidence.cuts.push(cut.clone());
                }
            }
        }
        for chain in chains(&server) {
            if evidence.examined(&server.host, &chain).is_some() {
                continue;
            }
            let der: Option<Vec<CertificateDer<'static>>> =
                chain.iter().map(|sha256| certificates.get(sha256).cloned()).collect();
            // Without every certificate of it a chain cannot be examined; the limit of octets cut it.
            let Some(der) = der else { continue };
            let mx = evidence.mx.iter().find(|mx| mx.host == server.host);
            let tlsa = mx.map(|mx| mx.tlsa.counting().records()).unwrap_or_default();
            // The next-hop domain is a reference identifier of DANE-TA beside the host (RFC 7672 §3.2.2).
            let examined = examine(&server.host, &[&evidence.domain], &der, tlsa, roots, now);
            evidence.examined.push(examined);
        }
        for (sha256, der) in &certificates {
            evidence.certificates.entry(sha256.clone()).or_insert_with(|| certificate(der));
        }
        evidence.servers.push(server);
    }
}

/// The chains of a server, that of the real handshake first, each once as it came.
fn chains(server: &Server) -> Vec<Vec<String>> {
    let mut chains = Survey::of(server).chains;
    if let Some(RealHandshake::Completed(completed)) = &server.handshake
        && !completed.chain.is_empty()
        && !chains.contains(&completed.chain)
    {
        chains.push(completed.chain.clone());
    }
    chains
}

/// Cuts what matters least until the evidence is no larger than [`Evidence::WRITTEN_OCTETS_MAX`] when written.
pub(super) fn fit(evidence: &mut Evidence) {
    let cuts: [fn(&mut Evidence) -> Option<Cut>; 4] = [issuers_der, all_der, networks, servers_from_the_end];
    for cut in cuts {
        while written_octets(evidence) > Evidence::WRITTEN_OCTETS_MAX {
            let Some(said) = cut(evidence) else { break };
            evidence.cuts.retain(|other| other.what != said.what);
            evidence.cuts.push(said);
        }
    }
}

fn written_octets(evidence: &Evidence) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
            self.0 += octets.len();
            Ok(octets.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, evidence) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The DER of certificates that are no server's own.
fn issuers_der(evidence: &mut Evidence) -> Option<Cut> {
    let own: Vec<String> =
        evidence.examined.iter().filter_map(|examined| examined.chain.first().cloned()).collect();
    cut_der(evidence, |sha256| !own.contains(sha256))
}

fn all_der(evidence: &mut Evidence) -> Option<Cut> {
    cut_der(evidence, |_| true)
}

fn cut_der(evidence: &mut Evidence, goes: impl Fn(&String) -> bool) -> Option<Cut> {
    let of = number(evidence.certificates.len());
    let mut any = false;
    for (sha256, certificate) in &mut evidence.certificates {
        if goes(sha256) {
            any |= certificate.der.take().is_some();
        }
    }
    let kept = number(evidence.certificates.values().filter(|certificate| certificate.der.is_some()).count());
    any.then(|| Cut { what: "certificates in DER".to_owned(), of: Some(of), kept })
}

fn networks(evidence: &mut Evidence) -> Option<Cut> {
    let missing: usize = evidence.networks.iter().map(|network| network.missing.len()).sum();
    evidence.networks.iter_mut().for_each(|network| network.missing.clear());
    let what = "reasons of networks".to_owned();
    (missing > 0).then(|| Cut { what, of: Some(number(missing)), kept: 0 })
}

/// The servers of the least preferred hosts.
fn servers_from_the_end(evidence: &mut Evidence) -> Option<Cut> {
    let said = evidence.cuts.iter().find(|cut| cut.what == "servers").and_then(|cut| cut.of);
    let of = said.unwrap_or_else(|| number(evidence.servers.len()));
    let gone = evidence.servers.pop()?;
    let chains: Vec<Vec<String>> = evidence.servers.iter().flat_map(chains).collect();
    evidence.examined.retain(|examined| examined.host != gone.host || chains.contains(&examined.chain));
    evidence.certificates.retain(|sha256, _| chains.iter().any(|chain| chain.contains(sha256)));
    Some(Cut { what: "servers".to_owned(), of: Some(of), kept: number(evidence.servers.len()) })
}
