//! The client's side of a handshake: it takes any certificate, and what the certificate is worth is judged
//! afterwards ([`webpki`], [`dane`]), so that a refusal is the caller's and its reason is known.

mod dane;
mod record;
mod roots;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConfig, Resumption};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::shared::evidence::{Alert, Negotiated};

use super::accept::negotiated;
use super::ending::alert_of;
use super::words::of_stream;

pub use dane::{ChainFacts, TlsaJudge, compare, dane};
pub use record::{Recorded, Tickets, record};
pub use roots::{Roots, RootsError};
pub use verify::{CertificateFault, FoundPath, PathError, path, webpki};

/// An established stream, from the client's side.
pub type ClientStream<S> = tokio_rustls::client::TlsStream<S>;

/// A handshake that completed.
#[derive(Debug)]
pub struct Connected<S> {
    pub stream: Box<ClientStream<S>>,
    /// What was agreed on.
    pub negotiated: Negotiated,
    /// The certificates as the server sent them, the leaf first. The server proved that it has the leaf's
    /// key; nothing else is known of them.
    pub chain: Vec<CertificateDer<'static>>,
}

/// Why a handshake did not complete.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ConnectFailure {
    /// The alert that the server sent, if any.
    pub alert: Option<Alert>,
    /// Whether the time was over.
    pub timed_out: bool,
    /// In rustls' or the system's words.
    pub reason: String,
}

/// Does a handshake with the server `name`, all of it within `timeout_s` seconds; `sni` tells whether the name
/// is sent. TLS 1.2 and 1.3; nothing is resumed.
///
/// # Errors
///
/// If there is no handshake in time: the alert that the server sent, if it did, and why.
pub async fn connect<S>(
    stream: S,
    name: &str,
    sni: bool,
    timeout_s: u32,
) -> Result<Connected<S>, ConnectFailure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let failure = |reason: String| ConnectFailure { alert: None, timed_out: false, reason };
    let server = ServerName::try_from(name.trim_end_matches('.').to_owned())
        .map_err(|_| failure(format!("`{name}` is no host name")))?;
    let config = client_config(sni).map_err(|error| failure(error.to_string()))?;
    let handshake = TlsConnector::from(Arc::new(config)).connect(server, stream);
    match tokio::time::timeout(Duration::from_secs(u64::from(timeout_s)), handshake).await {
        Ok(Ok(stream)) => {
            let connection = stream.get_ref().1;
            let chain = connection.peer_certificates().unwrap_or_default().to_vec();
            Ok(Connected { negotiated: negotiated(connection), chain, stream: Box::new(stream) })
        }
        Ok(Err(error)) => {
            Err(ConnectFailure { alert: alert_of(&error), timed_out: false, reason: of_stream(&error) })
        }
        Err(_) => Err(ConnectFailure {
            alert: None,
            timed_out: true,
            reason: format!("the handshake did not end within {timeout_s} s"),
        }),
    }
}

fn client_config(sni: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    let mut config = ClientConfig::builder_with_provider(provider as Arc<CryptoProvider>)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.enable_sni = sni;
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Takes any certificate whose key the server proves to have, also what webpki does not parse, such as X.509
/// version 1: DANE-EE asks for no more than the key (RFC 7671 §5.1).
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    fn proved(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let encoding = || rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding);
        let spki = super::spki_of(certificate).ok_or_else(encoding)?;
        let spki = SubjectPublicKeyInfoDer::from(spki);
        let key = ::webpki::RawPublicKeyEntity::try_from(&spki).map_err(|_| encoding())?;
        let algorithms = self.0.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
        let proved = algorithms.is_some_and(|(_, algorithms)| {
            algorithms
                .iter()
                .any(|algorithm| key.verify_signature(*algorithm, message, signed.signature()).is_ok())
        });
        if proved {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(rustls::CertificateError::BadSignature))
        }
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.proved(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.proved(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
