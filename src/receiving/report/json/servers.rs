//! MX hosts, their addresses and what these showed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::code;
use super::findings::suite;
use crate::receiving::checks::{Check, Item, Measured, Subject, Tables, Word};
use crate::receiving::grades::Receiving;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Certificate, Evidence, MxHost, Path, Server, Survey};

/// The MX hosts, by preference.
pub(super) fn hosts(receiving: &Receiving<'_>) -> Vec<Value> {
    receiving.evidence.mx.iter().map(|mx| host(receiving, mx)).collect()
}

fn host(receiving: &Receiving<'_>, mx: &MxHost) -> Value {
    let evidence = receiving.evidence;
    let addresses: Vec<Value> =
        evidence.servers_of(&mx.host).map(|server| address(receiving, mx, server)).collect();
    let counting = mx.tlsa.counting();
    json!({
        "host": mx.host,
        "preference": mx.preferences.iter().min(),
        "preferences": mx.preferences,
        "a": mx.a.security,
        "aaaa": mx.aaaa.security,
        "aliases": mx.a.hops,
        "tlsa": {
            "name": counting.name,
            "security": counting.security,
            "broken": counting.broken,
            "records": counting.records().iter().map(ToString::to_string).collect::<Vec<_>>(),
        },
        "zone": mx.zone,
        "addresses": addresses,
    })
}

fn address(receiving: &Receiving<'_>, mx: &MxHost, server: &Server) -> Value {
    let evidence = receiving.evidence;
    let survey = Survey::of(server);
    let found = |check: Check| {
        let here = Subject::Address { host: server.host.clone(), ip: server.ip };
        let mut all = receiving.findings.iter();
        all.find(|finding| finding.check == check && finding.subject == here).map(|finding| &finding.measured)
    };
    let word = |check: Check, yes: Word| match found(check) {
        Some(Measured::Is { word }) => Some(*word == yes),
        _ => None,
    };
    let versions: Vec<TlsVersion> = survey.versions().collect();
    let suites: Vec<Value> = versions
        .iter()
        .flat_map(|version| survey.suites(*version).iter().map(move |code| (*version, *code)))
        .map(|(version, point)| {
            let mut value = suite(point);
            value["version"] = json!(version_name(version));
            value
        })
        .collect();
    let groups: Vec<Value> = survey.all_groups().into_iter().map(group).collect();
    let complete = |check| matches!(found(check), Some(Measured::Items { complete: true, .. }));
    json!({
        "ip": server.ip,
        "measured_at": server.at,
        "age_seconds": (evidence.to.as_second() - server.at.as_second()).max(0),
        "reach": server.reach,
        "starttls": word(Check::Starttls, Word::Present),
        "starttls_mandatory": word(Check::StarttlsMandatory, Word::Mandatory),
        "versions": versions.iter().map(|version| version_name(*version)).collect::<Vec<_>>(),
        "suites": suites,
        "suites_complete": complete(Check::Suites),
        "ssl2_ciphers": survey.ssl2,
        "groups": groups,
        "groups_complete": complete(Check::Groups),
        "primes": survey.primes.iter().map(|prime| json!({
            "sha256": prime.sha256,
            "bits": prime.bits,
            "generator": prime.generator,
            "name": Tables::embedded().prime(&prime.sha256).map(|(name, _)| name),
        })).collect::<Vec<_>>(),
        "hashes": survey.hashes().collect::<Vec<_>>(),
        "certificates": chains(evidence, server, &survey),
        "tlsa": tlsa(evidence, mx, &survey),
        "greeting": server.session.greeting,
        "ehlo": server.session.ehlo,
        "earlier_ehlo": server.earlier.as_ref().map(|session| &session.ehlo),
        "ehlo_in_tls": server.session.ehlo_in_tls,
        "handshake": server.handshake,
        "ptr": server.ptr.records(),
        "stopped": server.stopped,
        "unasked": server.unasked,
        "connections": server.connections,
    })
}

/// The version as the tables write it: `TLS1.2`.
pub(super) fn version_name(version: TlsVersion) -> String {
    Tables::embedded().name(&Item::Version(version))
}

fn group(point: u16) -> Value {
    json!({ "code": code(point), "name": Tables::embedded().group_name(point) })
}

/// The first certificate of each chain, with its path.
fn chains(evidence: &Evidence, server: &Server, survey: &Survey) -> Vec<Value> {
    let one = |chain: &Vec<String>| {
        let sha256 = chain.first()?;
        let mut value = certificate(sha256, evidence.certificates.get(sha256)?);
        let examined = evidence.examined(&server.host, chain);
        let root = examined.and_then(|examined| match &examined.path {
            Path::Trusted { root } => Some(root.clone()),
            Path::Untrusted { .. } => None,
        });
        value["trusted"] = json!(examined.map(|examined| matches!(examined.path, Path::Trusted { .. })));
        value["root"] = json!(root);
        value["path"] = json!(examined.map(|examined| &examined.path));
        value["name_matches"] = json!(examined.map(|examined| examined.name_matches));
        value["relied"] = json!(examined.and_then(|examined| examined.relied.as_ref()));
        value["ordered"] = json!(examined.map(|examined| examined.ordered));
        value["chain"] = json!(chain);
        Some(value)
    };
    survey.chains.iter().filter_map(one).collect()
}

fn certificate(sha256: &str, certificate: &Certificate) -> Value {
    let tables = Tables::embedded();
    let signature =
        Item::Signature { oid: certificate.signature_oid.clone(), hash: certificate.signature_hash.clone() };
    json!({
        "sha256": sha256,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": certificate.names,
        "names_count": certificate.names_count,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "key": tables.name(&Item::Key(certificate.key.clone())),
        "signature": tables.name(&signature),
        "scts": certificate.scts,
        "purposes": certificate.purposes,
        "unreadable": certificate.unreadable,
    })
}

/// Every certificate that was seen, by SHA-256, with its DER in Base64.
pub(super) fn certificates(evidence: &Evidence) -> BTreeMap<&str, Value> {
    let one = |(sha256, seen): (&'_ String, &Certificate)| {
        let mut value = certificate(sha256, seen);
        value["der"] = json!(seen.der);
        value
    };
    evidence.certificates.iter().map(|both| (both.0.as_str(), one(both))).collect()
}

/// Each record that counts, and which certificates that this address sent it matches.
fn tlsa(evidence: &Evidence, mx: &MxHost, survey: &Survey) -> Vec<Value> {
    let records = mx.tlsa.counting().records().iter();
    records
        .map(|record| {
            let examined = survey.chains.iter().filter_map(|chain| evidence.examined(&mx.host, chain));
            let mut matched: Vec<&String> =
                examined.filter_map(|examined| examined.tlsa.get(record)).flatten().collect();
            matched.sort();
            matched.dedup();
            json!({ "record": record.to_string(), "usable": record.usable(), "matched": matched })
        })
        .collect()
}
