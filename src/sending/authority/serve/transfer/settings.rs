//! Who may take zones over.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use hickory_proto::rr::{LowerName, Name};
use ipnet::IpNet;
use serde::Deserialize;

/// A domain name, as it stands in settings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct DomainName(LowerName);

impl DomainName {
    pub(in crate::sending::authority::serve) fn to_name(&self) -> LowerName {
        self.0.clone()
    }
}

impl TryFrom<String> for DomainName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut name = Name::from_ascii(&text).map_err(|error| format!("no domain name: {error}"))?;
        name.set_fqdn(true);
        if name.is_root() {
            return Err("a domain name is wanted here, not the root".to_owned());
        }
        Ok(Self(LowerName::from(name)))
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// A server, or several of one operator, that may take zones over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secondary {
    /// Where it asks from. Empty: from anywhere, which wants a key.
    pub from: Vec<IpNet>,
    /// The name of the TSIG key that its questions must be signed with, and our notices to it are. None: the address
    /// is enough.
    pub key: Option<DomainName>,
    /// Where it is told of changes (RFC 1996).
    pub notify: Vec<SocketAddr>,
    /// The zones that it may take over. Empty: all.
    pub zones: Vec<DomainName>,
}

impl Secondary {
    /// Whether it is the one that asks from an address, with a key.
    pub(super) fn is(&self, address: IpAddr, key: Option<&LowerName>) -> bool {
        let address = address.to_canonical();
        let from = self.from.is_empty() || self.from.iter().any(|network| network.contains(&address));
        from && match (&self.key, key) {
            (None, _) => !self.from.is_empty(),
            (Some(wanted), Some(key)) => wanted.0 == *key,
            (Some(_), None) => false,
        }
    }

    /// Whether it may take a zone over.
    pub(super) fn takes(&self, apex: &LowerName) -> bool {
        self.zones.is_empty() || self.zones.iter().any(|zone| zone.0 == *apex)
    }
}

/// What TSIG signs with (RFC 8945 §6). Shorter digests are no longer wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TsigAlgorithm {
    #[default]
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    #[serde(rename = "hmac-sha384")]
    HmacSha384,
    #[serde(rename = "hmac-sha512")]
    HmacSha512,
}

/// A TSIG key. Whoever has it may take over what a secondary with it may.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TsigKey {
    /// The name, the same at both ends.
    pub name: DomainName,
    /// The algorithm. Default `hmac-sha256`.
    #[serde(default)]
    pub algorithm: TsigAlgorithm,
    /// The file with the secret, in base 64, for its owner alone.
    pub secret_file: PathBuf,
    /// The secret, from its file.
    #[serde(skip)]
    pub secret: Vec<u8>,
}

impl fmt::Debug for TsigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, algorithm, secret_file, secret: _ } = self;
        let mut shown = f.debug_struct("TsigKey");
        shown.field("name", name).field("algorithm", algorithm).field("secret_file", secret_file);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secondary_is_known_by_address_and_key() {
        let name = |text: &str| DomainName::try_from(text.to_owned()).expect("a name");
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (key, other) = (name("key."), name("other"));
        let from = vec!["192.0.2.0/24".parse().expect("a network")];
        let by_address = Secondary { from: from.clone(), ..Secondary::default() };
        assert!(by_address.is(address("192.0.2.7"), None));
        assert!(by_address.is(address("::ffff:192.0.2.7"), Some(&other.0)));
        assert!(!by_address.is(address("192.0.3.7"), None));
        let by_key = Secondary { key: Some(key.clone()), ..Secondary::default() };
        assert!(by_key.is(address("2001:db8::1"), Some(&name("KEY").0)));
        assert!(!by_key.is(address("2001:db8::1"), Some(&other.0)));
        assert!(!by_key.is(address("2001:db8::1"), None));
        let by_both = Secondary { from, key: Some(key.clone()), ..Secondary::default() };
        assert!(by_both.is(address("192.0.2.7"), Some(&key.0)));
        assert!(!by_both.is(address("192.0.3.7"), Some(&key.0)));
        assert!(!by_both.is(address("192.0.2.7"), None));
        assert!(!Secondary::default().is(address("192.0.2.7"), None), "nobody");
    }
}
