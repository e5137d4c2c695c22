//! A smarthost, over TLS from the first octet: for verdicts, and for the operator's mail.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::port::HandOverError;
use super::settings::{CarrierError, Smarthost};

/// A mail server that relays for us.
pub struct Relay(Box<AsyncSmtpTransport<Tokio1Executor>>);

impl Relay {
    /// The smarthost of the settings; `origin` is what we call ourselves, a hand-over may take `timeout_s`
    /// seconds.
    pub fn open(settings: &Smarthost, origin: &str, timeout_s: u32) -> Result<Self, CarrierError> {
        let host = &settings.host;
        let unfit = |reason: String| CarrierError::Smarthost { host: host.clone(), reason };
        let mut tls = TlsParameters::builder(host.clone());
        if let Some(path) = &settings.roots {
            let refused = |reason: String| CarrierError::Roots { path: path.clone(), reason };
            let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
            tls = tls.certificate_store(CertificateStore::None);
            tls = tls.add_root_certificate(
                Certificate::from_pem(&pem).map_err(|error| refused(error.to_string()))?,
            );
        }
        let tls = tls.build_rustls().map_err(|error| unfit(error.to_string()))?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::relay(host)
            .map_err(|error| unfit(error.to_string()))?
            .port(settings.port)
            .tls(Tls::Wrapper(tls))
            .hello_name(ClientId::Domain(origin.to_owned()))
            .timeout(Some(Duration::from_secs(u64::from(timeout_s))));
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self(Box::new(builder.build())))
    }

    /// Hands `message` over; no `from` is the null reverse-path.
    ///
    /// # Errors
    ///
    /// If the smarthost does not take it: whether for good, and why.
    pub async fn send(&self, from: Option<&str>, to: &[String], message: &[u8]) -> Result<(), HandOverError> {
        let lasting = |reason: String| HandOverError { lasting: true, reason };
        let address = |text: &str| text.parse().map_err(|_| lasting("no such address".to_owned()));
        let from = from.map(address).transpose()?;
        let to = to.iter().map(|to| address(to)).collect::<Result<_, _>>()?;
        let envelope = Envelope::new(from, to).map_err(|error| lasting(error.to_string()))?;
        let sent = self.0.send_raw(&envelope, message).await;
        sent.map(drop)
            .map_err(|error| HandOverError { lasting: error.is_permanent(), reason: with_causes(&error) })
    }
}

/// An error with everything behind it: lettre hides the reason of TLS two levels down.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text.chars().take(300).collect()
}
