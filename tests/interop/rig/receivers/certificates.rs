//! The world's CA, and the certificates of its hosts.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::row::Certificate;

/// A chain and its key, in PEM, and the TLSA data of `3 1 1`.
pub(crate) struct Identity {
    pub(crate) chain: String,
    pub(crate) key: String,
    pub(crate) spki_sha256: String,
}

/// The CA.
pub(crate) struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
}

fn day(days: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::days(days)
}

fn named(name: &str, common: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, common);
    (params.not_before, params.not_after) = (day(-10), day(80));
    params
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Receivers' Test Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (day(-100), day(1000));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        Self { root: CertifiedIssuer::self_signed(params, key).expect("a root") }
    }

    pub(crate) fn pem(&self) -> String {
        self.root.pem()
    }

    /// A certificate of that kind for a host.
    pub(crate) fn issue(&self, kind: Certificate, host: &str) -> Identity {
        let rsa = |size| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).expect("a key");
        let key = match kind {
            Certificate::Rsa => rsa(RsaKeySize::_3072),
            Certificate::SelfSigned => rsa(RsaKeySize::_2048),
            Certificate::Ecdsa | Certificate::Expired | Certificate::WrongName => {
                KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key")
            }
        };
        let mut params = named(if kind == Certificate::WrongName { "elsewhere.example" } else { host }, host);
        if kind == Certificate::Expired {
            (params.not_before, params.not_after) = (day(-100), day(-3));
        }
        let certificate = if kind == Certificate::SelfSigned {
            params.self_signed(&key)
        } else {
            params.signed_by(&key, &self.root)
        };
        let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
        let digest = Sha256::digest(spki);
        Identity {
            chain: certificate.expect("a certificate").pem(),
            key: key.serialize_pem(),
            spki_sha256: digest.iter().map(|octet| format!("{octet:02x}")).collect(),
        }
    }
}
