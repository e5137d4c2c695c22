//! What a scan gathers of SPF, DKIM, DMARC and MTA-STS.

use mailassay::receiving::names::Gathered;
use mailassay::shared::evidence::scan::{NameAnswer, SpfNames, SpfPolicy};
use mailassay::shared::policy::SpfRecord;

use super::{WORLD, gather, request};

/// What the terms of all policies cost.
fn lookups(spf: &SpfNames) -> usize {
    let record = |policy: &SpfPolicy| SpfRecord::from_txt(policy.txt.records().iter().map(String::as_str));
    let records = spf.policies.iter().filter_map(|policy| record(policy).ok());
    records.map(|record| record.lookups().count()).sum()
}

#[tokio::test]
async fn spf_is_followed_and_counted() {
    let (gathered, _) = gather(WORLD, &request("example.net")).await;
    let spf = &gathered.names.spf;
    assert_eq!(spf.policies[1].by, Some((0, "include:_spf.example.org".to_owned())));
    assert_eq!(lookups(spf), 4);
    let void: Vec<_> = spf.terms.iter().map(|term| (term.term.as_str(), term.void)).collect();
    assert_eq!(void, [("mx", Some(false)), ("a:void.example.net", Some(true))]);
    let chain = "a.test. TXT \"v=spf1 include:b.test include:gone.test redirect=c.test\"
        b.test. TXT \"v=spf1 a ptr ?all\"\nc.test. TXT \"v=spf1 mx:d.test -all\"\nd.test. MX - ; servfail";
    let (gathered, _) = gather(chain, &request("a.test")).await;
    let spf = &gathered.names.spf;
    assert_eq!((spf.policies.len(), lookups(spf)), (4, 6));
    assert!(spf.policies[2].txt.denied());
    assert_eq!(spf.terms.iter().find(|term| term.term == "mx:d.test").unwrap().void, None);
    // What is the same for every mail is expanded; what cannot exist is not asked for.
    let known = "a.test. TXT \"v=spf1 include:%{d}.b.test a:%{i}.c.test mx:mx.test exists:x..test -all\"
        a.test.b.test. TXT \"v=spf1 a:%{d2}.%{o} ~all\"\nb.test.a.test. A 192.0.2.1
        mx.test. MX 10 m1.test.\nmx.test. MX 20 m2.test.";
    let (gathered, zone) = gather(known, &request("a.test")).await;
    let spf = &gathered.names.spf;
    assert_eq!(spf.policies[1].by, Some((0, "include:%{d}.b.test".to_owned())));
    let terms: Vec<_> = spf.terms.iter().map(|term| (term.term.as_str(), term.void, term.hosts)).collect();
    let expected = [
        ("mx:mx.test", Some(false), Some(2)),
        ("exists:x..test", Some(true), None),
        ("a:%{d2}.%{o}", Some(false), None),
    ];
    assert_eq!(terms, expected);
    assert!(!zone.asked.lock().unwrap().iter().any(|question| question.contains("..")));
    // A policy that includes itself has no end of its own.
    let (gathered, _) = gather("a.test. TXT \"v=spf1 include:a.test -all\"", &request("a.test")).await;
    let spf = &gathered.names.spf;
    assert_eq!((spf.policies.len(), lookups(spf)), (21, 21));
    let many: String = (0..30).map(|n| format!("include:s{n}.test ")).collect();
    let (gathered, zone) = gather(&format!("a.test. TXT \"v=spf1 {many}-all\""), &request("a.test")).await;
    let included = |question: &&String| question.ends_with("test TXT") && question.starts_with('s');
    assert_eq!(zone.asked.lock().unwrap().iter().filter(included).count(), 20);
    assert_eq!((lookups(&gathered.names.spf), gathered.cuts[0].what.as_str()), (30, "SPF look-ups"));
}

#[tokio::test]
async fn a_control_is_asked_where_domainkey_is_not_denied() {
    let (gathered, _) = gather(WORLD, &request("example.net")).await;
    let control = gathered.names.domainkey_control.unwrap();
    assert!(control.name.starts_with("_control-") && control.answer == NameAnswer::NoName, "{control:?}");
    let (gathered, _) = gather("*.example.net. TXT \"all\"", &request("example.net")).await;
    assert_eq!(gathered.names.domainkey_control.unwrap().answer, gathered.names.domainkey.answer);
    for without in ["example.net. TXT \"x\"", "_domainkey.example.net. TXT - ; servfail"] {
        let (gathered, _) = gather(without, &request("example.net")).await;
        assert_eq!(gathered.names.domainkey_control, None, "{without}");
    }
}

/// A policy host may be left over, so it is asked for without a record, too, and nothing is fetched from it.
#[tokio::test]
async fn the_policy_host_is_asked_for_without_a_record() {
    let (gathered, _) = gather("mta-sts.example.net. CNAME gone.test.", &request("example.net")).await;
    let names = gathered.names.mta_sts;
    assert_eq!((names.a.hops.len(), &names.a.answer), (1, &NameAnswer::NoName));
    assert!(names.record.denied() && names.fetch.is_none());
}

#[tokio::test]
async fn dmarc_walks_up_the_tree_and_asks_those_outside() {
    let (gathered, _) = gather(WORLD, &request("example.net")).await;
    let dmarc = &gathered.names.dmarc;
    assert_eq!(dmarc.walk.len(), 1);
    assert_eq!(dmarc.organisational.as_deref(), Some("example.net"));
    let external: Vec<_> =
        dmarc.external.iter().map(|(to, looked)| (to.as_str(), looked.name.as_str())).collect();
    assert_eq!(external, [("reports.example.com", "example.net._report._dmarc.reports.example.com")]);
    let walk = |gathered: &Gathered| {
        gathered.names.dmarc.walk.iter().map(|looked| looked.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let (gathered, _) = gather(WORLD, &request("a.b.example.net")).await;
    assert_eq!(walk(&gathered), "_dmarc.a.b.example.net _dmarc.b.example.net _dmarc.example.net _dmarc.net");
    // Authorised for the domain that the record stands at.
    assert!(gathered.names.dmarc.external[0].1.name.starts_with("example.net._report"));
    let stops = format!("{WORLD}\n_dmarc.b.example.net. TXT \"v=DMARC1; p=none; psd=n\"");
    let (gathered, _) = gather(&stops, &request("a.b.example.net")).await;
    assert_eq!(walk(&gathered), "_dmarc.a.b.example.net _dmarc.b.example.net");
    // What could not be had at the domain itself is not replaced by what lies above.
    let fails = format!("{WORLD}\n_dmarc.a.b.example.net. TXT - ; timeout");
    let (gathered, _) = gather(&fails, &request("a.b.example.net")).await;
    assert_eq!(walk(&gathered), "_dmarc.a.b.example.net");
}
