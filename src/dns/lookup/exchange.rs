//! Asking a server: UDP first, TCP where the answer was cut.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::time::timeout;

use super::{Failure, Question, Upstream};

/// What we take over UDP, in octets.
const UDP_OCTETS_MAX: u16 = 1232;

/// Resolvers, or an authoritative server that answers for the private root and all below it.
pub(super) struct Forwarder {
    /// Asked in this order.
    pub(super) servers: Vec<SocketAddr>,
    /// Asked from the first of these that is of the server's family; else from where the system chooses.
    pub(super) from: Vec<IpAddr>,
    /// How long one of them may take.
    pub(super) timeout: Duration,
    /// How often each is asked.
    pub(super) attempts_max: u32,
}

impl Upstream for Forwarder {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + '_>> {
        Box::pin(self.ask_all(question))
    }
}

impl Forwarder {
    fn local(&self, server: SocketAddr) -> SocketAddr {
        let any: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let from = self.from.iter().find(|from| from.is_ipv4() == server.is_ipv4());
        (*from.unwrap_or(&any), 0).into()
    }

    async fn ask_all(&self, question: Question) -> Result<Vec<u8>, Failure> {
        let mut failure = Failure::Timeout { question: question.to_string() };
        for server in (0..self.attempts_max).flat_map(|_| &self.servers) {
            let failed = |reason: String| Failure::ServerFailure {
                question: question.to_string(),
                reason: format!("{server}: {reason}"),
            };
            match timeout(self.timeout, ask(self.local(*server), *server, &question)).await {
                Ok(Ok(answer)) => match code(&answer) {
                    Some(ResponseCode::NoError | ResponseCode::NXDomain) => return Ok(answer),
                    Some(other) => failure = failed(other.to_string()),
                    None => failure = failed("its answer cannot be read".to_owned()),
                },
                Ok(Err(error)) => failure = failed(error.to_string()),
                Err(_) => failure = Failure::Timeout { question: question.to_string() },
            }
        }
        Err(failure)
    }
}

fn code(answer: &[u8]) -> Option<ResponseCode> {
    Some(ResponseCode::from_low(answer.get(3)? & 0x0f))
}

/// CD, so that a forwarder that validates does not hide what is bogus; DO for the signatures.
fn query(question: &Question) -> Message {
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

async fn ask(local: SocketAddr, server: SocketAddr, question: &Question) -> io::Result<Vec<u8>> {
    let query = query(question);
    let octets = query.to_vec().map_err(io::Error::other)?;
    let answer = over_udp(local, server, &query, &octets).await?;
    // The TC bit (RFC 7766 §5).
    if answer[2] & 0x02 == 0 { Ok(answer) } else { over_tcp(local, server, &query, &octets).await }
}

async fn over_udp(
    local: SocketAddr,
    server: SocketAddr,
    query: &Message,
    octets: &[u8],
) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    socket.send(octets).await?;
    let mut datagram = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut datagram).await?;
        // What does not answer the question may be forged, and the true answer may still come.
        if answers(query, &datagram[..length]) {
            datagram.truncate(length);
            return Ok(datagram);
        }
    }
}

async fn over_tcp(
    local: SocketAddr,
    server: SocketAddr,
    query: &Message,
    octets: &[u8],
) -> io::Result<Vec<u8>> {
    let socket = if server.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(local)?;
    let mut stream = socket.connect(server).await?;
    let mut framed = u16::try_from(octets.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
    framed.extend(octets);
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    let fits = answers(query, &answer);
    fits.then_some(answer).ok_or_else(|| io::Error::other("it answered another question"))
}

/// Whether `octets` are an answer to `query`: same identifier, same question. An answer that says that it
/// could not read the query may leave the question out.
fn answers(query: &Message, octets: &[u8]) -> bool {
    octets.len() >= 12
        && octets[2] & 0x80 != 0
        && octets[..2] == query.metadata.id.to_be_bytes()
        && Message::from_vec(octets).is_ok_and(|answer| {
            answer.queries == query.queries
                || (answer.queries.is_empty() && answer.metadata.response_code != ResponseCode::NoError)
        })
}
