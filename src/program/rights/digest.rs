//! Keyed digests of addresses and domains, from which nobody learns whose they are.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::shared::domain_name::a_labels;

use super::subject::Subject;

/// How much of a digest is kept, in octets.
pub(super) const DIGEST_OCTETS: usize = 16;

/// What is kept of an address or a domain that objected.
pub(super) type Digest = [u8; DIGEST_OCTETS];

/// How many domains above that of an address may have objected for it.
const DOMAINS_ABOVE_MAX: usize = 16;

/// The HMAC of `text` for one purpose.
pub(super) fn mac(secret: &[u8], purpose: &str, text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(text);
    mac
}

fn digest(secret: &[u8], purpose: &str, text: &str) -> Digest {
    let whole = mac(secret, purpose, text.as_bytes()).finalize().into_bytes();
    let mut digest = Digest::default();
    digest.copy_from_slice(&whole[..DIGEST_OCTETS]);
    digest
}

/// Of an address, however its letters are written: whoever objects means the mailbox.
pub(super) fn of_address(secret: &[u8], address: &str) -> Digest {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let local = local.trim_matches('"').to_lowercase();
    digest(secret, "objection of an address", &format!("{local}@{}", normal_domain(domain)))
}

pub(super) fn of_domain(secret: &[u8], domain: &str) -> Digest {
    digest(secret, "objection of a domain", &normal_domain(domain))
}

pub(super) fn of_subject(secret: &[u8], subject: &Subject) -> Digest {
    match subject {
        Subject::Address { .. } => of_address(secret, &subject.to_string()),
        Subject::Domain(domain) => of_domain(secret, domain),
    }
}

/// Of all that may have objected to mail for an address: itself, its domain, and those above it.
pub(super) fn of_all_for(secret: &[u8], address: &str) -> Vec<Digest> {
    let domain = normal_domain(address.rsplit_once('@').map_or("", |(_, domain)| domain));
    let mut all = vec![of_address(secret, address)];
    let labels: Vec<&str> = domain.split('.').collect();
    // A single label is nobody's.
    let above = (0..labels.len().saturating_sub(1)).rev().take(DOMAINS_ABOVE_MAX);
    all.extend(above.map(|first| of_domain(secret, &labels[first..].join("."))));
    if labels.len() > DOMAINS_ABOVE_MAX + 1 {
        all.push(of_domain(secret, &domain));
    }
    all
}

fn normal_domain(domain: &str) -> String {
    a_labels(domain).unwrap_or_else(|| domain.trim_end_matches('.').to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_however_it_is_written_and_a_domain_for_all_below_it() {
        let secret = [7; 32];
        assert_eq!(of_address(&secret, "Jane@Example.NET."), of_address(&secret, "jane@example.net"));
        assert_ne!(of_address(&secret, "jane@example.net"), of_address(&[8; 32], "jane@example.net"));
        assert_ne!(of_address(&secret, "jane@example.net"), of_address(&secret, "jane+1@example.net"));
        let all = of_all_for(&secret, "jane@a.b.example.net");
        for domain in ["a.b.example.net", "b.example.net", "example.net"] {
            assert!(all.contains(&of_domain(&secret, domain)), "{domain}");
        }
        for other in ["net", "", "other.example.net", "le.net"] {
            assert!(!all.contains(&of_domain(&secret, other)), "{other}");
        }
        let deep = format!("jane@{}example.net", "a.".repeat(100));
        let all = of_all_for(&secret, &deep);
        assert!(all.len() == DOMAINS_ABOVE_MAX + 2 && all.contains(&of_domain(&secret, "example.net")));
    }
}
