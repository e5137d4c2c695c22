//! Certificates that we make: self-signed ones, and those of the private CA.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData, SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{CertificatesError, Certified, KeyFolder};

/// How long the private root is valid, in days.
const ROOT_DAYS: u16 = 3650;
/// How far back a certificate's validity begins, in seconds, for senders whose clock is slow.
const BACKDATE_S: i64 = 3600;
/// The longest common name (RFC 5280 appendix A, ub-common-name).
const COMMON_NAME_OCTETS_MAX: usize = 64;

/// A CA of ours. Its key and root certificate are files.
pub(in crate::sending::identities) struct PrivateCa {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
    root_pem: String,
}

/// Which one.
#[derive(Clone, Copy, Debug)]
pub(in crate::sending::identities) struct CaNames {
    /// The name of its files.
    file: &'static str,
    /// The name in its certificate.
    common: &'static str,
}

/// The one that only labs, tests and the demo trust.
pub(in crate::sending::identities) const LAB: CaNames =
    CaNames { file: "ca-root", common: "Mailassay private root" };
/// The one that nobody trusts but who reads its TLSA record.
pub(in crate::sending::identities) const NOBODYS: CaNames =
    CaNames { file: "cases-ca", common: "Mailassay CA that nobody trusts" };

impl PrivateCa {
    /// The CA of `folder`, made at `now` where there is none.
    pub(in crate::sending::identities) fn open(
        folder: &KeyFolder,
        names: CaNames,
        now: Timestamp,
    ) -> Result<Self, CertificatesError> {
        let CaNames { file, common } = names;
        let path = folder.path(&format!("{file}.pem"));
        let key = folder.key(file)?;
        let root_pem = match folder.read(&path)? {
            Some(text) => text,
            None => {
                let text = root(&key, common, now).map_err(|reason| CertificatesError::Issue {
                    name: common.to_owned(),
                    reason: reason.to_string(),
                })?;
                folder.write(&path, &text.pem(), 0o644)?;
                text.pem()
            }
        };
        let unfit = |reason: &str| CertificatesError::Content {
            path: path.clone(),
            reason: format!("{reason}; delete it to have the root made again with the same key"),
        };
        let der = CertificateDer::from_pem_slice(root_pem.as_bytes())
            .map_err(|_| unfit("not a certificate in PEM"))?;
        if crate::shared::tls::spki_of(&der) != Some(key.subject_public_key_info()) {
            return Err(unfit(&format!("not the certificate of the key in {file}.key.pem")));
        }
        let issuer =
            Issuer::from_ca_cert_der(&der, key).map_err(|_| unfit("not a certificate that can sign"))?;
        Ok(Self { issuer, root: der, root_pem })
    }

    /// The root certificate.
    pub(in crate::sending::identities) fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// The root certificate as PEM.
    pub(in crate::sending::identities) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// A certificate for `names` and `key`, valid for `days` from `now`.
    pub(in crate::sending::identities) fn issue(
        &self,
        names: &[String],
        key: &KeyPair,
        now: Timestamp,
        days: u16,
    ) -> Result<Certified, CertificatesError> {
        make(names, key, now, days, |leaf| leaf.signed_by(key, &self.issuer))
    }
}

/// A certificate for `names` that nobody but `key` itself signed.
pub(in crate::sending::identities) fn self_signed(
    names: &[String],
    key: &KeyPair,
    now: Timestamp,
    days: u16,
) -> Result<Certified, CertificatesError> {
    make(names, key, now, days, |leaf| leaf.self_signed(key))
}

fn make(
    names: &[String],
    key: &KeyPair,
    now: Timestamp,
    days: u16,
    sign: impl FnOnce(&CertificateParams) -> Result<rcgen::Certificate, rcgen::Error>,
) -> Result<Certified, CertificatesError> {
    let leaf = || -> Result<_, rcgen::Error> {
        let mut leaf = CertificateParams::new(names.to_vec())?;
        let common = names.iter().find(|name| name.len() <= COMMON_NAME_OCTETS_MAX);
        dress(&mut leaf, common.map_or("Mailassay", String::as_str), key, now, days);
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if key.is_compatible(&PKCS_RSA_SHA256) {
            // What RSA key transport wants (RFC 5246 §7.4.2).
            leaf.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        sign(&leaf)
    };
    let leaf = leaf().map_err(|error| CertificatesError::Issue {
        name: names.first().cloned().unwrap_or_default(),
        reason: error.to_string(),
    })?;
    Ok(Certified {
        chain: vec![leaf.der().clone()],
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        spki: key.subject_public_key_info(),
    })
}

fn root(key: &KeyPair, common_name: &str, now: Timestamp) -> Result<rcgen::Certificate, rcgen::Error> {
    let mut root = CertificateParams::default();
    dress(&mut root, common_name, key, now, ROOT_DAYS);
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    root.self_signed(key)
}

/// Subject, dates and serial number. rcgen's default serial follows from the key alone, which a renewal
/// would repeat; RFC 5280 §4.1.2.2 wants it unique per issuer.
fn dress(params: &mut CertificateParams, common_name: &str, key: &KeyPair, now: Timestamp, days: u16) {
    let at = |second: i64| OffsetDateTime::from_unix_timestamp(second).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    params.not_before = at(now.as_second() - BACKDATE_S);
    params.not_after = at(now.as_second() + i64::from(days) * 86_400);
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    let mut seed = Sha256::new();
    seed.update(key.subject_public_key_info());
    seed.update(now.as_nanosecond().to_be_bytes());
    let mut serial = seed.finalize()[..16].to_vec();
    // Positive (RFC 5280 §4.1.2.2) and without leading zeros, which DER forbids.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from(serial));
}
