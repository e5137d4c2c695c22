//! Which CA, and how it is asked.

use std::path::PathBuf;

use serde::Deserialize;

/// Let's Encrypt, and its CA for trials, which nobody trusts and which has far wider limits.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// Which CA is asked for certificates, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address of the CA's directory (RFC 8555 §7.1.1); Let's Encrypt's where none is named.
    pub directory: Option<String>,
    /// Whether the CA for trials of Let's Encrypt is asked instead. Default no.
    pub staging: bool,
    /// The roots (PEM) that the CA's own web server is measured by; Mozilla's where none are named.
    pub roots: Option<PathBuf>,
    /// The profile that certificates are ordered with; none leaves it to the CA.
    pub profile: Option<String>,
    /// The mail address that the CA may write to; default none.
    pub contact: Option<String>,
    /// How many names one certificate has at most. Default 100.
    pub names_max: usize,
    /// Further names that certificates are kept for, such as `*.et.example.org`.
    pub further_names: Vec<String>,
    /// How long to wait after the first failure, in seconds; after each further one twice as long. Default 300: so that a
    /// mistake in DNS does not use up what the CA allows in an hour.
    pub retry_first_s: u32,
    /// The longest such wait, in seconds. Default 43 200. Of a short life it is a sixtieth.
    pub retry_most_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            directory: None,
            staging: false,
            roots: None,
            profile: None,
            contact: None,
            names_max: 100,
            further_names: Vec::new(),
            retry_first_s: 300,
            retry_most_s: 43_200,
        }
    }
}

impl Settings {
    /// The address of the directory that is asked.
    pub fn directory_url(&self) -> &str {
        match (&self.directory, self.staging) {
            (Some(directory), _) => directory,
            (None, true) => LETS_ENCRYPT_STAGING,
            (None, false) => LETS_ENCRYPT,
        }
    }
}
