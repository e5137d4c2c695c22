//! What a scan gathers of names, in worlds of text, and what the resolver makes of zones that real tools sign.

mod policies;
mod real;
mod signed;
pub(crate) mod zone;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use mailassay::receiving::names::{self, Gathered, Names, chosen_addresses};
use mailassay::receiving::request::{Progress, Request, Silent, Step};
use mailassay::sending::identities::Identities;
use mailassay::sending::persona::{Addresses, CatalogueFiles};
use mailassay::shared::dial;
use mailassay::shared::dns::{Asking, Direct, DirectLookup, Lookup, Over, RecordType, Response};
use mailassay::shared::evidence::scan::{Connections, Cut, Evidence, MxHost, NameAnswer};
use mailassay::shared::evidence::{FetchOutcome, Security};
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::Roots;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use zone::Zone;

const WORLD: &str = r#"
net.                     SOA   a.nic.net.                  ; secure
example.net.             SOA   ns1.example.net.            ; secure until 2026-12-24T00:00:00Z
example.net.             NS    ns1.example.net.
example.net.             NS    ns2.example.org.
example.net.             DS    4711 13 2
example.net.             DNSKEY 257 13 4711
example.net.             MX    20 mx2.example.net.
example.net.             MX    10 mx1.example.net.
example.net.             MX    30 mx1.example.net.
example.net.             MX    40 alias.example.net.
example.net.             MX    50 192.0.2.99.
example.net.             TXT   "v=spf1 mx include:_spf.example.org exists:%{i}.example.net a:void.example.net -all"
example.net.             TXT   "verification=1"
_dmarc.example.net.      TXT   "v=DMARC1; p=reject; rua=mailto:d@example.net,mailto:d@reports.example.com"
_domainkey.example.net.  TXT   -                           ; secure
_mta-sts.example.net.    TXT   "v=STSv1; id=1;"
mta-sts.example.net.     A     127.0.0.1
_smtp._tls.example.net.  TXT   "v=TLSRPTv1; rua=mailto:t@example.net"
example.net.             CAA   0 issue "ca.example"
ns1.example.net.         A     192.0.2.53
ns1.example.net.         AAAA  2001:db8::53
mx1.example.net.         A     192.0.2.1
mx1.example.net.         A     192.0.2.2
mx1.example.net.         A     192.0.2.3
mx1.example.net.         AAAA  2001:db8::1
mx1.example.net.         AAAA  2001:db8::2
_25._tcp.mx1.example.net. TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
mx2.example.net.         A     192.0.2.4                   ; bogus expired 2026-01-01T00:00:00Z
alias.example.net.       CNAME mail.example.com.
example.com.             SOA   ns1.example.net.            ; secure
example.com.             NS    ns1.example.net.
mail.example.com.        A     192.0.2.5
_25._tcp.mail.example.com. TLSA 3 1 1 ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
example.org.             SOA   ns2.example.org.            ; insecure
_spf.example.org.        TXT   "v=spf1 ip4:192.0.2.0/24 ~all"
ns2.example.org.         A     192.0.2.54
ns2.example.org.         AAAA  2001:db8::54
@2001:db8::54 silent
@192.0.2.53 no-tcp
@192.0.2.54 example.net. MX 10 old.example.net.
1.2.0.192.in-addr.arpa.  PTR   mx1.example.net.
1.2.0.192.in-addr.arpa.  PTR   other.example.net.
"#;

pub(crate) fn request(domain: &str) -> Request {
    Request::of(domain.to_owned(), "scanner.example".to_owned())
}

fn names(zone: &Arc<Zone>) -> Names {
    Names {
        lookup: Arc::clone(zone) as Arc<dyn DirectLookup>,
        dial: dial::Settings::default(),
        roots: Roots::mozilla(),
        clock: Arc::new(|| "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap()),
        settings: names::Settings::default(),
    }
}

pub(crate) async fn gather(text: &str, request: &Request) -> (Gathered, Arc<Zone>) {
    let zone = Arc::new(Zone::read(text));
    (names(&zone).gather(request, &Silent).await, zone)
}

fn host<'a>(gathered: &'a Gathered, name: &str) -> &'a MxHost {
    gathered.mx.iter().find(|mx| mx.host == name).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn everything_of_a_domain() {
    let (gathered, zone) = gather(WORLD, &request("example.net")).await;
    let names = &gathered.names;
    assert_eq!(names.zone.as_deref(), Some("example.net"));
    assert_eq!(names.soa.signature.as_ref().unwrap().expiration.to_string(), "2026-12-24T00:00:00Z");
    assert_eq!((names.ds.records().len(), names.keys.records().len()), (1, 1));
    assert_eq!(names.mx.records().len(), 5);
    assert_eq!((&names.a.answer, names.spf.policies[0].txt.records().len()), (&NameAnswer::NotAsked, 2));
    assert!(matches!(names.domainkey.answer, NameAnswer::NoData));
    assert!(matches!(names.bimi.answer, NameAnswer::NoName));
    assert_eq!(names.tlsrpt.records().len(), 1);
    // Hosts by preference, each once.
    let hosts: Vec<_> = gathered.mx.iter().map(|mx| (mx.host.as_str(), mx.preferences.clone())).collect();
    let expected = [
        ("mx1.example.net", vec![10, 30]),
        ("mx2.example.net", vec![20]),
        ("alias.example.net", vec![40]),
        ("192.0.2.99", vec![50]),
    ];
    assert_eq!(hosts, expected);
    let mx1 = host(&gathered, "mx1.example.net");
    assert_eq!((mx1.a.records().len(), mx1.aaaa.records().len()), (3, 2));
    assert_eq!((mx1.tlsa.original.records().len(), &mx1.tlsa.expanded), (1, &None));
    assert_eq!((mx1.zone.as_deref(), mx1.soa.security), (Some("example.net"), Security::Secure));
    // CAA: nothing at the host, records above it.
    let climbed: Vec<_> = mx1.caa.iter().map(|caa| (caa.name.as_str(), caa.records().len())).collect();
    assert_eq!(climbed, [("mx1.example.net", 0), ("example.net", 1)]);
    let bogus = host(&gathered, "mx2.example.net");
    assert!(bogus.a.broken.is_some() && bogus.a.security == Security::Bogus);
    // The literal is not looked up.
    let literal = host(&gathered, "192.0.2.99");
    assert!(literal.a.unknown() && literal.caa.is_empty());
    let asked = zone.asked.lock().unwrap();
    assert!(!asked.iter().any(|question| question.starts_with("192.0.2.99")));
    // Nothing is asked twice.
    let mut once = asked.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), asked.len());
    assert_eq!(gathered.queries as usize, asked.len());
    assert_eq!(gathered.cuts, []);
    // The policy host is on an address that must not be called.
    let fetch = gathered.names.mta_sts.fetch.as_ref().unwrap();
    assert!(format!("{fetch:?}").contains("loopback"), "{fetch:?}");
    assert_eq!(gathered.others, 1);
}

#[tokio::test]
async fn tlsa_at_the_securely_expanded_name() {
    let (gathered, _) = gather(WORLD, &request("example.net")).await;
    let tlsa = &host(&gathered, "alias.example.net").tlsa;
    let expanded = tlsa.expanded.as_ref().unwrap();
    assert_eq!((expanded.name.as_str(), expanded.records().len()), ("_25._tcp.mail.example.com", 1));
    assert_eq!(tlsa.original.answer, NameAnswer::NotAsked);
    assert_eq!(host(&gathered, "alias.example.net").zone.as_deref(), Some("example.com"));
    // Without records there the original is asked; an insecure alias expands to nothing.
    let empty = WORLD.replace("_25._tcp.mail.example.com.", "_25._tcp.elsewhere.example.com.");
    let (gathered, _) = gather(&empty, &request("example.net")).await;
    let tlsa = &host(&gathered, "alias.example.net").tlsa;
    assert!(tlsa.expanded.as_ref().unwrap().denied() && tlsa.original.denied());
    let insecure = WORLD.replace("CNAME mail.example.com.", "CNAME mail.example.com. ; insecure");
    let (gathered, _) = gather(&insecure, &request("example.net")).await;
    let tlsa = &host(&gathered, "alias.example.net").tlsa;
    assert!(tlsa.expanded.is_none() && tlsa.original.denied());
}

#[tokio::test]
async fn name_servers_are_asked_one_by_one() {
    let (gathered, zone) = gather(WORLD, &request("example.net")).await;
    let mut reach: Vec<_> = gathered
        .names
        .name_servers
        .iter()
        .flat_map(|server| &server.reach)
        .map(|reach| (reach.ip, reach.udp, reach.tcp))
        .collect();
    reach.sort();
    let expected = [
        (ip("192.0.2.53"), Some(true), Some(false)),
        (ip("192.0.2.54"), Some(true), Some(true)),
        (ip("2001:db8::53"), Some(true), Some(true)),
        (ip("2001:db8::54"), Some(false), Some(false)),
    ];
    assert_eq!(reach, expected);
    let said: Vec<_> = gathered
        .names
        .mx_of_servers
        .iter()
        .map(|said| (said.server.as_str(), said.records.as_ref().map(Vec::len)))
        .collect();
    assert_eq!(said, [("ns1.example.net", Some(5)), ("ns2.example.org", Some(1))]);
    // Those of the zone of another MX are tried over IPv6 alone, and not a second time.
    let servers = &host(&gathered, "alias.example.net").name_servers;
    assert_eq!(servers.iter().flat_map(|server| &server.reach).count(), 1);
    drop(zone);
    // Where nobody vouches for the domain no name server and no policy host is called.
    let unvouched = Request { connections: Connections::NotVouchedFor, ..request("example.net") };
    let (gathered, zone) = gather(WORLD, &unvouched).await;
    assert!(!zone.asked.lock().unwrap().iter().any(|question| question.contains('@')));
    assert!(gathered.names.mta_sts.fetch.is_none() && gathered.names.mx_of_servers.is_empty());
    assert_eq!(gathered.names.name_servers.len(), 2);
}

#[tokio::test]
async fn domains_without_mx_records() {
    for (text, hosts) in [
        ("example.net. MX 0 .", &[][..]),
        ("example.net. MX 0 .\nexample.net. MX 10 mx.example.net.", &["mx.example.net"]),
        ("example.net. A 192.0.2.1", &["example.net"]),
        ("example.net. TXT \"x\"", &[]),
        ("other.net. A 192.0.2.1", &[]),
        ("example.net. A 192.0.2.1\nexample.net. MX - ; servfail", &[]),
    ] {
        let (gathered, _) = gather(text, &request("example.net")).await;
        let found: Vec<_> = gathered.mx.iter().map(|mx| mx.host.as_str()).collect();
        assert_eq!(found, hosts, "{text}");
    }
}

#[tokio::test]
async fn limits_are_said() {
    let many: String = (0..14).map(|n| format!("example.net. MX {n} mx{n}.example.net.\n")).collect();
    let (gathered, _) = gather(&many, &request("example.net")).await;
    assert_eq!(gathered.mx.len(), Evidence::MX_HOSTS_MAX);
    let cut = &gathered.cuts[0];
    assert_eq!((cut.what.as_str(), cut.of, cut.kept), ("mx", Some(14), 10));
    // So many questions and no more; what was not asked is not absent.
    let zone = Arc::new(Zone::read(&many));
    let mut names = names(&zone);
    names.settings.questions_max = 20;
    let gathered = names.gather(&request("example.net"), &Silent).await;
    assert_eq!((gathered.queries, zone.asked.lock().unwrap().len()), (20, 20));
    assert_eq!(gathered.mx[9].caa[0].answer, NameAnswer::NotAsked);
    assert!(gathered.cuts.iter().any(|cut| cut.what == "queries" && cut.kept == 20), "{:?}", gathered.cuts);
    // Records beyond the bound.
    let texts: String = (0..130).map(|n| format!("example.net. TXT \"{n}\"\n")).collect();
    let (gathered, _) = gather(&texts, &request("example.net")).await;
    assert_eq!(gathered.names.spf.policies[0].txt.records().len(), 128);
    assert_eq!(gathered.cuts[0].what, "records of example.net TXT");
    let long = format!("example.net. TXT \"v=spf1 {}\"", "x".repeat(5000));
    let (gathered, _) = gather(&long, &request("example.net")).await;
    assert_eq!(gathered.names.spf.policies[0].txt.records()[0].len(), 4096);
    assert_eq!(gathered.cuts.len(), 1);
}

fn written(gathered: &Gathered) -> usize {
    serde_json::to_vec(&(&gathered.names, &gathered.mx, &gathered.cuts)).unwrap().len()
}

/// A domain as large as the limits allow has room, and is not cut.
#[tokio::test]
async fn a_large_domain_has_room() {
    let mut text = "example.net. SOA ns0.dns0.example.org. ; secure\n".to_owned();
    for n in 0..10 {
        text +=
            &format!("example.net. MX {n} mx.mail{n}.example.com.\nmail{n}.example.com. SOA ns. ; secure\n");
        text +=
            &format!("mx.mail{n}.example.com. A 192.0.2.{n}\nmx.mail{n}.example.com. AAAA 2001:db8::{n}\n");
        text += &format!("_25._tcp.mx.mail{n}.example.com. TLSA 3 1 1 {}\n", "0a".repeat(32));
        for server in 0..4 {
            text += &format!("mail{n}.example.com. NS ns{server}.dns{}.example.org.\n", n % 5);
        }
    }
    for n in 0..20 {
        let name = format!("ns{}.dns{}.example.org.", n % 4, n / 4);
        text += &format!("{name} A 192.0.2.1{n:02}\n{name} AAAA 2001:db8:1::{n}\nexample.net. NS {name}\n");
    }
    let (gathered, _) = gather(&text, &request("example.net")).await;
    let cut: Vec<_> = gathered.cuts.iter().map(|cut| cut.what.as_str()).collect();
    assert_eq!(cut, ["name servers of example.net"]);
    assert!(gathered.mx.iter().all(|mx| mx.name_servers.len() == 4));
    assert!(written(&gathered) > 40 * 1024, "{}", written(&gathered));
}

/// Whatever strangers publish, evidence of it stays small, and what was left out is not absent.
#[tokio::test]
async fn hostile_names_stay_small() {
    let long = |n: usize| format!("{n}{}.{}.example.net.", "x".repeat(60), "y".repeat(63));
    let noise = "\u{1}".repeat(6000);
    let mut text = String::new();
    for n in 0..70 {
        text += &format!("example.net. MX {n} {}\nexample.net. NS {}\n", long(n), long(n));
        text += &format!("*.example.net. TXT \"v=STSv1; {n}{noise}\"\n");
        text +=
            &format!("*.example.net. CAA 0 issue \"{noise}\"\n*.example.net. SOA ns.example.net. ; secure\n");
        text += &format!("*.example.net. TLSA 3 1 0 {}\n", "00".repeat(3000));
        text += &format!("{0} A 192.0.2.{n}\n{0} TXT x\n{0} CNAME {1}\n", long(n), long(n + 100));
        text += &format!("{} A 192.0.2.{n}\n", long(n + 100));
    }
    text += &format!(
        "example.net. SOA ns.example.net. ; secure\nexample.net. TXT \"v=spf1 {}\"",
        "include:a.example.net ".repeat(12)
    );
    let (gathered, _) = gather(&text, &request("example.net")).await;
    assert!(written(&gathered) < 192 * 1024, "{}", written(&gathered));
    let left_out = |cut: &&Cut| cut.kept == 0 && cut.what.starts_with("records of");
    assert!(gathered.cuts.iter().filter(left_out).count() > 0, "{:?}", gathered.cuts);
    let not_asked = gathered.mx.iter().filter(|mx| mx.tlsa.original.answer == NameAnswer::NotAsked);
    assert!(not_asked.count() > 0);
}

#[test]
fn both_families_are_chosen() {
    let zone = Zone::read(WORLD);
    let asked = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let zone = Arc::new(zone);
    let gathered = asked.block_on(names(&zone).gather(&request("example.net"), &Silent));
    let (chosen, cut) = chosen_addresses(host(&gathered, "mx1.example.net"));
    assert_eq!(chosen, ["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"].map(ip));
    let cut = cut.unwrap();
    assert_eq!((cut.what.as_str(), cut.of, cut.kept), ("addresses of mx1.example.net", Some(5), 4));
    assert_eq!(chosen_addresses(host(&gathered, "alias.example.net")), (vec![ip("192.0.2.5")], None));
}

/// By the book: with a certificate that leads to the roots for policy hosts, from the address that DNS gave.
#[tokio::test]
async fn the_policy_is_fetched() {
    let now = || "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings =
        mailassay::sending::identities::Settings { folder: folder.path().to_owned(), ..Default::default() };
    let catalogue = CatalogueFiles::embedded().catalogue("example.org").unwrap();
    let identities = Identities::open(settings, catalogue, Addresses::default(), now()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let text = "_mta-sts.et.example.org. TXT \"v=STSv1; id=1\"\nmta-sts.et.example.org. A 127.0.0.1";
    let mut names = names(&Arc::new(Zone::read(text)));
    names.roots = Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
    names.dial.https_port = listener.local_addr().unwrap().port();
    names.dial.rules.allowed = vec!["127.0.0.0/8".parse().unwrap()];
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let choose = |_: &_| identities.policy_host_config("mta-sts.et.example.org").unwrap();
        let (_, mut stream) = mailassay::shared::tls::accept(stream, 10, choose).await.outcome.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc";
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.ok();
    };
    let request = request("et.example.org");
    let (gathered, ()) = tokio::join!(names.gather(&request, &Silent), serve);
    let fetch = gathered.names.mta_sts.fetch.unwrap();
    assert_eq!(fetch.url, "https://mta-sts.et.example.org/.well-known/mta-sts.txt");
    assert!(matches!(fetch.outcome, FetchOutcome::Answered { status: 200, ref body, .. } if body == "abc"));
    assert_eq!(gathered.others, 1);
    // Several records are as good as none (RFC 8461 §3.1): no policy is fetched, and the addresses are still shown.
    let several = format!("{text}\n_mta-sts.et.example.org. TXT \"v=STSv1; id=2\"");
    let (gathered, _) = gather(&several, &request).await;
    assert_eq!((gathered.names.mta_sts.a.records().len(), gathered.names.mta_sts.fetch), (1, None));
}

#[tokio::test]
async fn the_names_of_an_address() {
    let zone = Arc::new(Zone::read(WORLD));
    let reverse = names(&zone).reverse(ip("192.0.2.1"), &Silent).await;
    assert_eq!(reverse.ptr.records(), ["mx1.example.net", "other.example.net"]);
    assert_eq!(reverse.addresses[0].records().len(), 3);
    assert!(reverse.addresses[1].denied());
    assert_eq!(reverse.queries, 3);
}

#[tokio::test]
async fn ipv6_of_this_host() {
    let text = ". SOA a.root.\n. NS a.root.\na.root. AAAA 2001:db8::53\n@2001:db8::66 forbidden";
    let zone = Arc::new(Zone::read(text));
    let names = names(&zone);
    assert_eq!(names.has_ipv6(&[ip("192.0.2.1"), ip("2001:db8::54"), ip("2001:db8::53")]).await, Some(true));
    assert_eq!(names.has_ipv6(&[ip("192.0.2.1"), ip("2001:db8::54")]).await, Some(false));
    assert_eq!(names.has_ipv6(&[ip("192.0.2.1"), ip("2001:db8::66")]).await, None);
}

#[tokio::test]
async fn the_domain_of_mail_from() {
    let request = Request { envelope: Some("example.org".to_owned()), ..request("example.net") };
    let (gathered, _) = gather(WORLD, &request).await;
    let envelope = gathered.envelope.unwrap();
    assert_eq!((envelope.domain.as_str(), envelope.soa.security), ("example.org", Security::Insecure));
    assert!(envelope.mx.denied() && envelope.spf.denied());
}

#[tokio::test]
async fn whoever_watches_sees_every_question() {
    #[derive(Default)]
    struct Watch(Mutex<Vec<String>>);
    impl Progress for Watch {
        fn step(&self, step: Step) {
            if let Step::Name { question } = step {
                self.0.lock().unwrap().push(question);
            }
        }
    }
    let zone = Arc::new(Zone::read(WORLD));
    let watch = Watch::default();
    let gathered = names(&zone).gather(&request("example.net"), &watch).await;
    let seen = watch.0.lock().unwrap();
    assert_eq!(seen.len(), gathered.queries as usize);
    assert!(seen.contains(&"example.net MX".to_owned()));
}

/// A name server that never answers does not hold a scan longer than all questions may take.
#[tokio::test(start_paused = true)]
async fn time_is_limited() {
    struct Slow(Zone);
    impl Lookup for Slow {
        fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
            Box::pin(async move {
                if rtype == RecordType::CAA {
                    std::future::pending::<()>().await;
                }
                self.0.ask(name, rtype).await
            })
        }
    }

    impl DirectLookup for Slow {
        fn ask_server<'a>(
            &'a self,
            server: IpAddr,
            over: Over,
            name: &'a str,
            rtype: RecordType,
        ) -> Asking<'a, Direct> {
            self.0.ask_server(server, over, name, rtype)
        }
    }
    let zone = Arc::new(Zone::read(WORLD));
    let names = Names { lookup: Arc::new(Slow(Zone::read(WORLD))), ..names(&zone) };
    let begin = tokio::time::Instant::now();
    let gathered = names.gather(&request("example.net"), &Silent).await;
    assert_eq!(begin.elapsed().as_secs(), 30);
    assert_eq!(gathered.mx.len(), 4);
    let late = NameAnswer::Failed { failure: mailassay::shared::evidence::scan::NameFailure::Timeout };
    assert_eq!(host(&gathered, "mx1.example.net").caa[0].answer, late);
    assert!(gathered.cuts.iter().any(|cut| cut.what == "queries"));
}
