//! A real handshake that takes whatever comes, and records it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientConfig, ClientSessionStore, ResolvesClientCert, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{ALL_KX_GROUPS, default_provider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, DigitallySignedStruct, InvalidMessage, NamedGroup, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Completed, RealHandshake};

use super::super::ending::alert_of;
use super::super::fingerprint;
use super::super::words::{of_stream, rustls_error};
use super::ClientStream;

/// How many certificates are kept; what comes after them leads to no root.
const CERTIFICATES_MAX: usize = 32;

/// What a real handshake gave.
#[derive(Debug)]
pub struct Recorded<S> {
    /// How it ended. `early_data_octets` is not yet in it: tickets come when the server likes, mostly with the
    /// first answer, and [`Tickets`] sees them.
    pub outcome: RealHandshake,
    /// The certificates in DER as they came, at most 32; also of a handshake that failed after them.
    pub chain: Vec<CertificateDer<'static>>,
    /// The stream, if the handshake completed.
    pub stream: Option<Box<ClientStream<S>>>,
    /// The tickets of the session.
    pub tickets: Tickets,
}

/// The tickets of one session, which are looked at and never used.
#[derive(Clone, Debug, Default)]
pub struct Tickets(Arc<Mutex<Option<u32>>>);

impl Tickets {
    /// The largest early data that a ticket allowed so far, in octets; 0: none of them allows any; none: no ticket
    /// of TLS 1.3 came.
    pub fn early_data_octets(&self) -> Option<u32> {
        *self.0.lock()
    }
}

/// Does a handshake with the server `sni`, all of it within `timeout_s` seconds, with every suite and group that
/// rustls has, TLS 1.3 and 1.2. Any certificate is taken, also one that does not parse, and so is any signature:
/// nothing is entrusted to the server, and what it shows must be seen to be judged. Nothing is resumed.
pub async fn record<S>(stream: S, sni: &str, timeout_s: u32) -> Recorded<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let seen = Arc::new(Seen::default());
    let tickets = Tickets::default();
    let failed = |reason: String| RealHandshake::Failed { alert: None, our_limit: false, reason };
    // A name that no SNI can carry (RFC 6066 §3) is not sent.
    let name = ServerName::try_from(sni.trim_end_matches('.').to_owned());
    let (name, send_sni) = match name {
        Ok(name) => (name, true),
        Err(_) => (ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()), false),
    };
    let (outcome, stream) = match client_config(&seen, &tickets, send_sni) {
        Err(error) => (failed(error.to_string()), None),
        Ok(config) => {
            let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
            match tokio::time::timeout(Duration::from_secs(timeout_s.into()), handshake).await {
                Ok(Ok(stream)) => {
                    (RealHandshake::Completed(completed(&stream, &seen.0.lock())), Some(Box::new(stream)))
                }
                Ok(Err(error)) => (failure(&error, seen.0.lock().certificates), None),
                Err(_) => (failed(format!("the handshake did not end within {timeout_s} s")), None),
            }
        }
    };
    let chain = std::mem::take(&mut seen.0.lock().chain);
    Recorded { outcome, chain, stream, tickets }
}

fn client_config(seen: &Arc<Seen>, tickets: &Tickets, sni: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = CryptoProvider { kx_groups: ALL_KX_GROUPS.to_vec(), ..default_provider() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(seen) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(seen) as Arc<dyn ResolvesClientCert>);
    config.enable_sni = sni;
    config.resumption = Resumption::store(Arc::new(tickets.clone()));
    Ok(config)
}

fn completed<S>(stream: &ClientStream<S>, seen: &Sight) -> Completed {
    let connection = stream.get_ref().1;
    Completed {
        version: TlsVersion(connection.protocol_version().map_or(0, u16::from)),
        suite: connection.negotiated_cipher_suite().map_or(0, |suite| suite.suite().into()),
        group: connection.negotiated_key_exchange_group().map(|group| group.name().into()),
        scheme: seen.scheme,
        chain: seen.chain.iter().map(|der| fingerprint(der)).collect(),
        ocsp: seen.ocsp,
        client_certificate: Some(seen.client_certificate),
        early_data_octets: None,
    }
}

/// `certificates`: whether the server had sent its certificate.
fn failure(error: &io::Error, certificates: bool) -> RealHandshake {
    let our_limit = match rustls_error(error) {
        // A version, suite, group or signature that rustls does not have, or messages longer than it takes.
        Some(rustls::Error::PeerIncompatible(_)) => true,
        Some(rustls::Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        )) => true,
        // In place of a ServerHello these three say that nothing in our hello is to the server's liking, and our
        // hello has all that rustls can do: what the server can do, if anything, is what rustls lacks. After the
        // certificate they speak of something else, as handshake_failure does where a client certificate is due.
        Some(rustls::Error::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity,
        )) => !certificates,
        _ => false,
    };
    RealHandshake::Failed { alert: alert_of(error), our_limit, reason: of_stream(error) }
}

/// What the verifier saw.
#[derive(Debug, Default)]
struct Seen(Mutex<Sight>);

#[derive(Debug, Default)]
struct Sight {
    /// Whether a Certificate message came.
    certificates: bool,
    chain: Vec<CertificateDer<'static>>,
    ocsp: bool,
    /// Whether it asked for ours.
    client_certificate: bool,
    scheme: Option<u16>,
}

impl Seen {
    fn signed(&self, signed: &DigitallySignedStruct) -> HandshakeSignatureValid {
        self.0.lock().scheme = Some(signed.scheme.into());
        HandshakeSignatureValid::assertion()
    }
}

/// None is ever shown; being asked for one is noted.
impl ResolvesClientCert for Seen {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.lock().client_certificate = true;
        None
    }

    /// Otherwise rustls does not ask.
    fn has_certs(&self) -> bool {
        true
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut sight = self.0.lock();
        sight.certificates = true;
        let chain = std::iter::once(leaf).chain(others).take(CERTIFICATES_MAX);
        sight.chain = chain.map(|der| der.clone().into_owned()).collect();
        sight.ocsp = !ocsp.is_empty();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.signed(signed))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.signed(signed))
    }

    /// All that rustls has a name for: with a key of any kind the handshake goes on. SHA-1 comes last.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ML_DSA_44,
            SignatureScheme::ML_DSA_65,
            SignatureScheme::ML_DSA_87,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]
    }
}

/// Looks at tickets and keeps none.
impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        let mut octets = self.0.lock();
        *octets = (*octets).max(Some(ticket.max_early_data_size()));
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
