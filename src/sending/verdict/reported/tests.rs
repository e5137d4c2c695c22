//! Reports about a trial whose log is known: each departure is told by its field and its value.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::sending::history::{
    Attributed, Beyond, Ending, Fact, History, Link, LinkClosed, Noted, Observation, Offer, Phase, Received,
    Recipient, ReportCame, ReportReading, ReportReceived, Seq, Strength,
};
use crate::sending::persona::{Addresses, CaseId, Catalogue, CatalogueFiles};
use crate::sending::trial::{HostRole, Label, LinkId, Mailbox, Tie, TrialId};
use crate::shared::evidence::{
    Alert, ClientHello, Handshake, HandshakeFailure, Negotiated, Party, TlsVersion,
};
use crate::shared::policy::tls_report::TlsReport;
use crate::shared::text::Language;
use crate::shared::time::{Timestamp, after};

use super::*;

const LABEL: &str = "k3f9a2m7qd5w";

fn noon() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().expect("an instant")
}

struct World {
    catalogue: Catalogue,
    addresses: Addresses,
    history: History,
    reports: Vec<Noted<ReportReceived>>,
}

impl World {
    fn new() -> Self {
        let catalogue = CatalogueFiles::embedded().catalogue("test.example").expect("fits");
        let own: Vec<IpAddr> = (1..=20).map(|n| IpAddr::from([203, 0, 113, n])).collect();
        let history = History {
            id: TrialId::new(b"secret", LinkId(1), 0),
            labels: BTreeMap::new(),
            opened: noon(),
            ended: None,
            judged_to: None,
            last: Seq(1),
            window_until: None,
            links: Vec::new(),
            queries: Vec::new(),
            queries_complete: true,
            fetches: Vec::new(),
            fetches_complete: true,
            beyond: Beyond::default(),
            policy_known_from: None,
            strangers: Vec::new(),
            main_resolver: None,
            disputed_queries: BTreeSet::new(),
            earlier_policy_queries: Vec::new(),
            self_checks: Vec::new(),
            scan: None,
            delivery: None,
        };
        let addresses = Addresses::default().with_entrances(&own);
        Self { catalogue, addresses, history, reports: Vec::new() }
    }

    fn label() -> Label {
        LABEL.parse().expect("a label")
    }

    /// A link to a host of a case, so many seconds after noon: one that refuses the certificate, or one with mail in TLS.
    fn link(&mut self, case: &str, role: HostRole, at_s: u32, refuses: bool) {
        let id = LinkId(self.history.links.len() as u64 + 1);
        let spec = self.catalogue.ruled_case(&case.into()).expect("a case");
        let sni = self.catalogue.ruled_host_name(spec, role, Some(&Self::label()));
        let at = after(noon(), at_s);
        let observation = |fact| Observation { seq: Seq(i64::from(at_s) + 1), at, fact };
        let source: SocketAddr = "192.0.2.25:40000".parse().expect("an address");
        let mut link = Link::open(&observation(Fact::LinkOpened {
            link: id,
            source,
            local: source,
            persona: None,
            entrance: Some(spec.entrance(role)),
        }))
        .expect("an opening");
        let hello = ClientHello { sni: Some(sni), ..ClientHello::default() };
        let persona = Some(Catalogue::ruled_host_id(&spec.id, role));
        link.note(&observation(Fact::HelloSeen { link: id, hello, persona, phase: Phase::A }));
        let handshake = match refuses {
            true => Handshake::Failed(HandshakeFailure {
                certificate_sent: true,
                by: Party::Sender,
                alert: Some(Alert(42)),
                our_limit: false,
                went_on: false,
                reason: String::new(),
            }),
            false => Handshake::Completed(Negotiated {
                version: TlsVersion::TLS13,
                cipher_suite: "TLS_AES_128_GCM_SHA256".to_owned(),
                group: None,
                resumed: false,
            }),
        };
        link.note(&observation(Fact::HandshakeEnded { link: id, handshake }));
        if !refuses {
            let offer = Offer { starttls: true, phase: Phase::A };
            let name = "mail.example.net".to_owned();
            link.note(&observation(Fact::Greeted { link: id, name, helo: false, tls: true, offer }));
            link.note(&observation(Fact::Received(Box::new(Received {
                link: id,
                number: 0,
                began: at,
                tls: true,
                reverse_path: Some(Mailbox::new(b"secret", "jane@example.net")),
                recipients: vec![Recipient {
                    case: spec.id.clone(),
                    language: Language::En,
                    label: Some(Self::label()),
                }],
                refused_recipients: 0,
                require_tls: false,
                ending: Ending::Aborted,
            }))));
            link.note(&observation(Fact::Answered { link: id, number: 0, code: 451 }));
        }
        link.note(&observation(Fact::LinkClosed(LinkClosed {
            link: id,
            by: Party::Sender,
            quit: !refuses,
            alert: None,
        })));
        self.history.labels.insert(spec.id.clone(), Self::label());
        self.history.links.push(Attributed { link: Arc::new(link), strength: Strength::Exact });
    }

    fn report(&mut self, text: &str) {
        let report = Box::new(TlsReport::read(text.as_bytes()).expect("a report"));
        let came = ReportCame::Mail {
            source: [192, 0, 2, 26].into(),
            from_domain: Some("example.net".to_owned()),
            signed_by: vec!["example.net".to_owned()],
        };
        let what = ReportReceived { came, reading: ReportReading::Read { report, foreign: 0 } };
        let seq = Seq(1000 + self.reports.len() as i64);
        self.reports.push(Noted { seq, at: after(noon(), 86_400), what });
    }

    fn compared(&self) -> Reported {
        compare_reports(&self.catalogue, &self.addresses, &self.history, &self.reports)
    }

    /// What is wrong with the only report, as `FIELD: REPORTED, not OURS`; and how many fields are right.
    fn wrong(&self) -> (usize, Vec<String>) {
        let told = self.compared();
        assert_eq!(told.reports.len(), 1);
        let fields = told.reports[0].lines.iter().flat_map(|line| &line.fields);
        let wrong = fields.filter_map(|field| match &field.result {
            FieldResult::Wrong { reported, ours } => Some(format!("{}: {reported}, not {ours}", field.field)),
            _ => None,
        });
        (told.reports[0].score().0, wrong.collect())
    }
}

/// Two refusals at the first host, and two mails at the second, of a case with MTA-STS.
fn met(case: &str) -> World {
    let mut world = World::new();
    for (n, refuses) in [(0, true), (5, false), (600, true), (605, false)] {
        let role = if refuses { HostRole::Bad } else { HostRole::Good };
        world.link(case, role, n, refuses);
    }
    world
}

/// A report that is right about that.
fn right(case: &str) -> String {
    let domain = format!("{LABEL}.{case}.test.example");
    let bad = format!("{LABEL}.bad.{case}.test.example");
    let good = format!("{LABEL}.good.{case}.test.example");
    let address = "203.0.113.3";
    format!(
        r#"{{"organization-name":"Example","date-range":{{"start-datetime":"2026-11-28T00:00:00Z",
        "end-datetime":"2026-11-28T23:59:59Z"}},"contact-info":"a@example.net","report-id":"1","policies":[{{
        "policy":{{"policy-type":"sts","policy-string":["version: STSv1","mode: enforce","mx: {good}",
        "mx: {bad}","max_age: 86400"],"policy-domain":"{domain}","mx-host":["{bad}","{good}"]}},
        "summary":{{"total-successful-session-count":2,"total-failure-session-count":2}},
        "failure-details":[{{"result-type":"certificate-not-trusted","sending-mta-ip":"192.0.2.25",
        "receiving-mx-hostname":"{bad}","receiving-ip":"{address}","failed-session-count":2}}]}}]}}"#
    )
}

#[test]
fn a_right_report_is_right_in_every_field() {
    let mut world = met("sts-badcert");
    world.report(&right("sts-badcert"));
    assert_eq!(world.wrong(), (12, Vec::new()));
    let compared = world.compared();
    assert_eq!(compared.reports[0].vouched_by.as_deref(), Some("example.net"));
    assert_eq!(compared.without, []);
}

/// A domain that is its own host, and one whose first host is an alias: names that senders take for the host's are.
#[test]
fn hosts_are_known_by_every_name_that_they_have() {
    let mut domain = format!("{LABEL}.implicit-mx.test.example");
    let alias = format!("{LABEL}.alias.alias-mx.test.example");
    let bad = format!("{LABEL}.bad.alias-mx.test.example");
    for (case, host) in [("implicit-mx", domain.clone()), ("alias-mx", bad)] {
        let mut world = World::new();
        world.link(case, HostRole::Bad, 0, true);
        world.link(case, HostRole::Bad, 600, true);
        if case == "alias-mx" {
            // RFC 7672 §2.2.2: the base domain, and so SNI, is where the alias ends.
            domain = alias.clone();
            for attributed in &mut world.history.links {
                let mut link = (*attributed.link).clone();
                link.tls.as_mut().expect("TLS").hello.sni = Some(alias.clone());
                attributed.link = Arc::new(link);
                attributed.strength = Strength::Weak { tie: Tie::Network, shared: true };
            }
        }
        world.report(&format!(
            r#"{{"organization-name":"Example","date-range":{{"start-datetime":"2026-11-28T00:00:00Z",
            "end-datetime":"2026-11-28T23:59:59Z"}},"contact-info":"a@example.net","report-id":"1","policies":[{{
            "policy":{{"policy-type":"tlsa","policy-string":["3 1 1 AA"],"policy-domain":"{domain}",
            "mx-host":["{host}"]}},
            "summary":{{"total-successful-session-count":0,"total-failure-session-count":2}},
            "failure-details":[{{"result-type":"certificate-not-trusted","receiving-mx-hostname":"{host}",
            "failed-session-count":2}}]}}]}}"#
        ));
        assert_eq!(world.wrong(), (10, Vec::new()), "{case}");
        // Two are certain, however it was come by the one that is counted.
        world.reports.clear();
        let text = format!(
            r#"{{"organization-name":"Example","date-range":{{"start-datetime":"2026-11-28T00:00:00Z",
            "end-datetime":"2026-11-28T23:59:59Z"}},"contact-info":"a@example.net","report-id":"2","policies":[{{
            "policy":{{"policy-type":"tlsa","policy-string":["3 1 1 AA"],"policy-domain":"{domain}"}},
            "summary":{{"total-successful-session-count":0,"total-failure-session-count":0}}}}]}}"#
        );
        world.report(&text);
        let (_, wrong) = world.wrong();
        assert!(wrong.contains(&"total-failure-session-count: 0, not 2".to_owned()), "{case}: {wrong:?}");
    }
}

#[test]
fn each_departure_is_told_with_what_our_log_has() {
    let unlisted = format!("{LABEL}.elsewhere.test.example");
    for (from, to, expected) in [
        (
            "\"total-failure-session-count\":2",
            "\"total-failure-session-count\":3",
            "total-failure-session-count: 3, not 2",
        ),
        (
            "\"total-successful-session-count\":2",
            "\"total-successful-session-count\":0",
            "total-successful-session-count: 0, not 2",
        ),
        ("\"failed-session-count\":2", "\"failed-session-count\":1", "failed-session-count: 1, not 2"),
        (
            "certificate-not-trusted",
            "certificate-expired",
            "result-type: certificate-expired, not certificate-not-trusted",
        ),
        ("\"sts\"", "\"tlsa\"", "policy-type: tlsa, not sts"),
        ("mode: enforce", "mode: testing", "policy-string: "),
        ("\"192.0.2.25\"", "\"198.51.100.1\"", "sending-mta-ip: 198.51.100.1, not 192.0.2.25"),
        ("203.0.113.3", "203.0.113.1", "receiving-ip: 203.0.113.1, not 203.0.113.3"),
        ("2026-11-28T", "2026-11-27T", ""),
    ] {
        let mut world = met("sts-badcert");
        let text = right("sts-badcert").replace(from, to);
        world.report(&text);
        if expected.is_empty() {
            assert_eq!(world.compared().reports, [], "a day before the trial is no day of it");
            continue;
        }
        let (_, wrong) = world.wrong();
        assert!(wrong.iter().any(|wrong| wrong.starts_with(expected)), "{to}: {wrong:?}");
    }
    let mut world = met("sts-badcert");
    let bad = format!("\"receiving-mx-hostname\":\"{LABEL}.bad.sts-badcert.test.example\"");
    world.report(&right("sts-badcert").replace(&bad, &format!("\"receiving-mx-hostname\":\"{unlisted}\"")));
    assert!(world.wrong().1.iter().any(|wrong| wrong.starts_with("receiving-mx-hostname: ")));
}

#[test]
fn what_is_left_out_is_missing() {
    let mut world = met("sts-badcert");
    world.link("dane-mismatch", HostRole::Bad, 700, true);
    let text = right("sts-badcert");
    let (before, _) = text.split_once("\"failure-details\"").expect("there are some");
    world.report(&format!("{before}\"failure-details\":[]}}]}}"));
    let compared = world.compared();
    let missing = |line: &&LineFinding| line.subject == Subject::Missing;
    let line = compared.reports[0].lines.iter().find(missing).expect("a line");
    assert_eq!(line.fields[1].result, FieldResult::wrong("0", "2"));
    assert_eq!(compared.without, [(CaseId::from("dane-mismatch"), UtcDay::of(noon()))]);
}

#[test]
fn a_host_may_be_given_up_before_a_connection_and_then_more_is_no_fault() {
    let mut world = World::new();
    world.link("sts-unlisted", HostRole::Good, 5, false);
    let good = format!("{LABEL}.good.sts-unlisted.test.example");
    let text = right("sts-unlisted")
        .replace(&format!("\n        \"mx: {LABEL}.bad.sts-unlisted.test.example\","), "")
        .replace(&format!("[\"{LABEL}.bad.sts-unlisted.test.example\",\"{good}\"]"), &format!("[\"{good}\"]"))
        .replace("certificate-not-trusted", "validation-failure")
        .replace("\"total-successful-session-count\":2", "\"total-successful-session-count\":1");
    world.report(&text.replace("203.0.113.3", "203.0.113.2"));
    assert_eq!(world.wrong().1, Vec::<String>::new());
    let of_count = |compared: &Reported| {
        let fields = compared.reports[0].lines.iter().flat_map(|line| line.fields.clone());
        fields.filter(|field| field.result == FieldResult::Open(Untold::BeforeConnecting)).count()
    };
    assert_eq!(of_count(&world.compared()), 2);
}

#[test]
fn sessions_across_midnight_and_those_of_unknown_cases_may_be_counted_either_way() {
    let mut world = met("sts-badcert");
    // Without SNI at the entrance that the first host of sts-badcert shares with others.
    let mut link = (*world.history.links[0].link).clone();
    link.tls.as_mut().expect("TLS").hello.sni = None;
    world.history.links.push(Attributed { link: Arc::new(link), strength: Strength::Exact });
    for failed in [2, 3] {
        world.reports.clear();
        let text = right("sts-badcert");
        let total = format!("\"total-failure-session-count\":{failed}");
        let part = format!("\"failed-session-count\":{failed}");
        world.report(
            &text
                .replace("\"total-failure-session-count\":2", &total)
                .replace("\"failed-session-count\":2", &part),
        );
        assert_eq!(world.wrong().1, Vec::<String>::new(), "{failed}");
    }
}

#[test]
fn the_same_report_counts_once_and_labels_of_others_not_at_all() {
    let mut world = met("sts-badcert");
    world.report(&right("sts-badcert"));
    world.report(&right("sts-badcert"));
    world.reports[0].what.came = ReportCame::Https { source: [192, 0, 2, 9].into() };
    world.report(&right("sts-badcert").replace(LABEL, "an0therlabel").replace("\"1\"", "\"2\""));
    world.report(&right("sts-badcert").replace(&format!("{LABEL}."), "").replace("\"1\"", "\"3\""));
    let compared = world.compared();
    assert_eq!(compared.reports.len(), 1);
    assert!(compared.reports[0].vouched_by.is_some(), "the one that somebody vouches for");
}

#[test]
fn two_policies_of_one_host_share_its_sessions() {
    let mut world = met("both-conflict");
    let text = right("both-conflict").replace("certificate-not-trusted", "tlsa-invalid");
    let (_, policy) = text.split_once("\"policies\":[").expect("policies");
    let policy = policy.strip_suffix("]}").expect("the end");
    let as_sts = policy
        .replace("\"total-failure-session-count\":2", "\"total-failure-session-count\":0")
        .replace("tlsa-invalid", "validation-failure")
        .replace("\"failed-session-count\":2", "\"failed-session-count\":0");
    let bad = format!("{LABEL}.bad.both-conflict.test.example");
    let as_tlsa = format!(
        r#"{{"policy":{{"policy-type":"tlsa","policy-string":["3 1 1 AA"],"policy-domain":"{bad}","mx-host":["{bad}"]}},
        "summary":{{"total-successful-session-count":0,"total-failure-session-count":2}},"failure-details":[
        {{"result-type":"tlsa-invalid","receiving-mx-hostname":"{bad}","failed-session-count":2}}]}}"#
    );
    let (_, tail) = as_sts.split_once("\"failure-details\"").expect("failures");
    let as_sts = as_sts.replace(tail, ":[]}");
    let head = text.split_once("\"policies\":[").expect("policies").0;
    world.report(&format!("{head}\"policies\":[{as_tlsa},{as_sts}]}}"));
    assert_eq!(world.wrong().1, Vec::<String>::new());
}
