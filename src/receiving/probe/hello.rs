//! A ClientHello as octets.

use rustls::NamedGroup;
use rustls::crypto::ActiveKeyExchange;
use rustls::crypto::aws_lc_rs::ALL_KX_GROUPS;

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::Hello;

use super::records::content;

/// The largest payload of a record in clear (RFC 8446 §5.1).
const PLAINTEXT_OCTETS_MAX: usize = 1 << 14;
/// The longest list of code points that is sent; no plan comes near it. All of a hello then fits one record.
const LIST_LENGTH_MAX: usize = 2048;
/// Some load balancers take a hello of 256 to 511 octets for SSL 2.0 and hang (RFC 7685 §1).
const PADDED_FROM_OCTETS: usize = 256;
const PADDED_TO_OCTETS: usize = 512;
/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3).
const RENEGOTIATION_SCSV: u16 = 0x00ff;
/// TLS_FALLBACK_SCSV: with it every version below the server's best answers alert 86 (RFC 7507 §3).
const FALLBACK_SCSV: u16 = 0x5600;
/// SSL 3.0, which knows no extensions.
const SSL30: TlsVersion = TlsVersion(0x0300);

/// Handshake type.
const CLIENT_HELLO: u8 = 1;

/// Types of extensions (IANA).
pub(super) mod extension {
    pub(in crate::receiving::probe) const SERVER_NAME: u16 = 0;
    pub(in crate::receiving::probe) const SUPPORTED_GROUPS: u16 = 10;
    pub(in crate::receiving::probe) const EC_POINT_FORMATS: u16 = 11;
    pub(in crate::receiving::probe) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(in crate::receiving::probe) const PADDING: u16 = 21;
    pub(in crate::receiving::probe) const EXTENDED_MASTER_SECRET: u16 = 23;
    pub(in crate::receiving::probe) const SESSION_TICKET: u16 = 35;
    pub(in crate::receiving::probe) const SUPPORTED_VERSIONS: u16 = 43;
    pub(in crate::receiving::probe) const KEY_SHARE: u16 = 51;
    pub(in crate::receiving::probe) const RENEGOTIATION_INFO: u16 = 65281;
}

/// What a hello has beside what was asked.
#[derive(Clone)]
pub(super) struct Particulars<'a> {
    /// The server name; empty: the extension is not sent.
    pub(super) sni: &'a str,
    /// ClientHello.random.
    pub(super) random: [u8; 32],
    /// The session's name: RFC 8446 §D.4 asks for one, so that old boxes in between see a resumption.
    pub(super) session_id: [u8; 32],
    /// The verify_data of the handshake that is renegotiated (RFC 5746 §3.5); none: the first handshake.
    pub(super) renegotiates: Option<&'a [u8]>,
    /// The key of the hello's share, if there is one.
    pub(super) share: Option<&'a dyn ActiveKeyExchange>,
    /// Whether session tickets are offered, as most clients do.
    pub(super) tickets: bool,
}

/// Whether a version below TLS 1.3 is offered: always below it, and with it if a suite asks for it.
fn offers_tls12(hello: &Hello) -> bool {
    hello.version < TlsVersion::TLS13 || hello.suites.0.iter().any(|suite| suite >> 8 != 0x13)
}

/// The handshake message, with its header.
pub(super) fn message(hello: &Hello, particulars: &Particulars<'_>) -> Vec<u8> {
    let tls13 = hello.version >= TlsVersion::TLS13;
    let mut message = vec![CLIENT_HELLO];
    prefixed(&mut message, 3, |body| {
        // RFC 8446 §4.1.2: what is above TLS 1.2 says so in supported_versions only.
        body.extend(hello.version.0.min(TlsVersion::TLS12.0).to_be_bytes());
        body.extend(particulars.random);
        let session_id: &[u8] = if tls13 { &particulars.session_id } else { &[] };
        prefixed(body, 1, |body| body.extend(session_id));
        prefixed(body, 2, |body| {
            let scsvs = [RENEGOTIATION_SCSV, FALLBACK_SCSV];
            list(body, hello.suites.0.iter().filter(|suite| !scsvs.contains(suite)));
            // RFC 5746 §3.4 takes the SCSV or the extension; the SCSV also passes servers of SSL 3.0, and §3.5
            // forbids it in a renegotiation.
            if offers_tls12(hello) && particulars.renegotiates.is_none() {
                body.extend(RENEGOTIATION_SCSV.to_be_bytes());
            }
        });
        let methods: &[u8] = if hello.compression { &[1, 0] } else { &[0] };
        prefixed(body, 1, |body| body.extend(methods));
        if hello.version > SSL30 {
            prefixed(body, 2, |body| {
                extensions(hello, particulars, body);
                pad(body);
            });
        }
    });
    message
}

/// Empty ones first: there are servers that choke on an empty extension at the end.
fn extensions(hello: &Hello, particulars: &Particulars<'_>, body: &mut Vec<u8>) {
    if offers_tls12(hello) {
        extension(body, extension::EXTENDED_MASTER_SECRET, |_| {});
        if particulars.tickets {
            extension(body, extension::SESSION_TICKET, |_| {});
        }
    }
    if let Some(verify_data) = particulars.renegotiates {
        extension(body, extension::RENEGOTIATION_INFO, |body| {
            prefixed(body, 1, |body| body.extend(verify_data));
        });
    }
    if !particulars.sni.is_empty() {
        extension(body, extension::SERVER_NAME, |body| {
            prefixed(body, 2, |body| {
                body.push(0);
                prefixed(body, 2, |body| body.extend(particulars.sni.as_bytes()));
            });
        });
    }
    if !hello.groups.is_empty() {
        if offers_tls12(hello) {
            // Uncompressed points (RFC 8422 §5.1.2).
            extension(body, extension::EC_POINT_FORMATS, |body| body.extend([1, 0]));
        }
        extension(body, extension::SUPPORTED_GROUPS, |body| {
            prefixed(body, 2, |body| list(body, &hello.groups.0));
        });
    }
    if !hello.schemes.is_empty() {
        extension(body, extension::SIGNATURE_ALGORITHMS, |body| {
            prefixed(body, 2, |body| list(body, &hello.schemes.0));
        });
    }
    if hello.version >= TlsVersion::TLS13 {
        extension(body, extension::SUPPORTED_VERSIONS, |body| {
            prefixed(body, 1, |body| {
                body.extend(hello.version.0.to_be_bytes());
                if offers_tls12(hello) {
                    body.extend(TlsVersion::TLS12.0.to_be_bytes());
                }
            });
        });
        extension(body, extension::KEY_SHARE, |body| {
            prefixed(body, 2, |body| {
                if let Some(key) = particulars.share {
                    body.extend(u16::from(key.group()).to_be_bytes());
                    prefixed(body, 2, |body| body.extend(key.pub_key()));
                }
            })
        });
    }
}

/// A fresh key of a group, if our provider has the group. The key is the provider's own chance; nothing of it is
/// evidence.
pub(super) fn key_exchange(code: u16) -> Option<Box<dyn ActiveKeyExchange>> {
    ALL_KX_GROUPS.iter().find(|group| group.name() == NamedGroup::from(code))?.start().ok()
}

/// RFC 7685. `message` is all of the hello so far, with its header.
fn pad(message: &mut Vec<u8>) {
    if (PADDED_FROM_OCTETS..PADDED_TO_OCTETS).contains(&message.len()) {
        // Type and length take four octets, and one octet more, so that it is not empty.
        let padding = (PADDED_TO_OCTETS - message.len()).saturating_sub(4).max(1);
        extension(message, extension::PADDING, |message| message.resize(message.len() + padding, 0));
    }
}

/// `message` in records in clear.
pub(super) fn in_records(message: &[u8], version: TlsVersion) -> Vec<u8> {
    let mut octets = Vec::with_capacity(message.len() + 5);
    for fragment in message.chunks(PLAINTEXT_OCTETS_MAX) {
        octets.push(content::HANDSHAKE);
        // RFC 8446 §5.1 and appendix E.1 of RFC 5246: 3.1 in the first hello, which the oldest servers take.
        let version = if version == SSL30 { 0x0300 } else { 0x0301_u16 };
        octets.extend(version.to_be_bytes());
        prefixed(&mut octets, 2, |octets| octets.extend(fragment));
    }
    octets
}

fn extension(body: &mut Vec<u8>, kind: u16, write: impl FnOnce(&mut Vec<u8>)) {
    body.extend(kind.to_be_bytes());
    prefixed(body, 2, write);
}

fn list<'a>(body: &mut Vec<u8>, codes: impl IntoIterator<Item = &'a u16>) {
    for code in codes.into_iter().take(LIST_LENGTH_MAX) {
        body.extend(code.to_be_bytes());
    }
}

/// What `write` writes, behind its length in `width` octets.
pub(super) fn prefixed(body: &mut Vec<u8>, width: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let at = body.len();
    body.resize(at + width, 0);
    write(body);
    let length = body.len() - at - width;
    body[at..at + width].copy_from_slice(&length.to_be_bytes()[size_of::<usize>() - width..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shared::evidence::scan::CodePoints;
    use crate::shared::tls::hello::read;

    fn particulars(sni: &str) -> Particulars<'_> {
        Particulars {
            sni,
            random: [1; 32],
            session_id: [2; 32],
            renegotiates: None,
            share: None,
            tickets: true,
        }
    }

    fn hello(version: u16, suites: usize) -> Hello {
        Hello {
            version: TlsVersion(version),
            suites: (0..suites).map(|at| 0xc000 + u16::try_from(at).unwrap_or(u16::MAX >> 2)).collect(),
            groups: CodePoints(vec![0x001d, 0x0017]),
            schemes: CodePoints(vec![0x0403, 0x0804]),
            compression: false,
            share: None,
        }
    }

    fn octets(hello: &Hello) -> Vec<u8> {
        in_records(&message(hello, &particulars("mx.example")), hello.version)
    }

    #[test]
    fn versions_are_offered_as_they_are_meant() {
        let of =
            |hello: &Hello| read(&octets(hello)).unwrap().versions.iter().map(|v| v.0).collect::<Vec<_>>();
        assert_eq!(of(&hello(0x0304, 3)), [0x0304, 0x0303]);
        let tls13 = Hello { suites: CodePoints(vec![0x1301, 0x1304]), ..hello(0x0304, 0) };
        assert_eq!(of(&tls13), [0x0304]);
        for version in 0x0300..=0x0303 {
            assert_eq!(of(&hello(version, 3)), [version]);
        }
        assert_eq!(octets(&hello(0x0300, 3))[1..3], [3, 0]);
        assert_eq!(octets(&hello(0x0304, 3))[1..3], [3, 1]);
    }

    #[test]
    fn ssl_3_has_no_extensions_and_others_have_all() {
        // Header, version, random, no session, three suites and the SCSV, one compression method.
        assert_eq!(message(&hello(0x0300, 3), &particulars("mx.example")).len(), 4 + 2 + 32 + 1 + 2 + 8 + 2);
        let seen = read(&octets(&hello(0x0303, 3))).unwrap();
        assert_eq!(seen.sni.as_deref(), Some("mx.example"));
        assert_eq!((seen.groups, seen.signature_schemes), (vec![0x001d, 0x0017], vec![0x0403, 0x0804]));
        assert_eq!(seen.cipher_suites, [0xc000, 0xc001, 0xc002, RENEGOTIATION_SCSV]);
        let nobody = in_records(&message(&hello(0x0303, 3), &particulars("")), TlsVersion::TLS12);
        assert_eq!(read(&nobody).unwrap().sni, None);
    }

    #[test]
    fn no_hello_says_that_it_falls_back() {
        let suites = CodePoints(vec![0x5600, 0x0035, 0x00ff]);
        let seen = read(&octets(&Hello { suites, ..hello(0x0302, 0) })).unwrap();
        assert_eq!(seen.cipher_suites, [0x0035, 0x00ff]);
    }

    #[test]
    fn a_renegotiation_names_the_handshake_before_it() {
        let again = Particulars { renegotiates: Some(&[7; 12]), ..particulars("mx.example") };
        let octets = message(&hello(0x0303, 3), &again);
        let named = [&[0xff, 0x01, 0, 13, 12][..], &[7; 12]].concat();
        assert!(octets.windows(named.len()).any(|window| window == named));
        assert!(!octets.windows(4).any(|window| window == [0xc0, 0x02, 0x00, 0xff]), "the SCSV");
    }

    proptest! {
        #[test]
        fn every_hello_reads_and_none_has_the_length_that_hangs(
            version in 0x0301_u16..=0x0304,
            suites in 0_usize..5000,
            share in prop::option::of(prop_oneof![Just(0x001d_u16), Just(0x0017), Just(0x11ec), any::<u16>()]),
            compression: bool,
        ) {
            let hello = Hello { compression, share, ..hello(version, suites) };
            let key = share.and_then(key_exchange);
            let with_share = Particulars { share: key.as_deref(), ..particulars("mx.example") };
            let message = message(&hello, &with_share);
            prop_assert!(!(PADDED_FROM_OCTETS..PADDED_TO_OCTETS).contains(&message.len()), "{}", message.len());
            prop_assert!(message.len() < PLAINTEXT_OCTETS_MAX);
            prop_assert!(read(&in_records(&message, hello.version)).is_some());
        }
    }
}
