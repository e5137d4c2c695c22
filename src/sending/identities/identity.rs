//! What one host shows: a key, a certificate and a configuration, and how it is made.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::server::NoServerSessionStorage;

use super::certificates::{CertificatesError, Certified, Files, KeyFolder, PrivateCa, self_signed};
use super::pool::Pool;
use super::settings::Settings;
use crate::sending::persona::Certificate;

/// When the life of a certificate begins and ends, in seconds of Unix time.
pub(super) fn life_s(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let validity = parsed.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

/// What one host shows.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) config: Arc<ServerConfig>,
    pub(super) spki: Vec<u8>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) names: Vec<String>,
    pub(super) certificate: Certificate,
    pub(super) beside: Beside,
}

/// What there is beside a certificate that is shown, while a CA has yet to issue one or a key changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Whether it is ours, and stands in for one that the CA has not issued yet.
    pub(super) stands_in: bool,
    /// The SubjectPublicKeyInfo of the key that is to come.
    pub(super) next: Option<Vec<u8>>,
    /// The one of the key that was shown before, whose TLSA record resolvers may remember.
    pub(super) former: Option<Vec<u8>>,
}

/// The making of one generation.
pub(super) struct Making<'a> {
    pub(super) settings: &'a Settings,
    pub(super) keys: &'a KeyFolder,
    pub(super) private_ca: Option<&'a PrivateCa>,
    /// The CA of ruled cases that nobody trusts.
    pub(super) nobodys_ca: Option<&'a PrivateCa>,
    pub(super) pool: Option<&'a Pool>,
    pub(super) now: Timestamp,
}

impl Making<'_> {
    pub(super) fn identity(
        &self,
        certificate: Certificate,
        names: &[String],
        key: &str,
        files: Option<&Files>,
    ) -> Result<Identity, CertificatesError> {
        let days = self.settings.valid_days;
        let mut beside = Beside::default();
        let certified = match (certificate, files, self.private_ca) {
            (Certificate::PublicCa, _, _) if self.pool.is_some() => {
                let (certified, found) = self.of_pool(names, key)?;
                beside = found;
                certified
            }
            (Certificate::PublicCa, Some(files), _) => files.covering(names, key)?,
            (Certificate::PublicCa, None, Some(ca)) => {
                ca.issue(names, &self.keys.key(key)?, self.now, days)?
            }
            (Certificate::SelfSigned, ..) | (Certificate::PublicCa, None, None) => {
                self_signed(names, &self.keys.key(key)?, self.now, days)?
            }
        };
        self.shown(certified, names, certificate, beside)
    }

    pub(super) fn shown(
        &self,
        certified: Certified,
        names: &[String],
        certificate: Certificate,
        beside: Beside,
    ) -> Result<Identity, CertificatesError> {
        let (spki, chain) = (certified.spki.clone(), certified.chain.clone());
        let config = server_config(certified).map_err(|error| CertificatesError::Issue {
            name: names.first().cloned().unwrap_or_default(),
            reason: error.to_string(),
        })?;
        Ok(Identity { config: Arc::new(config), spki, chain, names: names.to_vec(), certificate, beside })
    }

    /// What the pool has for `names`.
    fn of_pool(&self, names: &[String], purpose: &str) -> Result<(Certified, Beside), CertificatesError> {
        let found = self.pool.map(|pool| pool.shown(names, self.now)).transpose()?.flatten();
        let found = found.ok_or_else(|| CertificatesError::NotInPool {
            host: names.join(", "),
            purpose: purpose.to_owned(),
        })?;
        let beside = Beside { stands_in: !found.is_issued, next: found.next, former: found.former };
        Ok((found.certified, beside))
    }
}

/// TLS 1.2 and 1.3, no client certificate. Nothing is resumed, by ticket or by session id: a link that resumes
/// a session shows no certificate and would prove nothing.
fn server_config(certified: Certified) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certified.chain, certified.key)?;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ignore_client_order = true;
    Ok(config)
}
