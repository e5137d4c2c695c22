//! Zones as secondaries take them over, and what goes along with answers in OPT.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{RData, Record, RecordType};
use mailassay::sending::authority::{
    Content, DomainName, RateSettings, Secondary, ServerSettings, report_zone,
};
use mailassay::shared::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::world::{World, content, query};

pub(super) fn domain(name: &str) -> DomainName {
    DomainName::try_from(name.to_owned()).unwrap()
}

/// Whoever is on this host may take zones over.
fn open() -> ServerSettings {
    let here = Secondary { from: vec!["127.0.0.0/8".parse().unwrap()], ..Secondary::default() };
    ServerSettings {
        secondary: vec![here],
        catalog: Some(domain("catalog.invalid")),
        ..ServerSettings::default()
    }
}

/// The content without its root, who knows whether any name exists.
pub(super) fn without_root() -> Content {
    let mut content = content();
    content.others.retain(|zone| zone.apex != ".");
    content
}

/// The records of a transfer: all messages up to the second copy of the SOA record at the end.
async fn transfer(world: &World, query: &Message) -> Result<Vec<Record>, Message> {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let octets = query.to_vec().unwrap();
    stream.write_u16(u16::try_from(octets.len()).unwrap()).await.unwrap();
    stream.write_all(&octets).await.unwrap();
    let mut records: Vec<Record> = Vec::new();
    loop {
        let length = stream.read_u16().await.unwrap();
        let mut octets = vec![0; usize::from(length)];
        stream.read_exact(&mut octets).await.unwrap();
        let message = Message::from_vec(&octets).unwrap();
        if message.metadata.response_code != ResponseCode::NoError {
            return Err(message);
        }
        assert!(message.metadata.authoritative);
        records.extend(message.answers);
        let first = records[0].clone();
        let copies = records.iter().filter(|record| **record == first).count();
        // Of an increment the newest SOA stands there three times.
        let increment = records.get(1).is_some_and(|second| second.record_type() == RecordType::SOA);
        if records.last() == Some(&first) && (copies == 3 || copies == 2 && !increment) {
            return Ok(records);
        }
        if records.len() == 1 && query.queries[0].query_type() == RecordType::IXFR {
            return Ok(records);
        }
    }
}

/// A question for what changed since a zone had this SOA record.
fn increment(zone: &str, since: &Record) -> Message {
    let mut query = query(zone, RecordType::IXFR, None);
    query.add_authority(since.clone());
    query
}

/// What tells records of a zone apart.
fn told_apart(records: &[Record]) -> BTreeSet<String> {
    records.iter().map(ToString::to_string).collect()
}

fn serial(record: &Record) -> u32 {
    match &record.data {
        RData::SOA(soa) => soa.serial,
        other => panic!("no SOA record: {other}"),
    }
}

fn option(message: &Message, code: u16) -> Option<Vec<u8>> {
    match message.edns.as_ref()?.option(code.into())? {
        EdnsOption::Unknown(_, octets) => Some(octets.clone()),
        other => panic!("another option: {other:?}"),
    }
}

#[tokio::test]
async fn strangers_get_no_zone_and_are_told_why() {
    let here = Secondary { from: vec!["192.0.2.0/24".parse().unwrap()], ..Secondary::default() };
    let settings = ServerSettings {
        secondary: vec![here],
        catalog: Some(domain("catalog.invalid")),
        ..ServerSettings::default()
    };
    let world = World::with(settings).await;
    world.authority.replace(without_root(), Timestamp::now()).unwrap();
    for (name, rtype, code, words) in [
        ("service.test.", RecordType::AXFR, 18, "secondaries"),
        ("service.test.", RecordType::IXFR, 18, "secondaries"),
        ("catalog.invalid.", RecordType::SOA, 18, "catalog"),
        ("catalog.invalid.", RecordType::AXFR, 18, "catalog"),
        ("nowhere.example.", RecordType::A, 20, "delegation"),
    ] {
        let octets = world.tcp(&query(name, rtype, Some(false)).to_vec().unwrap()).await;
        let answer = Message::from_vec(&octets).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::Refused, "{name} {rtype}");
        assert!(answer.answers.is_empty());
        let error = option(&answer, 15).unwrap();
        assert_eq!(u16::from_be_bytes([error[0], error[1]]), code, "{name} {rtype}");
        assert!(String::from_utf8_lossy(&error[2..]).contains(words), "{name} {rtype}");
    }
    let plain = query("service.test.", RecordType::AXFR, None);
    assert!(Message::from_vec(&world.tcp(&plain.to_vec().unwrap()).await).unwrap().edns.is_none());
    assert_eq!(world.server.counters().transfers(), 0);
}

#[tokio::test]
async fn a_secondary_gets_whole_zones_and_what_changed() {
    let start = Timestamp::from_second(1_800_000_000).unwrap();
    let world = World::with_limits_at(open(), start).await;
    for zone in [".", "test.", "plain.test.", "service.test.", "bare.service.test."] {
        let records = transfer(&world, &query(zone, RecordType::AXFR, Some(true))).await.unwrap();
        // What is printed is the same: a line for each record but the second SOA.
        let printed = world.authority.print_zone(zone).unwrap();
        assert_eq!(records.len() - 1, printed.lines().count(), "{zone}");
    }
    let before = transfer(&world, &query("service.test.", RecordType::AXFR, None)).await.unwrap();
    let soa = before[0].clone();
    let same = transfer(&world, &increment("service.test.", &soa)).await.unwrap();
    assert_eq!(same.len(), 1, "nothing changed");
    // The next order of MX records.
    world.authority.refresh(Timestamp::from_second(1_800_000_600).unwrap()).unwrap();
    let changed = transfer(&world, &increment("service.test.", &soa)).await.unwrap();
    let after = transfer(&world, &query("service.test.", RecordType::AXFR, None)).await.unwrap();
    assert!(serial(&after[0]) > serial(&soa));
    assert!(changed.len() < after.len(), "{} of {}", changed.len(), after.len());
    assert_eq!((serial(&changed[0]), serial(&changed[1])), (serial(&after[0]), serial(&soa)));
    // RFC 1995 §4: taken away, then put there.
    let is_soa = |record: &Record| record.record_type() == RecordType::SOA;
    let turn = 2 + changed[2..].iter().position(is_soa).unwrap();
    let mut applied = told_apart(&before);
    for record in &changed[1..turn] {
        assert!(applied.remove(&record.to_string()), "{record} was not there");
    }
    for record in &changed[turn..] {
        applied.insert(record.to_string());
    }
    assert_eq!(applied, told_apart(&after));
    assert!(world.server.counters().transfers() >= 8);
    // Over UDP the SOA record alone says that there is something newer.
    let octets = world.udp(&increment("service.test.", &soa).to_vec().unwrap()).await;
    let answer = Message::from_vec(&octets).unwrap();
    assert_eq!(answer.answers.iter().map(serial).collect::<Vec<_>>(), [serial(&after[0])]);
    let octets = world.udp(&query("service.test.", RecordType::AXFR, None).to_vec().unwrap()).await;
    assert_eq!(Message::from_vec(&octets).unwrap().metadata.response_code, ResponseCode::Refused);
}

#[tokio::test]
async fn whoever_has_an_old_zone_is_sent_the_whole() {
    let world = World::with_limits_at(open(), Timestamp::from_second(1_800_000_000).unwrap()).await;
    let whole = transfer(&world, &query("service.test.", RecordType::AXFR, None)).await.unwrap();
    let mut old = whole[0].clone();
    if let RData::SOA(soa) = &mut old.data {
        soa.serial -= 1;
    }
    let sent = transfer(&world, &increment("service.test.", &old)).await.unwrap();
    assert_eq!(told_apart(&sent), told_apart(&whole));
    assert_ne!(sent[1].record_type(), RecordType::SOA);
}

#[tokio::test]
async fn the_catalog_lists_every_zone_and_nothing_else_is_asked_of_it() {
    let world = World::with(open()).await;
    let records = transfer(&world, &query("catalog.invalid.", RecordType::AXFR, None)).await.unwrap();
    let members: BTreeSet<String> = records
        .iter()
        .filter_map(|record| match &record.data {
            RData::PTR(member) => Some(member.0.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(members, world.authority.zone_names().into_iter().collect());
    let version = records.iter().find(|record| record.record_type() == RecordType::TXT).unwrap();
    assert_eq!(version.name.to_ascii(), "version.catalog.invalid.");
    let soa = transfer(&world, &increment("catalog.invalid.", &records[0])).await.unwrap();
    assert_eq!(soa.len(), 1, "nothing changed");
    let ask = |name: &str, rtype| query(name, rtype, None).to_vec().unwrap();
    let answer = Message::from_vec(&world.udp(&ask("catalog.invalid.", RecordType::SOA)).await).unwrap();
    assert_eq!(serial(&answer.answers[0]), serial(&records[0]));
    let answer = Message::from_vec(&world.udp(&ask("catalog.invalid.", RecordType::TXT)).await).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::Refused);
    // Another list has a higher serial.
    let mut fewer = content();
    fewer.others.retain(|zone| zone.apex != "plain.test.");
    world.authority.replace(fewer, Timestamp::now()).unwrap();
    let changed = transfer(&world, &increment("catalog.invalid.", &records[0])).await.unwrap();
    assert!(serial(&changed[0]) > serial(&records[0]));
    assert!(!changed.iter().any(|record| record.to_string().contains("plain.test.")));
}

#[tokio::test]
async fn a_secondary_is_told_of_changes_until_it_has_heard() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let here = Secondary {
        from: vec!["127.0.0.1/32".parse().unwrap()],
        notify: vec![socket.local_addr().unwrap()],
        zones: vec![domain("plain.test")],
        ..Secondary::default()
    };
    let world = World::with(ServerSettings { secondary: vec![here], ..ServerSettings::default() }).await;
    let (first, from) = notice(&socket).await;
    assert_eq!(first.queries[0].name().to_ascii(), "plain.test.");
    assert_eq!(from.ip(), world.address.ip(), "where it is known");
    // Not answered: told once more.
    let (again, from) = notice(&socket).await;
    assert_eq!(serial(&again.answers[0]), serial(&first.answers[0]));
    answer(&socket, &again, from).await;
    let mut changed = content();
    let plain = changed.others.iter_mut().find(|zone| zone.apex == "plain.test.").unwrap();
    plain.text += "new IN A 192.0.2.4\n";
    world.authority.replace(changed, later(&first)).unwrap();
    let (next, from) = notice(&socket).await;
    assert!(serial(&next.answers[0]) > serial(&first.answers[0]), "of the next change alone");
    answer(&socket, &next, from).await;
}

/// A time at which the zone gets a higher serial.
fn later(notice: &Message) -> Timestamp {
    Timestamp::from_second(i64::from(serial(&notice.answers[0])) + 10).unwrap()
}

async fn notice(socket: &UdpSocket) -> (Message, SocketAddr) {
    let mut octets = vec![0; 1_500];
    let received = tokio::time::timeout(Duration::from_secs(20), socket.recv_from(&mut octets)).await;
    let (length, from) = received.expect("a notice").unwrap();
    let notice = Message::from_vec(&octets[..length]).unwrap();
    assert_eq!((notice.metadata.op_code, notice.metadata.message_type), (OpCode::Notify, MessageType::Query));
    (notice, from)
}

async fn answer(socket: &UdpSocket, notice: &Message, to: SocketAddr) {
    let mut answer = Message::new(notice.metadata.id, MessageType::Response, OpCode::Notify);
    answer.add_queries(notice.queries.iter().cloned());
    socket.send_to(&answer.to_vec().unwrap(), to).await.unwrap();
}

fn with_option(mut query: Message, code: u16, octets: Vec<u8>) -> Vec<u8> {
    query.edns.as_mut().unwrap().options_mut().insert(EdnsOption::Unknown(code, octets));
    query.to_vec().unwrap()
}

#[tokio::test]
async fn whoever_shows_a_cookie_is_no_flood() {
    let rate =
        RateSettings { responses_per_s: 1, burst: 1, slip: 0, exempt: Vec::new(), ..RateSettings::default() };
    let world = World::with_cookies(ServerSettings { rate, ..ServerSettings::default() }).await;
    let ask =
        |cookie: &[u8]| with_option(query("plain.test.", RecordType::SOA, Some(false)), 10, cookie.to_vec());
    let first = Message::from_vec(&world.udp(&ask(b"12345678")).await).unwrap();
    let cookie = option(&first, 10).unwrap();
    assert_eq!((cookie.len(), &cookie[..8]), (24, &b"12345678"[..]));
    for _ in 0..5 {
        let answer = Message::from_vec(&world.udp(&ask(&cookie)).await).unwrap();
        assert_eq!(answer.answers.len(), 1);
    }
    assert_eq!(world.server.counters().limited(), 0);
    let odd = Message::from_vec(&world.tcp(&ask(b"123")).await).unwrap();
    assert_eq!(odd.metadata.response_code, ResponseCode::FormErr);
    // RFC 7873 §5.4: no question, and a cookie.
    let mut empty = query("plain.test.", RecordType::SOA, Some(false));
    empty.queries.clear();
    let alone = world.tcp(&with_option(empty.clone(), 10, b"12345678".to_vec())).await;
    let alone = Message::from_vec(&alone).unwrap();
    assert_eq!(alone.metadata.response_code, ResponseCode::NoError);
    assert_eq!(option(&alone, 10).unwrap().len(), 24);
    let without = Message::from_vec(&world.tcp(&empty.to_vec().unwrap()).await).unwrap();
    assert_eq!(without.metadata.response_code, ResponseCode::FormErr);
}

#[tokio::test]
async fn resolvers_may_report_what_they_could_not_use() {
    let settings =
        ServerSettings { report_agent: Some(domain("er.service.test")), ..ServerSettings::default() };
    let world = World::with_cookies(settings).await;
    let mut with_agent = content();
    let text = with_agent.origin.as_ref().unwrap().text.clone();
    let zone = report_zone("er.service.test", "service.test", "origin.zone", &text).unwrap();
    with_agent.others.push(zone);
    world.authority.replace(with_agent, Timestamp::now()).unwrap();
    let answer = world.ask("et.service.test.", RecordType::MX).await;
    assert_eq!(option(&answer, 18).unwrap(), b"\x02er\x07service\x04test\x00");
    let report = "_er.52.mx06.et.service.test.7._er.er.service.test.";
    // Over UDP whoever asks may be somebody else.
    let answer = world.ask(report, RecordType::TXT).await;
    assert!(answer.metadata.truncation && answer.answers.is_empty());
    assert_eq!(world.server.counters().reports(), 0);
    let octets = world.tcp(&query(report, RecordType::TXT, Some(true)).to_vec().unwrap()).await;
    let answer = Message::from_vec(&octets).unwrap();
    assert_eq!((answer.answers.len(), answer.answers[0].record_type()), (1, RecordType::TXT));
    assert!(option(&answer, 18).is_none(), "no reports of reports");
    assert_eq!(world.server.counters().reports(), 1);
    let noted = world.noted.queries();
    assert!(noted.iter().any(|query| query.name == report.trim_end_matches('.')));
}

/// The name server that is not ours is known by its address, or by nobody's knowing it.
#[tokio::test]
async fn name_servers_of_the_suite_are_listed_with_what_we_know_of_them() {
    let world = World::new().await;
    let mut beside = content();
    let origin = beside.origin.as_mut().unwrap();
    origin.text += "@ IN NS ns2\nns2 IN A 192.0.2.99\n@ IN NS ns.elsewhere.example.\n";
    world.authority.replace(beside, Timestamp::now()).unwrap();
    let servers = world.authority.name_servers();
    let listed: Vec<_> =
        servers.iter().map(|server| (server.host.as_str(), server.addresses.len())).collect();
    assert_eq!(listed, [("ns.elsewhere.example", 0), ("ns1.service.test", 1), ("ns2.service.test", 1)]);
}

#[tokio::test]
async fn an_update_and_a_notice_are_not_supported() {
    let world = World::new().await;
    for op_code in [OpCode::Update, OpCode::Notify] {
        let mut message = query("service.test.", RecordType::SOA, Some(false));
        message.metadata.op_code = op_code;
        let octets = world.tcp(&message.to_vec().unwrap()).await;
        let answer = Message::from_vec(&octets).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::NotImp);
        assert_eq!(option(&answer, 15).map(|error| error[1]), Some(21));
    }
}
