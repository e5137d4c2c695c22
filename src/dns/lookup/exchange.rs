//! Asking a server: UDP first, TCP where the answer was cut.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::opt::EdnsOption;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::time::timeout;

use super::recursor::route;
use super::survey::{Datum, Direct, Over};
use super::{Failure, Question, Upstream, cut};
use crate::dial::AddressRules;
use crate::evidence::scan::ExtendedError;

/// What we take over UDP, in octets.
const UDP_OCTETS_MAX: u16 = 1232;
/// What we read over UDP, in octets: some servers send more than they were told to.
const DATAGRAM_OCTETS_MAX: usize = 4096;
/// How long an answer of a resolver may be over TCP, in octets: any length that fits its frame.
const ANSWER_OCTETS_MAX: usize = 65_535;
/// How long an answer of a single name server may be over TCP, in octets.
const DIRECT_OCTETS_MAX: usize = 16 * 1024;

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

    /// Asks once more, and lets the resolver validate.
    fn explain(&self, question: Question) -> Pin<Box<dyn Future<Output = Vec<ExtendedError>> + Send + '_>> {
        Box::pin(async move {
            let Some(server) = self.servers.first() else { return Vec::new() };
            let mut query = query(&question);
            query.metadata.checking_disabled = false;
            let answer = timeout(self.timeout, exchange(local(&self.from, *server), *server, &query)).await;
            let Ok(Ok(answer)) = answer else { return Vec::new() };
            Message::from_vec(&answer).map(|answer| extended_errors(&answer)).unwrap_or_default()
        })
    }
}

/// How many extended errors of an answer are kept.
const EXTENDED_ERRORS_MAX: usize = 4;

/// RFC 8914 §2: a code and a text.
fn extended_errors(answer: &Message) -> Vec<ExtendedError> {
    let options = answer.edns.iter().flat_map(|edns| edns.options().as_ref());
    let errors = options.filter_map(|(_, option)| match option {
        EdnsOption::Unknown(15, data) => {
            let (code, text) = data.split_first_chunk()?;
            Some(ExtendedError { code: u16::from_be_bytes(*code), text: cut(text) })
        }
        _ => None,
    });
    errors.take(EXTENDED_ERRORS_MAX).collect()
}

/// Name servers, asked one by one.
pub(super) struct NameServers {
    /// Which of them may be asked.
    pub(super) rules: AddressRules,
    /// Their port.
    pub(super) port: u16,
    /// Asked from the first of these that is of the server's family.
    pub(super) from: Vec<IpAddr>,
    /// How long one of them may take.
    pub(super) timeout: Duration,
}

impl NameServers {
    /// Asks one server, as another server would, and gives the records of an answer with authority.
    pub(super) async fn ask(
        &self,
        server: IpAddr,
        over: Over,
        question: &Question,
        read: impl Fn(&RData) -> Option<Datum>,
    ) -> Direct {
        if let Err(special) = self.rules.check(server) {
            return Direct::Forbidden(format!("{server} is {special}"));
        }
        if let Err(error) = route(server) {
            return Direct::Silent(error.to_string());
        }
        let server = SocketAddr::new(server, self.port);
        let mut query = query(question);
        query.metadata.recursion_desired = false;
        query.metadata.checking_disabled = false;
        // Signatures are not looked at here.
        if let Some(edns) = &mut query.edns {
            edns.set_dnssec_ok(false);
        }
        let octets = match query.to_vec() {
            Ok(octets) => octets,
            Err(error) => return Direct::Silent(error.to_string()),
        };
        let local = local(&self.from, server);
        let answer = match over {
            // A datagram may be lost, so that it is sent a second time.
            Over::Udp => match timeout(self.timeout / 2, over_udp(local, server, &query, &octets)).await {
                Err(_) => timeout(self.timeout / 2, over_udp(local, server, &query, &octets)).await,
                answered => answered,
            },
            Over::Tcp => {
                timeout(self.timeout, over_tcp(local, server, &query, &octets, DIRECT_OCTETS_MAX)).await
            }
        };
        match answer {
            Ok(Ok(answer)) => direct(&answer, question, read),
            Ok(Err(error)) => Direct::Silent(error.to_string()),
            Err(_) => Direct::Silent("no answer in time".to_owned()),
        }
    }
}

fn direct(octets: &[u8], question: &Question, read: impl Fn(&RData) -> Option<Datum>) -> Direct {
    let Ok(answer) = Message::from_vec(octets) else {
        return Direct::Other("its answer cannot be read".to_owned());
    };
    match answer.metadata.response_code {
        _ if answer.metadata.truncation => Direct::Cut,
        ResponseCode::NoError | ResponseCode::NXDomain if !answer.metadata.authoritative => {
            Direct::Other("it is not authoritative".to_owned())
        }
        ResponseCode::NoError | ResponseCode::NXDomain => {
            let owned = answer.answers.iter().filter(|record| record.name == question.name);
            Direct::Records(owned.filter_map(|record| read(&record.data)).collect())
        }
        code => Direct::Other(code.to_string()),
    }
}

/// Where to ask from.
fn local(from: &[IpAddr], server: SocketAddr) -> SocketAddr {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let from = from.iter().find(|from| from.is_ipv4() == server.is_ipv4());
    (*from.unwrap_or(&any), 0).into()
}

impl Forwarder {
    async fn ask_all(&self, question: Question) -> Result<Vec<u8>, Failure> {
        let mut failure = Failure::Timeout { question: question.to_string() };
        for server in (0..self.attempts_max).flat_map(|_| &self.servers) {
            let failed = |reason: String| Failure::ServerFailure {
                question: question.to_string(),
                reason: format!("{server}: {reason}"),
            };
            match timeout(self.timeout, exchange(local(&self.from, *server), *server, &query(&question)))
                .await
            {
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

async fn exchange(local: SocketAddr, server: SocketAddr, query: &Message) -> io::Result<Vec<u8>> {
    let octets = query.to_vec().map_err(io::Error::other)?;
    let answer = over_udp(local, server, query, &octets).await?;
    // The TC bit (RFC 7766 §5).
    match answer.get(2) {
        Some(flags) if flags & 0x02 == 0 => Ok(answer),
        _ => over_tcp(local, server, query, &octets, ANSWER_OCTETS_MAX).await,
    }
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
    let mut datagram = vec![0; DATAGRAM_OCTETS_MAX];
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
/// could not read the query may leave the question out.
fn answers(query: &Message, octets: &[u8]) -> bool {
    let [high, low, flags, ..] = octets else { return false };
    flags & 0x80 != 0
        && [*high, *low] == query.metadata.id.to_be_bytes()
        && Message::from_vec(octets).is_ok_and(|answer| {
            answer.queries == query.queries
                || (answer.queries.is_empty() && answer.metadata.response_code != ResponseCode::NoError)
        })
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{Name, RecordType};
    use proptest::prelude::*;

    use super::super::survey::datum;
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
                let _ = direct(octets, &question(), datum);
                if let Ok(answer) = Message::from_vec(octets) {
                    prop_assert!(extended_errors(&answer).len() <= EXTENDED_ERRORS_MAX);
                }
            }
        }
    }
}
