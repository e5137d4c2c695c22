//! Whether what a host sends is what its TLSA records promise.

use jiff::Timestamp;

use super::dane::published;
use crate::evidence::scan::{Evidence, MxHost, Server};
use crate::policy::Tlsa;
use crate::verdict::receiving::certificate::{Chain, chains};
use crate::verdict::receiving::check::Check;
use crate::verdict::receiving::finding::{Finding, Measured, Word};
use crate::verdict::receiving::subjects::{Said, each_address, each_host};
use crate::verdict::receiving::tls::unseen_certificate;

/// [`Check::TlsaMatch`].
pub(in crate::verdict::receiving) fn matches(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::TlsaMatch, evidence, |mx, server| address(evidence, mx, server))
}

/// What [`Check::TlsaMatch`] says of one address.
pub(super) fn address(evidence: &Evidence, mx: &MxHost, server: &Server) -> Said {
    let records = match published(mx) {
        Ok(records) => records,
        Err(measured) => return measured.into(),
    };
    if !records.iter().any(|record| record.usable()) {
        return Said::is(Word::Unusable).details(records.iter().map(|record| record.to_string()));
    }
    let chains = match chains(evidence, server) {
        Ok(chains) => chains,
        Err(measured) => return measured.into(),
    };
    let counted = agile(&records);
    let all = chains.iter().all(|chain| counted.iter().any(|record| matched(record, chain)));
    let said = match (all, unseen_certificate(evidence, server)) {
        (false, _) => Said::is(Word::Unmatched),
        (true, Some(why)) => Said::inconclusive(why),
        (true, None) => Said::is(Word::Matched),
    };
    said.details(chains.iter().flat_map(|chain| {
        let rows = counted.iter().map(move |record| {
            let sign = if matched(record, chain) { "=" } else { "≠" };
            format!("{}: {sign} {record}", chain.title())
        });
        rows.collect::<Vec<_>>()
    }))
}

/// [`Check::TlsaStale`].
pub(in crate::verdict::receiving) fn stale(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaStale, evidence, |mx| {
        let records = match published(mx) {
            Ok(records) => records,
            Err(measured) => return measured.into(),
        };
        let (mut sent, mut missing) = (Vec::new(), None);
        for server in evidence.servers_of(&mx.host) {
            match chains(evidence, server) {
                Ok(chains) => {
                    sent.extend(chains);
                    let unseen = unseen_certificate(evidence, server);
                    missing = unseen.map(|why| Measured::Inconclusive { why }).or(missing);
                }
                Err(measured @ Measured::Inconclusive { .. }) => missing = Some(measured),
                Err(not_applicable) if sent.is_empty() && missing.is_none() => {
                    missing = Some(not_applicable);
                }
                Err(_) => {}
            }
        }
        let unmatched = |record: &&&Tlsa| record.usable() && !sent.iter().any(|chain| matched(record, chain));
        let rows: Vec<_> = records.iter().filter(unmatched).map(|record| record.to_string()).collect();
        match missing.filter(|_| !rows.is_empty()) {
            Some(measured) => measured.into(),
            None => Said::count(u32::try_from(rows.len()).unwrap_or(u32::MAX)).details(rows),
        }
    })
}

/// Whether a record vouches for a chain. DANE-EE speaks of the server's own certificate only (RFC 7672 §3.1.1);
/// DANE-TA of one above it, to which path and name must hold (§3.1.2), which the examination saw to.
fn matched(record: &Tlsa, chain: &Chain<'_>) -> bool {
    let Some(certificates) = chain.examined.tlsa.get(&record.to_string()) else { return false };
    record.usable()
        && match record.usage {
            3 => certificates.iter().any(|sha256| sha256 == chain.leaf().0),
            _ => !certificates.is_empty(),
        }
}

/// The records that a sender with digest agility uses: of several digests under one usage and selector only the
/// strongest (RFC 7671 §9).
fn agile<'a>(records: &[&'a Tlsa]) -> Vec<&'a Tlsa> {
    let usable = || records.iter().filter(|record| record.usable());
    let weaker = |record: &Tlsa| {
        record.matching != 0
            && usable().any(|other| {
                (other.usage, other.selector) == (record.usage, record.selector)
                    && other.matching > record.matching
            })
    };
    usable().filter(|record| !weaker(record)).copied().collect()
}
