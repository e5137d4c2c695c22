//! TLS records as they are on the wire: the ClientHello that came, and whether a certificate went.

use tls_parser::{TlsExtension, TlsMessage, TlsMessageHandshake};

use crate::shared::evidence::{ClientHello, TlsVersion};

/// Content types of records (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// Handshake types (RFC 8446 §4).
const CERTIFICATE: u8 = 11;
/// What an encrypted alert of TLS 1.3 takes: level, description, content type, the tag of an AEAD.
const ENCRYPTED_ALERT_OCTETS: usize = 2 + 1 + 16;

/// The ClientHello at the beginning of what was read, once it is there in whole, over however many records.
pub fn read(read: &[u8]) -> Option<ClientHello> {
    let joined = joined(read);
    let (_, message) = tls_parser::parse_tls_message_handshake(&joined).ok()?;
    let TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)) = message else { return None };
    let mut seen = ClientHello {
        versions: vec![TlsVersion(hello.version.0)],
        cipher_suites: bounded(hello.ciphers.iter().map(|suite| suite.0)),
        ..ClientHello::default()
    };
    let extensions = hello.ext.and_then(|ext| tls_parser::parse_tls_client_hello_extensions(ext).ok());
    for extension in extensions.map(|(_, extensions)| extensions).unwrap_or_default() {
        match extension {
            TlsExtension::SNI(names) => {
                let host = names.iter().find(|(kind, _)| kind.0 == 0);
                seen.sni = host.map(|(_, name)| printable(name));
            }
            TlsExtension::SupportedVersions(versions) => {
                seen.versions = bounded(versions.iter().map(|version| TlsVersion(version.0)));
            }
            TlsExtension::EllipticCurves(groups) => {
                seen.groups = bounded(groups.iter().map(|group| group.0));
            }
            TlsExtension::SignatureAlgorithms(schemes) => {
                seen.signature_schemes = bounded(schemes.into_iter());
            }
            TlsExtension::ALPN(protocols) => {
                seen.alpn = bounded(protocols.iter().map(|protocol| printable(protocol)));
            }
            _ => {}
        }
    }
    Some(seen)
}

/// Whether a sender knows how a renegotiation is secured (RFC 5746 §3.4): by its extension, or by the value among its cipher
/// suites.
pub(super) fn takes_renegotiation_info(bytes: &[u8]) -> bool {
    const SIGNALLING_SUITE: u16 = 0x00ff;
    let joined = joined(bytes);
    let Ok((_, message)) = tls_parser::parse_tls_message_handshake(&joined) else { return false };
    let TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)) = message else { return false };
    let extensions = hello.ext.and_then(|ext| tls_parser::parse_tls_client_hello_extensions(ext).ok());
    let says = |extension: &TlsExtension<'_>| matches!(extension, TlsExtension::RenegotiationInfo(_));
    hello.ciphers.iter().any(|suite| suite.0 == SIGNALLING_SUITE)
        || extensions.is_some_and(|(_, extensions)| extensions.iter().any(says))
}

/// The handshake messages at the beginning of what was read.
fn joined(bytes: &[u8]) -> Vec<u8> {
    let messages = records(bytes).take_while(|(content, _, _)| *content == HANDSHAKE);
    let mut joined = Vec::with_capacity(bytes.len());
    messages.for_each(|(_, payload, _)| joined.extend_from_slice(payload));
    joined
}

/// Whether a certificate is in what a server wrote. In TLS 1.2 it is there to be read; in TLS 1.3 it is in the
/// first encrypted records, which carry nothing before it that is longer than an alert.
pub(super) fn holds_certificate(written: &[u8]) -> bool {
    let mut handshake = Vec::new();
    for (content, payload, whole) in records(written) {
        match content {
            HANDSHAKE => handshake.extend_from_slice(payload),
            APPLICATION_DATA if whole && payload.len() > ENCRYPTED_ALERT_OCTETS => return true,
            _ => {}
        }
    }
    let mut rest = &handshake[..];
    while let [kind, a, b, c, tail @ ..] = rest {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let Some(next) = tail.get(length..) else { return false };
        if *kind == CERTIFICATE {
            return true;
        }
        rest = next;
    }
    false
}

/// The records in `bytes`: content type, payload, and whether it is there in whole.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8], bool)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let [content, _, _, high, low, tail @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let payload = &tail[..length.min(tail.len())];
        rest = &tail[payload.len()..];
        Some((*content, payload, payload.len() == length))
    })
}

fn bounded<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.take(ClientHello::LIST_LENGTH_MAX).collect()
}

/// A name in lower case, at most 255 octets of it, what is not printable ASCII escaped.
fn printable(name: &[u8]) -> String {
    name[..name.len().min(255)].to_ascii_lowercase().escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A ClientHello of rustls, as one record.
    fn sound() -> Vec<u8> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = "MX03.et.example.org".try_into().unwrap();
        let mut client = rustls::ClientConnection::new(config.into(), name).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        hello
    }

    #[test]
    fn is_there_when_its_last_octet_is() {
        let hello = sound();
        assert_eq!(read(&hello).unwrap().sni.as_deref(), Some("mx03.et.example.org"));
        assert_eq!(read(&hello[..hello.len() - 1]), None);
        assert!(!holds_certificate(&hello));
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_makes_it_panic(bytes: Vec<u8>) {
            read(&bytes);
            holds_certificate(&bytes);
        }

        #[test]
        fn nothing_that_is_changed_makes_it_panic(
            changes in prop::collection::vec((0_usize..4000, any::<u8>()), 1..8),
        ) {
            let mut hello = sound();
            for (at, octet) in changes {
                let length = hello.len();
                hello[at % length] = octet;
            }
            if let Some(seen) = read(&hello) {
                let longest = ClientHello::LIST_LENGTH_MAX;
                prop_assert!(seen.cipher_suites.len() <= longest && seen.groups.len() <= longest);
                prop_assert!(seen.sni.is_none_or(|sni| sni.is_ascii()));
            }
        }
    }
}
