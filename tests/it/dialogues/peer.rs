//! The sender's side of a dialogue.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use mailassay::shared::tls::client::{self, ClientStream};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::script::Tls;

/// How long an answer may take before the dialogue has failed.
const PATIENCE: Duration = Duration::from_secs(20);
const NO_SNI: &str = "no-sni.invalid";

/// A connection to the listener.
pub(super) struct Peer {
    wire: Wire,
    buffer: Vec<u8>,
}

enum Wire {
    Clear(TcpStream),
    Tls(Box<ClientStream<TcpStream>>),
    Gone,
}

impl Peer {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self::connect_from(Ipv4Addr::LOCALHOST, address).await
    }

    /// A connection from another address of loopback.
    pub(super) async fn connect_from(source: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((source, 0).into()).unwrap();
        let tcp = socket.connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        Self { wire: Wire::Clear(tcp), buffer: Vec::new() }
    }

    pub(super) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        match &mut self.wire {
            Wire::Clear(tcp) => tcp.write_all(octets).await,
            Wire::Tls(tls) => {
                tls.write_all(octets).await?;
                tls.flush().await
            }
            Wire::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// The lines of the next whole reply, or what came instead.
    pub(super) async fn reply(&mut self) -> Result<Vec<String>, String> {
        let mut lines: Vec<String> = Vec::new();
        loop {
            while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let line = String::from_utf8_lossy(&line[..end]).into_owned();
                let last = line.as_bytes().get(3) != Some(&b'-');
                lines.push(line);
                if last {
                    return Ok(lines);
                }
            }
            match self.read().await {
                Ok(0) => return Err(format!("the end of the link behind {lines:?} {:?}", self.buffer)),
                Ok(_) => {}
                Err(error) => return Err(format!("{error} behind {lines:?}")),
            }
        }
    }

    /// Whether the listener closes and sends nothing before.
    pub(super) async fn eof(&mut self) -> Result<(), String> {
        match self.read().await {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Err("the link stays open".to_owned()),
            Ok(1..) => Err(format!("got {:?}", String::from_utf8_lossy(&self.buffer))),
            Ok(0) | Err(_) => Ok(()),
        }
    }

    async fn read(&mut self) -> io::Result<usize> {
        let read = async {
            match &mut self.wire {
                Wire::Clear(tcp) => tcp.read_buf(&mut self.buffer).await,
                Wire::Tls(tls) => tls.read_buf(&mut self.buffer).await,
                Wire::Gone => Ok(0),
            }
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    pub(super) async fn tls(&mut self, how: Tls, sni: Option<&str>) -> Result<(), String> {
        let Wire::Clear(tcp) = std::mem::replace(&mut self.wire, Wire::Gone) else {
            return Err("TLS needs a link in clear".to_owned());
        };
        match how {
            Tls::Takes => {
                let name = sni.unwrap_or(NO_SNI);
                let connected = client::connect(tcp, name, sni.is_some(), PATIENCE.as_secs() as u32).await;
                self.wire = Wire::Tls(connected.map_err(|failure| failure.reason)?.stream);
                Ok(())
            }
            Tls::Fails => {
                match client::connect(tcp, sni.unwrap_or(NO_SNI), sni.is_some(), PATIENCE.as_secs() as u32)
                    .await
                {
                    Ok(_) => Err("the handshake completed".to_owned()),
                    Err(_) => Ok(()),
                }
            }
            Tls::Distrusts => {
                let (config, name) = distrusting(sni);
                let connector = tokio_rustls::TlsConnector::from(config);
                match connector.connect(name, tcp).await {
                    Ok(_) => Err("a sender without roots trusted a certificate".to_owned()),
                    Err(_) => Ok(()),
                }
            }
            Tls::Abandons => {
                let mut tcp = tcp;
                let (config, name) = distrusting(sni);
                let mut hello = Vec::new();
                ClientConnection::new(config, name).unwrap().write_tls(&mut hello).unwrap();
                tcp.write_all(&hello).await.map_err(|error| error.to_string())?;
                // The server's flight is written at once: its first octets tell that it is out.
                tcp.read_u8().await.map_err(|error| error.to_string())?;
                Ok(())
            }
        }
    }

    /// Sends a fatal alert on an established stream: rustls does so (20, bad_record_mac) when it is made to
    /// read a record that nobody encrypted.
    pub(super) async fn alert(&mut self) -> Result<(), String> {
        let Wire::Tls(tls) = &mut self.wire else { return Err("an alert needs TLS".to_owned()) };
        let (tcp, connection) = tls.get_mut();
        let record = [&[23, 3, 3, 0, 32][..], &[0; 32]].concat();
        connection.read_tls(&mut record.as_slice()).unwrap();
        connection.process_new_packets().expect_err("nobody encrypted it");
        let mut alert = Vec::new();
        connection.write_tls(&mut alert).unwrap();
        tcp.write_all(&alert).await.map_err(|error| error.to_string())?;
        self.close();
        Ok(())
    }

    pub(super) fn close(&mut self) {
        self.wire = Wire::Gone;
    }

    /// Closes with a TCP reset.
    pub(super) fn reset(&mut self) {
        let tcp = match &self.wire {
            Wire::Clear(tcp) => tcp,
            Wire::Tls(tls) => tls.get_ref().0,
            Wire::Gone => return,
        };
        tcp.set_zero_linger().unwrap();
        self.close();
    }
}

fn distrusting(sni: Option<&str>) -> (Arc<ClientConfig>, ServerName<'static>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.enable_sni = sni.is_some();
    (Arc::new(config), ServerName::try_from(sni.unwrap_or(NO_SNI).to_owned()).unwrap())
}
