//! Validated look-ups against our own server.

use std::net::SocketAddr;
use std::sync::Arc;

use mailassay::sending::authority::{Authority, Server, ServerSettings, Sockets};
use mailassay::sending::history::Recorder;
use mailassay::shared::dns::{Lookup, Resolver, ResolverError, ResolverSettings, Servers};
use mailassay::shared::evidence::Security;
use mailassay::shared::evidence::scan::{LookupResult, NameAnswer, NameFailure};
use mailassay::shared::policy::Tlsa;
use mailassay::shared::time::{Timestamp, before};

use super::world::{World, content, settings};

fn forwarder(address: SocketAddr, trust_anchors: String) -> Resolver {
    let servers = Servers::Forwarder { addresses: vec![address], trust_anchors };
    Resolver::new(ResolverSettings::new(servers), Arc::new(Timestamp::now)).unwrap()
}

fn resolver(world: &World) -> Resolver {
    forwarder(world.address, world.authority.trust_anchors().join("\n"))
}

/// What matters of an answer, as a line.
fn line<T: std::fmt::Debug>(looked: &LookupResult<T>) -> String {
    let hops: String = looked.hops.iter().map(|hop| format!(" via {} {:?}", hop.to, hop.security)).collect();
    let weakest = looked.weakest();
    match &looked.answer {
        NameAnswer::Records { records } => format!("{weakest:?}{hops} {}", records.len()),
        NameAnswer::Failed { failure } => format!("failed: {failure}"),
        denial => format!("{weakest:?}{hops} {denial:?}"),
    }
}

async fn expect_all(resolver: &Resolver) {
    for (name, expected) in [
        ("et.service.test", "Secure 4"),
        ("Plain.Test.", "Insecure 1"),
        ("bare.service.test", "Insecure 1"),
        ("mx.sender.test", "Secure NoData"),
        ("nowhere.sender.test", "Secure NoName"),
        ("nowhere.plain.test", "Insecure NoName"),
        ("x.y.wild.sender.test", "Secure 1"),
        ("b.c.sender.test", "Secure NoData"),
    ] {
        assert_eq!(line(&resolver.mx(name).await), expected, "MX {name}");
    }
    for (name, expected) in [
        ("mx03.et.service.test", "Secure 2"),
        ("mx.plain.test", "Insecure 1"),
        ("alias.sender.test", "Secure via mx.sender.test Secure 1"),
        ("over.sender.test", "Secure via mx06.et.service.test Secure 2"),
        ("out.sender.test", "Insecure via mx.plain.test Secure 1"),
        ("lost.sender.test", "Secure via nowhere.test Secure NoName"),
        ("x.far.sender.test", "Secure via mx.sender.test Secure 1"),
        // What no host is called is a name for DNS all the same (RFC 2181 §11).
        ("a:b/c.sender.test", "Secure NoName"),
    ] {
        assert_eq!(line(&resolver.addresses(name).await), expected, "addresses of {name}");
    }
    for (host, expected) in [
        ("mx03.et.service.test", "Secure 1"),
        ("ut.service.test", "Secure NoData"),
        ("mx.bare.service.test", "Insecure 1"),
        ("mx.sender.test", "Secure NoName"),
    ] {
        assert_eq!(line(&resolver.tlsa(host).await), expected, "TLSA of {host}");
    }
    assert_eq!(line(&resolver.txt("large.sender.test").await), "Secure 5");
    let loops = line(&resolver.addresses("loop1.sender.test").await);
    assert!(loops.contains("the aliases lead nowhere"), "{loops}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_with_their_state() {
    let world = World::new().await;
    let resolver = resolver(&world);
    expect_all(&resolver).await;
    let mx = resolver.mx("et.service.test").await;
    assert_eq!(mx.records().iter().map(|mx| mx.preference).collect::<Vec<_>>(), [10, 20, 30, 40]);
    let tlsa = resolver.tlsa("mx06.et.service.test.").await;
    assert_eq!(tlsa.records(), [Tlsa::dane_ee_spki(b"mx06.et")]);
    let txt = resolver.txt("_mta-sts.et.service.test").await;
    assert!(txt.records()[0].starts_with("v=STSv1; id="));
    let quoted = resolver.txt("sender.test").await;
    assert_eq!(quoted.records(), ["a \"quoted\" textsecond; string"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recursor_finds_the_same_from_the_root() {
    let world = World::new().await;
    let servers = Servers::Recursor {
        root_hints: vec![world.address],
        trust_anchors: world.authority.trust_anchors().join("\n"),
    };
    let resolver = Resolver::new(ResolverSettings::new(servers), Arc::new(Timestamp::now)).unwrap();
    expect_all(&resolver).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recursor_does_without_the_servers_of_a_family() {
    let world = World::new().await;
    // Link-local addresses without their link: unreachable at once and on every host.
    let missing = |n: u16| SocketAddr::from(([0xfe80, 0, 0, 0, 0, 0, 0, n], world.address.port()));
    let servers = Servers::Recursor {
        root_hints: (1..=13).map(missing).chain([world.address]).collect(),
        trust_anchors: world.authority.trust_anchors().join("\n"),
    };
    let resolver = Resolver::new(ResolverSettings::new(servers), Arc::new(Timestamp::now)).unwrap();
    assert_eq!(line(&resolver.mx("et.service.test").await), "Secure 4");
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_of_our_own_are_known_by_heart() {
    let world = World::new().await;
    // Nobody listens there.
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let servers = Servers::Recursor {
        root_hints: vec![closed],
        trust_anchors: world.authority.trust_anchors().join("\n"),
    };
    let settings = ResolverSettings::new(servers);
    let clock = Arc::new(Timestamp::now);
    let knowing = Resolver::with_own_zones(settings.clone(), world.authority.clone(), clock.clone()).unwrap();
    assert_eq!(line(&knowing.mx("et.service.test").await), "Secure 4");
    assert_eq!(
        line(&knowing.addresses("over.sender.test").await),
        "Secure via mx06.et.service.test Secure 2"
    );
    assert_eq!(line(&knowing.mx("nowhere.plain.test").await), "Insecure NoName");
    assert!(world.noted.queries().is_empty());
    // What is delegated to others is theirs, and others cannot be asked.
    let failed = knowing.mx("www.elsewhere.test").await;
    assert!(matches!(failed.failure(), Some(NameFailure::NoRoot { .. })), "{failed:?}");
    let stranger = Resolver::new(settings, clock).unwrap();
    let failed = stranger.mx("et.service.test").await;
    assert!(matches!(failed.failure(), Some(NameFailure::NoRoot { .. })), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_zones_at_one_of_two_servers_does_not_count() {
    let stale = World::at(before(Timestamp::now(), 30 * 86_400)).await;
    // The same keys, and signatures of today.
    let fresh = Authority::new(content(), settings(stale.folder.path()), Timestamp::now()).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 2], stale.address.port()));
    let sockets = Sockets::bind(&[address]).await.unwrap();
    let clock = Arc::new(Timestamp::now);
    let notes: Arc<dyn Recorder> = stale.noted.clone();
    let server = Arc::new(Server::new(Arc::new(fresh), notes, clock.clone(), ServerSettings::default()));
    tokio::spawn(server.serve(sockets, stale.stop.clone()));
    for (root_hints, expected) in [
        (vec![stale.address], [false; 3]),
        (vec![stale.address, address], [true; 3]),
        (vec![address, stale.address], [true; 3]),
    ] {
        let trust_anchors = stale.authority.trust_anchors().join("\n");
        let servers = Servers::Recursor { root_hints, trust_anchors };
        let resolver = Resolver::new(ResolverSettings::new(servers), clock.clone()).unwrap();
        let mx = line(&resolver.mx("et.service.test").await) == "Secure 4";
        let alias = line(&resolver.addresses("over.sender.test").await);
        let denied = line(&resolver.mx("nowhere.sender.test").await) == "Secure NoName";
        let alias = alias == "Secure via mx06.et.service.test Secure 2";
        assert_eq!([mx, alias, denied], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_kept_apart() {
    let world = World::new().await;
    // An anchor that is not the root's key.
    let other = World::new().await;
    let wrong = forwarder(world.address, other.authority.trust_anchors().join("\n"));
    let fault = wrong.mx("et.service.test").await.known().unwrap_err();
    assert!(
        fault.ends_with("indeterminate: the keys of the trust anchor do not validate from here"),
        "{fault}"
    );
    // An anchor below which the name does not lie.
    let island = other.authority.trust_anchors()[0].replacen(". ", "elsewhere.test. ", 1);
    let island = forwarder(world.address, island);
    assert_eq!(line(&island.mx("et.service.test").await), "Indeterminate 4");
    // Signatures that are over.
    let stale = World::at(before(Timestamp::now(), 30 * 86_400)).await;
    let late = forwarder(stale.address, stale.authority.trust_anchors().join("\n"));
    let fault = late.mx("et.service.test").await.known().unwrap_err();
    assert!(fault.ends_with("the keys of the trust anchor do not validate from here"), "{fault}");
    // A referral to somebody else, and a zone that nobody serves.
    let resolver = resolver(&world);
    let referral = resolver.mx("www.elsewhere.test").await;
    assert!(matches!(referral.failure(), Some(NameFailure::ServerFailure { .. })), "{referral:?}");
    // A server that is silent.
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let servers = Servers::Forwarder {
        addresses: vec![silent.local_addr().unwrap()],
        trust_anchors: world.authority.trust_anchors().join("\n"),
    };
    let settings =
        ResolverSettings { query_timeout_ms: 50, attempts_max: 1, ..ResolverSettings::new(servers) };
    let resolver = Resolver::new(settings, Arc::new(Timestamp::now)).unwrap();
    let failed = resolver.mx("et.service.test").await;
    assert_eq!((failed.failure(), failed.security), (Some(&NameFailure::Timeout), Security::Indeterminate));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_not_asked_for_again() {
    let world = World::new().await;
    let resolver = resolver(&world);
    for _ in 0..3 {
        let denied = resolver.tlsa("ut.service.test").await;
        assert_eq!(denied.answer, NameAnswer::NoData);
    }
    let asked = world.noted.queries();
    assert_eq!(asked.iter().filter(|query| query.rtype == "TLSA").count(), 1, "{asked:?}");
}

#[test]
fn anchors_that_are_none_are_refused() {
    let servers = Servers::Forwarder {
        addresses: vec![([127, 0, 0, 1], 53).into()],
        trust_anchors: "nonsense".to_owned(),
    };
    let error = Resolver::new(ResolverSettings::new(servers), Arc::new(Timestamp::now)).err().unwrap();
    assert!(matches!(error, ResolverError::Anchors(_)), "{error}");
}
