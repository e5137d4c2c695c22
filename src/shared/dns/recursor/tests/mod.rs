//! Servers as they are met, each on an address of loopback; and what may be asked of strangers.

mod bounds;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};
use ipnet::IpNet;

use self::world::{Said, Way, World, Zones, at, name, question, record, sound, zone};
use super::round::Patience;
use super::{Flights, Recursor, Settings};
use crate::shared::dial::AddressRules;
use crate::shared::dns::Upstream;
use crate::shared::evidence::scan::NameFailure;
use crate::shared::time::{Timestamp, after};

/// Servers are waited for long, for the sake of slow machines, and the next one is asked soon.
fn patience() -> Patience {
    Patience { next_ms: 100, ..Patience::default() }
}

/// No second server is asked, and nothing again, because a machine is slow.
fn unhurried() -> Patience {
    Patience { datagram_ms: [5_000; 2], next_ms: 5_000, ..Patience::default() }
}

/// A recursor whose root is at 127.0.0.1, by a clock that can be moved on.
struct Asker {
    flights: Flights,
    clock_s: Arc<AtomicU32>,
}

impl Asker {
    fn new(port: u16) -> Self {
        Self::with(port, patience())
    }

    fn with(port: u16, patience: Patience) -> Self {
        let loopback: IpNet = "127.0.0.0/8".parse().expect("a network");
        let settings = Settings {
            hints: vec![at(1)],
            port,
            rules: AddressRules { allowed: vec![loopback], own: Vec::new() },
            from: Vec::new(),
            ttl_max_s: 3600,
        };
        let clock_s = Arc::new(AtomicU32::new(0));
        let read = Arc::clone(&clock_s);
        let clock = move || after(Timestamp::UNIX_EPOCH, read.load(Ordering::Relaxed));
        Self { flights: Flights::over(Recursor::new(settings, patience, Arc::new(clock))), clock_s }
    }

    /// The answer as a line: the code if it is not NOERROR, and what the records say.
    async fn line(&self, of: &str, rtype: RecordType) -> String {
        let answer = match self.flights.ask(question(of, rtype)).await {
            Ok(octets) => hickory_proto::op::Message::from_vec(&octets).expect("a message"),
            Err(failure) => return format!("{failure}"),
        };
        let mut words: Vec<String> = answer.answers.iter().map(|record| format!("{}", record.data)).collect();
        if answer.metadata.response_code != ResponseCode::NoError {
            words.insert(0, answer.metadata.response_code.to_string());
        }
        if answer.answers.is_empty() {
            words.push("none".to_owned());
        }
        words.join(" ")
    }
}

/// A root at 1 that delegates `a.test.` to the servers of `glue`, and what they have.
fn root(delegation: &str) -> (u8, Zones, Way) {
    let lines = format!(". NS ns.root.\nns.root. A 127.0.0.1\n{delegation}");
    (1, Zones::from([zone(".", &lines)]), sound)
}

const TWO: &str =
    "a.test. NS ns2.a.test.\nns2.a.test. A 127.0.0.2\na.test. NS ns3.a.test.\nns3.a.test. A 127.0.0.3";

fn a_test() -> Zones {
    Zones::from([zone(
        "a.test.",
        "a.test. NS ns2.a.test.
         www.a.test. TXT here
         alias.a.test. CNAME www.a.test.
         b.c.a.test. TXT below",
    )])
}

fn refused(_: &hickory_proto::op::Message, _: bool, mut answer: hickory_proto::op::Message) -> Said {
    answer.answers.clear();
    answer.metadata.response_code = ResponseCode::Refused;
    Said::Message(answer)
}

/// Ways of servers that do not answer for their zone.
const BAD: [(&str, Way); 9] = [
    ("lame", refused),
    ("failing", |_, _, mut answer| {
        answer.answers.clear();
        answer.metadata.response_code = ResponseCode::ServFail;
        Said::Message(answer)
    }),
    ("mute", |_, _, _| Said::Nothing),
    ("refers upwards", |_, _, mut answer| {
        answer.answers.clear();
        answer.metadata.authoritative = false;
        answer.authorities = vec![record(". NS ns.root.")];
        Said::Message(answer)
    }),
    ("refers to itself", |_, _, mut answer| {
        answer.answers.clear();
        answer.metadata.authoritative = false;
        answer.authorities = vec![record("a.test. NS ns2.a.test.")];
        Said::Message(answer)
    }),
    ("refers sideways", |_, _, mut answer| {
        answer.answers.clear();
        answer.metadata.authoritative = false;
        answer.authorities = vec![record("b.test. NS ns.b.test.")];
        Said::Message(answer)
    }),
    ("says what cannot be read", |query, _, _| {
        let mut octets = query.to_vec().expect("octets");
        octets[2] |= 0x80;
        octets[3] |= 2;
        octets.truncate(12);
        Said::Octets(octets)
    }),
    ("answers something else", |_, _, mut answer| {
        answer.queries[0].name = name("other.test.");
        Said::Message(answer)
    }),
    ("is cut, and closed over TCP", |_, stream, mut answer| {
        answer.answers.clear();
        answer.metadata.truncation = true;
        if stream { Said::Nothing } else { Said::Message(answer) }
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn another_server_answers_where_one_does_not() {
    for (what, way) in BAD {
        let world = World::new(vec![root(TWO), (2, a_test(), way), (3, a_test(), sound)]).await;
        let asker = Asker::new(world.port);
        assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here", "{what}");
        let servers = world.servers();
        assert!(servers.contains(&2) && servers.contains(&3), "{what}: {servers:?}");
        // It is known by now, and not asked first any more.
        assert_eq!(asker.line("b.c.a.test.", RecordType::TXT).await, "below", "{what}");
        assert_eq!(asker.line("no.a.test.", RecordType::TXT).await, "Non-Existent Domain none", "{what}");
        assert_eq!(world.servers().first(), Some(&3), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_server_and_a_closed_family_cost_nothing() {
    let three = format!("{TWO}\nns2.a.test. AAAA ::1\na.test. NS ns9.a.test.\nns9.a.test. A 127.0.0.9");
    let world = World::new(vec![root(&three), (3, a_test(), sound)]).await;
    let asker = Asker::new(world.port);
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here");
    // All of them closed.
    let world = World::new(vec![root(TWO)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("127.0.0.2: Connection refused"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_refuse_edns_are_asked_without() {
    const ONE: &str = "a.test. NS ns2.a.test.\nns2.a.test. A 127.0.0.2";
    let ways: [(&str, Way); 5] = [
        ("FORMERR", |query, _, mut answer| {
            if query.edns.is_some() {
                answer.answers.clear();
                answer.edns = None;
                answer.metadata.response_code = ResponseCode::FormErr;
            }
            Said::Message(answer)
        }),
        ("FORMERR, the query sent back", |query, _, answer| {
            if query.edns.is_none() {
                return Said::Message(answer);
            }
            let mut octets = query.to_vec().expect("octets");
            octets[2] |= 0x80;
            octets[3] = 1;
            Said::Octets(octets)
        }),
        ("FORMERR, a header that promises more", |query, _, answer| {
            if query.edns.is_none() {
                return Said::Message(answer);
            }
            let mut octets = query.to_vec().expect("octets");
            octets[2] |= 0x80;
            octets[3] = 1;
            octets.truncate(12);
            Said::Octets(octets)
        }),
        ("BADVERS", |query, _, mut answer| {
            if query.edns.is_some() {
                answer.answers.clear();
                answer.metadata.response_code = ResponseCode::BADVERS;
            }
            Said::Message(answer)
        }),
        ("NOTIMP", |query, _, mut answer| {
            if query.edns.is_some() {
                answer.answers.clear();
                answer.metadata.response_code = ResponseCode::NotImp;
            }
            Said::Message(answer)
        }),
    ];
    for (what, way) in ways {
        let world = World::new(vec![root(ONE), (2, a_test(), way)]).await;
        let asker = Asker::new(world.port);
        assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here", "{what}");
        let expected = ["1 . NS +", "1 www.a.test. TXT +", "2 www.a.test. TXT +", "2 www.a.test. TXT"];
        assert_eq!(world.asked(), expected, "{what}");
        // It is remembered, for a while.
        assert_eq!(asker.line("b.c.a.test.", RecordType::TXT).await, "below", "{what}");
        assert_eq!(world.asked(), ["2 b.c.a.test. TXT"], "{what}");
        asker.clock_s.store(61, Ordering::Relaxed);
        assert_eq!(asker.line("c.a.test.", RecordType::TXT).await, "none", "{what}");
        assert_eq!(world.asked(), ["2 c.a.test. TXT +", "2 c.a.test. TXT"], "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_is_fetched_over_tcp() {
    let cut: Way = |_, stream, mut answer| {
        if !stream {
            answer.answers.clear();
            answer.metadata.truncation = true;
        }
        Said::Message(answer)
    };
    let world = World::new(vec![root(TWO), (2, a_test(), cut)]).await;
    assert_eq!(Asker::new(world.port).line("www.a.test.", RecordType::TXT).await, "here");
    assert_eq!(world.asked()[2..], ["2 www.a.test. TXT +", "2 www.a.test. TXT +t"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_drop_edns_or_udp_are_asked_otherwise() {
    const ONE: &str = "a.test. NS ns2.a.test.\nns2.a.test. A 127.0.0.2";
    let quick = || Patience { datagram_ms: [300, 300], ..patience() };
    let ways: [(Way, &str); 2] = [
        (|query, _, answer| if query.edns.is_some() { Said::Nothing } else { Said::Message(answer) }, ""),
        (|_, stream, answer| if stream { Said::Message(answer) } else { Said::Nothing }, " +t"),
    ];
    for (way, how) in ways {
        let world = World::new(vec![root(ONE), (2, a_test(), way)]).await;
        let asker = Asker::with(world.port, quick());
        assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here");
        world.asked();
        // It is remembered how.
        assert_eq!(asker.line("b.c.a.test.", RecordType::TXT).await, "below");
        assert_eq!(world.asked(), [format!("2 b.c.a.test. TXT{how}")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_better_elsewhere_is_asked_for_elsewhere() {
    // Without authority, as a resolver would answer that serves as name server.
    let other: Way = |_, _, mut answer| {
        answer.metadata.authoritative = false;
        for record in &mut answer.answers {
            record.data = crate::shared::dns::recursor::tests::record("x.test. TXT old").data;
        }
        Said::Message(answer)
    };
    let world = World::new(vec![root(TWO), (2, a_test(), other), (3, a_test(), sound)]).await;
    assert_eq!(Asker::new(world.port).line("www.a.test.", RecordType::TXT).await, "here");
    let world = World::new(vec![root(TWO), (2, a_test(), other), (3, a_test(), refused)]).await;
    assert_eq!(Asker::new(world.port).line("www.a.test.", RecordType::TXT).await, "old");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bogus_is_asked_for_elsewhere_and_not_for_ever() {
    let old = || Zones::from([zone("a.test.", "www.a.test. TXT old\nb.c.a.test. TXT old")]);
    let world = World::new(vec![root(TWO), (2, old(), sound), (3, a_test(), sound)]).await;
    // Which of them answers first is not left to chance.
    let asker = Asker::with(world.port, Patience { next_ms: 4000, ..patience() });
    let demote_source =
        |of: &str, times| !asker.flights.demote_source(&question(of, RecordType::TXT), times).is_empty();
    assert!(!demote_source("www.a.test.", 0), "nobody answered it");
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "old");
    assert!(demote_source("www.a.test.", 0));
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here");
    assert_eq!(asker.line("b.c.a.test.", RecordType::TXT).await, "below");
    // The other is no better: the first once more, and then the whole zone is what it is.
    assert!(demote_source("www.a.test.", 1));
    assert!(!demote_source("www.a.test.", 2));
    assert!(!demote_source("b.c.a.test.", 0));
    asker.clock_s.store(61, Ordering::Relaxed);
    assert!(demote_source("b.c.a.test.", 0));
    // One server: there is no elsewhere.
    let one = "a.test. NS ns2.a.test.\nns2.a.test. A 127.0.0.2";
    let world = World::new(vec![root(one), (2, old(), sound)]).await;
    let asker = Asker::new(world.port);
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "old");
    assert_eq!(asker.flights.demote_source(&question("www.a.test.", RecordType::TXT), 0), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_hop_at_a_time() {
    let world = World::new(vec![root(TWO), (2, a_test(), sound)]).await;
    let asker = Asker::new(world.port);
    assert_eq!(asker.line("alias.a.test.", RecordType::A).await, "www.a.test.");
    assert_eq!(asker.line("c.a.test.", RecordType::A).await, "none");
    assert_eq!(asker.line("A.test.", RecordType::NS).await, "ns2.a.test.");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_servers_are_looked_for_where_they_belong() {
    let delegation = "a.test. NS ns.b.test.\nb.test. NS ns4.b.test.\nns4.b.test. A 127.0.0.4";
    let with = |lines: &str| (4, Zones::from([zone("b.test.", lines)]), sound as Way);
    for (what, lines) in [
        ("its address", "ns.b.test. A 127.0.0.2"),
        ("an alias, which it should not be", "ns.b.test. CNAME real.b.test.\nreal.b.test. A 127.0.0.2"),
    ] {
        let world = World::new(vec![root(delegation), with(lines), (2, a_test(), sound)]).await;
        let asker = Asker::new(world.port);
        assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here", "{what}");
        let before = world.asked();
        assert_eq!(asker.line("b.c.a.test.", RecordType::TXT).await, "below", "{what}");
        assert_eq!(world.asked(), ["2 b.c.a.test. TXT +"], "{what}: {before:?}");
    }
    // A parent's glue for a host elsewhere is out of date: its zone knows better.
    let stale = format!("{delegation}\nns.b.test. A 127.0.0.9");
    let world = World::new(vec![root(&stale), with("ns.b.test. A 127.0.0.2"), (2, a_test(), sound)]).await;
    assert_eq!(Asker::new(world.port).line("www.a.test.", RecordType::TXT).await, "here");
}

#[tokio::test(flavor = "multi_thread")]
async fn ds_is_asked_at_the_parent() {
    // The child claims to have records at its own apex, and is not asked for them.
    let world = World::new(vec![root(TWO), (2, a_test(), sound)]).await;
    let asker = Asker::new(world.port);
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here");
    world.asked();
    assert_eq!(asker.line("a.test.", RecordType::DS).await, "none");
    assert_eq!(world.asked(), ["1 a.test. DS +"]);
    let answer = asker.flights.ask(question("a.test.", RecordType::DS)).await.expect("an answer");
    let answer = hickory_proto::op::Message::from_vec(&answer).expect("a message");
    assert_eq!(answer.authorities[0].name, name("."));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_has_no_say_in_is_not_believed() {
    // The zone's server adds an address for a host of another zone, and an answer to another question.
    let forger: Way = |_, _, mut answer| {
        answer.add_answer(record("www.bank.test. A 127.0.0.66"));
        answer.add_authority(record("bank.test. NS ns.bank.test."));
        answer.add_additional(record("ns.bank.test. A 127.0.0.66"));
        Said::Message(answer)
    };
    // Its own delegation names a host of the other zone, with a false address beside it.
    let forging: Way = |_, _, mut answer| {
        answer.answers.clear();
        answer.metadata.authoritative = false;
        answer.authorities = vec![record("www.a.test. NS ns.bank.test.")];
        answer.additionals = vec![record("ns.bank.test. A 127.0.0.66")];
        Said::Message(answer)
    };
    let delegation = format!("{TWO}\nbank.test. NS ns4.bank.test.\nns4.bank.test. A 127.0.0.4");
    let bank = || Zones::from([zone("bank.test.", "www.bank.test. A 127.0.0.44\nns.bank.test. A 127.0.0.5")]);
    let thief = || {
        Zones::from([
            zone("www.a.test.", "www.a.test. TXT stolen"),
            zone("bank.test.", "www.bank.test. A 127.0.0.66"),
        ])
    };
    for (way, expected) in [(forger, "here"), (forging, "right")] {
        let below = Zones::from([zone("www.a.test.", "www.a.test. TXT right")]);
        let world = World::new(vec![
            root(&delegation),
            (2, a_test(), way),
            (4, bank(), sound),
            (5, below, sound),
            (66, thief(), sound),
        ])
        .await;
        let asker = Asker::new(world.port);
        assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, expected);
        assert_eq!(asker.line("www.bank.test.", RecordType::A).await, "127.0.0.44");
        assert!(!world.servers().contains(&66));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_moves_is_found_again() {
    let world = World::new(vec![root(TWO)]).await;
    let asker = Asker::new(world.port);
    let failure = asker.line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("refused"), "{failure}");
    // Not again at once (RFC 9520), and then from the parent on.
    world.asked();
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, failure);
    assert_eq!(world.asked(), [""; 0]);
    asker.clock_s.store(6, Ordering::Relaxed);
    asker.line("www.a.test.", RecordType::TXT).await;
    assert_eq!(world.asked(), ["1 www.a.test. TXT +"]);
}

// On one thread no answer can be there before all have asked.
#[tokio::test]
async fn who_asks_the_same_at_the_same_time_shares_the_answer() {
    let world = World::new(vec![root(TWO), (2, a_test(), sound)]).await;
    let asker = Asker::with(world.port, unhurried());
    let ask = || asker.line("www.a.test.", RecordType::TXT);
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert_eq!([first, second, third], ["here"; 3]);
    let asked = world.asked();
    assert_eq!(asked.len(), 3, "{asked:?}");
}

// On one thread no answer can be there before all have asked.
#[tokio::test]
async fn many_names_of_a_domain_ask_for_the_way_once() {
    let world = World::new(vec![root(TWO), (2, a_test(), sound), (3, a_test(), sound)]).await;
    let asker = Asker::with(world.port, unhurried());
    let names: Vec<String> = (0..20).map(|n| format!("n{n}.a.test.")).collect();
    let asked = names.iter().map(|name| asker.line(name, RecordType::TXT));
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(answers, ["Non-Existent Domain none"; 20]);
    let at_the_root = world.servers().into_iter().filter(|server| *server == 1).count();
    assert_eq!(at_the_root, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_once_is_asked_again() {
    const ONE: &str = "a.test. NS ns2.a.test.\nns2.a.test. A 127.0.0.2";
    let once: Way = |query, _, mut answer| {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        let first = ASKED.fetch_add(1, Ordering::Relaxed) == 0;
        if first || query.queries[0].query_type() == RecordType::A {
            answer.answers.clear();
            answer.metadata.response_code = ResponseCode::ServFail;
        }
        Said::Message(answer)
    };
    let world = World::new(vec![root(ONE), (2, a_test(), once)]).await;
    let asker = Asker::new(world.port);
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here");
    // And not more often.
    world.asked();
    let failure = asker.line("www.a.test.", RecordType::A).await;
    assert!(failure.contains("Server Failure"), "{failure}");
    assert_eq!(world.asked(), ["2 www.a.test. A +"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_root_server_is_a_failure_of_its_own() {
    let quick = || Patience { datagram_ms: [60, 60], ..patience() };
    let silent: Way = |_, _, _| Said::Nothing;
    let world = World::new(vec![(1, Zones::new(), silent)]).await;
    let nobody = World::new(Vec::new()).await;
    for port in [world.port, nobody.port] {
        let asker = Asker::with(port, quick());
        for of in ["www.a.test.", "www.b.test."] {
            let failure = asker.flights.ask(question(of, RecordType::TXT)).await.expect_err("no root");
            assert!(matches!(failure, NameFailure::NoRoot { .. }), "{failure}");
        }
    }
    // The second question asks nobody: two datagrams, two without EDNS, and TCP in all.
    assert_eq!(world.asked().len(), 5);
    // A root that refuses has answered.
    let world = World::new(vec![(1, Zones::new(), refused)]).await;
    let failure = Asker::new(world.port).flights.ask(question("a.test.", RecordType::A)).await;
    assert!(matches!(failure, Err(NameFailure::ServerFailure { .. })), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_asked_for_elsewhere_where_the_parent_promises_them() {
    use hickory_proto::dnssec::rdata::{DNSSECRData, DS};
    use hickory_proto::dnssec::{Algorithm, DigestType};
    let promise: Way = |_, _, mut answer| {
        if !answer.metadata.authoritative {
            let ds = DS::new(1, Algorithm::ECDSAP256SHA256, DigestType::SHA256, vec![0; 32]);
            answer.add_authority(hickory_proto::rr::Record::from_rdata(
                name("a.test."),
                300,
                RData::DNSSEC(DNSSECRData::DS(ds)),
            ));
        }
        Said::Message(answer)
    };
    // Neither server signs: both are asked, and what came first is taken.
    let (last, zones, _) = root(TWO);
    let world = World::new(vec![(last, zones, promise), (2, a_test(), sound), (3, a_test(), sound)]).await;
    let asker = Asker::new(world.port);
    assert_eq!(asker.line("www.a.test.", RecordType::TXT).await, "here");
    let mut servers = world.servers();
    servers.sort_unstable();
    assert_eq!(servers, [1, 1, 2, 3]);
}
