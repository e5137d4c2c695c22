//! Whether a port of this host is free.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// Takes a TCP port and gives it back at once.
///
/// # Errors
///
/// In the system's words: another program has it, this host lacks the address, or whoever runs this may not.
pub fn bound_tcp(address: SocketAddr) -> io::Result<()> {
    TcpListener::bind(address).map(drop)
}

/// Takes a UDP port and gives it back at once.
///
/// # Errors
///
/// As [`bound_tcp`].
pub fn bound_udp(address: SocketAddr) -> io::Result<()> {
    UdpSocket::bind(address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_from_a_free_one() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(bound_tcp(address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert_eq!(bound_udp(taken.local_addr().unwrap()).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        assert!(bound_tcp("127.0.0.1:0".parse().unwrap()).is_ok());
    }
}
