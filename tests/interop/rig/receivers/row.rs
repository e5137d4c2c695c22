//! A domain of the private world: its zone, its mail host, and what a scan of it must say.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// How the zone is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Signed {
    /// As it should be.
    #[default]
    Secure,
    /// Not at all, and the parent proves it.
    Insecure,
    /// The addresses of the MX host were changed after signing.
    Bogus,
    /// The signatures' time is over.
    Expired,
}

/// What a certificate is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Certificate {
    /// Of the world's CA, for the host, P-256.
    Ecdsa,
    /// Likewise, RSA of 3072 bits.
    Rsa,
    /// Self-signed, RSA of 2048 bits, as Debian's snake oil.
    SelfSigned,
    /// Of the CA, and its time is over.
    Expired,
    /// Of the CA, for another host.
    WrongName,
}

/// Which TLSA records are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tlsa {
    /// `3 1 1` of every certificate.
    All,
    /// `3 1 1` of the first certificate alone.
    First,
    /// `3 1 1` of a key that nobody has.
    Mismatch,
}

/// What the RPKI says of a row's networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Roa {
    /// A ROA for who announces them.
    #[default]
    Valid,
    /// A ROA for somebody else.
    Invalid,
    /// None.
    Absent,
}

/// One finding that must come out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) id: String,
    pub(crate) outcome: String,
    /// Text that `measured` must contain, written as JSON.
    #[serde(default)]
    pub(crate) measured: Option<String>,
}

/// `rows/<name>/row.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Written {
    /// A folder of `products/`; none: no mail host runs.
    pub(crate) product: Option<String>,
    #[serde(default)]
    pub(crate) zone: Signed,
    #[serde(default)]
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) tlsa: Option<Tlsa>,
    /// The mode of an MTA-STS policy that lists the MX host.
    pub(crate) mta_sts: Option<String>,
    /// The certificate of the policy host.
    pub(crate) policy_host: Option<Certificate>,
    /// Whether the MX host has IPv6.
    #[serde(default = "yes")]
    pub(crate) ipv6: bool,
    #[serde(default)]
    pub(crate) roa: Roa,
    /// Records beside those that follow, in master-file format, names relative to the domain.
    #[serde(default)]
    pub(crate) records: String,
    /// Whether the MX record and the host's addresses are published.
    #[serde(default = "yes")]
    pub(crate) mx: bool,
    /// What `mailassay check` must end with.
    pub(crate) exit: i32,
    /// Arguments beside the domain.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    /// Values that the JSON must have, by JSON pointer.
    #[serde(default)]
    pub(crate) expect: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) findings: Vec<Expected>,
    /// At most so many connections to each address.
    #[serde(default = "twenty")]
    pub(crate) connections_max: u64,
}

fn yes() -> bool {
    true
}

fn twenty() -> u64 {
    20
}

/// A row and its place in the world.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) number: u8,
    pub(crate) is: Written,
}

impl Row {
    /// All rows, or those that `MAILASSAY_INTEROP_RECEIVERS` names with commas between.
    pub(crate) fn all() -> Vec<Self> {
        let wanted = std::env::var("MAILASSAY_INTEROP_RECEIVERS").ok();
        let entries = fs::read_dir(folder().join("rows")).expect("the folder of rows");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("a folder").file_name().into_string().expect("an ASCII name"))
            .filter(|name| wanted.as_ref().is_none_or(|wanted| wanted.split(',').any(|one| one == name)))
            .collect();
        names.sort();
        let numbered = names.into_iter().zip(1_u8..);
        numbered
            .map(|(name, number)| {
                let file = folder().join("rows").join(&name).join("row.toml");
                let text =
                    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                let is = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                Self { name, number, is }
            })
            .collect()
    }

    pub(crate) fn domain(&self) -> String {
        format!("{}.example", self.name)
    }

    pub(crate) fn host(&self) -> String {
        format!("mx.{}", self.domain())
    }

    /// Each host has a network of its own, so that no scan waits for another (RFC 2544's range).
    pub(crate) fn ip4(&self) -> Ipv4Addr {
        Ipv4Addr::new(198, 18, self.number, 25)
    }

    pub(crate) fn ip6(&self) -> Ipv6Addr {
        Ipv6Addr::new(0x2001, 0xdb8, u16::from(self.number), 0, 0, 0, 0, 0x25)
    }
}

/// This folder's parent: `tests/interop/receivers`.
pub(crate) fn folder() -> PathBuf {
    super::super::peers::rig().join("receivers")
}
