//! What was measured of a domain, in the form of internet.nl's batch API. What is not known is left out: no field of theirs
//! has a word for it.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::receiving::checks::{Finding, Inapplicable, Item, Level, Measured, Tables, Word};
use crate::receiving::grades::Receiving;
use crate::receiving::profiles::{Profile, Profiles};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{
    Evidence, LookupResult, MxHost, NameAnswer, NameFailure, NameServer, Reach, RealHandshake, Rpki, Server,
};
use crate::shared::text::clean;

use super::tree::PROFILE;

/// What was measured of a domain.
pub(super) fn technical(receiving: &Receiving<'_>) -> Value {
    let evidence = receiving.evidence;
    let names = &evidence.names;
    let servers = |servers: &[NameServer]| -> Map<String, Value> {
        servers.iter().map(|server| (clean(&server.name), name_server(evidence, server))).collect()
    };
    let mut of_mx = Map::new();
    for host in &evidence.mx {
        of_mx.append(&mut servers(&host.name_servers));
    }
    let hosts: Map<String, Value> =
        evidence.mx.iter().map(|host| (clean(&host.host), mail_server(receiving, host))).collect();
    let spf = names.spf.policies.first().map(|policy| texts(&policy.txt, "v=spf1")).unwrap_or_default();
    let dmarc = names.dmarc.walk.iter().find(|looked| !looked.records().is_empty());
    let discovered = found(receiving, "dkim", None).any(|finding| is(finding, Word::Present));
    json!({
        "status": "ok",
        "domain": {
            "dnssec": { "status": state(&names.soa) },
            "dmarc": { "records": dmarc.map(|looked| texts(looked, "v=DMARC1")).unwrap_or_default() },
            "dkim": { "discovered": discovered },
            "spf": { "records": spf },
        },
        "nameservers": servers(&names.name_servers),
        "mx_nameservers": of_mx,
        "receiving_mailservers": hosts,
    })
}

/// The findings of a subtest, of the whole domain or of one MX host, without those that do not count.
fn found<'a>(
    receiving: &'a Receiving<'_>,
    subtest: &'static str,
    host: Option<&'a str>,
) -> impl Iterator<Item = &'a Finding> {
    receiving.findings.iter().filter(move |finding| {
        finding.check.internetnl() == Some(subtest)
            && (host.is_none() || finding.subject.host() == host)
            && finding.measured != (Measured::NotApplicable { why: Inapplicable::OtherAddressCounts })
    })
}

fn is(finding: &Finding, word: Word) -> bool {
    finding.measured == Measured::Is { word }
}

/// The records that begin like that; blanks and capitals aside, as their reader has it.
fn texts(looked: &LookupResult<String>, begin: &str) -> Vec<String> {
    let records = looked.records().iter();
    let begins = |record: &&String| {
        record.trim_start().get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))
    };
    records.filter(begins).map(|record| clean(record)).collect()
}

/// The state of a name, in their words.
fn state<T>(looked: &LookupResult<T>) -> &'static str {
    match (&looked.answer, looked.security) {
        (NameAnswer::Failed { failure: NameFailure::Bogus }, _) | (_, Security::Bogus) => "bogus",
        (NameAnswer::Failed { .. } | NameAnswer::NotAsked, _) | (_, Security::Indeterminate) => "error",
        (_, Security::Secure) => "secure",
        (_, Security::Insecure) => "insecure",
    }
}

fn name_server(evidence: &Evidence, server: &NameServer) -> Value {
    let reached = |ip: IpAddr| {
        let reach = server.reach.iter().find(|reach| reach.ip == ip);
        reach.is_some_and(|reach| reach.udp == Some(true) || reach.tcp == Some(true))
    };
    let addresses = |looked: &LookupResult<IpAddr>| -> Vec<Value> {
        looked.records().iter().map(|ip| address(evidence, *ip, reached(*ip))).collect()
    };
    json!({
        "ipv4": { "addresses": addresses(&server.a) },
        "ipv6": { "addresses": addresses(&server.aaaa) },
    })
}

fn address(evidence: &Evidence, ip: IpAddr, reachable: bool) -> Value {
    let mut value = json!({ "address": ip, "reachable": reachable });
    if let Some(route) = routing(evidence, ip) {
        value["routing"] = route;
    }
    value
}

/// The worst announcement of an address's network whose validity is known; none: none is.
fn routing(evidence: &Evidence, ip: IpAddr) -> Option<Value> {
    let networks =
        evidence.networks.iter().filter(|network| network.addresses.iter().any(|(known, _)| *known == ip));
    let mut worst: Option<(u8, Value)> = None;
    for network in networks {
        let Some(route) = &network.prefix else { continue };
        for origin in &network.origins {
            let (rank, state) = match origin.rpki {
                Some(Rpki::Valid) => (0, "valid"),
                Some(Rpki::NotFound) => (1, "not-found"),
                Some(Rpki::Invalid) => (2, "invalid"),
                None => continue,
            };
            if worst.as_ref().is_none_or(|(worst, _)| *worst < rank) {
                let origin = format!("AS{}", origin.asn);
                worst = Some((rank, json!({ "origin": origin, "route": clean(route), "rov_state": state })));
            }
        }
    }
    worst.map(|(_, route)| route)
}

fn mail_server(receiving: &Receiving<'_>, host: &MxHost) -> Value {
    let evidence = receiving.evidence;
    let servers: Vec<&Server> = evidence.servers_of(&host.host).collect();
    let reached = |ip: IpAddr| servers.iter().any(|server| server.ip == ip && server.reach == Reach::Reached);
    let addresses = |looked: &LookupResult<IpAddr>| -> Vec<Value> {
        looked.records().iter().map(|ip| address(evidence, *ip, reached(*ip))).collect()
    };
    let reachable = servers.iter().any(|server| server.reach == Reach::Reached);
    let mut value = json!({
        "addresses": { "ipv4": addresses(&host.a), "ipv6": addresses(&host.aaaa) },
        "dnssec": { "status": state(&host.soa) },
        "server_reachable": reachable,
    });
    let starttls: Vec<&Finding> = found(receiving, "starttls_exists", Some(&host.host)).collect();
    let offered = starttls.iter().any(|finding| is(finding, Word::Present));
    let answered = starttls.iter().any(|finding| matches!(finding.measured, Measured::Is { .. }));
    if answered {
        value["starttls_enabled"] = json!(offered);
    }
    if reachable {
        let tested = servers.iter().any(|server| server.reach == Reach::Reached && server.stopped.is_none());
        value["server_testable"] = json!(tested);
    }
    let details = if reachable && offered { details(receiving, host, &servers) } else { Map::new() };
    value["details"] = Value::Object(details);
    value
}

fn details(receiving: &Receiving<'_>, host: &MxHost, servers: &[&Server]) -> Map<String, Value> {
    let of = |subtest| found(receiving, subtest, Some(host.host.as_str()));
    let mut details = Map::new();
    for (subtest, bad, phase_out) in [
        ("tls_version", "protocols_bad", "protocols_phase_out"),
        ("tls_ciphers", "ciphers_bad", "ciphers_phase_out"),
        ("fs_params", "kex_params_bad", "kex_params_phase_out"),
        ("cert_pubkey", "cert_pubkey_bad", "cert_pubkey_phase_out"),
    ] {
        let findings: Vec<&Finding> = of(subtest).collect();
        if findings.iter().any(|finding| matches!(finding.measured, Measured::Items { .. })) {
            details.insert(bad.to_owned(), json!(items(&findings, Level::Insufficient)));
            details.insert(phase_out.to_owned(), json!(items(&findings, Level::PhaseOut)));
        }
    }
    // True only if all addresses say so, false if one says otherwise; else nothing is said.
    let yes_no = |subtest, yes: Word, no: Word| -> Option<bool> {
        let seen: Vec<bool> = of(subtest)
            .filter_map(|finding| match &finding.measured {
                Measured::Is { word } if *word == yes => Some(true),
                Measured::Is { word } if *word == no => Some(false),
                _ => None,
            })
            .collect();
        (!seen.is_empty()).then(|| seen.into_iter().all(|seen| seen))
    };
    let mut add = |name: &str, value: Option<Value>| {
        details.extend(value.map(|value| (name.to_owned(), value)));
    };
    let compressed = yes_no("tls_compression", Word::Absent, Word::Present);
    add("compression", compressed.map(|absent| json!(!absent)));
    add("secure_reneg", yes_no("renegotiation_secure", Word::Present, Word::Absent).map(Value::Bool));
    let counts = of("renegotiation_client").filter_map(|finding| match finding.measured {
        Measured::Count { count } => Some(count),
        _ => None,
    });
    add("client_reneg", counts.max().map(|count| json!(count > 0)));
    let early = yes_no("zero_rtt", Word::Absent, Word::Present);
    add("zero_rtt", early.map(|absent| json!(if absent { "good" } else { "bad" })));
    let hashes: Vec<&Finding> = of("kex_hash_func").collect();
    let hashed = hashes.iter().any(|finding| matches!(finding.measured, Measured::Items { .. }));
    let weak = !items(&hashes, Level::Insufficient).is_empty();
    add("kex_hash_func", hashed.then(|| json!(if weak { "bad" } else { "good" })));
    add("cipher_order", cipher_order(receiving, host).map(|order| json!(order)));
    add("cert_chain", chain(receiving.evidence, servers).map(|chain| json!(chain)));
    let trust: Vec<&Finding> =
        of("cert_trust").filter(|finding| matches!(finding.measured, Measured::Is { .. })).collect();
    let trusted = trust.iter().all(|finding| is(finding, Word::Trusted));
    add("cert_trusted", (!trust.is_empty()).then(|| json!(trusted)));
    add("cert_hostmatch_bad", other_names(receiving, host, servers).map(|names| json!(names)));
    add("dane_status", dane(receiving, host).map(|state| json!(state)));
    let records = host.tlsa.counting().records().iter();
    let records: Vec<String> = records.map(|record| clean(&record.to_string())).collect();
    add("dane_records", Some(json!(records)));
    add("dane_rollover", yes_no("dane_rollover", Word::Present, Word::Absent).map(Value::Bool));
    details
}

fn profile() -> &'static Profile {
    Profiles::embedded().get(PROFILE).expect("the profile is embedded")
}

/// The names of items that are on a level.
fn items(findings: &[&Finding], level: Level) -> Vec<String> {
    let mut names = Vec::new();
    for finding in findings {
        let Measured::Items { items, .. } = &finding.measured else { continue };
        let on_level = |item: &&Item| profile().item_level(finding.check, item) == Some(level);
        for item in items.iter().filter(on_level) {
            let name = clean(&Tables::embedded().name(item));
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Whether the server's choice among suites is as it should be.
fn cipher_order(receiving: &Receiving<'_>, host: &MxHost) -> Option<&'static str> {
    let rated = &receiving.ratings.of(PROFILE)?.rated;
    let of_host = receiving.findings.iter().zip(rated).filter(|(finding, _)| {
        finding.check.internetnl() == Some("tls_cipher_order")
            && finding.subject.host() == Some(host.host.as_str())
    });
    let mut worst = None;
    for (finding, rated) in of_host {
        let order = match (&finding.measured, rated.level) {
            (_, Level::NotApplicable) => (0, "na"),
            (Measured::Order(_), Level::Good | Level::Sufficient) => (1, "good"),
            (Measured::Order(order), _) if order.server_decides == Some(false) => (3, "bad"),
            (Measured::Order(_), _) => (2, "not_seclevel"),
            _ => continue,
        };
        worst = worst.max(Some(order));
    }
    worst.map(|(_, order)| order)
}

/// The subjects of the chain that the first address sent.
fn chain(evidence: &Evidence, servers: &[&Server]) -> Option<Vec<String>> {
    let sent = sent(servers)?;
    let subjects = sent.iter().filter_map(|hash| evidence.certificates.get(hash));
    Some(subjects.map(|certificate| clean(&certificate.subject)).collect())
}

fn sent<'a>(servers: &[&'a Server]) -> Option<&'a [String]> {
    servers.iter().find_map(|server| match &server.handshake {
        Some(RealHandshake::Completed(completed)) => Some(completed.chain.as_slice()),
        _ => None,
    })
}

/// The names in the certificate, where none is the host's.
fn other_names(receiving: &Receiving<'_>, host: &MxHost, servers: &[&Server]) -> Option<Vec<String>> {
    let mut matches = found(receiving, "cert_hostmatch", Some(&host.host));
    if !matches.any(|finding| is(finding, Word::Unmatched)) {
        return None;
    }
    let first = receiving.evidence.certificates.get(sent(servers)?.first()?)?;
    let subject = [first.subject.as_str()];
    Some(subject.into_iter().chain(first.names.iter().map(String::as_str)).map(clean).collect())
}

fn dane(receiving: &Receiving<'_>, host: &MxHost) -> Option<&'static str> {
    let records = host.tlsa.counting();
    if records.weakest() == Security::Bogus || records.failure() == Some(&NameFailure::Bogus) {
        return Some("none_bogus");
    }
    if records.denied() {
        return Some("none");
    }
    let mut matched = None;
    for finding in found(receiving, "dane_valid", Some(&host.host)) {
        match finding.measured {
            Measured::Is { word: Word::Matched } => matched = matched.or(Some("validated")),
            Measured::Is { .. } => matched = Some("failed"),
            _ => {}
        }
    }
    matched
}
