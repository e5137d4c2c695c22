//! Evidence for tests: of a domain with which everything is right, to be bent, and the ways to bend it.
//!
//! `example.net` has two MX hosts of its own with an address of each family, two name servers, signed names, DANE,
//! MTA-STS in force, reports, and nothing but TLS 1.3 and 1.2.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::receiving::checks::{Finding, Inapplicable, Item, Measured, Unknown, Word};
use crate::shared::evidence::scan::{
    CaaRecord, Certificate, Completed, Connections, Control, Cost, Cut, Depth, DmarcNames, DnsLimit,
    DomainNames, DsRecord, Evidence, Examined, Hop, Key, KeyRecord, KeyUpkeep, LookupResult, MtaStsNames,
    MxHost, MxOfServer, MxRecord, NameAnswer, NameFailure, NameServer, NameServerReach, Network,
    Nsec3Parameters, Origin, Path, Purpose, Reach, RealHandshake, RootsUsed, Rpki, Server, Session,
    SignatureSeen, SmtpReply, SpfNames, SpfPolicy, TlsaNames,
};
use crate::shared::evidence::{Fetch, FetchOutcome, Security, TlsVersion};
use crate::shared::policy::Tlsa;

/// The domain of the sample.
pub(in crate::receiving) const DOMAIN: &str = "example.net";
/// The leaf certificate's SHA-256.
pub(in crate::receiving) const LEAF: &str =
    "1111111111111111111111111111111111111111111111111111111111111111";
/// The intermediate's.
pub(in crate::receiving) const ISSUER: &str =
    "2222222222222222222222222222222222222222222222222222222222222222";

/// When the scan was judged.
pub(in crate::receiving) fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

/// So many days from then.
pub(in crate::receiving) fn in_days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

pub(in crate::receiving) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A secure answer; without records, NODATA.
pub(in crate::receiving) fn secure<T>(name: &str, rtype: &str, records: Vec<T>) -> LookupResult<T> {
    let answer = if records.is_empty() { NameAnswer::NoData } else { NameAnswer::Records { records } };
    let signature = SignatureSeen {
        algorithm: 13,
        key_tag: 11111,
        signer: DOMAIN.to_owned(),
        inception: in_days(-4),
        expiration: in_days(10),
        over: None,
    };
    LookupResult {
        name: name.to_owned(),
        rtype: rtype.to_owned(),
        answer,
        hops: Vec::new(),
        security: Security::Secure,
        broken: None,
        extended_errors: Vec::new(),
        signature: Some(signature),
    }
}

/// A secure TXT record.
pub(in crate::receiving) fn txt(name: &str, text: &str) -> LookupResult<String> {
    secure(name, "TXT", vec![text.to_owned()])
}

/// An alias in a secure zone.
pub(in crate::receiving) fn hop(from: &str, to: &str) -> Hop {
    Hop { from: from.to_owned(), to: to.to_owned(), security: Security::Secure, dname: None }
}

/// Records of this look-up were left out by a limit of ours.
pub(in crate::receiving) fn leaves_out<T>(
    evidence: &mut Evidence,
    of: impl Fn(&Evidence) -> LookupResult<T>,
) {
    let looked = of(evidence);
    evidence.cuts.push(Cut { what: Cut::records(&looked.name, &looked.rtype), of: Some(81), kept: 64 });
}

/// Nobody answered in time.
pub(in crate::receiving) fn times_out<T>(looked: &mut LookupResult<T>) {
    looked.answer = NameAnswer::Failed { failure: NameFailure::Timeout };
    looked.security = Security::Indeterminate;
    looked.signature = None;
}

/// It does not validate.
pub(in crate::receiving) fn breaks<T>(looked: &mut LookupResult<T>) {
    looked.answer = NameAnswer::Failed { failure: NameFailure::Bogus };
    looked.security = Security::Bogus;
    looked.signature = None;
}

/// Its zone is not signed.
pub(in crate::receiving) fn unsigned<T>(looked: &mut LookupResult<T>) {
    looked.security = Security::Insecure;
    looked.signature = None;
}

/// To validate it would be more work than is done.
pub(in crate::receiving) fn too_much<T>(looked: &mut LookupResult<T>) {
    looked.answer = NameAnswer::Failed { failure: NameFailure::OurLimit { limit: DnsLimit::KeysOfATag } };
    looked.security = Security::Indeterminate;
    looked.signature = None;
}

/// It is signed by an algorithm that we cannot verify.
pub(in crate::receiving) fn by_ed448<T>(looked: &mut LookupResult<T>) {
    too_much(looked);
    looked.answer = NameAnswer::Failed { failure: NameFailure::OurLimit { limit: DnsLimit::Ed448 } };
}

/// The chain of trust could not be looked at.
pub(in crate::receiving) fn indeterminate<T>(looked: &mut LookupResult<T>) {
    let reason = "DNSKEY net: timeout".to_owned();
    looked.answer = NameAnswer::Failed { failure: NameFailure::Indeterminate { reason } };
    looked.security = Security::Indeterminate;
    looked.signature = None;
}

/// The domain says that it takes no mail.
pub(in crate::receiving) fn null_mx(evidence: &mut Evidence) {
    let records = vec![MxRecord { preference: 0, host: String::new() }];
    evidence.names.mx.answer = NameAnswer::Records { records };
    evidence.mx.clear();
    evidence.servers.clear();
    evidence.networks.iter_mut().for_each(|network| {
        network.addresses.retain(|(_, purpose)| *purpose == Purpose::NameServer);
    });
}

/// Another name for an MX host, in whatever names it.
pub(in crate::receiving) fn rename(evidence: &mut Evidence, host: usize, to: &str) {
    let from = std::mem::replace(&mut evidence.mx[host].host, to.to_owned());
    evidence
        .servers
        .iter_mut()
        .filter(|server| server.host == from)
        .for_each(|server| to.clone_into(&mut server.host));
    evidence
        .examined
        .iter_mut()
        .filter(|chain| chain.host == from)
        .for_each(|chain| to.clone_into(&mut chain.host));
    if let NameAnswer::Records { records } = &mut evidence.names.mx.answer {
        records
            .iter_mut()
            .filter(|record| record.host == from)
            .for_each(|record| to.clone_into(&mut record.host));
    }
}

/// How a test bends the perfect domain.
pub(in crate::receiving) type Bent = fn(&mut Evidence);

pub(in crate::receiving) fn is(word: Word) -> Measured {
    Measured::Is { word }
}

pub(in crate::receiving) fn count(count: u32) -> Measured {
    Measured::Count { count }
}

pub(in crate::receiving) fn items(items: Vec<Item>) -> Measured {
    Measured::Items { items, complete: true, open: None }
}

/// The question does not arise.
pub(in crate::receiving) fn not_applicable(why: Inapplicable) -> Measured {
    Measured::NotApplicable { why }
}

/// It could not be found out.
pub(in crate::receiving) fn inconclusive(why: Unknown) -> Measured {
    Measured::Inconclusive { why }
}

/// Each bent domain has what is expected as what the first finding measured, and all findings keep to their check.
pub(in crate::receiving) fn check_all(
    judgement: fn(&Evidence, Timestamp) -> Vec<Finding>,
    cases: Vec<(Bent, Measured)>,
) {
    for (number, (bend, expected)) in cases.into_iter().enumerate() {
        let mut evidence = perfect();
        bend(&mut evidence);
        let findings = judgement(&evidence, now());
        assert_eq!(
            findings.first().map(|finding| &finding.measured),
            Some(&expected),
            "case {number}: {findings:#?}"
        );
        findings.iter().for_each(super::keeps_to_its_check);
    }
}

/// Everything is right with it.
pub(in crate::receiving) fn perfect() -> Evidence {
    Evidence {
        domain: DOMAIN.to_owned(),
        depth: Depth::Verdict,
        helo: "scan.example.org".to_owned(),
        connections: Connections::Allowed,
        from: now(),
        to: now(),
        control: Control { ipv6: Some(true), port_25: Some(true) },
        roots: RootsUsed::Public,
        names: names(),
        mx: vec![host(1, 10), host(2, 20)],
        servers: (1..=2).flat_map(|number| addresses(number).map(|ip| server(number, ip))).collect(),
        certificates: BTreeMap::from([
            (LEAF.to_owned(), certificate("CN=mx.example.net", "CN=R1", false)),
            (ISSUER.to_owned(), certificate("CN=R1", "CN=Root", true)),
        ]),
        examined: (1..=2).map(examined).collect(),
        networks: networks(),
        registrar: Some("Registrar Ltd".to_owned()),
        envelope: None,
        signatures: None,
        cuts: Vec::new(),
        cost: Cost::default(),
    }
}

fn host_name(number: u8) -> String {
    format!("mx{number}.{DOMAIN}")
}

/// One of each family, in networks of their own.
fn addresses(number: u8) -> [IpAddr; 2] {
    let v4 = if number == 1 { "192.0.2.1" } else { "198.51.100.1" };
    [ip(v4), ip(&format!("2001:db8:{number}::1"))]
}

fn name_servers() -> Vec<NameServer> {
    let one = |number: u8| {
        let name = format!("ns{number}.{DOMAIN}");
        let v4 = ip(if number == 1 { "192.0.2.53" } else { "198.51.100.53" });
        let v6 = ip(&format!("2001:db8:{number}::53"));
        let reach = |ip| NameServerReach { ip, udp: Some(true), tcp: Some(true) };
        NameServer {
            a: secure(&name, "A", vec![v4]),
            aaaa: secure(&name, "AAAA", vec![v6]),
            reach: vec![reach(v4), reach(v6)],
            name,
        }
    };
    vec![one(1), one(2)]
}

fn names() -> DomainNames {
    let mx =
        || (1..=2).map(|number| MxRecord { preference: u16::from(number) * 10, host: host_name(number) });
    let name_servers = name_servers();
    let mx_of_servers = name_servers
        .iter()
        .flat_map(|server| server.reach.iter().map(|reach| (server.name.clone(), reach.ip)))
        .map(|(server, ip)| MxOfServer { server, ip, records: Some(mx().collect()) })
        .collect();
    let key = |key_tag, flags| KeyRecord { key_tag, algorithm: 13, flags, bits: None };
    let policy = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.net\r\nmx: mx2.example.net\r\nmax_age: 2419200\r\n";
    DomainNames {
        soa: secure(DOMAIN, "SOA", vec!["ns1.example.net hostmaster.example.net 1".to_owned()]),
        zone: Some(DOMAIN.to_owned()),
        ds: secure(DOMAIN, "DS", vec![DsRecord { key_tag: 22222, algorithm: 13, digest_type: 2 }]),
        keys: secure(DOMAIN, "DNSKEY", vec![key(22222, 257), key(11111, 256)]),
        upkeep: Some(KeyUpkeep {
            cds: secure(DOMAIN, "CDS", vec![DsRecord { key_tag: 22222, algorithm: 13, digest_type: 2 }]),
            cdnskey: secure(DOMAIN, "CDNSKEY", vec![key(22222, 257)]),
            nsec3: secure(
                DOMAIN,
                "NSEC3PARAM",
                vec![Nsec3Parameters { algorithm: 1, iterations: 0, salt_octets: 0 }],
            ),
        }),
        mx: secure(DOMAIN, "MX", mx().collect()),
        a: LookupResult { answer: NameAnswer::NotAsked, signature: None, ..secure(DOMAIN, "A", Vec::new()) },
        aaaa: LookupResult {
            answer: NameAnswer::NotAsked,
            signature: None,
            ..secure(DOMAIN, "AAAA", Vec::new())
        },
        mx_of_servers,
        ns: secure(DOMAIN, "NS", name_servers.iter().map(|server| server.name.clone()).collect()),
        name_servers,
        spf: SpfNames {
            policies: vec![SpfPolicy { by: None, txt: txt(DOMAIN, "v=spf1 ip4:192.0.2.0/24 -all") }],
            terms: Vec::new(),
        },
        dmarc: DmarcNames {
            walk: vec![txt("_dmarc.example.net", "v=DMARC1; p=reject; rua=mailto:dmarc@example.net")],
            organisational: Some(DOMAIN.to_owned()),
            external: Vec::new(),
        },
        domainkey: secure("_domainkey.example.net", "TXT", Vec::new()),
        domainkey_control: None,
        mta_sts: MtaStsNames {
            record: txt("_mta-sts.example.net", "v=STSv1; id=20261101;"),
            a: secure("mta-sts.example.net", "A", vec![ip("192.0.2.80")]),
            aaaa: secure("mta-sts.example.net", "AAAA", vec![ip("2001:db8:1::80")]),
            fetch: Some(Fetch {
                url: "https://mta-sts.example.net/.well-known/mta-sts.txt".to_owned(),
                outcome: FetchOutcome::Answered {
                    status: 200,
                    content_type: Some("text/plain".to_owned()),
                    body: policy.to_owned(),
                    cut: false,
                    location: None,
                },
            }),
        },
        tlsrpt: txt("_smtp._tls.example.net", "v=TLSRPTv1; rua=mailto:tls@example.net"),
        bimi: txt("default._bimi.example.net", "v=BIMI1; l=https://example.net/logo.svg;"),
    }
}

/// `3 1 1` of the key in use.
pub(in crate::receiving) fn tlsa() -> Tlsa {
    Tlsa { usage: 3, selector: 1, matching: 1, data: vec![0xab; 32] }
}

fn host(number: u8, preference: u16) -> MxHost {
    let name = host_name(number);
    let [v4, v6] = addresses(number);
    let issue = CaaRecord { flags: 0, tag: "issue".to_owned(), value: "ca.example".to_owned() };
    MxHost {
        preferences: vec![preference],
        soa: secure(&name, "SOA", Vec::new()),
        a: secure(&name, "A", vec![v4]),
        aaaa: secure(&name, "AAAA", vec![v6]),
        tlsa: TlsaNames {
            expanded: None,
            original: secure(&format!("_25._tcp.{name}"), "TLSA", vec![tlsa()]),
        },
        caa: vec![secure(&name, "CAA", Vec::new()), secure(DOMAIN, "CAA", vec![issue])],
        zone: Some(DOMAIN.to_owned()),
        name_servers: name_servers(),
        host: name,
    }
}

pub(in crate::receiving) fn reply(code: u16, lines: &[&str]) -> SmtpReply {
    SmtpReply { code, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
}

fn server(number: u8, ip: IpAddr) -> Server {
    let host = host_name(number);
    let in_tls =
        [host.as_str(), "PIPELINING", "SIZE 52428800", "8BITMIME", "REQUIRETLS", "SMTPUTF8", "CHUNKING"];
    let clear =
        [host.as_str(), "PIPELINING", "SIZE 52428800", "STARTTLS", "8BITMIME", "SMTPUTF8", "CHUNKING"];
    Server {
        ip,
        at: now(),
        reach: Reach::Reached,
        session: Session {
            greeting: Some(reply(220, &[&format!("{host} ESMTP")])),
            greeting_ms: Some(20),
            ehlo: Some(reply(250, &clear)),
            mail_in_clear: Some(reply(530, &["5.7.0 Must issue a STARTTLS command first"])),
            starttls: Some(reply(220, &["2.0.0 Ready to start TLS"])),
            ehlo_in_tls: Some(reply(250, &in_tls)),
            fault: None,
        },
        earlier: None,
        handshake: Some(RealHandshake::Completed(Completed {
            version: TlsVersion::TLS13,
            suite: 0x1302,
            group: Some(0x11ec),
            scheme: Some(0x0403),
            chain: vec![LEAF.to_owned(), ISSUER.to_owned()],
            ocsp: false,
            client_certificate: Some(false),
            early_data_octets: Some(0),
        })),
        probes: Vec::new(),
        stopped: None,
        unasked: Vec::new(),
        intrusive: None,
        ptr: secure(&format!("{number}.arpa"), "PTR", vec![host.clone()]),
        probed_as: None,
        ptr_addresses: vec![secure(&host, if ip.is_ipv4() { "A" } else { "AAAA" }, vec![ip])],
        connections: 1,
        host,
    }
}

fn certificate(subject: &str, issuer: &str, ca: bool) -> Certificate {
    let names = if ca { Vec::new() } else { (1..=2).map(host_name).collect() };
    Certificate {
        der: None,
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        names_count: u32::try_from(names.len()).unwrap(),
        names,
        not_before: in_days(-30),
        not_after: in_days(60),
        key: Key::Ec { oid: "1.2.840.10045.3.1.7".to_owned() },
        signature_oid: "1.2.840.10045.4.3.2".to_owned(),
        signature_hash: Some("SHA-256".to_owned()),
        self_issued: false,
        ca,
        scts: if ca { 0 } else { 2 },
        purposes: None,
        unreadable: None,
    }
}

fn examined(number: u8) -> Examined {
    Examined {
        host: host_name(number),
        chain: vec![LEAF.to_owned(), ISSUER.to_owned()],
        path: Path::Trusted { root: "CN=Root".to_owned() },
        name_matches: true,
        ordered: true,
        relied: Some(vec![LEAF.to_owned(), ISSUER.to_owned()]),
        tlsa: BTreeMap::from([(tlsa(), vec![LEAF.to_owned()])]),
    }
}

fn networks() -> Vec<Network> {
    let network = |prefix: &str, mx: &str, ns: &str| Network {
        prefix: Some(prefix.to_owned()),
        routed: Some(true),
        origins: vec![Origin { asn: 64500, rpki: Some(Rpki::Valid) }],
        name: Some("EXAMPLE".to_owned()),
        organisation: Some("Example Ltd".to_owned()),
        country: Some("NL".to_owned()),
        addresses: vec![
            (ip(mx), Purpose::Mx),
            (ip(ns), Purpose::NameServer),
            (ip(ns), Purpose::MxNameServer),
        ],
        failed: false,
        missing: Vec::new(),
    };
    vec![
        network("192.0.2.0/24", "192.0.2.1", "192.0.2.53"),
        network("198.51.100.0/24", "198.51.100.1", "198.51.100.53"),
        network("2001:db8:1::/48", "2001:db8:1::1", "2001:db8:1::53"),
        network("2001:db8:2::/48", "2001:db8:2::1", "2001:db8:2::53"),
    ]
}
