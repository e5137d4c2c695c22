//! The CA, as an account of ours sees it. The account is made once and kept in a file.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use instant_acme::{Account, AccountCredentials, CertificateIdentifier, Error, NewAccount};
use rustls::pki_types::CertificateDer;

use super::failure::{Circumstances, Failure};
use super::https::Https;
use crate::shared::keyfile;
use crate::shared::text::clean;
use crate::shared::time::Timestamp;

/// The CA whose directory the settings name.
pub(super) struct Ca {
    pub(super) https: Https,
    /// The address of its directory.
    pub(super) directory: String,
    /// The mail address that it may write to.
    pub(super) contact: Option<String>,
    /// Where the account is kept.
    pub(super) account_path: PathBuf,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// What the CA says of when to renew a certificate.
pub(super) struct Suggestion {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// A page that says why, fit to be shown.
    pub(super) explanation: Option<String>,
    /// For how long it holds, in seconds.
    pub(super) again_s: u64,
}

impl Ca {
    /// What an error means.
    pub(super) fn failed(&self, error: &Error) -> Failure {
        Failure::of(error, self.circumstances())
    }

    pub(super) fn circumstances(&self) -> Circumstances<'_> {
        let retry_after = self.https.take_retry_after();
        Circumstances { account: &self.account_path, retry_after, now: (self.clock)() }
    }

    /// The account, made where there is none. By this the operator agrees to the CA's terms, as `config/example.toml`
    /// says. The directory is read with it, so that it is never an old one.
    pub(super) async fn account(&self) -> Result<Account, Failure> {
        let path = self.account_path.display();
        let builder = Account::builder_with_http(Box::new(self.https.clone()));
        match keyfile::read(&self.account_path) {
            Ok(held) => {
                let credentials: AccountCredentials = serde_json::from_slice(&held).map_err(|error| {
                    Failure::new(format!("{path}: no account ({error}); remove it, and another is made"))
                })?;
                let opened = builder.from_credentials(credentials).await;
                return opened.map_err(|error| self.failed(&error));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::new(format!("{path}: {error}"))),
        }
        let contact: Vec<String> = self.contact.iter().map(|address| format!("mailto:{address}")).collect();
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let new =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let made = builder.create(&new, self.directory.clone(), None).await;
        let (account, credentials) = made.map_err(|error| self.failed(&error))?;
        let text = serde_json::to_vec(&credentials).map_err(|error| Failure::new(error.to_string()))?;
        keyfile::write(&self.account_path, &text)
            .map_err(|error| Failure::new(format!("{path}: the account cannot be kept: {error}")))?;
        tracing::info!(directory = %self.directory, "an account was made at the CA");
        Ok(account)
    }

    /// Puts an account aside that the CA does not know, so that another is made.
    pub(super) fn put_account_aside(&self) -> Result<(), Failure> {
        let aside = self.account_path.with_extension("gone");
        fs::rename(&self.account_path, aside)
            .map_err(|error| Failure::new(format!("{}: {error}", self.account_path.display())))
    }

    /// When the CA wants a certificate renewed (RFC 9773).
    pub(super) async fn suggestion(&self, leaf: &CertificateDer<'_>) -> Result<Suggestion, Failure> {
        let id = CertificateIdentifier::try_from(leaf).map_err(Failure::new)?;
        let account = self.account().await?;
        let (info, again) = account.renewal_info(&id).await.map_err(|error| self.failed(&error))?;
        let instant = |at: time::OffsetDateTime| {
            Timestamp::from_second(at.unix_timestamp()).map_err(|error| Failure::new(error.to_string()))
        };
        let (start, end) = (instant(info.suggested_window.start)?, instant(info.suggested_window.end)?);
        // RFC 9773 §4.2: what does not end after it begins is to be ignored.
        if end <= start {
            return Err(Failure::new("the window that the CA suggests ends before it begins"));
        }
        let explanation = info.explanation_url.as_deref().map(clean);
        Ok(Suggestion { start, end, explanation, again_s: again.as_secs() })
    }
}
