//! Handing a mail over.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::deliver::{self, Mail, Sender};
use crate::journal::Maildir;
use crate::trial::{Timestamp, TrialId};

use super::{Delivery, Direct, HandOverError, Smarthost};

/// Why verdicts cannot be delivered as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The maildir cannot be made.
    #[error("{path}: {source}; `delivery.path` must be a folder that the service may write to")]
    Maildir {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The roots cannot be read.
    #[error("{path}: {reason}; `delivery.roots` must name a file of certificates in PEM")]
    Roots {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The smarthost's name or TLS settings do not do.
    #[error("smarthost {host}: {reason}; `delivery.host` must be a host name")]
    Smarthost {
        /// The host.
        host: String,
        /// Why not.
        reason: String,
    },
    /// Direct delivery without anybody who does it.
    #[error("delivery `mx` is not to be had here; set `delivery` to `maildir` or `smarthost`")]
    NoDirect,
}

/// What hands mails over.
pub(super) enum Carrier {
    Maildir(Maildir),
    Smarthost(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Mx(Arc<dyn Direct>),
}

impl Carrier {
    /// What `delivery` says; `origin` is what we call ourselves.
    pub(super) fn open(
        delivery: &Delivery,
        origin: &str,
        timeout_s: u32,
        direct: Option<Arc<dyn Direct>>,
    ) -> Result<Self, OpenError> {
        match delivery {
            Delivery::Maildir { path } => Maildir::open(path)
                .map(Self::Maildir)
                .map_err(|source| OpenError::Maildir { path: path.clone(), source }),
            Delivery::Smarthost(host) => {
                smarthost(host, origin, timeout_s).map(Box::new).map(Self::Smarthost)
            }
            Delivery::Mx => direct.map(Self::Mx).ok_or(OpenError::NoDirect),
        }
    }

    /// The name in the journal.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Maildir(_) => "maildir",
            Self::Smarthost(_) => "smarthost",
            Self::Mx(_) => "mx",
        }
    }

    /// Hands over the verdict of `trial`, with the null reverse-path (RFC 3834 §3.3).
    pub(super) async fn carry(
        &self,
        now: Timestamp,
        trial: &TrialId,
        to: &str,
        message: &[u8],
    ) -> Result<(), HandOverError> {
        match self {
            Self::Maildir(maildir) => {
                let (maildir, name, message) =
                    (maildir.clone(), format!("{trial}.verdict"), message.to_vec());
                let written = tokio::task::spawn_blocking(move || maildir.deliver(&name, &message)).await;
                let passing = |reason: String| HandOverError { lasting: false, reason };
                match written {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(passing(error.to_string())),
                    Err(error) => Err(passing(error.to_string())),
                }
            }
            Self::Smarthost(transport) => {
                let lasting =
                    |error: lettre::error::Error| HandOverError { lasting: true, reason: error.to_string() };
                let unwritable = |_| HandOverError { lasting: true, reason: "no such address".to_owned() };
                let recipient = to.parse().map_err(unwritable)?;
                let envelope = Envelope::new(None, vec![recipient]).map_err(lasting)?;
                let sent = transport.send_raw(&envelope, message).await;
                sent.map(drop).map_err(|error| HandOverError {
                    lasting: error.is_permanent(),
                    reason: with_causes(&error),
                })
            }
            Self::Mx(direct) => direct.deliver(now, to, message).await,
        }
    }
}

/// The reference sender, with whatever model it has; [`crate::deliver::OURS`] is the one that practises all.
impl Direct for Sender {
    fn deliver<'a>(
        &'a self,
        now: Timestamp,
        to: &'a str,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>> {
        Box::pin(async move {
            let mail = Mail { from: None, to, message };
            // Hosts of equal preference take turns from one attempt to the next.
            let seed = now.as_second().unsigned_abs();
            match self.attempt(&mail, seed, now).await.delivery {
                deliver::Delivery::Delivered => Ok(()),
                deliver::Delivery::Transient(reason) => Err(HandOverError { lasting: false, reason }),
                deliver::Delivery::Permanent(reason) => Err(HandOverError { lasting: true, reason }),
            }
        })
    }
}

fn smarthost(
    settings: &Smarthost,
    origin: &str,
    timeout_s: u32,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, OpenError> {
    let host = &settings.host;
    let unfit = |reason: String| OpenError::Smarthost { host: host.clone(), reason };
    let mut tls = TlsParameters::builder(host.clone());
    if let Some(path) = &settings.roots {
        let refused = |reason: String| OpenError::Roots { path: path.clone(), reason };
        let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
        tls = tls.certificate_store(CertificateStore::None);
        tls = tls
            .add_root_certificate(Certificate::from_pem(&pem).map_err(|error| refused(error.to_string()))?);
    }
    let tls = tls.build_rustls().map_err(|error| unfit(error.to_string()))?;
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::relay(host)
        .map_err(|error| unfit(error.to_string()))?
        .port(settings.port)
        .tls(Tls::Wrapper(tls))
        .hello_name(ClientId::Domain(origin.to_owned()))
        .timeout(Some(Duration::from_secs(u64::from(timeout_s))));
    if let Some((user, password)) = &settings.credentials {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
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
