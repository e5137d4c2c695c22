//! What the domain publishes beside MX records, and the networks.

use serde_json::{Value, json};

use crate::shared::evidence::scan::{Envelope, Evidence, Hop, LookupResult, NameAnswer, Network, Rpki};
use crate::shared::evidence::{Fetch, FetchOutcome};
use crate::shared::policy::{MtaStsRecord, PolicyReading, TlsRptRecord};

/// TXT records, and their state.
fn texts(looked: &LookupResult<String>) -> Value {
    let failure = match &looked.answer {
        NameAnswer::Failed { failure } => Some(failure),
        _ => None,
    };
    json!({
        "name": looked.name,
        "records": if looked.unknown() { None } else { Some(looked.records()) },
        "security": looked.security,
        "failure": failure,
    })
}

/// The record and the policy, as far as they were had.
pub(super) fn mta_sts(evidence: &Evidence) -> Value {
    let names = &evidence.names.mta_sts;
    let record = MtaStsRecord::from_txt(names.record.records().iter().map(String::as_str)).ok();
    let body = names.fetch.as_ref().and_then(body);
    let reading = body.map(PolicyReading::of).unwrap_or_default();
    let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    let policy = reading.policy;
    json!({
        "txt": texts(&names.record),
        "id": record.map(|record| record.id),
        "mode": policy.as_ref().map(|policy| policy.mode),
        "mx": policy.as_ref().map(|policy| &policy.mx),
        "max_age": policy.as_ref().map(|policy| policy.max_age_s),
        "faults": body.map(|_| faults),
        "fetch": names.fetch,
    })
}

fn body(fetch: &Fetch) -> Option<&str> {
    match &fetch.outcome {
        FetchOutcome::Answered { status: 200, body, cut: false, .. } => Some(body),
        _ => None,
    }
}

/// Where reports about TLS are wanted.
pub(super) fn tlsrpt(evidence: &Evidence) -> Value {
    let looked = &evidence.names.tlsrpt;
    let record = TlsRptRecord::from_txt(looked.records().iter().map(String::as_str));
    json!({ "txt": texts(looked), "rua": record.ok().map(|record| record.rua) })
}

/// Every alias that was followed, with its state.
pub(super) fn aliases(evidence: &Evidence) -> Vec<&Hop> {
    let names = &evidence.names;
    let of_hosts = evidence.mx.iter().flat_map(|mx| mx.a.hops.iter().chain(&mx.aaaa.hops));
    let mut all: Vec<&Hop> = Vec::new();
    for hop in names.mx.hops.iter().chain(of_hosts) {
        if !all.contains(&hop) {
            all.push(hop);
        }
    }
    all
}

/// The name servers of the domain.
pub(super) fn name_servers(evidence: &Evidence) -> Vec<Value> {
    let servers = evidence.names.name_servers.iter();
    servers
        .map(|server| {
            json!({
                "name": server.name,
                "addresses": server.a.records().iter().chain(server.aaaa.records()).collect::<Vec<_>>(),
                "reach": server.reach,
            })
        })
        .collect()
}

/// The domain of MAIL FROM, where its organisational domain is another.
pub(super) fn envelope(envelope: &Envelope) -> Value {
    json!({
        "domain": envelope.domain,
        "mx": if envelope.mx.unknown() { None } else { Some(envelope.mx.records()) },
        "mx_security": envelope.mx.security,
        "security": envelope.soa.security,
        "spf": texts(&envelope.spf),
    })
}

pub(super) fn networks(evidence: &Evidence) -> Vec<Value> {
    evidence.networks.iter().map(network).collect()
}

fn network(network: &Network) -> Value {
    let mut addresses: Vec<_> = network.addresses.iter().map(|(ip, _)| ip).collect();
    addresses.sort();
    addresses.dedup();
    let uses: Vec<Value> =
        network.addresses.iter().map(|(ip, purpose)| json!({ "ip": ip, "purpose": purpose })).collect();
    let origins: Vec<Value> =
        network.origins.iter().map(|origin| json!({ "as": origin.asn, "rpki": origin.rpki })).collect();
    json!({
        "prefix": network.prefix,
        "name": network.name,
        "organisation": network.organisation,
        "country": network.country,
        "as": network.origins.first().map(|origin| origin.asn),
        "rpki": worst(network),
        "origins": origins,
        "routed": network.routed,
        "addresses": addresses,
        "uses": uses,
        "missing": network.missing,
    })
}

/// Of several announcements the worst; null if one is not known.
fn worst(network: &Network) -> Option<Rpki> {
    let rank = |rpki: &Rpki| match rpki {
        Rpki::Valid => 0,
        Rpki::NotFound => 1,
        Rpki::Invalid => 2,
    };
    let all: Option<Vec<Rpki>> = network.origins.iter().map(|origin| origin.rpki).collect();
    all?.into_iter().max_by_key(rank)
}
