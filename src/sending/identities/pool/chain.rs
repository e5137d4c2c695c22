//! A certificate as the CA issued it, in a file: whom it came from in lines before the PEM (RFC 7468 §2 allows text there).

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};

use super::state::{Lineage, Window};
use crate::shared::tls::spki_of;

/// How much of a chain is taken, in certificates: public CAs send two to four.
const CHAIN_CERTIFICATES_MAX: usize = 10;
const DIRECTORY: &str = "Directory: ";
const PROFILE: &str = "Profile: ";

/// A certificate that a CA issued, with what leads to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The CA's directory that it was ordered at.
    pub directory: String,
    /// The profile that it was ordered with; none where the CA chose.
    pub profile: Option<String>,
    /// From when it is valid.
    pub begins: Timestamp,
    /// Until when it is valid.
    pub ends: Timestamp,
}

impl Issued {
    /// When the CA wants it renewed, where it was asked about this one and not about one before it.
    pub fn window<'a>(&self, lineage: &'a Lineage) -> Option<&'a Window> {
        lineage.window.as_ref().filter(|window| window.of_end == self.ends)
    }

    /// Whether the certificate is for `host`, which may be a wildcard itself.
    pub fn names(&self, host: &str) -> bool {
        // A wildcard names what a host in its place would be (RFC 9525 §6.3).
        let host = host.replacen("*.", "wildcard.", 1);
        let (Some(leaf), Ok(host)) = (self.chain.first(), ServerName::try_from(host.as_str())) else {
            return false;
        };
        webpki::EndEntityCert::try_from(leaf)
            .is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(&host).is_ok())
    }

    /// The life of the certificate, in seconds.
    pub fn life_s(&self) -> i64 {
        self.ends.as_second() - self.begins.as_second()
    }

    /// Reads what the CA sent, or what a file holds. The reason says what is wrong.
    pub(super) fn read(text: &str, spki: &[u8]) -> Result<Self, String> {
        let line = |begin: &str| text.lines().find_map(|line| line.strip_prefix(begin)).map(str::to_owned);
        let chain = CertificateDer::pem_slice_iter(text.as_bytes())
            .take(CHAIN_CERTIFICATES_MAX + 1)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("not certificates in PEM: {error}"))?;
        if chain.len() > CHAIN_CERTIFICATES_MAX {
            return Err(format!("more than {CHAIN_CERTIFICATES_MAX} certificates"));
        }
        let leaf = chain.first().ok_or("no certificate in it")?;
        if spki_of(leaf).as_deref() != Some(spki) {
            return Err("it is not for the key that it was ordered for".to_owned());
        }
        let (_, parsed) =
            x509_parser::parse_x509_certificate(leaf).map_err(|error| format!("no certificate: {error}"))?;
        let instant = |second| Timestamp::from_second(second).map_err(|error| error.to_string());
        let begins = instant(parsed.validity().not_before.timestamp())?;
        let ends = instant(parsed.validity().not_after.timestamp())?;
        let (directory, profile) = (line(DIRECTORY).unwrap_or_default(), line(PROFILE));
        Ok(Self { directory, profile, begins, ends, chain })
    }

    /// The text of a file for what the CA sent.
    pub(super) fn text(pem: &str, directory: &str, profile: Option<&str>) -> String {
        let profile = profile.map(|profile| format!("{PROFILE}{profile}\n")).unwrap_or_default();
        format!("{DIRECTORY}{directory}\n{profile}\n{pem}")
    }
}
