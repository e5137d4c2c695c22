//! What strangers' delegations may cost others.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;

use super::super::REFERRALS_MAX;
use super::super::look::{GLUELESS_DEPTH_MAX, QUESTIONS_MAX};
use super::world::{Said, Way, World, Zones, record, sound, zone};
use super::{Asker, a_test, root};

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_need_each_other_are_given_up() {
    let circle = "a.test. NS ns.b.test.\nb.test. NS ns.a.test.";
    let world = World::new(vec![root(circle)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("would have to be asked for at itself"), "{failure}");
    let asked = world.asked().len();
    assert!(asked < 10, "{asked}");
    // A host within its own zone, without an address; and aliases that lead nowhere.
    let itself = "a.test. NS ns.a.test.";
    let world = World::new(vec![root(itself)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("would have to be asked for at itself"), "{failure}");
    let alias = "a.test. NS ns.b.test.\nb.test. NS ns4.b.test.\nns4.b.test. A 127.0.0.4";
    let aliases = "ns.b.test. CNAME x.b.test.\nx.b.test. CNAME ns.b.test.";
    let world = World::new(vec![root(alias), (4, Zones::from([zone("b.test.", aliases)]), sound)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("alias of an alias"), "{failure}");
    assert!(world.asked().len() < 30);
}

/// Zones each of whose servers is a host of the next; the last has an address.
fn stairs(steps: usize) -> String {
    let step = |n: usize| format!("z{n}.test. NS ns.z{}.test.\n", n + 1);
    let last = steps + 1;
    format!(
        "{}a.test. NS ns.z1.test.\nz{last}.test. NS ns4.z{last}.test.\nns4.z{last}.test. A 127.0.0.4\n",
        (1..=steps).map(step).collect::<String>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_looked_for_only_so_deep() {
    // One server serves all of them.
    let all = || {
        let zones = (1..=GLUELESS_DEPTH_MAX + 2)
            .map(|n| zone(&format!("z{n}.test."), &format!("ns.z{n}.test. A 127.0.0.4")));
        zones.chain([zone("a.test.", "www.a.test. TXT here")]).collect::<Zones>()
    };
    for (steps, expected) in [
        (GLUELESS_DEPTH_MAX - 1, "here"),
        (GLUELESS_DEPTH_MAX, "our limit: name servers whose addresses are too deep to find"),
    ] {
        let world = World::new(vec![root(&stairs(steps)), (4, all(), sound)]).await;
        assert_eq!(Asker::new(world.port).line("www.a.test.", RecordType::TXT).await, expected, "{steps}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_of_name_servers_is_searched_only_so_far() {
    // Each zone has six servers, each in a zone of the next level: after some forty questions all is remembered, and
    // the tree has three million ways.
    let mut lines = String::new();
    let hosts = |level: usize| ('a'..='f').map(move |one| format!("ns.z{level}{one}.test."));
    hosts(1).for_each(|host| lines.push_str(&format!("z.test. NS {host}\n")));
    for level in 1..=GLUELESS_DEPTH_MAX {
        for one in 'a'..='f' {
            hosts(level + 1).for_each(|host| lines.push_str(&format!("z{level}{one}.test. NS {host}\n")));
        }
    }
    let world = World::new(vec![root(lines.trim_end())]).await;
    let failure = Asker::new(world.port).line("www.z.test.", RecordType::TXT).await;
    assert_eq!(failure, "our limit: too many questions to name servers");
    assert!(world.asked().len() <= QUESTIONS_MAX, "{:?}", world.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_to_many_names_asks_only_so_much_of_strangers() {
    // NXNSAttack: each of the names lies in a zone of which each server has a name in another.
    let named = |of: &str| (0..16).map(|n| format!("{of} NS ns{n}.victim.test.\n")).collect::<String>();
    let delegation =
        format!("{}victim.test. NS own.victim.test.\nown.victim.test. A 127.0.0.4", named("a.test."));
    let world =
        World::new(vec![root(&delegation), (4, Zones::from([zone("victim.test.", "")]), sound)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("has no A record"), "{failure}");
    let asked = world.servers().iter().filter(|server| **server == 4).count();
    assert_eq!(asked, 12, "{failure}");
    // And each of those has servers elsewhere again: the whole is bounded.
    let fan =
        |of: &str, to: usize| (0..16).map(|n| format!("{of} NS ns.v{to}x{n}.test.\n")).collect::<String>();
    let mut lines = fan("a.test.", 0);
    for level in 0..3 {
        (0..16).for_each(|n| lines += &fan(&format!("v{level}x{n}.test."), level + 1));
    }
    let world = World::new(vec![root(&lines)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("our limit: too many questions to name servers"), "{failure}");
    assert_eq!(world.asked().len(), QUESTIONS_MAX);
}

#[tokio::test(flavor = "multi_thread")]
async fn referrals_end() {
    // Each answer is a referral one label further down, to the same server.
    let down: Way = |query: &Message, _, mut answer: Message| {
        if query.queries[0].query_type() == RecordType::NS {
            return Said::Message(answer);
        }
        let name = query.queries[0].name();
        // Which zone it was asked as is not said in the question: it goes by how often it was asked.
        static DEPTH: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let depth = DEPTH.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let owner = name.trim_to(depth);
        answer.answers.clear();
        answer.metadata.authoritative = false;
        answer.metadata.response_code = ResponseCode::NoError;
        answer.authorities = vec![record(&format!("{owner} NS ns.{owner}"))];
        answer.additionals = vec![record(&format!("ns.{owner} A 127.0.0.1"))];
        Said::Message(answer)
    };
    let (last, zones, _) = root("");
    let world = World::new(vec![(last, zones, down)]).await;
    let deep = "x.".repeat(60) + "test.";
    let failure = Asker::new(world.port).line(&deep, RecordType::TXT).await;
    assert!(failure.contains("our limit: too many referrals"), "{failure}");
    assert_eq!(world.asked().len(), REFERRALS_MAX + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_networks_are_not_asked() {
    let private =
        "a.test. NS ns2.a.test.\nns2.a.test. A 10.0.0.1\na.test. NS ns3.a.test.\nns3.a.test. A 192.0.2.1";
    let world = World::new(vec![root(private), (2, a_test(), sound)]).await;
    let failure = Asker::new(world.port).line("www.a.test.", RecordType::TXT).await;
    assert!(failure.contains("10.0.0.1: not asked, it is private"), "{failure}");
    assert!(failure.contains("192.0.2.1: not asked, it is for documentation"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_is_silent_is_asked_only_so_often() {
    let many: String =
        (10..30).map(|n| format!("a.test. NS ns{n}.a.test.\nns{n}.a.test. A 127.0.0.{n}\n")).collect();
    let silent: Way = |_, _, _| Said::Nothing;
    let servers = (10..30).map(|n| (n, Zones::new(), silent));
    let world = World::new([root(&many)].into_iter().chain(servers).collect()).await;
    let quick = super::Patience { datagram_ms: [60, 60], ..super::patience() };
    let asker = Asker::with(world.port, quick);
    let failure = asker.line("www.a.test.", RecordType::TXT).await;
    assert_eq!(failure, "no answer in time");
    // Each of sixteen twice, two of them without EDNS and over TCP; and the next time two of them.
    assert_eq!(world.asked().len(), 2 + 32 + 6);
    asker.line("b.a.test.", RecordType::TXT).await;
    assert_eq!(world.asked().len(), 1 + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_from_here_takes_nobodys_place() {
    // Sixteen servers, each at an address that must not be called before the one that answers.
    let many: String = (0..16)
        .map(|n| {
            format!("a.test. NS ns{n}.a.test.\nns{n}.a.test. AAAA fe80::{n}\nns{n}.a.test. A 127.0.0.2\n")
        })
        .collect();
    let world = World::new(vec![root(&many), (2, a_test(), sound)]).await;
    assert_eq!(Asker::new(world.port).line("www.a.test.", RecordType::TXT).await, "here");
}
