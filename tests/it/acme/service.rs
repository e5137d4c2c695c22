//! The real program, what it says and what it shows.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use mailassay::program::config;
use mailassay::shared::policy::Tlsa;
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::{self, ClientStream, Roots};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UdpSocket};

use crate::killed::Service;

/// After how many links it is clear that STARTTLS is not offered.
const LINKS_MAX: u32 = 100;

/// Where the service of a configuration serves DNS.
pub(super) fn dns_of(config: &Path) -> SocketAddr {
    // Its files need not be there yet.
    let text = std::fs::read_to_string(config).unwrap();
    let line = text.lines().find(|line| line.starts_with("dns = ")).unwrap();
    line.split('"').nth(1).unwrap().parse().unwrap()
}

pub(super) struct Serving {
    service: Service,
    config: PathBuf,
    dns: SocketAddr,
}

impl Serving {
    /// Starts it, and waits until it serves.
    pub(super) async fn start(config: &Path, environment: &[(&str, &str)]) -> Self {
        let service = Service::start(config, environment).await;
        let dns = config::load(config).unwrap().listen.dns[0];
        Self { service, config: config.to_owned(), dns }
    }

    /// Reads its log up to the next line that has `word`.
    pub(super) async fn log_to(&mut self, word: &str) -> String {
        self.service.log_to(word).await
    }

    /// Waits for a self-check that begins from now on and finds certificates and zones as they should be; how much of the log
    /// was read by then.
    pub(super) async fn green(&mut self) -> usize {
        // The one that is under way may have begun before.
        self.log_to("self-check: ").await;
        for part in ["part=\"certificates\"", "part=\"dns\"", "part=\"certificates\""] {
            let line = self.log_to(part).await;
            assert!(line.contains("as a sender should see it"), "{:#?}", self.service.seen);
        }
        self.service.seen.len()
    }

    /// Fails where the log has `word` since it was read so far.
    pub(super) fn never_since(&self, from: usize, word: &str) {
        let said = self.service.seen[from..].iter().find(|line| line.contains(word));
        assert!(said.is_none(), "{said:?}: {:#?}", self.service.seen);
    }

    /// What a command says that ends well.
    pub(super) fn command(&self, arguments: &[&str]) -> String {
        let (code, said) = self.any_command(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        said
    }

    /// How a command ends, and what it says.
    pub(super) fn any_command(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mailassay"));
        let output = command.args(arguments).arg("--config").arg(&self.config).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// The chain that the MX host `name` shows, if a sender that trusts `roots` finds it good.
    pub(super) async fn shown(&self, name: &str, roots: &Roots) -> Result<Vec<Vec<u8>>, String> {
        let (stream, chain) = in_tls(self.service.smtp, name).await;
        drop(stream);
        client::webpki(&chain, name, roots, Timestamp::now()).map_err(|fault| fault.to_string())?;
        Ok(chain.into_iter().map(|certificate| certificate.to_vec()).collect())
    }

    /// The TLSA records of an MX host.
    pub(super) async fn tlsa(&self, name: &str) -> Vec<Tlsa> {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        let owner = Name::from_ascii(format!("_25._tcp.{name}.")).unwrap();
        message.add_query(Query::query(owner, RecordType::TLSA));
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&message.to_vec().unwrap(), self.dns).await.unwrap();
        let mut octets = [0; 1500];
        let (read, _) = socket.recv_from(&mut octets).await.unwrap();
        let answer = Message::from_vec(&octets[..read]).unwrap();
        let tlsa = |data: &RData| match data {
            RData::TLSA(tlsa) => Some(Tlsa {
                usage: tlsa.cert_usage.into(),
                selector: tlsa.selector.into(),
                matching: tlsa.matching.into(),
                data: tlsa.cert_data.clone(),
            }),
            _ => None,
        };
        answer.answers.iter().filter_map(|record| tlsa(&record.data)).collect()
    }

    /// Ends it as `kill -9` does.
    pub(super) async fn kill(self) {
        self.service.kill().await;
    }

    /// Ends it in order.
    pub(super) async fn stop(self) {
        self.service.stop().await;
    }
}

type Tls = ClientStream<TcpStream>;

/// One reply; its lines.
async fn reply(reader: &mut (impl AsyncBufReadExt + Unpin)) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).await.unwrap() > 0, "the link ended: {lines:?}");
        lines.push(line.trim_end().to_owned());
        if lines.last().is_some_and(|line| line.as_bytes().get(3) != Some(&b'-')) {
            return lines;
        }
    }
}

/// A link to the host `name` up to its TLS. The first one of a source is offered none.
async fn in_tls(smtp: SocketAddr, name: &str) -> (Box<Tls>, Vec<rustls::pki_types::CertificateDer<'static>>) {
    for _ in 0..LINKS_MAX {
        let mut link = BufReader::new(TcpStream::connect(smtp).await.unwrap());
        reply(&mut link).await;
        link.write_all(b"EHLO sender.example\r\n").await.unwrap();
        let offered = reply(&mut link).await;
        if !offered.iter().any(|line| line.ends_with("STARTTLS")) {
            continue;
        }
        link.write_all(b"STARTTLS\r\n").await.unwrap();
        let replied = reply(&mut link).await;
        assert!(replied[0].starts_with('2'), "{replied:?}");
        let connected = client::connect(link.into_inner(), name, true, 30).await.unwrap();
        return (connected.stream, connected.chain);
    }
    panic!("STARTTLS was not offered on {LINKS_MAX} links")
}

/// A session that lasts.
pub(super) struct Session(BufReader<Box<Tls>>);

impl Session {
    pub(super) async fn begin(config: &Path, name: &str) -> Self {
        let smtp = config::load(config).unwrap().listen.smtp[0];
        let mut session = Self(BufReader::new(in_tls(smtp, name).await.0));
        session.say("EHLO sender.example").await;
        session
    }

    /// Says something that is always well.
    pub(super) async fn noop(&mut self) {
        self.say("NOOP").await;
    }

    async fn say(&mut self, command: &str) {
        self.0.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        let replied = reply(&mut self.0).await;
        assert!(replied[0].starts_with('2'), "{command}: {replied:?}");
    }
}
