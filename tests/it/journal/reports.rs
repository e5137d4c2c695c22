//! TLS reports in a journal: those of a trial are found among many, junk hides none of them, and they go in time.

use std::collections::BTreeMap;

use mailassay::sending::history::{LabelsIssued, ReportCame, ReportReading, ReportReceived};
use mailassay::sending::trial::Label;
use mailassay::shared::policy::tls_report::{PolicyType, ReportedPolicy, TlsReport};

use super::*;

on_both! {
    reports_of_a_trial_are_found_by_any_of_its_labels,
    junk_neither_hides_what_somebody_vouches_for_nor_fills_the_memory,
    a_label_of_the_pool_leads_to_whoever_had_it_then,
    what_stands_beside_an_observation_goes_with_it,
    reports_make_room_for_themselves,
}

/// A report about these domains, `filler` octets long.
pub(super) fn report(vouched: bool, domains: &[&str], filler: usize) -> Fact {
    let policy = |domain: &&str| ReportedPolicy {
        policy_type: PolicyType::Sts,
        policy_string: Vec::new(),
        policy_domain: Some((*domain).to_owned()),
        mx_host: Vec::new(),
        successful_sessions: Some(1),
        failed_sessions: Some(0),
        failures: Vec::new(),
        failures_beyond: 0,
    };
    let report = TlsReport {
        organization_name: "x".repeat(filler),
        policies: domains.iter().map(policy).collect(),
        ..TlsReport::default()
    };
    let source = [192, 0, 2, 1].into();
    let came = match vouched {
        true => ReportCame::Mail {
            source,
            from_domain: Some("reporter.example".to_owned()),
            signed_by: vec!["reporter.example".to_owned()],
        },
        false => ReportCame::Https { source },
    };
    let reading = ReportReading::Read { report: Box::new(report), foreign: 0 };
    Fact::ReportReceived(Box::new(ReportReceived { came, reading }))
}

fn label(text: &str) -> Label {
    text.parse().expect("a label")
}

pub(super) fn issued(root: &str, of_pool: u32) -> Fact {
    let labels =
        BTreeMap::from([("none".into(), label(root)), ("sts-badcert".into(), Label::of_pool(of_pool))]);
    Fact::LabelsIssued(LabelsIssued { label: label(root), labels, first: None })
}

pub(super) async fn about(journal: &Journal, labels: &[&str], since: Timestamp) -> Vec<i64> {
    let labels: Vec<Label> = labels.iter().map(|text| label(text)).collect();
    let found = journal.reader().reports_about(&labels, since).await.expect("reads");
    found.iter().map(|noted| noted.seq.0).collect()
}

const OURS: &str = "k3f9a2m7qd5w.none.example.org";

async fn reports_of_a_trial_are_found_by_any_of_its_labels(place: Place) {
    let (journal, _told) = open(place.settings()).await;
    for domains in [
        &["aaaa1111bbbb.none.example.org"][..],
        &["aaaa1111bbbb.none.example.org", OURS],
        &["bad.none.example.org", "k3f9a2m7qd5w.bad.dane-good.example.org"],
        &["_25._tcp.p0001.bad.sts-badcert.example.org"],
        &["none.example.org", "k3f9a2m7qd5wx.none.example.org"],
    ] {
        journal.commit(start(), report(false, domains, 0)).await.expect("noted");
    }
    let later = after(start(), 60);
    journal.commit(later, report(true, &[OURS], 0)).await.expect("noted");
    assert_eq!(about(&journal, &["k3f9a2m7qd5w"], start()).await, [2, 3, 6]);
    assert_eq!(about(&journal, &["p0001", "k3f9a2m7qd5w"], start()).await, [2, 3, 4, 6]);
    assert_eq!(about(&journal, &["k3f9a2m7qd5w"], later).await, [6]);
    assert!(about(&journal, &["cccc1111bbbb"], start()).await.is_empty());
}

async fn junk_neither_hides_what_somebody_vouches_for_nor_fills_the_memory(place: Place) {
    let (journal, _told) = open(Settings { day_mib: None, ..place.settings() }).await;
    journal.commit(start(), report(true, &[OURS], 0)).await.expect("noted");
    (0..200).for_each(|_| journal.note(start(), report(false, &[OURS], 50_000)));
    for _ in 0..150 {
        journal.note(start(), report(true, &["aaaa1111bbbb.none.example.org"], 50_000));
    }
    journal.commit(start(), report(true, &[OURS], 0)).await.expect("noted");
    let found = about(&journal, &["k3f9a2m7qd5w"], start()).await;
    assert!(found.starts_with(&[1]) && found.ends_with(&[200, 201, 352]), "{found:?}");
    assert!((70..100).contains(&found.len()), "4 MiB of 10: {}", found.len());

    // What somebody vouches for comes part by part, and nothing else.
    let (mut read, mut parts) = (Vec::new(), 0);
    loop {
        let behind = Seq(read.last().copied().unwrap_or(0));
        let part = journal.reader().vouched_reports(behind, start()).await.expect("reads");
        if part.is_empty() {
            break;
        }
        assert!(part.len() < 100, "{}", part.len());
        read.extend(part.iter().map(|noted| noted.seq.0));
        parts += 1;
    }
    assert_eq!(read, [vec![1], (202..=352).collect()].concat());
    assert_eq!(parts, 2);
    assert!(journal.reader().vouched_reports(Seq(0), after(start(), 1)).await.expect("reads").is_empty());
}

async fn a_label_of_the_pool_leads_to_whoever_had_it_then(place: Place) {
    let (journal, _told) = open(place.settings()).await;
    for (second, root, of_pool) in [(10, "aaaa1111bbbb", 1), (20, "cccc1111bbbb", 2), (30, "dddd1111bbbb", 1)]
    {
        journal.commit(after(start(), second), issued(root, of_pool)).await.expect("noted");
    }
    for (of, second, root) in [
        ("p0001", 9, None),
        ("p0001", 10, Some("aaaa1111bbbb")),
        ("p0001", 29, Some("aaaa1111bbbb")),
        ("p0001", 30, Some("dddd1111bbbb")),
        ("p0002", 30, Some("cccc1111bbbb")),
        ("p0003", 30, None),
        ("k3f9a2m7qd5w", 0, Some("k3f9a2m7qd5w")),
    ] {
        let found = journal.reader().root_of(&label(of), after(start(), second)).await.expect("reads");
        assert_eq!(found.as_ref().map(Label::as_str), root, "{of} at {second}");
    }
}

async fn what_stands_beside_an_observation_goes_with_it(place: Place) {
    let settings = Settings { retention_days: 1, ..place.settings() };
    let (journal, _told) = open(settings).await;
    journal.commit(start(), report(true, &[OURS], 0)).await.expect("noted");
    journal.commit(start(), issued("aaaa1111bbbb", 1)).await.expect("noted");
    let later = after(start(), 3 * 86_400);
    journal.commit(later, report(false, &[OURS], 0)).await.expect("noted");
    journal.expire(later).await.expect("expired");
    assert_eq!(about(&journal, &["k3f9a2m7qd5w"], start()).await, [3]);
    assert_eq!(journal.reader().root_of(&label("p0001"), later).await.expect("reads"), None);
    journal.close().await;
    for (table, rows) in [("reports", 1), ("report_labels", 3), ("leases", 0)] {
        assert_eq!(place.rows(table).await, rows, "{table}");
    }
}

/// A full journal lets reports go before results, and those of strangers before others.
async fn reports_make_room_for_themselves(place: Place) {
    let settings = Settings { size_mib: 4, day_mib: None, ..place.settings() };
    let (journal, _told) = open(settings).await;
    journal.commit(start(), queried("et.example.org")).await.expect("noted");
    journal.commit(start(), report(true, &[OURS], 0)).await.expect("noted");
    for number in 0..150 {
        let noted = journal.commit(start(), report(false, &[OURS], 50_000)).await;
        assert!(noted.is_ok(), "{number}: {noted:?}");
    }
    let found = about(&journal, &["k3f9a2m7qd5w"], start()).await;
    assert!(found.starts_with(&[2]) && found.ends_with(&[152]) && found.len() < 90, "{found:?}");
    let inspection = journal.reader().inspect().await.expect("reads");
    assert_eq!(inspection.kinds.get("queried"), Some(&1), "{:?}", inspection.kinds);
}
