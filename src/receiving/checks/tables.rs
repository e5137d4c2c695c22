//! The tables that rate suites, groups, primes, hashes, keys and signatures, one column a rule set.
//!
//! They are data (`config/tables/tls-levels.toml`, whose head names the sources): a new guideline is a new column.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::receiving::checks::{Item, Level};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::Key;

const EMBEDDED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/tables/tls-levels.toml"));

/// A rule set: a column of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// NCSC-NL 2025-05, as internet.nl codes it since 1.11.0.
    #[serde(rename = "ncsc_2025")]
    Ncsc2025,
    /// NCSC-NL 2.x, as internet.nl coded it until 1.10.
    NcscV2,
    /// BSI TR-02102-2: recommended or not.
    Bsi,
}

/// The suite's key exchange, authentication, cipher and hash.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Suite {
    #[serde(deserialize_with = "code")]
    /// The code point.
    pub code: u16,
    /// IANA's name; empty: none.
    pub iana: String,
    /// OpenSSL's name; empty: none.
    pub openssl: String,
    /// The lowest protocol that can carry it, such as `TLS1.2`.
    pub min: String,
    /// The key exchange: `ECDH`, `DH`, `RSA`, `any` for TLS 1.3, …
    pub kx: String,
    /// The authentication: `RSA`, `ECDSA`, `None`, …
    pub auth: String,
    /// The cipher, such as `AESGCM`.
    pub enc: String,
    /// Its key length.
    pub bits: u16,
    /// The hash, or `AEAD`.
    pub mac: String,
    /// Whether it is forward secret.
    pub fs: bool,
    /// Whether its cipher authenticates.
    pub aead: bool,
    ncsc_2025: Written,
    ncsc_v2: Written,
    nist_r1: String,
    nist_r2: String,
    bsi: bool,
    /// LuxSci's class of weak suites; empty: none.
    pub weak: String,
}

impl Suite {
    /// Its level in a column; BSI knows recommended (good) and not (insufficient).
    pub fn level(&self, column: Column) -> Level {
        match column {
            Column::Ncsc2025 => self.ncsc_2025.level().unwrap_or(Level::Insufficient),
            Column::NcscV2 => self.ncsc_v2.level().unwrap_or(Level::Insufficient),
            Column::Bsi => recommended(self.bsi),
        }
    }

    /// Whether it belongs to TLS 1.3.
    pub fn tls13(&self) -> bool {
        self.min == "TLS1.3"
    }

    /// Whether NIST SP 800-52 Rev. 1 knows it as a server's suite.
    pub fn nist_r1(&self) -> bool {
        matches!(self.nist_r1.as_str(), "shall" | "should" | "may")
    }

    /// Whether NIST SP 800-52 Rev. 2 recommends it.
    pub fn nist_r2(&self) -> bool {
        self.nist_r2 == "yes"
    }

    /// A name to show: IANA's, else the code point.
    pub fn name(&self) -> String {
        if self.iana.is_empty() { format!("0x{:04X}", self.code) } else { self.iana.clone() }
    }
}

/// A level as the tables write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Good,
    Sufficient,
    PhaseOut,
    Insufficient,
    /// By its parameters: RSASSA-PSS, by its hash.
    Unrated,
}

impl Written {
    fn level(self) -> Option<Level> {
        match self {
            Self::Good => Some(Level::Good),
            Self::Sufficient => Some(Level::Sufficient),
            Self::PhaseOut => Some(Level::PhaseOut),
            Self::Insufficient => Some(Level::Insufficient),
            Self::Unrated => None,
        }
    }
}

fn recommended(yes: bool) -> Level {
    if yes { Level::Good } else { Level::Insufficient }
}

/// A row other than a suite. `ncsc_v2_code` is what the code of that era did where it differs from its text; it
/// is what counts.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    #[serde(default)]
    wire: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    min_bits: Option<u16>,
    #[serde(default)]
    bits: Option<u16>,
    #[serde(default)]
    sha256_be: Option<String>,
    #[serde(default)]
    ncsc_2025: Option<Written>,
    #[serde(default)]
    ncsc_v2: Option<Written>,
    #[serde(default)]
    ncsc_v2_code: Option<Written>,
    #[serde(default)]
    bsi: Option<String>,
}

impl Row {
    fn level(&self, column: Column) -> Option<Level> {
        match column {
            Column::Ncsc2025 => self.ncsc_2025.and_then(Written::level),
            Column::NcscV2 => self.ncsc_v2_code.or(self.ncsc_v2).and_then(Written::level),
            Column::Bsi => self.bsi.as_deref().map(|word| recommended(word == "yes")),
        }
    }
}

#[derive(Debug, Deserialize)]
struct File {
    version: Vec<Row>,
    group: Vec<Row>,
    dh_prime: Vec<Row>,
    kex_hash: Vec<Row>,
    cert_sig: Vec<Row>,
    cert_rsa: Vec<Row>,
    cert_curve: Vec<Row>,
    sslv2_cipher: Vec<Row>,
    cipher: Vec<Suite>,
}

fn code<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let text = String::deserialize(deserializer)?;
    number(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no code point such as 0xC02F")))
}

fn number(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// All tables, by code point or name.
#[derive(Debug)]
pub struct Tables {
    suites: BTreeMap<u16, Suite>,
    groups: BTreeMap<u16, Row>,
    versions: BTreeMap<u16, Row>,
    primes: BTreeMap<String, Row>,
    hashes: BTreeMap<String, Row>,
    signatures: BTreeMap<String, Row>,
    curves: BTreeMap<String, Row>,
    /// By their three octets in lower-case hexadecimal.
    ssl2: BTreeMap<String, Row>,
    /// By falling length.
    rsa: Vec<Row>,
}

impl Tables {
    /// The embedded tables.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<Tables> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "embedded, and read by a test")]
            Tables::read(EMBEDDED).expect("the embedded tables")
        });
        &TABLES
    }

    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let by = |rows: Vec<Row>, key: fn(&Row) -> Option<&String>| -> BTreeMap<String, Row> {
            rows.into_iter().filter_map(|row| Some((key(&row)?.clone(), row))).collect()
        };
        let numbered = |rows: Vec<Row>, key: fn(&Row) -> Option<&String>| -> BTreeMap<u16, Row> {
            rows.into_iter().filter_map(|row| Some((number(key(&row)?)?, row))).collect()
        };
        let mut rsa = file.cert_rsa;
        rsa.sort_by_key(|row| std::cmp::Reverse(row.min_bits));
        Ok(Self {
            suites: file.cipher.into_iter().map(|suite| (suite.code, suite)).collect(),
            groups: numbered(file.group, |row| row.code.as_ref()),
            versions: numbered(file.version, |row| row.wire.as_ref()),
            primes: by(file.dh_prime, |row| row.sha256_be.as_ref()),
            hashes: by(file.kex_hash, |row| Some(&row.name)),
            signatures: by(file.cert_sig, |row| row.oid.as_ref()),
            curves: by(file.cert_curve, |row| row.oid.as_ref()),
            ssl2: by(file.sslv2_cipher, |row| row.code.as_ref())
                .into_iter()
                .map(|(code, row)| (code.trim_start_matches("0x").to_ascii_lowercase(), row))
                .collect(),
            rsa,
        })
    }

    /// All suites, by code point.
    pub fn suites(&self) -> impl Iterator<Item = &Suite> {
        self.suites.values()
    }

    /// The row of the suite with this code point.
    pub fn suite(&self, code: u16) -> Option<&Suite> {
        self.suites.get(&code)
    }

    /// All groups that the tables know, by code point, with their IANA names.
    pub fn groups(&self) -> impl Iterator<Item = (u16, &str)> {
        self.groups.iter().map(|(&code, row)| (code, row.name.as_str()))
    }

    /// A group's IANA name.
    pub fn group_name(&self, code: u16) -> Option<&str> {
        self.groups.get(&code).map(|row| row.name.as_str())
    }

    /// The name and length of a known prime.
    pub fn prime(&self, sha256: &str) -> Option<(&str, u16)> {
        let row = self.primes.get(sha256)?;
        Some((row.name.as_str(), row.bits?))
    }

    /// A curve's name.
    pub fn curve_name(&self, oid: &str) -> Option<&str> {
        self.curves.get(oid).map(|row| row.name.as_str())
    }

    /// A signature algorithm's name.
    pub fn signature_name(&self, oid: &str) -> Option<&str> {
        self.signatures.get(oid).map(|row| row.name.as_str())
    }

    /// What an item is called: IANA's names of suites and groups, `TLS1.2`, the name of a curve, prime or signature
    /// algorithm; the number of an algorithm of DNSSEC; else its code point.
    pub fn name(&self, item: &Item) -> String {
        let known = |row: Option<&Row>| row.map(|row| row.name.clone());
        match item {
            Item::Version(TlsVersion(wire)) => {
                known(self.versions.get(wire)).unwrap_or_else(|| format!("0x{wire:04X}"))
            }
            Item::Suite(code) => self.suite(*code).map_or_else(|| format!("0x{code:04X}"), Suite::name),
            Item::Ssl2(code) => {
                known(self.ssl2.get(&code.to_ascii_lowercase())).unwrap_or_else(|| format!("0x{code}"))
            }
            Item::Group(code) => known(self.groups.get(code)).unwrap_or_else(|| format!("0x{code:04X}")),
            Item::Prime { sha256, bits } => {
                known(self.primes.get(sha256)).unwrap_or_else(|| format!("DH {bits}"))
            }
            Item::Key(Key::Rsa { bits }) => format!("RSA {bits}"),
            Item::Key(Key::Ec { oid }) => known(self.curves.get(oid)).unwrap_or_else(|| oid.clone()),
            Item::Key(Key::Ed25519) => "Ed25519".to_owned(),
            Item::Key(Key::Ed448) => "Ed448".to_owned(),
            Item::Key(Key::Other { oid }) => oid.clone(),
            Item::Signature { oid, hash } => {
                let name = known(self.signatures.get(oid)).unwrap_or_else(|| oid.clone());
                match hash {
                    Some(hash) if name == "rsassaPss" => format!("{name} {hash}"),
                    _ => name,
                }
            }
            Item::Hash(name) | Item::Extension(name) => name.clone(),
            Item::Algorithm(number) | Item::Digest(number) => number.to_string(),
        }
    }

    /// The level of an item in a column. Things that the tables do not name are insufficient; a signature whose
    /// OID they do not name (RSASSA-PSS) is rated by its hash. None: the column says nothing of such items.
    pub fn level(&self, item: &Item, column: Column) -> Option<Level> {
        let named = |row: Option<&Row>| match row {
            Some(row) => row.level(column),
            None => Some(Level::Insufficient),
        };
        match item {
            Item::Version(TlsVersion(wire)) => named(self.versions.get(wire)),
            Item::Suite(code) => {
                Some(self.suite(*code).map_or(Level::Insufficient, |suite| suite.level(column)))
            }
            Item::Ssl2(_) => Some(Level::Insufficient),
            Item::Group(code) => named(self.groups.get(code)),
            Item::Prime { sha256, .. } => named(self.primes.get(sha256)),
            Item::Hash(name) => named(self.hashes.get(name)),
            Item::Key(Key::Rsa { bits }) => {
                named(self.rsa.iter().find(|row| row.min_bits.is_some_and(|min| *bits >= min)))
            }
            Item::Key(Key::Ec { oid }) => named(self.curves.get(oid)),
            Item::Key(Key::Ed25519) => named(self.curves.get("1.3.101.112")),
            Item::Key(Key::Ed448) => named(self.curves.get("1.3.101.113")),
            Item::Key(Key::Other { .. }) => Some(Level::Insufficient),
            Item::Signature { oid, hash } => {
                let by_hash = || {
                    let hash = hash.as_deref()?.replace('-', "");
                    let rows =
                        self.signatures.values().filter(|row| row.name.to_ascii_uppercase().contains(&hash));
                    rows.filter_map(|row| row.level(column)).max()
                };
                let own = self.signatures.get(oid).and_then(|row| row.level(column));
                Some(own.or_else(by_hash).unwrap_or(Level::Insufficient))
            }
            Item::Algorithm(_) | Item::Digest(_) | Item::Extension(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_read_and_rate() {
        let tables = Tables::read(EMBEDDED).unwrap();
        assert_eq!(tables.suites.len(), 378);
        let rated =
            |item| [Column::Ncsc2025, Column::NcscV2].map(|column| tables.level(&item, column).unwrap());
        assert_eq!(rated(Item::Version(TlsVersion(0x0301))), [Level::Insufficient, Level::PhaseOut]);
        assert_eq!(rated(Item::Suite(0xc02f)), [Level::Sufficient, Level::Good]);
        assert_eq!(rated(Item::Group(0x001d)), [Level::Good, Level::Good]);
        // TLS 1.3 has code points of its own for the Brainpool curves (RFC 8734).
        for code in [0x001a, 0x001f, 0x0020, 0x0021] {
            assert_eq!(rated(Item::Group(code)), [Level::Good, Level::Good], "{code:#06x}");
        }
        assert_eq!(rated(Item::Group(0x11ec)), [Level::Good, Level::Sufficient]);
        assert_eq!(rated(Item::Ssl2("010080".into())), [Level::Insufficient; 2]);
        assert_eq!(tables.name(&Item::Ssl2("0700C0".into())), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
        assert_eq!(tables.name(&Item::Version(TlsVersion(0x0002))), "SSL2.0");
        assert_eq!(rated(Item::Key(Key::Rsa { bits: 2048 })), [Level::PhaseOut, Level::Sufficient]);
        assert_eq!(rated(Item::Key(Key::Rsa { bits: 1024 })), [Level::Insufficient; 2]);
        assert_eq!(rated(Item::Key(Key::Ed25519))[0], Level::Good);
        let pss = Item::Signature { oid: "1.2.840.113549.1.1.10".into(), hash: Some("SHA-256".into()) };
        assert_eq!(rated(pss), [Level::Sufficient, Level::Good]);
        assert_eq!(rated(Item::Hash("SHA-1".into()))[0], Level::Insufficient);
    }
}
