//! The resolver's survey of real zones, compared with what unbound says of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use mailassay::receiving::request::Silent;
use mailassay::shared::dial::AddressRules;
use mailassay::shared::dns::{
    Direct, DirectLookup, Lookup, Over, Resolver, ResolverSettings, Servers, records,
};
use mailassay::shared::evidence::Security;
use mailassay::shared::evidence::scan::{Broken, NameAnswer};
use mailassay::shared::time::Timestamp;

use super::signed::World;
use crate::dns::peers::{Unbound, peer};

/// What is asked, and what the survey says: answer, state, hops with their states, and why it is bogus.
const CASES: &[(&str, RecordType, &str)] = &[
    ("test", RecordType::SOA, "records secure"),
    ("test", RecordType::DS, "records secure"),
    ("nsec.test", RecordType::SOA, "records secure"),
    ("nsec.test", RecordType::DS, "records secure"),
    ("nsec.test", RecordType::DNSKEY, "records secure"),
    ("nsec.test", RecordType::NS, "records secure"),
    ("nsec.test", RecordType::MX, "records secure"),
    ("nsec.test", RecordType::CAA, "records secure"),
    ("mail.nsec.test", RecordType::SOA, "no-data secure"),
    ("_25._tcp.mail.nsec.test", RecordType::TLSA, "records secure"),
    ("_25._tcp.nowhere.nsec.test", RecordType::TLSA, "no-name secure"),
    ("_tcp.mail.nsec.test", RecordType::TLSA, "no-data secure"),
    ("a.wild.nsec.test", RecordType::TXT, "records secure"),
    ("a.b.wild.nsec.test", RecordType::TXT, "records secure"),
    ("a.wild.nsec.test", RecordType::A, "no-data secure"),
    ("a.star.nsec.test", RecordType::A, "records secure hops secure"),
    ("alias.nsec.test", RecordType::A, "records secure hops secure"),
    ("alias.nsec.test", RecordType::TLSA, "no-data secure hops secure"),
    ("over.nsec.test", RecordType::A, "records secure hops secure"),
    ("out.nsec.test", RecordType::A, "records insecure hops secure"),
    ("lost.nsec.test", RecordType::A, "no-name secure hops secure"),
    ("bad.nsec.test", RecordType::A, "failed bogus hops secure: expired"),
    ("nsec3.test", RecordType::MX, "records secure"),
    ("_25._tcp.mail.nsec3.test", RecordType::TLSA, "records secure"),
    ("_25._tcp.nowhere.nsec3.test", RecordType::TLSA, "no-name secure"),
    ("mail.nsec3.test", RecordType::TXT, "no-data secure"),
    ("a.wild.nsec3.test", RecordType::TXT, "records secure"),
    ("a.wild.nsec3.test", RecordType::A, "no-data secure"),
    ("a.star.nsec3.test", RecordType::A, "records secure hops secure"),
    ("back.nsec3.test", RecordType::A, "records insecure hops secure secure"),
    ("rsa.test", RecordType::MX, "records secure"),
    ("rsa.test", RecordType::DNSKEY, "records secure"),
    ("mail.optout.test", RecordType::A, "records secure"),
    ("plain.optout.test", RecordType::MX, "records insecure"),
    ("plain.optout.test", RecordType::DS, "no-data insecure"),
    ("other.test", RecordType::MX, "records secure"),
    ("plain.test", RecordType::MX, "records insecure"),
    ("plain.test", RecordType::DS, "no-data secure"),
    ("nowhere.plain.test", RecordType::A, "no-name insecure"),
    ("over.plain.test", RecordType::A, "records secure hops insecure"),
    ("expired.test", RecordType::MX, "failed bogus: expired"),
    ("nowhere.expired.test", RecordType::A, "failed bogus: expired"),
    ("expired.test", RecordType::DS, "records secure"),
    ("alias.expired.test", RecordType::A, "failed bogus hops bogus: expired"),
    ("future.test", RecordType::MX, "failed bogus: not-yet-valid"),
    ("keys.test", RecordType::MX, "failed bogus: expired"),
    ("keys.test", RecordType::DNSKEY, "failed bogus: expired"),
    ("stripped.test", RecordType::MX, "failed bogus: no-signature"),
    ("nowhere.stripped.test", RecordType::MX, "failed bogus: no-signature"),
    ("ds.test", RecordType::MX, "failed bogus: no-matching-ds"),
    ("mail.signature.test", RecordType::A, "failed bogus: does-not-verify"),
    ("mail.signature.test", RecordType::AAAA, "records secure"),
    ("mail.key.test", RecordType::A, "failed bogus: no-key"),
    ("mail.key.test", RecordType::AAAA, "records secure"),
    ("mail.denial.test", RecordType::A, "records secure"),
    ("mail.denial.test", RecordType::TXT, "failed bogus: no-proof"),
    ("nowhere.denial.test", RecordType::A, "failed bogus: no-proof"),
    ("a.wild.denial.test", RecordType::TXT, "failed bogus: no-proof"),
    ("sha512.test", RecordType::MX, "records secure"),
    ("p384.test", RecordType::MX, "records secure"),
    ("_25._tcp.nowhere.p384.test", RecordType::TLSA, "no-name secure"),
    ("ed25519.test", RecordType::DNSKEY, "records secure"),
    ("_25._tcp.mail.ed25519.test", RecordType::TLSA, "records secure"),
    ("_25._tcp.nowhere.ed25519.test", RecordType::TLSA, "no-name secure"),
    ("a.wild.ed25519.test", RecordType::TXT, "records secure"),
    ("a.wild.ed25519.test", RecordType::A, "no-data secure"),
    ("deep.ed25519.test", RecordType::MX, "records secure"),
    ("plain.ed25519.test", RecordType::MX, "records insecure"),
    ("plain.ed25519.test", RecordType::DS, "no-data secure"),
    ("late.test", RecordType::MX, "failed bogus: expired"),
    ("mail.forged.test", RecordType::A, "failed bogus: does-not-verify"),
    ("mail.forged.test", RecordType::AAAA, "records secure"),
    ("mail.gap.test", RecordType::TXT, "failed bogus: no-proof"),
    ("stale.test", RecordType::MX, "records secure"),
    ("unknown.test", RecordType::MX, "records insecure"),
    ("ed448.test", RecordType::DS, "records secure"),
    ("ed448.test", RecordType::MX, ED448),
    ("_25._tcp.nowhere.ed448.test", RecordType::TLSA, ED448),
    ("mail.dn.nsec.test", RecordType::A, "records secure hops secure"),
    ("_25._tcp.mail.dn.nsec.test", RecordType::TLSA, "records secure hops secure"),
    ("_25._tcp.nowhere.dn.nsec.test", RecordType::TLSA, "no-name secure hops secure"),
    ("into.nsec.test", RecordType::A, "records secure hops secure secure"),
    ("mail.dn.nsec3.test", RecordType::TXT, "no-data secure hops secure"),
    ("mail.dnout.nsec.test", RecordType::A, "records insecure hops secure"),
    ("mail.dnbad.nsec.test", RecordType::A, "failed bogus hops secure: expired"),
    ("mail.dn.plain.test", RecordType::A, "records secure hops insecure"),
    ("mail.dnnew.p384.test", RecordType::A, "records secure hops secure secure"),
    ("mail.dn.expired.test", RecordType::A, "failed bogus hops bogus: expired"),
    ("dn.nsec.test", RecordType::A, "no-data secure"),
    ("mail.dn448.nsec.test", RecordType::A, ED448_BEHIND),
];

/// What unbound verifies and we do not.
const ED448: &str = "failed indeterminate Failed { failure: OurLimit { limit: Ed448 } }";
const ED448_BEHIND: &str = "failed indeterminate hops secure Failed { failure: OurLimit { limit: Ed448 } }";

async fn line(lookup: &dyn Lookup, name: &str, rtype: RecordType) -> String {
    let looked = lookup.ask(name, rtype).await.looked;
    let word = |security: Security| format!("{security:?}").to_lowercase();
    let mut line = match &looked.answer {
        NameAnswer::Records { .. } => "records",
        NameAnswer::NoData => "no-data",
        NameAnswer::NoName => "no-name",
        NameAnswer::Failed { .. } => "failed",
        NameAnswer::NotAsked => "not-asked",
    }
    .to_owned();
    line = format!("{line} {}", word(looked.security));
    if !looked.hops.is_empty() {
        let states: Vec<String> = looked.hops.iter().map(|hop| word(hop.security)).collect();
        line = format!("{line} hops {}", states.join(" "));
    }
    match &looked.broken {
        None => {}
        Some(Broken::Expired { .. }) => line += ": expired",
        Some(Broken::NotYetValid { .. }) => line += ": not-yet-valid",
        Some(Broken::DoesNotVerify { .. }) => line += ": does-not-verify",
        Some(Broken::NoSignature) => line += ": no-signature",
        Some(Broken::WrongSigner { .. }) => line += ": wrong-signer",
        Some(Broken::NoKey { .. }) => line += ": no-key",
        Some(Broken::NoMatchingDs { .. }) => line += ": no-matching-ds",
        Some(Broken::NoProof) => line += ": no-proof",
        Some(Broken::Other { reason }) => line = format!("{line}: {reason}"),
    }
    if line.starts_with("failed") && looked.broken.is_none() {
        line = format!("{line} {:?}", looked.answer);
    }
    line
}

fn resolver(servers: Servers, world: &World) -> Resolver {
    let allowed = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap()).to_vec();
    let settings = ResolverSettings {
        rules: AddressRules { allowed, ..AddressRules::default() },
        name_server_port: world.port,
        name_server_timeout_ms: 1000,
        ..ResolverSettings::new(servers)
    };
    Resolver::new(settings, Arc::new(Timestamp::now)).unwrap()
}

fn forwarder(port: u16, world: &World) -> Resolver {
    let addresses = vec![SocketAddr::from(([127, 0, 0, 1], port))];
    resolver(Servers::Forwarder { addresses, trust_anchors: world.anchors.clone() }, world)
}

fn recursor(world: &World) -> Resolver {
    let root_hints = vec![SocketAddr::from(([127, 0, 0, 1], world.port))];
    resolver(Servers::Recursor { root_hints, trust_anchors: world.anchors.clone() }, world)
}

fn tools() -> bool {
    ["dnssec-signzone", "nsd", "unbound", "dig"].into_iter().all(peer)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_ask_agrees_with_unbound() {
    if !tools() {
        return;
    }
    let world = World::new();
    let unbound = Unbound::start(world.folder.path(), world.anchors.trim_end(), world.port);
    let ways = [
        ("recursor", recursor(&world)),
        ("name server as forwarder", forwarder(world.port, &world)),
        ("unbound as forwarder", forwarder(unbound.port, &world)),
    ];
    let mut wrong = Vec::new();
    for (name, kind, expected) in CASES {
        for (way, resolver) in &ways {
            let line = line(resolver, name, *kind).await;
            if line != *expected {
                wrong.push(format!("{way}: {name} {kind}: {line}, not {expected}"));
            }
        }
        let said = unbound.dig(name, &kind.to_string());
        let flags = said.lines().find(|line| line.starts_with(";; flags:")).unwrap_or_default();
        let state = match flags.split([' ', ';']).any(|flag| flag == "ad") {
            _ if said.contains("status: SERVFAIL") => "bogus",
            true => "secure",
            false => "insecure",
        };
        // What unbound gives is the weakest of all hops.
        let weakest = match expected.contains("OurLimit") {
            true => Some("secure"),
            false => ["bogus", "insecure", "secure"].into_iter().find(|state| expected.contains(state)),
        };
        if weakest != Some(state) {
            wrong.push(format!("unbound: {name} {kind}: {state}, not {expected}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_with_signatures_keys_and_what_others_say() {
    if !tools() {
        return;
    }
    let world = World::new();
    let unbound = Unbound::start(world.folder.path(), world.anchors.trim_end(), world.port);
    let resolver = forwarder(unbound.port, &world);
    let now = Timestamp::now();
    let mx = resolver.ask("rsa.test", RecordType::MX).await;
    let signature = mx.looked.signature.unwrap();
    assert_eq!((signature.algorithm, signature.signer.as_str()), (8, "rsa.test"));
    assert!(signature.inception < now && signature.expiration > now);
    let days = signature.expiration.duration_since(now).as_hours() / 24;
    assert!((29..=30).contains(&days), "{days}");
    assert!(resolver.ask("plain.test", RecordType::MX).await.looked.signature.is_none());
    let keys = records::DNSKEY.of(resolver.ask("rsa.test", RecordType::DNSKEY).await.looked);
    let keys = format!("{keys:?}");
    assert!(keys.contains("bits: Some(2048)") && keys.contains("flags: 257"), "{keys}");
    assert!(keys.contains(&format!("key_tag: {}", signature.key_tag)), "{keys}");
    // Whose zone it is shows also where the name is not an apex.
    for (name, zone) in
        [("mail.nsec.test", "nsec.test"), ("nsec.test", "nsec.test"), ("a.b.plain.test", "plain.test")]
    {
        assert_eq!(resolver.ask(name, RecordType::SOA).await.zone.as_deref(), Some(zone));
    }
    assert_eq!(resolver.ask("alias.expired.test", RecordType::SOA).await.looked.hops.len(), 1);
    // The instant at which it expired, and beside it what unbound says: codes 6 to 12 of RFC 8914 are about validation.
    let expired = resolver.ask("expired.test", RecordType::MX).await.looked;
    assert_eq!(expired.broken, Some(Broken::Expired { at: "2020-02-01T00:00:00Z".parse().unwrap() }));
    let codes: Vec<u16> = expired.extended_errors.iter().map(|error| error.code).collect();
    assert_eq!(codes.len(), 1, "{:?}", expired.extended_errors);
    assert!(codes.iter().all(|code| (6..=12).contains(code)), "{:?}", expired.extended_errors);
    let ds = resolver.ask("ds.test", RecordType::MX).await.looked;
    assert_eq!(ds.broken, Some(Broken::NoMatchingDs { zone: "ds.test".to_owned() }));
}

#[tokio::test(flavor = "multi_thread")]
async fn name_servers_are_asked_directly_where_the_rules_allow_it() {
    if !tools() {
        return;
    }
    let world = World::new();
    let resolver = recursor(&world);
    let here: [IpAddr; 2] = ["127.0.0.1", "::1"].map(|ip| ip.parse().unwrap());
    for ip in here {
        for over in [Over::Udp, Over::Tcp] {
            let said = resolver.ask_server(ip, over, "nsec.test", RecordType::MX).await;
            assert!(
                matches!(&said, Direct::Records(records) if records.len() == 1),
                "{ip} {over:?}: {said:?}"
            );
        }
    }
    let none = resolver.ask_server(here[0], Over::Udp, "mail.nsec.test", RecordType::MX).await;
    assert_eq!(none, Direct::Records(Vec::new()));
    // Nobody listens at the first address; the second is not in the ranges.
    let elsewhere =
        resolver.ask_server("127.9.9.9".parse().unwrap(), Over::Tcp, "nsec.test", RecordType::MX).await;
    assert_eq!(elsewhere.answered(), Some(false), "{elsewhere:?}");
    let forbidden =
        resolver.ask_server("10.0.0.1".parse().unwrap(), Over::Udp, "nsec.test", RecordType::MX).await;
    assert!(matches!(forbidden, Direct::Forbidden(_)), "{forbidden:?}");
    // Without the ranges only the root itself is asked, which serves nearly all, not the one server at another address.
    let settings = |hint: IpAddr| ResolverSettings {
        lookup_timeout_s: 5,
        ..ResolverSettings::new(Servers::Recursor {
            root_hints: vec![SocketAddr::new(hint, world.port)],
            trust_anchors: world.anchors.clone(),
        })
    };
    let strict = Resolver::new(settings(here[0]), Arc::new(Timestamp::now)).unwrap();
    assert_eq!(line(&strict, "nsec.test", RecordType::MX).await, "records secure");
    for (resolver, is_refused) in [(&strict, true), (&resolver, false)] {
        let far = resolver.ask("far.test", RecordType::MX).await.looked;
        assert!(far.unknown() && far.security == Security::Indeterminate, "{far:?}");
        let words = format!("{:?}", far.answer);
        assert_eq!(words.contains("127.0.0.2: not asked, it is loopback"), is_refused, "{words}");
    }
    assert_eq!(strict.ask_server(here[0], Over::Udp, ".", RecordType::SOA).await.answered(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_domain_is_gathered_whole() {
    if !tools() {
        return;
    }
    let world = World::new();
    let names = mailassay::receiving::names::Names {
        lookup: Arc::new(recursor(&world)),
        ..super::names(&Arc::new(super::Zone::read("")))
    };
    let gathered = names.gather(&super::request("nsec.test"), &Silent).await;
    let domain = &gathered.names;
    assert_eq!((domain.zone.as_deref(), domain.soa.security), (Some("nsec.test"), Security::Secure));
    assert_eq!((domain.ds.records().len(), domain.keys.records().len()), (1, 2));
    let reach = &domain.name_servers[0].reach;
    assert_eq!(reach.len(), 2);
    assert!(reach.iter().all(|reach| reach.udp == Some(true) && reach.tcp == Some(true)), "{reach:?}");
    assert_eq!(domain.mx_of_servers[0].records.as_deref(), Some(domain.mx.records()));
    let mx = &gathered.mx[0];
    assert_eq!((mx.host.as_str(), mx.tlsa.original.security), ("mail.nsec.test", Security::Secure));
    assert_eq!(mx.caa.last().unwrap().records()[0].value, "ca.example");
    assert_eq!(names.has_ipv6(&["::1".parse().unwrap()]).await, Some(true));
}

/// What a network says that does not let us ask whom we want.
#[derive(Clone, Copy)]
enum Says {
    /// What the name server says, without the authority section.
    NoAuthority,
    /// To everything that there is no such name, and nothing else.
    Nothing,
    /// The same, with an SOA of the root.
    NothingOfTheRoot,
}

/// Stands between us and the name server.
async fn between(world: &World, says: Says) -> (u16, tokio::task::JoinHandle<()>) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (port, server) = (socket.local_addr().unwrap().port(), world.port);
    let answering = tokio::spawn(async move {
        let mut octets = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut octets).await {
            let asked = Message::from_vec(&octets[..length]).unwrap();
            let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
            answer.queries = asked.queries.clone();
            answer.metadata.response_code = ResponseCode::NXDomain;
            match says {
                Says::Nothing => {}
                Says::NothingOfTheRoot => {
                    let soa = SOA::new(Name::root(), Name::root(), 1, 1, 1, 1, 1);
                    answer.add_authority(Record::from_rdata(Name::root(), 1, RData::SOA(soa)));
                }
                Says::NoAuthority => {
                    let ahead = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
                    ahead.send_to(&octets[..length], ("127.0.0.1", server)).await.unwrap();
                    let length = ahead.recv(&mut octets).await.unwrap();
                    answer = Message::from_vec(&octets[..length]).unwrap();
                    if answer.queries[0].query_type() == RecordType::TXT {
                        answer.authorities.clear();
                    }
                }
            }
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    (port, answering)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_says_in_between_is_no_fault_of_the_domain() {
    if !tools() {
        return;
    }
    let world = World::new();
    let mut found = Vec::new();
    for (says, name) in [
        (Says::NoAuthority, "mail.plain.test"),
        (Says::NoAuthority, "mail.nsec.test"),
        (Says::Nothing, "mail.nsec.test"),
        (Says::NothingOfTheRoot, "mail.nsec.test"),
    ] {
        let (port, answering) = between(&world, says).await;
        found.push(line(&forwarder(port, &world), name, RecordType::TXT).await);
        answering.abort();
    }
    assert_eq!(found[..2], ["no-data insecure", "failed bogus: no-proof"]);
    for line in &found[2..] {
        assert!(line.starts_with("failed indeterminate Failed { failure: Indeterminate"), "{line}");
    }
}
