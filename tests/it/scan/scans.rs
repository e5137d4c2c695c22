//! Whole scans in virtual time: pace, limits, cuts, and what scans share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mailassay::receiving::request::{Request, Silent};
use mailassay::receiving::scan::{Settings, limiter_group};
use mailassay::shared::evidence::TlsVersion;
use mailassay::shared::evidence::scan::{
    Connections, Evidence, Gap, Known, NotTried, Question, Reach, Server, SessionFault, SmtpReply, Stage,
    Stopped, Survey,
};

use super::lab::{Allows, Host, Lab, Waits, request, scanner};
use super::simulated::Model;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A zone of one MX host with these addresses.
fn zone(addresses: &[&str]) -> String {
    let mut zone = String::from(
        "net. SOA a.nic.net. ; secure\nexample.net. SOA ns1.example.net. ; secure\nexample.net. MX 10 mx.example.net.\n\
         other.net. SOA ns1.example.net. ; secure\nother.net. MX 10 mx.example.net.\n",
    );
    for address in addresses {
        let kind = if address.contains(':') { "AAAA" } else { "A" };
        zone.push_str(&format!("mx.example.net. {kind} {address}\n"));
    }
    zone
}

fn lab(servers: Vec<(&str, Arc<Host>)>) -> Arc<Lab> {
    let hosts = servers.into_iter().map(|(address, host)| (ip(address), host)).collect();
    Arc::new(Lab { hosts, ..Lab::default() })
}

fn server<'a>(evidence: &'a Evidence, address: &str) -> &'a Server {
    evidence.servers.iter().find(|server| server.ip == ip(address)).unwrap()
}

fn whole(server: &Server) {
    assert_eq!(server.stopped, None, "{:?}", server.unasked);
    let survey = Survey::of(server);
    assert!((0x0300..=0x0304).all(|version| !survey.version(TlsVersion(version)).unknown()));
    assert!(!survey.hash("SHA-1").unknown());
    assert!(survey.renegotiations.is_ok());
}

/// One connection without STARTTLS is no proof: the next may have it (R17).
#[tokio::test(start_paused = true)]
async fn that_there_is_no_starttls_wants_two_looks() {
    for (starttls_from, connections, announced) in [(usize::MAX, 2, Some(false)), (1, 3, Some(true))] {
        let host = Arc::new(Host { starttls_from, ..Host::new(Model::hardened_postfix()) });
        let lab = lab(vec![("192.0.2.1", host)]);
        let scanner = scanner(&zone(&["192.0.2.1"]), &lab, Settings::default());
        let evidence = scanner.scan(&request("example.net"), &Silent).await;
        let seen = server(&evidence, "192.0.2.1");
        let earlier = seen.earlier.as_ref().expect("a first look");
        assert_eq!(earlier.announces("STARTTLS"), Some(false));
        assert_eq!(seen.session.announces("STARTTLS"), announced);
        assert!(seen.connections >= connections && seen.stopped.is_none(), "{seen:?}");
        assert_eq!(seen.handshake.is_some(), announced == Some(true));
    }
    // Who offers it at once is looked at once.
    let lab = lab(vec![("192.0.2.1", Arc::new(Host::new(Model::hardened_postfix())))]);
    let scanner = scanner(&zone(&["192.0.2.1"]), &lab, Settings::default());
    let evidence = scanner.scan(&request("example.net"), &Silent).await;
    assert_eq!(server(&evidence, "192.0.2.1").earlier, None);
}

/// Where the second look comes to nothing, the first is all there is, and what it had seen is not forgotten.
#[tokio::test(start_paused = true)]
async fn a_second_look_that_comes_to_nothing_proves_nothing() {
    let allows = Allows { ever: Some(1), ..Allows::default() };
    let host = Arc::new(Host { starttls_from: usize::MAX, allows, ..Host::new(Model::hardened_postfix()) });
    let lab = lab(vec![("192.0.2.1", host)]);
    let scanner = scanner(&zone(&["192.0.2.1"]), &lab, Settings::default());
    let evidence = scanner.scan(&request("example.net"), &Silent).await;
    let seen = server(&evidence, "192.0.2.1");
    assert_eq!((seen.reach.clone(), seen.earlier.is_some()), (Reach::Reached, true));
    let findings = mailassay::receiving::checks::judge(&evidence, evidence.to);
    let starttls = findings.iter().find(|finding| finding.check.id() == "starttls").unwrap();
    let limited = mailassay::receiving::checks::Unknown::Limited;
    assert_eq!(starttls.measured, mailassay::receiving::checks::Measured::Inconclusive { why: limited });
}

/// The bar of the issue.
#[tokio::test(start_paused = true)]
async fn a_server_that_allows_two_at_once_and_thirty_a_minute_gets_a_full_verdict() {
    for model in [Model::default_postfix(), Model::hardened_postfix()] {
        let allows = Allows { at_once: Some(2), a_minute: Some(30), ever: None };
        let host = Arc::new(Host { allows, ..Host::new(model) });
        let lab = lab(vec![("192.0.2.1", Arc::clone(&host)), ("2001:db8::1", host)]);
        let zone = zone(&["192.0.2.1", "2001:db8::1"]);
        let waits = Waits::default();
        let scanner = scanner(&zone, &lab, Settings::default());
        let evidence = scanner.scan(&request("example.net"), &waits).await;
        whole(server(&evidence, "192.0.2.1"));
        whole(server(&evidence, "2001:db8::1"));
        assert!(evidence.cost.milliseconds < 180_000, "{:?}", evidence.cost);
        let made: u32 = evidence.servers.iter().map(|server| server.connections).sum();
        assert_eq!(evidence.cost.connections, made);
        assert_eq!(made as usize, lab.made.lock().unwrap().len());
        assert!(waits.0.lock().unwrap().iter().all(|seconds| [30, 60].contains(seconds)));
    }
}

#[tokio::test(start_paused = true)]
async fn networks_are_asked_one_connection_at_a_time_and_breadth_first() {
    let addresses = ["192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::1"];
    let host = || Arc::new(Host::new(Model::default_postfix()));
    let lab = lab(addresses.map(|address| (address, host())).to_vec());
    // Time for some steps of each.
    let settings = Settings { groups_at_once_max: 2, scan_s: 2, ..Settings::default() };
    let evidence = scanner(&zone(&addresses), &lab, settings).scan(&request("example.net"), &Silent).await;
    let made = lab.made.lock().unwrap();
    for connection in &*made {
        let beside = made.iter().filter(|other| other.from < connection.to && connection.from < other.to);
        let groups: Vec<_> = beside.map(|other| limiter_group(other.ip)).collect();
        let own = limiter_group(connection.ip);
        assert_eq!(groups.iter().filter(|group| **group == own).count(), 1);
        // Itself and one before or behind it each.
        assert!(groups.len() <= 3, "{groups:?}");
    }
    let steps: Vec<u32> = evidence.servers.iter().map(|server| server.connections).collect();
    // Two addresses of a network share its turns.
    assert!(steps.iter().max().unwrap() - steps.iter().min().unwrap() <= 2, "{steps:?}");
    assert!(evidence.servers.iter().all(|server| server.stopped == Some(Stopped::OutOfTime)));
    assert!(evidence.servers.iter().all(|server| server.handshake.is_some() && !server.unasked.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_on_limiting_is_left_and_what_is_known_stays() {
    let allows = Allows { ever: Some(5), ..Allows::default() };
    let limited = Arc::new(Host { allows, ..Host::new(Model::default_postfix()) });
    let beside = Arc::new(Host { latency: Duration::from_secs(3), ..Host::new(Model::default_postfix()) });
    let lab = lab(vec![
        ("192.0.2.1", limited),
        ("192.0.2.2", beside),
        ("2001:db8::1", Arc::new(Host::new(Model::default_postfix()))),
    ]);
    let waits = Waits::default();
    let zone = zone(&["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
    let evidence = scanner(&zone, &lab, Settings::default()).scan(&request("example.net"), &waits).await;
    let first = server(&evidence, "192.0.2.1");
    assert_eq!(first.stopped, Some(Stopped::Limited { reason: "421 4.7.0 too many connections".into() }));
    assert_eq!(first.probes.len(), 4);
    assert!(first.unasked.len() > 2);
    assert_eq!(first.connections, 8, "five, and one after each wait");
    assert_eq!(*waits.0.lock().unwrap(), [30, 60]);
    assert!(Survey::of(first).version(TlsVersion::TLS12).yes());
    // Its neighbour shares the limiter, another network does not.
    assert!(matches!(server(&evidence, "192.0.2.2").stopped, Some(Stopped::Limited { .. })));
    whole(server(&evidence, "2001:db8::1"));
}

fn refusal(stage: Stage, code: u16) -> SessionFault {
    SessionFault::Reply { stage, reply: SmtpReply { code, lines: vec!["5.5.0 no".into()] } }
}

/// Who does not take STARTTLS with a command behind it is no limiter; and is asked for the rest without.
#[tokio::test(start_paused = true)]
async fn a_refused_injection_costs_no_wait_and_no_answer() {
    let dropped = SessionFault::Dropped { stage: Stage::Starttls };
    for (fault, injected) in [
        (refusal(Stage::Starttls, 554), Known::No),
        (dropped, Known::No),
        // These may be about anything.
        (refusal(Stage::Starttls, 421), Known::Unknown(Gap::Limited)),
        (SessionFault::TimedOut { stage: Stage::Starttls }, Known::Unknown(Gap::NoAnswer)),
    ] {
        let stuffed = |question: &Question| matches!(question, Question::Renegotiate { inject: true, .. });
        let bars = Some((stuffed as fn(&Question) -> bool, fault.clone()));
        let model = Model { renegotiations: 3, ..Model::hardened_postfix() };
        let lab = lab(vec![("192.0.2.1", Arc::new(Host { bars, ..Host::new(model) }))]);
        let waits = Waits::default();
        let scanner = scanner(&zone(&["192.0.2.1"]), &lab, Settings::default());
        let evidence = scanner.scan(&request("example.net"), &waits).await;
        let server = server(&evidence, "192.0.2.1");
        whole(server);
        let survey = Survey::of(server);
        assert_eq!((survey.injected, survey.renegotiations), (injected, Ok(3)), "{fault:?}");
        assert_eq!(*waits.0.lock().unwrap(), Vec::<u32>::new(), "{fault:?}");
        let steps: Vec<_> = server.probes.iter().rev().take(2).map(|probe| probe.step.as_str()).collect();
        assert_eq!(steps, ["renegotiation-alone", "renegotiation"]);
    }
}

/// 5yz is for good: waiting would not change it, nor would asking on and on.
#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_for_good_is_left_without_a_wait() {
    for stage in [Stage::Greeting, Stage::Starttls] {
        let fault = refusal(stage, 554);
        let bars = Some(((|question| *question != Question::Ssl2) as fn(&Question) -> bool, fault));
        let host = Host { bars, ..Host::new(Model::default_postfix()) };
        let lab = lab(vec![("192.0.2.1", Arc::new(host))]);
        let waits = Waits::default();
        let scanner = scanner(&zone(&["192.0.2.1"]), &lab, Settings::default());
        let evidence = scanner.scan(&request("example.net"), &waits).await;
        let server = server(&evidence, "192.0.2.1");
        assert_eq!(server.stopped, Some(Stopped::Limited { reason: "554 5.5.0 no".into() }));
        assert_eq!((server.connections, server.unasked.is_empty()), (4, false));
        assert_eq!(*waits.0.lock().unwrap(), Vec::<u32>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_free_again_is_left_alone_with_its_network() {
    let slow = Arc::new(Host { latency: Duration::from_secs(12), ..Host::new(Model::default_postfix()) });
    let never = Allows { ever: Some(0), ..Allows::default() };
    let limited = Arc::new(Host { allows: never, ..Host::new(Model::default_postfix()) });
    let lab = lab(vec![("192.0.2.1", limited), ("192.0.2.2", slow)]);
    let scanner = scanner(&zone(&["192.0.2.1", "192.0.2.2"]), &lab, Settings::default());
    // What this one sees is for nobody else, and takes longer than the back-offs of the other.
    let first = Request { only: Some(ip("192.0.2.2")), intrusive: true, ..request("other.net") };
    let second = request("example.net");
    let (first, second) = tokio::join!(scanner.scan(&first, &Silent), scanner.scan(&second, &Silent));
    assert!(server(&first, "192.0.2.2").connections > 8);
    let left = server(&second, "192.0.2.2");
    assert!(matches!(left.stopped, Some(Stopped::Limited { .. })), "{:?}", left.stopped);
    assert_eq!(left.connections, 0);
}

#[tokio::test(start_paused = true)]
async fn domains_on_the_same_servers_share_what_was_seen() {
    let lab = lab(vec![("192.0.2.1", Arc::new(Host::new(Model::hardened_postfix())))]);
    let scanner = scanner(&zone(&["192.0.2.1"]), &lab, Settings::default());
    let unvouched = Request { connections: Connections::NotVouchedFor, ..request("other.net") };
    let before = scanner.scan(&unvouched, &Silent).await;
    let why = NotTried::NotVouchedFor;
    assert_eq!(server(&before, "192.0.2.1").reach, Reach::NotTried { why });
    assert_eq!((before.cost.connections, before.control.port_25), (0, None));
    // Both at once: one asks, the other waits for it.
    let (example, other) = (request("example.net"), request("other.net"));
    let (first, second) = tokio::join!(scanner.scan(&example, &Silent), scanner.scan(&other, &Silent));
    whole(server(&first, "192.0.2.1"));
    assert_eq!(server(&first, "192.0.2.1").probes, server(&second, "192.0.2.1").probes);
    assert_eq!(first.cost.connections.min(second.cost.connections), 0);
    let made = lab.made.lock().unwrap().len();
    assert_eq!((first.cost.connections + second.cost.connections) as usize, made);
    // Cached evidence is for those, too, whom nobody vouches for; and it ages.
    let after = scanner.scan(&unvouched, &Silent).await;
    assert_eq!(server(&after, "192.0.2.1").at, server(&first, "192.0.2.1").at);
    whole(server(&after, "192.0.2.1"));
    tokio::time::advance(Duration::from_secs(601)).await;
    let late = scanner.scan(&unvouched, &Silent).await;
    assert_eq!(server(&late, "192.0.2.1").reach, Reach::NotTried { why });
    assert_eq!(lab.made.lock().unwrap().len(), made);
}

#[tokio::test(start_paused = true)]
async fn no_address_is_tried_more_often_than_its_share_of_the_day() {
    let host = || Arc::new(Host::new(Model::hardened_postfix()));
    let lab = lab(vec![("192.0.2.1", host()), ("192.0.2.2", host())]);
    let settings =
        Settings { cache_s: 0, per_address_day_max: 2, per_network_day_max: 3, ..Settings::default() };
    let scanner = scanner(&zone(&["192.0.2.1", "192.0.2.2"]), &lab, settings);
    let mut tried = Vec::new();
    for _ in 0..3 {
        let evidence = scanner.scan(&request("example.net"), &Silent).await;
        tried.push(evidence.servers.iter().filter(|server| server.reach == Reach::Reached).count());
    }
    assert_eq!(tried, [2, 1, 0]);
    tokio::time::advance(Duration::from_secs(86_400)).await;
    let evidence = scanner.scan(&request("example.net"), &Silent).await;
    assert!(evidence.servers.iter().all(|server| server.reach == Reach::Reached));
}

#[tokio::test(start_paused = true)]
async fn who_is_not_to_be_asked_is_not() {
    let host = || Arc::new(Host::new(Model::hardened_postfix()));
    // The second is the first behind NAT64.
    let addresses = ["192.0.2.1", "64:ff9b::c000:201", "2001:db8::1"];
    let lab = lab(addresses.map(|address| (address, host())).to_vec());
    let exclude = vec!["192.0.2.0/24".parse().unwrap()];
    let settings = Settings { exclude, ..Settings::default() };
    let only = Some(ip("2001:db8::1"));
    let scanner = scanner(&zone(&addresses), &lab, settings);
    let evidence = scanner.scan(&Request { only, ..request("example.net") }, &Silent).await;
    let reach = |address: &str| server(&evidence, address).reach.clone();
    assert_eq!(reach("192.0.2.1"), Reach::NotTried { why: NotTried::NotAsked });
    assert_eq!(reach("2001:db8::1"), Reach::Reached);
    let evidence = scanner.scan(&request("example.net"), &Silent).await;
    for excluded in ["192.0.2.1", "64:ff9b::c000:201"] {
        assert_eq!(server(&evidence, excluded).reach, Reach::NotTried { why: NotTried::Excluded });
    }
    assert_eq!(limiter_group(ip("64:ff9b::c000:201")), limiter_group(ip("192.0.2.7")));
    assert!(lab.made.lock().unwrap().iter().all(|made| made.ip != ip("192.0.2.1")));
}

#[tokio::test(start_paused = true)]
async fn where_nothing_comes_up_the_port_is_closed_here() {
    let dead = || {
        Arc::new(Host { dead: true, latency: Duration::from_secs(10), ..Host::new(Model::default_postfix()) })
    };
    let lab = lab(vec![("192.0.2.1", dead()), ("2001:db8::1", dead())]);
    let evidence = scanner(&zone(&["192.0.2.1", "2001:db8::1"]), &lab, Settings::default())
        .scan(&request("example.net"), &Silent)
        .await;
    assert_eq!(evidence.control.port_25, Some(false));
    assert_eq!(evidence.cost.connections, 2);
    assert!(evidence.servers.iter().all(|server| server.reach == Reach::TimedOut));
    assert_eq!(
        Survey::of(&evidence.servers[0]).version(TlsVersion::TLS12),
        Known::Unknown(mailassay::shared::evidence::scan::Gap::NotAsked)
    );
}

#[tokio::test(start_paused = true)]
async fn the_largest_domain_fits_into_its_evidence() {
    let mut zone = String::from("net. SOA a.nic.net. ; secure\nexample.net. SOA ns1.example.net. ; secure\n");
    let mut hosts = Vec::new();
    for mx in 0..12 {
        zone.push_str(&format!("example.net. MX {mx} mx{mx:02}.example.net.\n"));
        for at in 1..=5 {
            let address = format!("192.0.{mx}.{at}");
            zone.push_str(&format!("mx{mx:02}.example.net. A {address}\n"));
            let host = Host { latency: Duration::from_millis(1), ..Host::new(Model::default_postfix()) };
            hosts.push((ip(&address), Arc::new(host)));
        }
    }
    let lab = Arc::new(Lab { hosts: hosts.into_iter().collect(), ..Lab::default() });
    let evidence = scanner(&zone, &lab, Settings::default()).scan(&request("example.net"), &Silent).await;
    assert_eq!(evidence.mx.len(), Evidence::MX_HOSTS_MAX);
    let written = serde_json::to_string(&evidence).unwrap().len();
    assert!(written <= Evidence::WRITTEN_OCTETS_MAX, "{written}");
    let cut =
        |what: &str| evidence.cuts.iter().find(|cut| cut.what == what).map(|cut| (cut.of, cut.kept as usize));
    assert_eq!(cut("mx"), Some((Some(12), 10)));
    assert_eq!(cut("addresses of mx00.example.net"), Some((Some(5), 4)));
    assert_eq!(cut("servers"), Some((Some(40), evidence.servers.len())));
    // The most preferred hosts are whole.
    assert!(evidence.servers.len() >= 8, "{} at {written}", evidence.servers.len());
    whole(&evidence.servers[0]);
}
