//! A private root on loopback, served by us.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use mailassay::sending::authority::{
    Authority, Content, CookieSecret, Origin, Published, Server, ServerSettings, Settings, Sockets, ZoneText,
};
use mailassay::sending::history::{Fact, NotRecorded, Queried, QueriesLost, Recorder, Seq};
use mailassay::sending::persona::{Addresses, Catalogue, CatalogueFiles, TlsaSpec};
use mailassay::sending::trial::Pace;
use mailassay::shared::policy::Tlsa;
use mailassay::shared::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_util::sync::CancellationToken;

/// Keeps what is noted.
#[derive(Default)]
pub(super) struct Noted(Mutex<Vec<Fact>>);

impl Recorder for Noted {
    fn note(&self, _at: Timestamp, fact: Fact) {
        self.0.lock().unwrap().push(fact);
    }

    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        self.note(at, fact);
        Box::pin(async { Ok(Seq(1)) })
    }
}

impl Noted {
    pub(super) fn queries(&self) -> Vec<Queried> {
        let facts = self.0.lock().unwrap();
        let queries = facts.iter().filter_map(|fact| match fact {
            Fact::Queried(queried) => Some(queried.clone()),
            _ => None,
        });
        queries.collect()
    }

    pub(super) fn lost(&self) -> Vec<QueriesLost> {
        let facts = self.0.lock().unwrap();
        let lost = facts.iter().filter_map(|fact| match fact {
            Fact::QueriesLost(lost) => Some(lost.clone()),
            _ => None,
        });
        lost.collect()
    }
}

pub(super) const ROOT: &str = "$TTL 3600
@ IN SOA ns.nic.test. hostmaster.nic.test. 1 3600 900 432000 60
@ IN NS ns.nic.test.
";
const TEST: &str = "$TTL 3600
@ IN SOA ns.nic hostmaster.nic 1 3600 900 432000 60
@ IN NS ns.nic
ns.nic IN A 127.0.0.1
; Served by nobody here.
elsewhere IN NS ns.elsewhere
ns.elsewhere IN A 192.0.2.7
sealed IN NS ns.elsewhere
sealed IN DS 4711 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
";
const SENDER: &str = "$TTL 3600
@ IN SOA ns.nic.test. hostmaster 1 3600 900 432000 60
@ IN NS ns.nic.test.
@ IN TXT \"a \\\"quoted\\\" text\" \"second; string\"
a.b.c IN A 192.0.2.1
*.wild IN MX 10 mx
*.wild IN TXT \"any\"
mx IN A 192.0.2.2
alias IN CNAME mx
over IN CNAME mx06.et.service.test.
out IN CNAME mx.plain.test.
lost IN CNAME nowhere.test.
*.far IN CNAME mx
loop1 IN CNAME loop2
loop2 IN CNAME loop1
";
const PLAIN: &str = "$TTL 3600
@ IN SOA ns.nic.test. hostmaster 1 3600 900 432000 60
@ IN NS ns.nic.test.
@ IN MX 10 mx
mx IN A 192.0.2.3
";
const APEX: &str = "$TTL 3600
@ IN SOA ns1 hostmaster 1 3600 900 432000 60
@ IN NS ns1
ns1 IN A 127.0.0.1
";

fn catalogue() -> Catalogue {
    let files = CatalogueFiles::embedded()
        .with_case("bare", "dnssec = \"unsigned\"\nmta_sts = \"testing\"")
        .with_persona("mx.bare", "server = 8\ncase = \"bare\"");
    files.catalogue("service.test").unwrap()
}

pub(super) fn origin() -> Origin {
    let catalogue = Arc::new(catalogue());
    let with_tlsa = catalogue.personas().filter(|persona| persona.tlsa != TlsaSpec::None);
    let tlsa: BTreeMap<_, _> = with_tlsa
        .map(|persona| (persona.id.clone(), vec![Tlsa::dane_ee_spki(persona.id.0.as_bytes())]))
        .collect();
    let addresses: Vec<IpAddr> = vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    Origin {
        text: APEX.to_owned(),
        file: "origin.zone".to_owned(),
        catalogue,
        addresses: Addresses { shared: addresses.clone(), ..Addresses::default() },
        tlsa,
        pace: Pace::default(),
        published: Published {
            policy_host: addresses.clone(),
            site: addresses.clone(),
            sends_from: addresses,
            dkim: Some(("s1".to_owned(), format!("v=DKIM1; k=rsa; p={}", "A".repeat(300)))),
            seal: None,
            tls_reports: vec!["mailto:tls@service.test".to_owned()],
            dmarc_reports: vec!["mailto:dmarc@service.test".to_owned()],
            caa_issuer: Some("ca.example".to_owned()),
        },
        answers_at: Vec::new(),
    }
}

/// A private root and what lies below it.
pub(super) fn content() -> Content {
    let zone = |apex: &str, text: &str, signed| ZoneText {
        apex: apex.to_owned(),
        file: format!("{apex}zone"),
        text: text.to_owned(),
        signed,
    };
    let large = ["1", "2", "3", "4", "5"].map(|n| format!("large IN TXT \"{n}{}\"\n", "A".repeat(250)));
    let sender = SENDER.to_owned() + &large.concat();
    let others = vec![
        zone(".", ROOT, true),
        zone("test.", TEST, true),
        zone("sender.test.", &sender, true),
        zone("plain.test.", PLAIN, false),
    ];
    Content { origin: Some(origin()), others }
}

pub(super) fn settings(keys: &Path) -> Settings {
    Settings { keys: keys.to_owned(), ..Settings::default() }
}

pub(super) struct World {
    pub(super) authority: Arc<Authority>,
    pub(super) server: Arc<Server>,
    pub(super) noted: Arc<Noted>,
    pub(super) address: SocketAddr,
    pub(super) stop: CancellationToken,
    pub(super) folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(ServerSettings::default()).await
    }

    pub(super) async fn with(server_settings: ServerSettings) -> Self {
        Self::run(server_settings, Arc::new(Timestamp::now)).await
    }

    /// A world in which it is always `at`.
    pub(super) async fn at(at: Timestamp) -> Self {
        Self::with_limits_at(ServerSettings::default(), at).await
    }

    pub(super) async fn with_limits_at(server_settings: ServerSettings, at: Timestamp) -> Self {
        Self::run(server_settings, Arc::new(move || at)).await
    }

    /// A world that gives cookies.
    pub(super) async fn with_cookies(server_settings: ServerSettings) -> Self {
        let secret = CookieSecret::derived(&[7; 32]);
        Self::made(server_settings, Arc::new(Timestamp::now), |server| server.with_cookies(secret)).await
    }

    /// A world with the zones of all ruled cases.
    pub(super) async fn with_cases(server_settings: ServerSettings) -> Self {
        let content = Content { origin: Some(super::cases::with_cases(origin())), ..content() };
        Self::serving(content, server_settings, Arc::new(Timestamp::now), |server| server).await
    }

    async fn run(server_settings: ServerSettings, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self::made(server_settings, clock, |server| server).await
    }

    async fn made(
        server_settings: ServerSettings,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        with: impl FnOnce(Server) -> Server,
    ) -> Self {
        Self::serving(content(), server_settings, clock, with).await
    }

    async fn serving(
        content: Content,
        server_settings: ServerSettings,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        with: impl FnOnce(Server) -> Server,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::new(content, settings(folder.path()), clock()).unwrap());
        let sockets = Sockets::bind(&[SocketAddr::from((Ipv4Addr::LOCALHOST, 0))]).await.unwrap();
        let address = sockets.addresses().unwrap()[0];
        let noted = Arc::new(Noted::default());
        let notes: Arc<dyn Recorder> = noted.clone();
        let server = Arc::new(with(Server::new(authority.clone(), notes, clock, server_settings)));
        let stop = CancellationToken::new();
        tokio::spawn(server.clone().serve(sockets, stop.clone()));
        Self { authority, server, noted, address, stop, folder }
    }

    pub(super) async fn udp(&self, query: &[u8]) -> Vec<u8> {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(query, self.address).await.unwrap();
        let mut answer = vec![0; 65_535];
        let length = tokio::time::timeout(std::time::Duration::from_secs(5), socket.recv(&mut answer));
        let length = length.await.expect("an answer within five seconds").unwrap();
        answer.truncate(length);
        answer
    }

    pub(super) async fn tcp(&self, query: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_u16(u16::try_from(query.len()).unwrap()).await.unwrap();
        stream.write_all(query).await.unwrap();
        let length = stream.read_u16().await.unwrap();
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    }

    /// Asks over UDP with DO.
    pub(super) async fn ask(&self, name: &str, rtype: RecordType) -> Message {
        let octets = self.udp(&query(name, rtype, Some(true)).to_vec().unwrap()).await;
        Message::from_vec(&octets).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(super) fn query(name: &str, rtype: RecordType, dnssec_ok: Option<bool>) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), rtype));
    if let Some(dnssec_ok) = dnssec_ok {
        let mut edns = Edns::new();
        edns.set_max_payload(4096).set_version(0).set_dnssec_ok(dnssec_ok);
        message.set_edns(edns);
    }
    message
}

/// Owner and type of each record, signatures left out.
pub(super) fn owners(records: &[hickory_proto::rr::Record]) -> Vec<String> {
    let plain = records.iter().filter(|record| record.record_type() != RecordType::RRSIG);
    plain.map(|record| format!("{} {}", record.name, record.record_type())).collect()
}

pub(super) fn signatures(records: &[hickory_proto::rr::Record]) -> usize {
    records.iter().filter(|record| record.record_type() == RecordType::RRSIG).count()
}
