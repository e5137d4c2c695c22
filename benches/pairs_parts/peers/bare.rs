//! A bare rustls server: as much of SMTP as a session with STARTTLS needs, one certificate, nothing noted. What TLS costs
//! whoever serves it with the same libraries.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Stdio};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::parts::PART;

/// As many connections may wait as at our service.
const BACKLOG: u32 = 8_192;
/// A read, in octets.
const READ_OCTETS: usize = 1_024;

/// A bare server in a process of its own.
pub(in crate::parts) struct Bare {
    child: Child,
    pub(in crate::parts) address: SocketAddr,
}

impl Bare {
    pub(in crate::parts) fn start(core: Option<usize>) -> Result<Self, Box<dyn Error>> {
        let mut command = super::on(core, std::env::current_exe()?);
        command.env(PART, "bare").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let said = child.stdout.take().ok_or("the bare server says nothing")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse().map_err(|_| "the bare server did not begin")? })
    }

    pub(in crate::parts) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let id = self.child.id();
        super::end(&mut self.child, id);
    }
}

/// Serves, in this process, until it is ended.
pub(in crate::parts) fn serve() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let acceptor = TlsAcceptor::from(Arc::new(config()?));
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(BACKLOG)?;
        println!("{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        loop {
            let (tcp, _) = listener.accept().await?;
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Whoever leaves early has left.
                let _ = session(tcp, acceptor).await;
            });
        }
    })
}

/// A chain of two P-256 certificates, as private as ours, and nothing resumed.
fn config() -> Result<ServerConfig, Box<dyn Error>> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let leaf = CertificateParams::new(vec!["mx.bare.example".to_owned()])?.signed_by(&key, &ca)?;
    let chain = vec![leaf.der().clone(), ca.der().clone()];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_no_client_auth().with_single_cert(chain, key)?;
    config.send_tls13_tickets = 0;
    Ok(config)
}

async fn session(mut tcp: TcpStream, acceptor: TlsAcceptor) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    tcp.write_all(b"220 mx.bare.example ESMTP\r\n").await?;
    if !converse(&mut tcp).await? {
        return Ok(());
    }
    let mut tls = acceptor.accept(tcp).await?;
    converse(&mut tls).await?;
    tls.shutdown().await
}

/// Answers commands up to STARTTLS, which is true, or the end.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> std::io::Result<bool> {
    let mut octets = Vec::new();
    loop {
        while let Some(end) = octets.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = octets.drain(..=end).collect();
            let (reply, is_last) = match line.get(..4).unwrap_or_default() {
                b"EHLO" => ("250-mx.bare.example\r\n250-SIZE 10485760\r\n250 STARTTLS\r\n", false),
                b"STAR" => ("220 2.0.0 go ahead\r\n", true),
                b"QUIT" => ("221 2.0.0 bye\r\n", true),
                _ => ("502 5.5.1 no such command\r\n", false),
            };
            stream.write_all(reply.as_bytes()).await?;
            stream.flush().await?;
            if is_last {
                return Ok(reply.starts_with("220"));
            }
        }
        // On the heap, and only while there is something to read, as an idle session should be.
        let mut read = vec![0; READ_OCTETS];
        let length = stream.read(&mut read).await?;
        if length == 0 {
            return Ok(false);
        }
        octets.extend_from_slice(&read[..length]);
    }
}
