//! Sockets, UDP and TCP at each address.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, UdpSocket};

/// Bound sockets, UDP and TCP at each address.
pub struct Sockets(pub(super) Vec<(UdpSocket, TcpListener)>);

impl Sockets {
    /// Binds UDP and TCP at each address. Port 0 is any port that is free for both. Name the addresses
    /// themselves rather than `0.0.0.0` or `::`, under which an answer may leave from another address than
    /// the one that was asked.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub async fn bind(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut sockets = Vec::new();
        for address in addresses {
            let bound = bind(*address).await;
            sockets.push(
                bound.map_err(|error| io::Error::new(error.kind(), format!("DNS at {address}: {error}")))?,
            );
        }
        Ok(Self(sockets))
    }

    /// The addresses, with the ports that were found for 0.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.0.iter().map(|(udp, _)| udp.local_addr()).collect()
    }
}

/// How often a free port is looked for.
const BIND_TRIES_MAX: usize = 16;

async fn bind(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let tcp = TcpListener::bind(address).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            // Free for TCP and taken for UDP: another one, if any will do.
            Err(error) if address.port() != 0 || tries == BIND_TRIES_MAX => return Err(error),
            Err(_) => {}
        }
    }
}
