//! Name servers on addresses of loopback, all on one port, each with its zones and its ways.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use crate::shared::dns::Question;

pub(super) fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

pub(super) fn question(of: &str, rtype: RecordType) -> Question {
    Question { name: name(of), rtype }
}

/// A record of a line: owner, type, data.
pub(super) fn record(line: &str) -> Record {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [owner, rtype, data] = fields[..] else { panic!("no record: {line}") };
    let data = match rtype {
        "A" => RData::A(A(data.parse().expect("an address"))),
        "AAAA" => RData::AAAA(AAAA(data.parse().expect("an address"))),
        "NS" => RData::NS(NS(name(data))),
        "CNAME" => RData::CNAME(CNAME(name(data))),
        "TXT" => RData::TXT(TXT::new(vec![data.to_owned()])),
        _ => panic!("no type: {line}"),
    };
    Record::from_rdata(name(owner), 300, data)
}

fn soa(apex: &Name) -> Record {
    Record::from_rdata(apex.clone(), 300, RData::SOA(SOA::new(apex.clone(), apex.clone(), 1, 1, 1, 1, 60)))
}

/// What a server sends.
pub(super) enum Said {
    Message(Message),
    Octets(Vec<u8>),
    Nothing,
}

/// How a server treats a question: what it was asked, whether over TCP, and the right answer.
pub(super) type Way = fn(&Message, bool, Message) -> Said;

pub(super) fn sound(_: &Message, _: bool, answer: Message) -> Said {
    Said::Message(answer)
}

/// Zones: apex and records.
pub(super) type Zones = BTreeMap<Name, Vec<Record>>;

/// A zone from lines.
pub(super) fn zone(apex: &str, lines: &str) -> (Name, Vec<Record>) {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    (name(apex), lines.map(record).collect())
}

/// What a sound server answers.
fn answer(zones: &Zones, query: &Message) -> Message {
    let mut answer = Message::response(query.metadata.id, OpCode::Query);
    answer.queries = query.queries.clone();
    if query.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(1232).set_version(0).set_dnssec_ok(true);
        answer.set_edns(edns);
    }
    let asked: &Query = &query.queries[0];
    let above = asked.query_type() == RecordType::DS;
    let holds = |apex: &&Name| apex.zone_of(asked.name()) && !(above && *apex == asked.name());
    let Some(apex) = zones.keys().filter(holds).max_by_key(|apex| apex.iter().count()) else {
        answer.metadata.response_code = ResponseCode::Refused;
        return answer;
    };
    let records = &zones[apex];
    let cut = records.iter().filter(|record| record.record_type() == RecordType::NS && record.name != *apex);
    let cut =
        cut.filter(|record| record.name.zone_of(asked.name()) && !(above && record.name == *asked.name()));
    let delegation: Vec<Record> = cut.cloned().collect();
    if !delegation.is_empty() {
        let targets: Vec<&Name> = delegation
            .iter()
            .filter_map(|record| match &record.data {
                RData::NS(target) => Some(&target.0),
                _ => None,
            })
            .collect();
        let glue = records.iter().filter(|record| targets.contains(&&record.name));
        answer.additionals = glue.cloned().collect();
        answer.authorities = delegation;
        return answer;
    }
    answer.metadata.authoritative = true;
    let owned = || records.iter().filter(|record| record.name == *asked.name());
    let fits = |record: &&Record| [asked.query_type(), RecordType::CNAME].contains(&record.record_type());
    answer.answers = owned().filter(fits).cloned().collect();
    if answer.answers.is_empty() {
        answer.add_authority(soa(apex));
        if !records.iter().any(|record| asked.name().zone_of(&record.name)) && asked.name() != apex {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
    }
    if asked.query_type() == RecordType::NS && asked.name().is_root() {
        let addresses = records.iter().filter(|record| matches!(record.data, RData::A(_)));
        answer.additionals = addresses.cloned().collect();
    }
    answer
}

/// Servers that run.
pub(super) struct World {
    pub(super) port: u16,
    /// Whom was asked what: the last octet of the address, name and type, and how: `+` with EDNS, `t` over TCP.
    asked: Arc<Mutex<Vec<String>>>,
}

impl World {
    /// Servers at 127.0.0.x, each with its zones.
    pub(super) async fn new(servers: Vec<(u8, Zones, Way)>) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let addresses: Vec<u8> = servers.iter().map(|(last, ..)| *last).collect();
        let (port, sockets) = bound(&addresses).await;
        for ((last, zones, way), (udp, tcp)) in servers.into_iter().zip(sockets) {
            let zones = Arc::new(zones);
            tokio::spawn(datagrams(udp, last, Arc::clone(&zones), way, Arc::clone(&asked)));
            tokio::spawn(streams(tcp, last, zones, way, Arc::clone(&asked)));
        }
        Self { port, asked }
    }

    /// What was asked since the last time.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock())
    }

    /// The last octets of those that were asked since the last time.
    pub(super) fn servers(&self) -> Vec<u8> {
        let first = |line: &String| line.split(' ').next().and_then(|last| last.parse().ok());
        self.asked().iter().filter_map(first).collect()
    }
}

/// Sockets at all addresses on one port that is free at each.
async fn bound(addresses: &[u8]) -> (u16, Vec<(UdpSocket, TcpListener)>) {
    'ports: for _ in 0..50 {
        let free = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut sockets = Vec::new();
        for last in addresses {
            let address = SocketAddr::from((at(*last), port));
            let (Ok(udp), Ok(tcp)) = (UdpSocket::bind(address).await, TcpListener::bind(address).await)
            else {
                continue 'ports;
            };
            sockets.push((udp, tcp));
        }
        return (port, sockets);
    }
    panic!("no port is free at all addresses");
}

pub(super) fn at(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

type Asked = Arc<Mutex<Vec<String>>>;

/// Notes a question and gives what is said to it.
fn said(octets: &[u8], last: u8, zones: &Zones, way: Way, stream: bool, asked: &Asked) -> Option<Vec<u8>> {
    let query = Message::from_vec(octets).expect("a query");
    let (edns, over) = (if query.edns.is_some() { "+" } else { "" }, if stream { "t" } else { "" });
    let [first] = &query.queries[..] else { panic!("one question") };
    let line = format!("{last} {} {} {edns}{over}", first.name(), first.query_type());
    asked.lock().push(line.trim_end().to_owned());
    match way(&query, stream, answer(zones, &query)) {
        Said::Message(message) => Some(message.to_vec().expect("octets")),
        Said::Octets(octets) => Some(octets),
        Said::Nothing => None,
    }
}

async fn datagrams(socket: UdpSocket, last: u8, zones: Arc<Zones>, way: Way, asked: Asked) {
    let mut octets = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut octets).await {
        if let Some(answer) = said(&octets[..length], last, &zones, way, false, &asked) {
            socket.send_to(&answer, from).await.expect("sent");
        }
    }
}

async fn streams(listener: TcpListener, last: u8, zones: Arc<Zones>, way: Way, asked: Asked) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let Ok(length) = stream.read_u16().await else { continue };
        let mut octets = vec![0; usize::from(length)];
        stream.read_exact(&mut octets).await.expect("a query");
        if let Some(answer) = said(&octets, last, &zones, way, true, &asked) {
            stream.write_u16(u16::try_from(answer.len()).expect("short")).await.expect("sent");
            stream.write_all(&answer).await.expect("sent");
        }
    }
}
