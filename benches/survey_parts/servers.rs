//! The mail servers of the world: most are sound, one in twenty is hostile, each in its way.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, TcpStream as Socket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::world::{World, host};

/// One operator in so many is hostile, and one in so many publishes TLSA records.
const HOSTILE: usize = 20;
const WITH_TLSA: usize = 3;

/// How a server is hostile.
#[derive(Clone, Copy, Debug)]
enum Hostile {
    Silent,
    /// An octet of the greeting each two seconds.
    Tarpit,
    Garbage,
    ClosesAtOnce,
    /// A greeting that never ends.
    Endless,
    /// 421, whenever it is called.
    Busy,
    /// Nothing behind STARTTLS.
    SilentInTls,
    GarbageInTls,
}

const WAYS: [Hostile; 8] = [
    Hostile::Silent,
    Hostile::Tarpit,
    Hostile::Garbage,
    Hostile::ClosesAtOnce,
    Hostile::Endless,
    Hostile::Busy,
    Hostile::SilentInTls,
    Hostile::GarbageInTls,
];

fn hostile(operator: usize) -> Option<Hostile> {
    (operator % HOSTILE == HOSTILE - 1).then(|| WAYS[operator / HOSTILE % WAYS.len()])
}

#[derive(Default)]
struct Seen {
    called: BTreeMap<usize, usize>,
    open: BTreeMap<usize, BTreeMap<u64, Socket>>,
    most: usize,
}

pub(crate) struct Servers {
    pub(crate) port: u16,
    root: String,
    tls: Vec<(TlsAcceptor, String)>,
    operators: usize,
    late: Duration,
    seen: Mutex<Seen>,
}

impl Servers {
    pub(crate) async fn start(world: &World) -> Result<Arc<Self>, Box<dyn Error>> {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "The root of the survey's world");
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let tls = (0..world.operators).map(|operator| acceptor(operator, &root));
        let servers = Arc::new(Self {
            port: listener.local_addr()?.port(),
            root: root.pem(),
            tls: tls.collect::<Result<_, _>>()?,
            operators: world.operators,
            late: world.late,
            seen: Mutex::default(),
        });
        let serving = Arc::clone(&servers);
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                number += 1;
                let serving = Arc::clone(&serving);
                tokio::spawn(async move {
                    // How a connection ends is up to those who call.
                    let _ = serving.serve(stream, number).await;
                });
            }
        });
        Ok(servers)
    }

    /// The root of their certificates.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The digest of the key that an operator publishes, if it does.
    pub(crate) fn tlsa(&self, operator: usize) -> Option<&str> {
        (operator % WITH_TLSA == 0).then(|| self.tls[operator].1.as_str())
    }

    pub(crate) fn hostile(&self) -> usize {
        (0..self.operators).filter(|operator| hostile(*operator).is_some()).count()
    }

    /// How many connections each operator saw.
    pub(crate) fn called(&self) -> Vec<usize> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).called.values().copied().collect()
    }

    /// How many an operator saw at a time, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).most
    }

    async fn serve(&self, stream: TcpStream, number: u64) -> std::io::Result<()> {
        let IpAddr::V4(ip) = stream.local_addr()?.ip() else { return Ok(()) };
        let [_, high, low, _] = ip.octets();
        let operator = usize::from(high.saturating_sub(10)) * 250 + usize::from(low);
        let stream = stream.into_std()?;
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            *seen.called.entry(operator).or_default() += 1;
            let open = seen.open.entry(operator).or_default();
            open.retain(|_, socket| is_open(socket));
            open.insert(number, stream.try_clone()?);
            let count = open.len();
            seen.most = seen.most.max(count);
        }
        let stream = TcpStream::from_std(stream)?;
        let talked = match hostile(operator) {
            Some(way) => self.harm(stream, operator, way).await,
            None => self.talk(stream, operator).await,
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = seen.open.get_mut(&operator) {
            open.remove(&number);
        }
        talked
    }

    async fn talk(&self, stream: TcpStream, operator: usize) -> std::io::Result<()> {
        let Some(stream) = self.in_clear(stream).await? else { return Ok(()) };
        tokio::time::sleep(self.late).await;
        let Some((acceptor, _)) = self.tls.get(operator) else { return Ok(()) };
        let stream = acceptor.accept(stream).await?;
        let mut stream = BufReader::new(stream);
        self.answer(&mut stream, false).await?;
        stream.shutdown().await
    }

    /// Up to STARTTLS; none: it never came to that.
    async fn in_clear(&self, stream: TcpStream) -> std::io::Result<Option<TcpStream>> {
        let mut stream = BufReader::new(stream);
        tokio::time::sleep(self.late).await;
        stream.write_all(b"220 mx.survey.test ESMTP\r\n").await?;
        Ok(self.answer(&mut stream, true).await?.then(|| stream.into_inner()))
    }

    /// Answers commands; whether STARTTLS was said.
    async fn answer<S>(&self, stream: &mut BufReader<S>, clear: bool) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            tokio::time::sleep(self.late).await;
            let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let answer: &[u8] = match command.as_str() {
                "EHLO" if clear => b"250-mx.survey.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n",
                "EHLO" => b"250-mx.survey.test\r\n250 PIPELINING\r\n",
                "STAR" if clear => b"220 go ahead\r\n",
                "QUIT" => b"221 bye\r\n",
                "MAIL" if clear => b"530 5.7.0 Must issue a STARTTLS command first\r\n",
                _ => b"250 ok\r\n",
            };
            stream.write_all(answer).await?;
            match command.as_str() {
                "STAR" if clear => return Ok(true),
                "QUIT" => return Ok(false),
                _ => line.clear(),
            }
        }
        Ok(false)
    }

    async fn harm(&self, mut stream: TcpStream, _operator: usize, way: Hostile) -> std::io::Result<()> {
        match way {
            Hostile::Silent => gone(&stream).await,
            Hostile::Tarpit => loop {
                stream.write_all(b"2").await?;
                tokio::time::sleep(Duration::from_secs(2)).await;
            },
            Hostile::Garbage => stream.write_all(&[0xff; 2000]).await,
            Hostile::ClosesAtOnce => Ok(()),
            Hostile::Endless => loop {
                stream.write_all(b"220-and so on and so on and so on\r\n").await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
            },
            Hostile::Busy => stream.write_all(b"421 4.7.0 too many connections\r\n").await,
            Hostile::SilentInTls => match self.in_clear(stream).await? {
                Some(stream) => gone(&stream).await,
                None => Ok(()),
            },
            Hostile::GarbageInTls => match self.in_clear(stream).await? {
                Some(mut stream) => stream.write_all(&[0x16; 500]).await,
                None => Ok(()),
            },
        }
    }
}

/// Says nothing until the other side is gone.
async fn gone(stream: &TcpStream) -> std::io::Result<()> {
    let mut sink = [0; 1024];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut sink) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
}

fn is_open(socket: &Socket) -> bool {
    match socket.peek(&mut [0]) {
        Ok(octets) => octets > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}

/// How an operator speaks TLS, and the digest of its key (RFC 6698 §2.1.2, selector 1).
fn acceptor(
    operator: usize,
    root: &CertifiedIssuer<'_, KeyPair>,
) -> Result<(TlsAcceptor, String), Box<dyn Error>> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec![host(operator)])?.signed_by(&key, root)?;
    let digest = Sha256::digest(key.subject_public_key_info());
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let chain = vec![certificate.der().clone()];
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private)?;
    Ok((TlsAcceptor::from(Arc::new(config)), data_encoding::HEXLOWER.encode(&digest)))
}
