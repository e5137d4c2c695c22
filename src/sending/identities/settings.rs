//! Where keys and certificates are, and where those come from that must verify.

use std::path::PathBuf;

use super::certificates::CertificateFile;
use super::pool::PoolSettings;

/// Where keys and certificates are.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of our own keys and of the private CA; default `certs`.
    pub folder: PathBuf,
    /// Where the certificates of public-CA personas and policy hosts come from; default the private CA.
    pub source: Source,
    /// How long the certificates that we make are valid, in days; default 90.
    pub valid_days: u16,
    /// How long before their end they are made anew, in days; default 30.
    pub renew_days: u16,
    /// The name of the site, where the service itself speaks HTTPS for it; default none.
    pub site: Option<String>,
    /// How many labels of trials policy hosts of ruled cases have certificates for ahead; default none.
    pub pool_labels: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            folder: "certs".into(),
            source: Source::PrivateCa,
            valid_days: 90,
            renew_days: 30,
            site: None,
            pool_labels: 0,
        }
    }
}

/// Where the certificates of public-CA personas and policy hosts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files that an ACME client of the operator's keeps. Which host a file serves follows from the names in
    /// its certificate; one may serve several.
    Files(Vec<CertificateFile>),
    /// A public CA, which `operations::certificates` orders them from. Until it issued one, one of our own for the same
    /// key stands in.
    Acme(PoolSettings),
    /// The private CA in [`Settings::folder`]; for labs, tests and the demo.
    PrivateCa,
}
