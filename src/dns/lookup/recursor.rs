//! Asking from the root: hickory-resolver's recursor, which does not validate here.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hickory_net::runtime::{DnsUdpSocket, RuntimeProvider, TokioHandle, TokioRuntimeProvider, TokioTime};
use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::RecordType;
use hickory_resolver::TtlConfig;
use hickory_resolver::config::ResolverOpts;
use hickory_resolver::recursor::{
    AuthorityData, DnssecPolicy, QNameMinimization, Recursor as Hickory, RecursorError, RecursorOptions,
};

use ipnet::IpNet;

use super::{Failure, Question, Upstream};
use crate::dial::AddressRules;

/// How many answers the recursor keeps for itself on its way. What it was asked for is kept by us, within limits that
/// it does not have: an answer may have 64 KiB.
const RESPONSES_MAX: u64 = 256;

/// How many labels the recursor goes down. The reverse name of an IPv6 address has 34 (RFC 3596 §2.5).
const LABELS_MAX: u8 = 40;

/// The recursor.
pub(super) struct Recursor(Hickory<OnPort>);

impl Recursor {
    /// A recursor that begins at `roots`, asks every server on `port`, and besides the roots only those that the
    /// rules allow: names of strangers must not send us to addresses of our own networks.
    pub(super) fn new(
        roots: &[IpAddr],
        port: u16,
        cache_ttl_max: Duration,
        mut rules: AddressRules,
    ) -> Result<Self, RecursorError> {
        let mut limits = ResolverOpts::default();
        limits.positive_max_ttl = Some(cache_ttl_max);
        limits.negative_max_ttl = Some(cache_ttl_max);
        let options = RecursorOptions {
            cache_policy: TtlConfig::from_opts(&limits),
            // Servers that deny an empty non-terminal are common enough (RFC 8020 §5).
            qname_minimization: QNameMinimization::Relaxed,
            // Ours are asked where the sockets are made, about the address that is called.
            deny_server: Vec::new(),
            response_cache_size: RESPONSES_MAX,
            ns_recursion_limit: LABELS_MAX,
            ..RecursorOptions::default()
        };
        rules.allowed.extend(roots.iter().map(|root| IpNet::from(*root)));
        let provider = OnPort { inner: TokioRuntimeProvider::new(), port, rules: Arc::new(rules) };
        Hickory::new(roots, DnssecPolicy::ValidationDisabled, None, options, provider).map(Self)
    }

    async fn resolve(&self, question: &Question) -> Result<Message, RecursorError> {
        let query = Query::query(question.name.clone(), question.rtype);
        // The recursor ages its cache by the runtime's clock, and by no other.
        let begin = tokio::time::Instant::now().into_std();
        let mut message = match self.0.resolve(query.clone(), begin, true).await {
            Ok(message) => message,
            Err(RecursorError::Negative(denial)) => message_of(denial),
            Err(error) => return Err(error),
        };
        message.metadata.message_type = MessageType::Response;
        message.queries = vec![query];
        Ok(message)
    }

    async fn ask_all(&self, question: Question) -> Result<Vec<u8>, Failure> {
        let failed = |reason: String| Failure::ServerFailure { question: question.to_string(), reason };
        let told = |error: RecursorError| match error {
            RecursorError::Timeout => Failure::Timeout { question: question.to_string() },
            error if error.is_timeout() => Failure::Timeout { question: question.to_string() },
            error => failed(error.to_string()),
        };
        let mut message = self.resolve(&question).await.map_err(told)?;
        // A denial may be that of the last alias. Whether there is an alias at all has to be asked.
        let keys = matches!(question.rtype, RecordType::CNAME | RecordType::DS | RecordType::DNSKEY);
        if message.answers.is_empty() && !keys {
            let itself = Question { name: question.name.clone(), rtype: RecordType::CNAME };
            let alias = self.resolve(&itself).await.map_err(told)?;
            if !alias.answers.is_empty() {
                message = alias;
                message.queries = vec![Query::query(question.name.clone(), question.rtype)];
            }
        }
        message.to_vec().map_err(|error| failed(error.to_string()))
    }
}

impl Upstream for Recursor {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + '_>> {
        Box::pin(self.ask_all(question))
    }
}

/// A denial as the message that it was.
fn message_of(denial: AuthorityData) -> Message {
    let mut message = Message::new(0, MessageType::Response, OpCode::Query);
    if denial.is_nx_domain() {
        message.metadata.response_code = ResponseCode::NXDomain;
    }
    let soa = denial.soa.map(|soa| soa.into_record_of_rdata());
    message.authorities = denial.authorities.iter().flat_map(|records| records.iter().cloned()).collect();
    if let Some(soa) = soa.filter(|soa| !message.authorities.contains(soa)) {
        message.add_authority(soa);
    }
    message
}

/// The port that hickory-resolver asks on, always.
const DNS_PORT: u16 = 53;

/// Sockets of tokio that reach every server on one port of our choice. The recursor checks where an answer
/// comes from, so that the port is put back on the way in.
#[derive(Clone)]
struct OnPort {
    inner: TokioRuntimeProvider,
    port: u16,
    rules: Arc<AddressRules>,
}

/// Whether a server may be asked.
fn check(rules: &AddressRules, server: IpAddr) -> io::Result<()> {
    let refused = |special| io::Error::new(io::ErrorKind::PermissionDenied, format!("{server} is {special}"));
    rules.check(server).map_err(refused)
}

impl RuntimeProvider for OnPort {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = UdpOnPort;
    type Tcp = <TokioRuntimeProvider as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> Self::Handle {
        self.inner.create_handle()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        bind: Option<SocketAddr>,
        timeout: Option<Duration>,
    ) -> Pin<Box<dyn Send + Future<Output = io::Result<Self::Tcp>>>> {
        let connecting = self.inner.connect_tcp(SocketAddr::new(server.ip(), self.port), bind, timeout);
        let allowed = check(&self.rules, server.ip());
        Box::pin(async move {
            allowed?;
            route(server.ip())?;
            connecting.await
        })
    }

    fn bind_udp(
        &self,
        local: SocketAddr,
        server: SocketAddr,
    ) -> Pin<Box<dyn Send + Future<Output = io::Result<Self::Udp>>>> {
        let bound = self.inner.bind_udp(local, server);
        let (port, rules) = (self.port, Arc::clone(&self.rules));
        Box::pin(async move {
            check(&rules, server.ip())?;
            route(server.ip())?;
            Ok(UdpOnPort { socket: bound.await?, port, rules })
        })
    }
}

/// Fails at once where this host lacks the family of `server`. Without this a look-up would spend its whole time
/// on waiting for the first such server: a host in a container often has a route to all of IPv6 and none but a
/// unique local address (RFC 4193), to which no answer comes.
pub(super) fn route(server: IpAddr) -> io::Result<()> {
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

struct UdpOnPort {
    socket: <TokioRuntimeProvider as RuntimeProvider>::Udp,
    port: u16,
    rules: Arc<AddressRules>,
}

impl DnsUdpSocket for UdpOnPort {
    type Time = TokioTime;

    fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        DnsUdpSocket::poll_recv_from(&self.socket, cx, buffer).map_ok(|(length, mut source)| {
            if source.port() == self.port {
                source.set_port(DNS_PORT);
            }
            (length, source)
        })
    }

    fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buffer: &[u8],
        server: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        if let Err(refused) = check(&self.rules, server.ip()) {
            return Poll::Ready(Err(refused));
        }
        DnsUdpSocket::poll_send_to(&self.socket, cx, buffer, SocketAddr::new(server.ip(), self.port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
