//! What unbound says.

use std::io;
use std::time::{Duration, Instant};

use hickory_proto::dnssec::PublicKey as _;
use hickory_proto::dnssec::rdata::DNSSECRData;
use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{Name, RData};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::Outcome;
use super::plan::Question;
use super::world::UNBOUND;

/// How long one question may take: as long as our own look-ups. It is asked again and again, because answers that took
/// unbound longer than 1.9 s are thrown away (`discard-timeout`).
const PATIENCE: Duration = Duration::from_secs(20);
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// Asks, and where it fails asks without validation: if that gives an answer, it is bogus.
pub(super) async fn ask(question: &Question) -> Outcome {
    let answer = until_answered(question, false).await;
    let is_answer = |answer: &Option<Message>| {
        let code = answer.as_ref().map(|answer| answer.metadata.response_code);
        matches!(code, Some(ResponseCode::NoError | ResponseCode::NXDomain))
    };
    if let Some(answer) = answer.as_ref().filter(|_| is_answer(&answer)) {
        return read(answer);
    }
    let unchecked = until_answered(question, true).await;
    let state = if is_answer(&unchecked) { "bogus" } else { "fails" };
    let reason = answer.as_ref().map_or_else(|| "no answer".to_owned(), explained);
    Outcome { state: state.to_owned(), records: Vec::new(), reason }
}

async fn until_answered(question: &Question, unchecked: bool) -> Option<Message> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Ok(Ok(answer)) = timeout(ASKED_AGAIN, exchange(question, unchecked)).await {
            return Some(answer);
        }
    }
    None
}

async fn exchange(question: &Question, unchecked: bool) -> io::Result<Message> {
    let mut query = Message::query();
    query.metadata.recursion_desired = true;
    query.metadata.checking_disabled = unchecked;
    let name = Name::from_ascii(&question.name).map_err(io::Error::other)?;
    let rtype = question.rtype;
    query.add_query(Query::query(name, rtype));
    let mut edns = Edns::new();
    edns.set_max_payload(1232).set_version(0).set_dnssec_ok(true);
    query.set_edns(edns);
    let octets = query.to_vec().map_err(io::Error::other)?;
    let socket = UdpSocket::bind("0.0.0.0:0").await?;
    socket.connect((UNBOUND, 53)).await?;
    socket.send(&octets).await?;
    let mut datagram = vec![0; 4096];
    let length = socket.recv(&mut datagram).await?;
    let answer = Message::from_vec(&datagram[..length]).map_err(io::Error::other)?;
    if !answer.metadata.truncation {
        return Ok(answer);
    }
    let mut stream = TcpStream::connect((UNBOUND, 53)).await?;
    stream.write_u16(u16::try_from(octets.len()).map_err(io::Error::other)?).await?;
    stream.write_all(&octets).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Message::from_vec(&answer).map_err(io::Error::other)
}

fn read(answer: &Message) -> Outcome {
    let security = if answer.metadata.authentic_data { "secure" } else { "insecure" };
    let (mut records, mut found) = (Vec::new(), Vec::new());
    for record in &answer.answers {
        match &record.data {
            RData::CNAME(target) => records.push(plain(target)),
            data => found.extend(line(data)),
        }
    }
    let denial = match (answer.metadata.response_code, found.is_empty()) {
        (ResponseCode::NXDomain, _) => " no-name",
        (_, true) => " no-data",
        (_, false) => "",
    };
    found.sort();
    records.extend(found);
    Outcome { state: format!("{security}{denial}"), records, reason: String::new() }
}

/// The code, and the errors of RFC 8914.
fn explained(answer: &Message) -> String {
    let options = answer.edns.iter().flat_map(|edns| edns.options().as_ref());
    let said = options.filter_map(|(_, option)| match option {
        EdnsOption::Unknown(15, data) => data.get(2..).map(|text| String::from_utf8_lossy(text).into_owned()),
        _ => None,
    });
    format!("{} {}", answer.metadata.response_code, said.collect::<Vec<_>>().join("; "))
}

/// A record in short; signatures and what makes aliases have none.
pub(super) fn line(data: &RData) -> Option<String> {
    Some(match data {
        RData::A(address) => address.0.to_string(),
        RData::AAAA(address) => address.0.to_string(),
        RData::CAA(caa) => {
            let value = String::from_utf8_lossy(&caa.value);
            format!("{} {} {value}", caa.flags(), caa.tag.to_ascii_lowercase())
        }
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => {
            let tag = key.calculate_key_tag().expect("a tag");
            format!("{} {} {tag}", key.flags(), u8::from(key.public_key().algorithm()))
        }
        RData::DNSSEC(DNSSECRData::DS(ds)) => {
            format!("{} {} {}", ds.key_tag(), u8::from(ds.algorithm()), u8::from(ds.digest_type()))
        }
        RData::MX(mx) => format!("{} {}", mx.preference, plain(&mx.exchange)),
        RData::NS(name) => plain(name),
        RData::SOA(soa) => plain(&soa.mname),
        RData::TLSA(tlsa) => {
            let (usage, selector, matching) =
                (u8::from(tlsa.cert_usage), u8::from(tlsa.selector), u8::from(tlsa.matching));
            format!("{usage} {selector} {matching} {}", hex(&tlsa.cert_data))
        }
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        _ => return None,
    })
}

/// Octets in short: their number, and how they begin.
pub(super) fn hex(octets: &[u8]) -> String {
    let begin: String = octets.iter().take(4).map(|octet| format!("{octet:02x}")).collect();
    format!("{begin}…({})", octets.len())
}

fn plain(name: &Name) -> String {
    name.to_lowercase().to_ascii().trim_end_matches('.').to_owned()
}
