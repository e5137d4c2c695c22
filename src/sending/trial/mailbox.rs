//! A sender's address as the journal may keep it: not the address.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Stands for a full address: a keyed digest, 32 hexadecimal digits. The journal keeps the address
/// itself in a table of its own, by this key, and empties the row when the verdict is sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressId(pub String);

impl fmt::Display for AddressId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reverse-path as observations carry it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mailbox {
    /// Equal for equal addresses (local part as written, domain in lower case).
    pub id: AddressId,
    /// `j***m@example.net`: what anybody but the sender may see.
    pub redacted: String,
    /// The domain in lower case, an A-label where the sender wrote one.
    pub domain: String,
}

impl Mailbox {
    /// What is kept of `address` (`local@domain`); `secret` keeps the digest from being searched.
    pub fn new(secret: &[u8], address: &str) -> Self {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        let domain = domain.trim_end_matches('.').to_ascii_lowercase();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(b"address");
        mac.update(local.as_bytes());
        mac.update(b"@");
        mac.update(domain.as_bytes());
        let digest = mac.finalize().into_bytes();
        let id = HEXLOWER.encode(&digest[..16]);
        Self { id: AddressId(id), redacted: redact(local, &domain), domain }
    }
}

/// `j***m@example.net`: the first and the last letter, as the seed of this test shows addresses. A local
/// part of fewer than four letters shows its first only, so that nothing can be put together again.
pub fn redact(local: &str, domain: &str) -> String {
    let local = local.trim_matches('"');
    let first = local.chars().next().map(String::from).unwrap_or_default();
    let last = local.chars().next_back().filter(|_| local.chars().count() > 3).map(String::from);
    format!("{first}***{}@{domain}", last.unwrap_or_default())
}

/// Whether a verdict can be addressed to `path`: a `Dot-string` and a domain in ASCII (RFC 5321 §4.1.2). Quoted local
/// parts do not survive every header, and what needs SMTPUTF8 may meet a server without it.
pub fn is_writable(path: &str) -> bool {
    let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let dot_string = |text: &str| text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext));
    let is_domain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    path.len() <= 254
        && path
            .rsplit_once('@')
            .is_some_and(|(local, domain)| dot_string(local) && dot_string(domain) && is_domain(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_neither_the_address_nor_its_length() {
        assert_eq!(redact("joachim", "example.net"), "j***m@example.net");
        assert_eq!(redact("jo", "example.net"), "j***@example.net");
        assert_eq!(redact("", "example.net"), "***@example.net");
    }

    #[test]
    fn only_plain_addresses_are_written_to() {
        for plain in ["jane@example.net", "a.b+c=d@mail.example.net", "0@xn--bcher-kva.example"] {
            assert!(is_writable(plain), "{plain}");
        }
        for other in [
            "\"a b\"@example.net",
            "jane@[192.0.2.1]",
            "ä@example.net",
            "jane@bücher.example",
            "a..b@c",
            "@c",
            "a@",
        ] {
            assert!(!is_writable(other), "{other}");
        }
        assert!(!is_writable(&format!("{}@example.net", "a".repeat(250))));
    }

    #[test]
    fn the_domain_counts_without_case_and_the_local_part_with_it() {
        let mailbox = |address| Mailbox::new(b"secret", address);
        assert_eq!(mailbox("a@Example.NET").id, mailbox("a@example.net").id);
        assert_ne!(mailbox("A@example.net").id, mailbox("a@example.net").id);
        assert_eq!(mailbox("a@Example.NET").domain, "example.net");
    }
}
