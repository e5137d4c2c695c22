//! What a sender offers in TLS, from its hellos: told, and not judged.

use crate::sending::history::{History, Seq, Strength};
use crate::shared::evidence::scan::{is_dhe, is_rsa_key_transport};
use crate::shared::evidence::{ClientHello, TlsVersion};

/// The hybrid of ML-KEM-768 and X25519 (draft-ietf-tls-ecdhe-mlkem).
const X25519MLKEM768: u16 = 0x11ec;
/// How many hellos are cited.
const CITED_MAX: usize = 8;

/// What a sender offers in TLS: all that any of its hellos holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOffered {
    /// The versions, the oldest first.
    pub versions: Vec<TlsVersion>,
    /// Cipher suites whose keys are agreed on by finite-field Diffie-Hellman.
    pub dhe: bool,
    /// Cipher suites without forward secrecy, whose key is sent under the RSA key of the certificate.
    pub rsa_key_transport: bool,
    /// The group X25519MLKEM768, which a quantum computer does not break.
    pub post_quantum: bool,
    /// The observations of the hellos, some of them.
    pub evidence: Vec<Seq>,
}

impl TlsOffered {
    /// That of a trial's sender; none where no hello of its came.
    pub(super) fn of(history: &History) -> Option<Self> {
        let sure = |strength| !matches!(strength, Strength::Weak { shared: true, .. });
        let links = history.links.iter().filter(|attributed| sure(attributed.strength));
        let hellos = links.filter_map(|attributed| attributed.link.tls.as_ref());
        let mut offered: Option<Self> = None;
        for tls in hellos.filter(|tls| history.is_judged(tls.seq)) {
            offered.get_or_insert_default().take_in(&tls.hello, tls.seq);
        }
        offered
    }

    fn take_in(&mut self, hello: &ClientHello, seq: Seq) {
        self.versions.extend(hello.versions.iter().filter(|version| is_version(**version)));
        self.versions.sort();
        self.versions.dedup();
        self.dhe |= hello.cipher_suites.iter().any(|suite| is_dhe(*suite));
        self.rsa_key_transport |= hello.cipher_suites.iter().any(|suite| is_rsa_key_transport(*suite));
        self.post_quantum |= hello.groups.contains(&X25519MLKEM768);
        if self.evidence.len() < CITED_MAX {
            self.evidence.push(seq);
        }
    }
}

/// Whether it is a version, and none that is made up so that servers keep to ignoring unknown ones.
fn is_version(version: TlsVersion) -> bool {
    (0x0300..=0x0304).contains(&version.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_says_what_it_offers() {
        let mut offered = TlsOffered::default();
        let hello = ClientHello {
            versions: vec![TlsVersion::TLS13, TlsVersion(0x7a7a), TlsVersion::TLS12],
            cipher_suites: vec![0x1301, 0xc02f, 0x009e],
            groups: vec![X25519MLKEM768, 29],
            ..ClientHello::default()
        };
        offered.take_in(&hello, Seq(7));
        assert_eq!(offered.versions, [TlsVersion::TLS12, TlsVersion::TLS13]);
        assert!(offered.dhe && offered.post_quantum && !offered.rsa_key_transport);
        let old = ClientHello { versions: vec![TlsVersion(0x0301)], cipher_suites: vec![0x002f], ..hello };
        offered.take_in(&old, Seq(9));
        assert!(offered.rsa_key_transport && offered.versions[0] == TlsVersion(0x0301));
        assert_eq!(offered.evidence, [Seq(7), Seq(9)]);
    }
}
