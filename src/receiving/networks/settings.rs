//! Whom to ask of networks.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

/// Whom to ask of networks. By default nobody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether RDAP servers are asked for names, organisations, countries and registrars. Default: no.
    #[serde(deserialize_with = "switch")]
    pub rdap: bool,
    /// Which RDAP server knows what. Default: the files that are part of the program.
    pub rdap_bootstrap: BootstrapSource,
    /// Files in the format of RISwhois dumps. Default: none.
    pub routes: Vec<PathBuf>,
    /// A zone that gives origins as Team Cymru's does (`origin.<zone>`, `origin6.<zone>`), asked where no file knows.
    /// Default: none.
    pub origin_zone: Option<String>,
    /// Host and port of an RPKI validator that speaks RTR. Default: none.
    pub rtr: Option<String>,
    /// How long one question may take, in seconds. Default 5.
    pub timeout_s: u32,
    /// How long all of a scan's questions may take, in seconds. Default 20.
    pub all_s: u32,
    /// How long names are kept, in seconds. Default 86 400: a day.
    pub cache_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rdap: false,
            rdap_bootstrap: BootstrapSource::Embedded,
            routes: Vec::new(),
            origin_zone: None,
            rtr: None,
            timeout_s: 5,
            all_s: 20,
            cache_s: 86_400,
        }
    }
}

fn switch<'de, D: Deserializer<'de>>(written: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Switch {
        Off,
        On,
    }
    Ok(matches!(Switch::deserialize(written)?, Switch::On))
}

/// Where the bootstrap files of RDAP come from: in a configuration a folder, or a URL.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum BootstrapSource {
    /// They are part of the program.
    Embedded,
    Folder(PathBuf),
    /// An `https` URL that they lie below; fetched once a day.
    Url(String),
}

impl From<String> for BootstrapSource {
    fn from(place: String) -> Self {
        if place.starts_with("https://") { Self::Url(place) } else { Self::Folder(place.into()) }
    }
}
