//! Who may have a check, when it is made, and what is kept of it.

use std::net::IpAddr;

use mailassay::program::domains::{CheckId, Refused, Settings, Stage, State};
use mailassay::shared::domain_name::NotADomain;
use mailassay::shared::time::after;

use super::{now, world, world_in};

const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 99));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 98));

#[tokio::test]
async fn one_scan_serves_all_who_ask_and_each_has_a_link_of_its_own() {
    let world = world(Settings::default(), 0).await;
    let start = |text: &'static str| world.domains.start(text, CLIENT, now());
    let first = start("https://Example.ORG/path").await.unwrap();
    let second = start("jim@example.org").await.unwrap();
    assert_ne!(first, second);
    let mut following = world.domains.follow(&first).unwrap();
    let asked = |stage: &Stage| match stage {
        Stage::Running(progress) => progress.addresses.len() == 2,
        _ => false,
    };
    following.wait_for(asked).await.unwrap();
    let Some(State::Running { domain, progress }) = world.domains.state(&second).await.unwrap() else {
        panic!("the second shares the scan of the first");
    };
    assert_eq!((domain.as_str(), progress.names, progress.addresses_of), ("example.org", 1, Some(2)));
    assert_eq!((progress.addresses[0].connections, progress.addresses[0].of), (3, 17));
    assert_eq!(progress.addresses[1].waits.as_ref().unwrap().seconds, 30);

    world.played.ends.add_permits(1);
    world.ended(&first).await;
    // Ten minutes later it is still the same that was seen, and who comes then has a link of its own, too.
    let third = world.domains.start("example.org.", OTHER, after(now(), 599)).await.unwrap();
    let mut scans = Vec::new();
    for id in [&first, &second, &third] {
        let Some(State::Done { scan, .. }) = world.domains.state(id).await.unwrap() else {
            panic!("{id:?} is done");
        };
        assert_eq!(world.domains.evidence(id).await.unwrap().unwrap().scan, scan);
        assert!(world.domains.follow(id).is_none());
        scans.push(scan);
    }
    assert!(scans.iter().all(|scan| *scan == scans[0]), "{scans:?}");
    assert_eq!(*world.played.scanned.lock().unwrap(), ["example.org"]);
    // Later it is looked at anew.
    world.played.ends.add_permits(1);
    world.check("example.org", 11).await;
    assert_eq!(world.played.scanned.lock().unwrap().len(), 2);
    assert_eq!(world.domains.history("example.org").await.unwrap().len(), 2);
}

#[tokio::test]
async fn who_deletes_a_link_deletes_no_other() {
    let world = world(Settings::default(), 10).await;
    let first = world.check("example.org", 0).await;
    let second = world.check("example.org", 1).await;
    assert!(world.domains.delete(&first).await.unwrap());
    assert!(!world.domains.delete(&first).await.unwrap(), "it is gone");
    assert_eq!(world.domains.state(&first).await.unwrap(), None);
    assert!(world.domains.evidence(&second).await.unwrap().is_some());
    assert!(world.domains.delete(&second).await.unwrap());
    assert!(world.domains.history("example.org").await.unwrap().is_empty(), "nobody leads there any more");
    // Who deletes it while it is made deletes what will be seen.
    let third = world.domains.start("example.net", CLIENT, now()).await.unwrap();
    let fourth = world.domains.start("example.net", CLIENT, now()).await.unwrap();
    assert!(world.domains.delete(&third).await.unwrap());
    world.ended(&fourth).await;
    assert_eq!(world.domains.state(&third).await.unwrap(), None);
    assert!(world.domains.evidence(&fourth).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_no_domain_and_too_much_is_refused_with_a_time_to_come_back() {
    let settings = Settings {
        per_client_hour_max: 3,
        per_domain_day_max: 1,
        waiting_max: 2,
        at_once_max: 1,
        ..Settings::default()
    };
    let world = world(settings, 0).await;
    let start = |text: &'static str, client| world.domains.start(text, client, now());
    let refused = start("192.0.2.1", CLIENT).await.unwrap_err();
    assert!(matches!(refused, Refused::NotADomain(NotADomain::Address)), "{refused:?}");
    // What was no domain counts for nothing.
    for domain in ["a.example", "b.example", "c.example"] {
        let id = start(domain, CLIENT).await.unwrap();
        if domain == "a.example" {
            let mut following = world.domains.follow(&id).unwrap();
            following.wait_for(|stage| *stage != Stage::Waiting).await.unwrap();
        }
    }
    let refused = start("d.example", CLIENT).await.unwrap_err();
    assert!(matches!(refused, Refused::Client { retry_after_s: 3_600 }), "{refused:?}");
    let refused = start("d.example", OTHER).await.unwrap_err();
    assert!(matches!(refused, Refused::Busy { .. }), "one runs and two wait: {refused:?}");
    // Who shares what waits is welcome.
    let shares = start("c.example", OTHER).await.unwrap();
    let state = world.domains.state(&shares).await.unwrap().unwrap();
    assert_eq!(state, State::Queued { domain: "c.example".to_owned(), ahead: 1 });
    // A domain is scanned once a day here, whoever asks, and whom the operator trusts is no exception.
    world.played.ends.add_permits(3);
    world.ended(&shares).await;
    let later = after(now(), 700);
    let refused = world.domains.start_trusted("a.example", later).await.unwrap_err();
    assert!(matches!(refused, Refused::Domain { .. }), "{refused:?}");
    assert_eq!(refused.retry_after_s(), Some(12 * 3_600 - 700));
    let tomorrow = after(now(), 86_400);
    assert!(world.domains.start_trusted("a.example", tomorrow).await.is_ok());
}

#[tokio::test]
async fn a_network_has_its_share_and_strangers_leave_some_of_a_day() {
    let settings = Settings { per_network_hour_max: 2, per_domain_day_max: 4, ..Settings::default() };
    let world = world(settings, 100).await;
    let address = |last| IpAddr::from([198, 51, 100, last]);
    for last in [1, 2] {
        world.domains.start("n.example", address(last), now()).await.unwrap();
    }
    let refused = world.domains.start("n.example", address(3), now()).await.unwrap_err();
    assert!(matches!(refused, Refused::Client { .. }), "another address of the same network: {refused:?}");
    // Whoever deletes what he asked for has the domain scanned again, and so up to three times of four.
    for hour in 0..3 {
        let at = after(now(), 3_600 * hour);
        let id = world.domains.start("d.example", OTHER, at).await.unwrap();
        world.ended(&id).await;
        assert!(world.domains.delete(&id).await.unwrap());
    }
    let last = after(now(), 3_600 * 3);
    let refused = world.domains.start("d.example", OTHER, last).await.unwrap_err();
    assert!(matches!(refused, Refused::Domain { .. }), "{refused:?}");
    assert!(world.domains.start_trusted("d.example", last).await.is_ok());
}

#[tokio::test]
async fn a_scan_that_panics_or_is_cut_off_is_told_as_such() {
    let world = world(Settings { at_once_max: 1, ..Settings::default() }, 1).await;
    let id = world.domains.start("panics.example", CLIENT, now()).await.unwrap();
    world.ended(&id).await;
    let state = world.domains.state(&id).await.unwrap();
    assert!(matches!(state, Some(State::Failed { .. })), "{state:?}");
    // The next one has its place.
    let cut_off = world.domains.start("example.org", CLIENT, now()).await.unwrap();
    let mut following = world.domains.follow(&cut_off).unwrap();
    following.wait_for(|stage| *stage != Stage::Waiting).await.unwrap();
    let super::World { folder, archive, .. } = world;
    archive.close().await;
    let world = world_in(folder, Settings::default(), 0).await;
    let state = world.domains.state(&cut_off).await.unwrap();
    assert!(matches!(state, Some(State::Failed { .. })), "{state:?}");
    assert_eq!(world.domains.state(&CheckId::new([7; 16])).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_too_old_is_deleted() {
    let world = world(Settings { retention_days: 2, ..Settings::default() }, 10).await;
    let old = world.check("example.org", 0).await;
    let young = world.check("example.org", 24 * 60).await;
    let late = after(now(), 2 * 86_400 + 1);
    assert_eq!(world.domains.expire(late).await.unwrap(), 1);
    assert_eq!(world.domains.state(&old).await.unwrap(), None);
    assert!(world.domains.evidence(&young).await.unwrap().is_some());
    assert_eq!(world.domains.history("example.org").await.unwrap().len(), 1);
    assert_eq!(world.domains.forget("example.org").await.unwrap(), 1);
    assert!(world.domains.history("example.org").await.unwrap().is_empty());
}
