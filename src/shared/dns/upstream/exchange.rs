//! Asking a server: UDP first, TCP where the answer was cut.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::time::timeout;

use crate::shared::dns::question::Question;

/// What we take over UDP, in octets.
const UDP_OCTETS_MAX: u16 = 1232;
/// What we read over UDP, in octets: some servers send more than they were told to.
const DATAGRAM_OCTETS_MAX: usize = 4096;
/// How long the header of a message is, in octets.
const HEADER_OCTETS: usize = 12;
/// How many datagrams that are no answer to the question are thrown away before the server counts as failing.
const STRAY_DATAGRAMS_MAX: usize = 64;
/// How long an answer of a resolver may be over TCP, in octets: any length that fits its frame.
const ANSWER_OCTETS_MAX: usize = 65_535;

/// Where to ask from.
pub(in crate::shared::dns) fn local(from: &[IpAddr], server: SocketAddr) -> SocketAddr {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let from = from.iter().find(|from| from.is_ipv4() == server.is_ipv4());
    (*from.unwrap_or(&any), 0).into()
}

/// The code of an answer, without what EDNS adds to it.
pub(in crate::shared::dns) fn code(answer: &[u8]) -> Option<ResponseCode> {
    Some(ResponseCode::from_low(answer.get(3)? & 0x0f))
}

/// The TC bit: the answer is to be had over TCP (RFC 7766 §5).
pub(in crate::shared::dns) fn is_cut(answer: &[u8]) -> bool {
    answer.get(2).is_none_or(|flags| flags & 0x02 != 0)
}

/// CD, so that a forwarder that validates does not hide what is bogus; DO for the signatures.
pub(in crate::shared::dns) fn query(question: &Question) -> Message {
    let mut message = Message::query();
    message.metadata.op_code = OpCode::Query;
    message.metadata.recursion_desired = true;
    message.metadata.checking_disabled = true;
    message.add_query(Query::query(question.name.clone(), question.rtype));
    let mut edns = Edns::new();
    edns.set_max_payload(UDP_OCTETS_MAX).set_version(0).set_dnssec_ok(true);
    message.set_edns(edns);
    message
}

/// What an authoritative server is asked: for what it knows itself, and without EDNS where it refused that.
pub(in crate::shared::dns) fn to_authority(question: &Question, edns: bool) -> Message {
    let mut message = query(question);
    message.metadata.recursion_desired = false;
    message.metadata.checking_disabled = false;
    message.edns = message.edns.filter(|_| edns);
    message
}

pub(in crate::shared::dns) async fn exchange(
    local: SocketAddr,
    server: SocketAddr,
    query: &Message,
    wait: Duration,
) -> io::Result<Vec<u8>> {
    let octets = query.to_vec().map_err(io::Error::other)?;
    let answer = over_udp(local, server, query, &octets, &[wait]).await?;
    match is_cut(&answer) {
        false => Ok(answer),
        true => over_tcp(local, server, query, &octets, ANSWER_OCTETS_MAX).await,
    }
}

/// Sends a question once for each wait, from one socket: a late answer to the first counts as well.
pub(in crate::shared::dns) async fn over_udp(
    local: SocketAddr,
    server: SocketAddr,
    query: &Message,
    octets: &[u8],
    waits: &[Duration],
) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    let mut datagram = vec![0; DATAGRAM_OCTETS_MAX];
    for wait in waits {
        socket.send(octets).await?;
        if let Ok(length) = timeout(*wait, received(&socket, query, &mut datagram)).await {
            datagram.truncate(length?);
            return Ok(datagram);
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

async fn received(socket: &UdpSocket, query: &Message, datagram: &mut [u8]) -> io::Result<usize> {
    for _ in 0..STRAY_DATAGRAMS_MAX {
        let length = socket.recv(datagram).await?;
        // What does not answer the question may be forged, and the true answer may still come.
        if answers(query, &datagram[..length]) {
            return Ok(length);
        }
    }
    Err(io::Error::other("it answered other questions"))
}

pub(in crate::shared::dns) async fn over_tcp(
    local: SocketAddr,
    server: SocketAddr,
    query: &Message,
    octets: &[u8],
    octets_max: usize,
) -> io::Result<Vec<u8>> {
    let socket = if server.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(local)?;
    let mut stream = socket.connect(server).await?;
    let mut framed = u16::try_from(octets.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
    framed.extend(octets);
    stream.write_all(&framed).await?;
    let length = usize::from(stream.read_u16().await?);
    if length > octets_max {
        return Err(io::Error::other(format!("an answer of {length} octets")));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    let fits = answers(query, &answer);
    fits.then_some(answer).ok_or_else(|| io::Error::other("it answered another question"))
}

/// Whether `octets` are an answer to `query`: same identifier, same question. An answer that says that it
/// could not read the query may leave the question out, or be no more than a header.
fn answers(query: &Message, octets: &[u8]) -> bool {
    let [high, low, flags, ..] = octets else { return false };
    let failed = code(octets).is_some_and(|code| code != ResponseCode::NoError);
    flags & 0x80 != 0
        && [*high, *low] == query.metadata.id.to_be_bytes()
        && match Message::from_vec(octets) {
            Ok(answer) => answer.queries == query.queries || (answer.queries.is_empty() && failed),
            Err(_) => failed && octets.len() == HEADER_OCTETS,
        }
}

/// The port by which a route is looked for: any does.
const DNS_PORT: u16 = 53;

/// Fails at once where this host lacks the family of `server`. Without this a look-up would spend its whole time
/// on waiting for the first such server: a host in a container often has a route to all of IPv6 and none but a
/// unique local address (RFC 4193), to which no answer comes.
pub(in crate::shared::dns) fn route(server: IpAddr) -> io::Result<()> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = std::net::UdpSocket::bind((any, 0))?;
    // Sends nothing: the system chooses a route and with it a source address.
    socket.connect((server, DNS_PORT))?;
    match answerable(socket.local_addr()?.ip(), server) {
        true => Ok(()),
        false => Err(io::ErrorKind::NetworkUnreachable.into()),
    }
}

/// Whether an answer from `server` can come to `source`. In IPv4 nobody knows, since networks translate addresses.
fn answerable(source: IpAddr, server: IpAddr) -> bool {
    let is_global = |address: Ipv6Addr| address.segments()[0] & 0xe000 == 0x2000;
    match (source, server) {
        (IpAddr::V6(source), IpAddr::V6(server)) => is_global(source) || !is_global(server),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{Name, RecordType};
    use proptest::prelude::*;

    use super::super::forwarder::{EXTENDED_ERRORS_MAX, extended_errors};
    use super::super::name_servers::direct;
    use super::*;

    fn question() -> Question {
        Question { name: Name::from_ascii("a.test.").expect("a name"), rtype: RecordType::A }
    }

    proptest! {
        /// Octets of any kind, and a sound answer with some of them changed, cut anywhere.
        #[test]
        fn no_answer_does_harm(
            octets in prop::collection::vec(any::<u8>(), 0..100),
            changes in prop::collection::vec((any::<u16>(), any::<u8>()), 0..6),
            end in 0_usize..80,
        ) {
            let query = query(&question());
            let mut sound = query.clone();
            sound.metadata.message_type = hickory_proto::op::MessageType::Response;
            let sound = sound.to_vec().expect("octets");
            prop_assert!(answers(&query, &sound));
            let mut changed = sound;
            for (at, octet) in changes {
                let at = usize::from(at) % changed.len();
                changed[at] = octet;
            }
            let cut = &changed[..end.min(changed.len())];
            for octets in [&octets[..], &changed, cut] {
                let _ = code(octets);
                let fits = answers(&query, octets);
                prop_assert!(!fits || octets[..2] == query.metadata.id.to_be_bytes());
                let _ = direct(octets, &question());
                if let Ok(answer) = Message::from_vec(octets) {
                    prop_assert!(extended_errors(&answer).len() <= EXTENDED_ERRORS_MAX);
                }
            }
        }
    }

    #[test]
    fn a_unique_local_address_gets_no_answer_from_the_world() {
        for (source, server, expected) in [
            ("fd00::2", "2001:500:2f::f", false),
            ("2a01:4f8::1", "2001:500:2f::f", true),
            ("fd00::2", "fd00::53", true),
            ("::1", "::1", true),
            ("10.0.0.2", "192.5.5.241", true),
        ] {
            let [source, server] = [source, server].map(|text| text.parse().expect("an address"));
            assert_eq!(answerable(source, server), expected, "{source} {server}");
        }
        route(Ipv4Addr::LOCALHOST.into()).expect("loopback is there");
        route("fe80::1".parse().expect("an address")).expect_err("a link-local address without its link");
    }

    #[tokio::test]
    async fn what_answers_something_else_is_thrown_away_only_so_often() {
        for (strays, is_answered) in [(STRAY_DATAGRAMS_MAX - 1, true), (STRAY_DATAGRAMS_MAX, false)] {
            let server = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
            let address = server.local_addr().expect("an address");
            let query = to_authority(&question(), true);
            let octets = query.to_vec().expect("octets");
            let answering = async {
                let mut received = [0; 512];
                let (length, from) = server.recv_from(&mut received).await.expect("a query");
                let mut answer = received[..length].to_vec();
                answer[2] |= 0x80;
                let mut other = answer.clone();
                other[0] ^= 1;
                for octets in std::iter::repeat_n(&other, strays).chain([&answer]) {
                    server.send_to(octets, from).await.expect("sent");
                }
            };
            let waits = [Duration::from_secs(10)];
            let asking = over_udp(local(&[], address), address, &query, &octets, &waits);
            let (answer, ()) = tokio::join!(asking, answering);
            assert_eq!(answer.is_ok(), is_answered, "{strays}: {answer:?}");
        }
    }
}
