//! What the check of a domain's SPF says, and what mail authentication says of a mail, over the same names.
//!
//! `tests/mailauth/spf.toml` has a case for each point on which readers of SPF are known to differ: its names (in the
//! form of `scan_names::zone`), the address that a mail comes from, what RFC 7208 has it give (`result`), and what the
//! check finds (`check`: the words of `spf` and `spf-policy` and the number of void look-ups). Where mail-auth gives
//! something else, `mail-auth` says what, and `why`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, Record};
use mailassay::receiving::checks::{Check, Measured, judge};
use mailassay::shared::dns::Lookup;
use mailassay::shared::evidence::scan::{Evidence, NameAnswer};
use mailassay::shared::mailauth::{Authenticator, Envelope, Settings};
use mailassay::shared::time::Timestamp;
use serde::Deserialize;
use tokio::net::UdpSocket;

use crate::scan_names::{gather, request, zone::Zone};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    /// What it is about; unique.
    name: String,
    zone: String,
    /// The address that the mail comes from.
    #[serde(default = "anywhere")]
    source: IpAddr,
    /// The sender.
    #[serde(default = "somebody")]
    sender: String,
    #[serde(default = "host")]
    ehlo: String,
    /// By RFC 7208.
    result: String,
    check: String,
    /// What mail-auth gives in its place.
    mail_auth: Option<String>,
    why: Option<String>,
}

fn anywhere() -> IpAddr {
    IpAddr::from([192, 0, 2, 1])
}

fn somebody() -> String {
    "somebody@example.net".to_owned()
}

fn host() -> String {
    "mail.example.net".to_owned()
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mailauth/spf.toml");
    let file: File = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut names = BTreeMap::new();
    for case in &file.case {
        assert!(names.insert(case.name.clone(), ()).is_none(), "{} stands twice", case.name);
        assert_eq!(case.mail_auth.is_some(), case.why.is_some(), "{}: say why", case.name);
    }
    file.case
}

/// The words of the checks, such as `hard-fail`, `too-many`, `neutral void 3`, or `absent` where there is no policy.
async fn checked(case: &Case) -> String {
    let domain = case.sender.rsplit_once('@').unwrap().1;
    let (gathered, _) = gather(&case.zone, &request(domain)).await;
    let now: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    let mut evidence = Evidence::not_gathered(domain, "scan.example", now);
    (evidence.names, evidence.cuts) = (gathered.names, gathered.cuts);
    let findings = judge(&evidence, now);
    let said = |check: Check| &findings.iter().find(|finding| finding.check == check).unwrap().measured;
    let word = |measured: &Measured| match measured {
        Measured::Is { word } => serde_json::to_value(word).unwrap().as_str().unwrap().to_owned(),
        Measured::Inconclusive { why } => {
            serde_json::to_value(why).unwrap()["reason"].as_str().unwrap().to_owned()
        }
        other => format!("{other:?}"),
    };
    let void = match said(Check::SpfVoid) {
        Measured::Count { count: 0 } | Measured::NotApplicable { .. } => String::new(),
        Measured::Count { count } => format!(" void {count}"),
        other => format!(" void {}", word(other)),
    };
    match said(Check::SpfPolicy) {
        Measured::NotApplicable { .. } => word(said(Check::Spf)),
        said => word(said) + &void,
    }
}

#[tokio::test]
async fn the_check_sees_in_a_record_what_every_mail_would_meet() {
    let mut wrong = Vec::new();
    for case in cases() {
        let is = checked(&case).await;
        if is != case.check {
            wrong.push(format!("{}: is {is}, should be {}", case.name, case.check));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_mail_meets_what_the_standard_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (server, authenticator) = dns(&case.zone).await;
        let (_, host) = ("", "mx.receiver.example");
        let envelope = Envelope {
            source: case.source,
            ehlo: &case.ehlo,
            host,
            reverse_path: Some(case.sender.as_str()),
        };
        let spf = authenticator.verify(b"From: a@example.net\r\n\r\n", envelope).await.spf;
        server.abort();
        let expected = case.mail_auth.as_ref().unwrap_or(&case.result);
        if spf.result.to_string() != *expected {
            wrong.push(format!("{}: is {}, should be {expected}", case.name, spf.result));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A name server on loopback that answers as the zone does, and who asks it.
async fn dns(zone: &str) -> (tokio::task::JoinHandle<()>, Authenticator) {
    let zone = Arc::new(Zone::read(zone));
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let settings = Settings { servers: vec![socket.local_addr().unwrap()], ..Settings::default() };
    let serving = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
            let answer = answer(&zone, Message::from_vec(&buffer[..length]).unwrap()).await;
            socket.send_to(&answer, peer).await.unwrap();
        }
    });
    (serving, Authenticator::new(settings).unwrap())
}

async fn answer(zone: &Zone, query: Message) -> Vec<u8> {
    let question = query.queries.first().cloned().unwrap();
    let owner: Name = question.name().clone();
    let labels: Vec<String> =
        owner.iter().map(|label| String::from_utf8_lossy(label).to_lowercase()).collect();
    let rtype = question.query_type();
    let mut response = query.into_response();
    response.edns = None;
    match zone.ask(&labels.join("."), rtype).await.looked.answer {
        NameAnswer::Records { records } => {
            let record = |data| Record::from_rdata(owner.clone(), 60, data);
            response.add_answers(records.into_iter().map(record));
        }
        NameAnswer::NoName => response.metadata.response_code = ResponseCode::NXDomain,
        NameAnswer::Failed { .. } => response.metadata.response_code = ResponseCode::ServFail,
        NameAnswer::NoData | NameAnswer::NotAsked => {}
    }
    response.to_vec().unwrap()
}
