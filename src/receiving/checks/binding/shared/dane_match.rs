//! Whether what a host sends is what its TLSA records promise.

use crate::receiving::checks::binding::shared::dane::{self, published};
use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Measured, Word};
use crate::shared::evidence::scan::{Evidence, MxHost, Server};
use crate::shared::policy::Tlsa;

/// What [`Check::TlsaMatch`] says of one address.
pub(in crate::receiving::checks) fn address(evidence: &Evidence, mx: &MxHost, server: &Server) -> Said {
    let records = match published(mx) {
        Ok(records) => records,
        Err(measured) => return Said::from(measured).seen(dane::seen(mx)),
    };
    let cut = dane::cut(evidence, mx);
    if !records.iter().any(|record| record.usable()) {
        let rows = records.iter().map(|record| record.to_string());
        let said = cut.map_or(Said::is(Word::Unusable), Said::inconclusive);
        return said.details(rows).seen(dane::seen(mx));
    }
    let chains = match chains(evidence, server) {
        Ok(chains) => chains,
        Err(measured) => return Said::from(measured).seen(unasked(server)),
    };
    let counted = agile(&records);
    let all = chains.iter().all(|chain| counted.iter().any(|record| matched(record, chain)));
    let said = match (all, unseen_certificate(evidence, server)) {
        // The one that fits may be among those that were left out.
        (false, _) => cut.map_or(Said::is(Word::Unmatched), Said::inconclusive),
        (true, Some(why)) => Said::inconclusive(why),
        (true, None) => Said::is(Word::Matched),
    };
    let rows = chains.iter().flat_map(|chain| {
        let rows = counted.iter().map(|record| format!("{}: {}", chain.title(), compare(record, chain)));
        rows.collect::<Vec<_>>()
    });
    said.details(rows).seen(dane::seen(mx)).seen(chains.iter().flat_map(|chain| fits(&counted, chain)))
}

/// The first record that vouches for a chain; if none does, that none of them does.
fn fits(records: &[&Tlsa], chain: &Chain<'_>) -> Vec<String> {
    let fitting = records.iter().find(|record| matched(record, chain));
    let all = fitting.map_or(records, std::slice::from_ref);
    all.iter().map(|record| chain.own(&compare(record, chain))).collect()
}

/// A record, and whether it vouches for a chain.
pub(in crate::receiving::checks) fn compare(record: &Tlsa, chain: &Chain<'_>) -> String {
    format!("{} {record}", if matched(record, chain) { "=" } else { "≠" })
}

/// What all addresses of a host sent.
pub(in crate::receiving::checks) struct Shown<'a> {
    pub(in crate::receiving::checks) sent: Vec<Chain<'a>>,
    /// What is to be said of those that were not seen; none: all were.
    pub(in crate::receiving::checks) missing: Option<Measured>,
}

/// The chains of a host.
pub(in crate::receiving::checks) fn shown<'a>(evidence: &'a Evidence, mx: &'a MxHost) -> Shown<'a> {
    let (mut sent, mut missing) = (Vec::new(), None);
    for server in evidence.servers_of(&mx.host) {
        match chains(evidence, server) {
            Ok(chains) => {
                sent.extend(chains);
                let unseen = unseen_certificate(evidence, server);
                missing = unseen.map(|why| Measured::Inconclusive { why }).or(missing);
            }
            Err(measured @ Measured::Inconclusive { .. }) => missing = Some(measured),
            Err(not_applicable) if sent.is_empty() && missing.is_none() => missing = Some(not_applicable),
            Err(_) => {}
        }
    }
    Shown { sent, missing }
}

/// Whether a record vouches for a chain. DANE-EE speaks of the server's own certificate only (RFC 7672 §3.1.1);
/// DANE-TA of one above it, to which path and name must hold (§3.1.2), which the examination saw to.
pub(in crate::receiving::checks) fn matched(record: &Tlsa, chain: &Chain<'_>) -> bool {
    let Some(certificates) = chain.examined.tlsa.get(record) else { return false };
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

pub(in crate::receiving::checks) fn compared(records: &[&Tlsa], sent: &[Chain<'_>]) -> Vec<String> {
    let of = |chain: &Chain<'_>| {
        records.iter().map(|record| chain.own(&compare(record, chain))).collect::<Vec<_>>()
    };
    sent.iter().flat_map(of).collect()
}
