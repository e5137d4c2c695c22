//! The name that is said in EHLO.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::shared::dns::Servers;
use crate::shared::domain_name::a_labels;

/// A host name, or an address literal (RFC 5321 §4.1.3).
pub(in crate::program::app::command) fn helo(name: &str) -> Result<String, String> {
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = literal.map(|literal| literal.strip_prefix("IPv6:").unwrap_or(literal));
    let is_address = address.is_some_and(|address| address.parse::<IpAddr>().is_ok());
    match a_labels(name) {
        _ if is_address => Ok(name.to_owned()),
        Some(name) => Ok(name),
        None => Err("write a host name, or an address in brackets such as [192.0.2.1]".to_owned()),
    }
}

/// The name of this host, if it is a full one; else the address it calls from (RFC 5321 §4.1.4).
pub(in crate::program::app::command) fn own_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    a_labels(&name).unwrap_or_else(|| match own_address() {
        Some(IpAddr::V4(ip)) => format!("[{ip}]"),
        Some(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        None => "localhost.localdomain".to_owned(),
    })
}

/// The address that the system would call a root server from. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let Servers::Recursor { root_hints, .. } = Servers::default() else { return None };
    let from = |server: &SocketAddr| {
        let any: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(server).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    root_hints.iter().find_map(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_address_literals_are_said_in_ehlo() {
        for (name, said) in [
            ("Mail.Example.NET", Some("mail.example.net")),
            ("[192.0.2.1]", Some("[192.0.2.1]")),
            ("[IPv6:2001:db8::1]", Some("[IPv6:2001:db8::1]")),
            ("localhost", None),
            ("[mail.example.net]", None),
            ("a\r\nQUIT", None),
        ] {
            assert_eq!(helo(name).ok().as_deref(), said, "{name}");
        }
    }
}
