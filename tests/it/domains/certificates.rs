//! The certificates of a faked world, made at test time from their descriptions. Keys and roots are made once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, SignatureAlgorithm,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A certificate and the chain it comes with, as `world.toml` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Described {
    #[serde(default)]
    key: Key,
    #[serde(default)]
    issuer: Issuer,
    #[serde(default)]
    names: Vec<String>,
    /// Valid from so many days after now; negative: before.
    #[serde(default = "month_ago")]
    from_days: i64,
    /// Until so many days after now.
    #[serde(default = "two_months")]
    days: i64,
    /// What is sent.
    #[serde(default)]
    sends: Option<Vec<Part>>,
    /// Whether it is for clients only.
    #[serde(default)]
    for_clients: bool,
    /// A PEM file of the folder instead of all this: what nothing makes any more.
    #[serde(default)]
    pub(super) file: Option<String>,
}

fn month_ago() -> i64 {
    -30
}

fn two_months() -> i64 {
    60
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    #[default]
    P256,
    P384,
    Rsa2048,
    Rsa3072,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Issuer {
    /// An intermediate of an authority that CAA knows, below the world's public root.
    #[default]
    Public,
    /// An authority of its own that nobody else knows.
    Private,
    /// Itself.
    Own,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Leaf,
    Issuer,
    Root,
    /// The root's name and key, issued by another root whose time is over, and over itself.
    Cross,
}

/// A chain as it is sent.
pub(super) type Chain = Vec<CertificateDer<'static>>;

struct Authority {
    root: CertificateDer<'static>,
    root_pem: String,
    cross: CertificateDer<'static>,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

static PUBLIC: LazyLock<Authority> =
    LazyLock::new(|| authority("Internet Security Research Group", "ISRG Root X9", "Let's Encrypt", "E9"));
static PRIVATE: LazyLock<Authority> =
    LazyLock::new(|| authority("Corner Shop", "Own Root", "Corner Shop", "Own CA"));

fn authority(root: &str, root_name: &str, issuer: &str, name: &str) -> Authority {
    let ca = |organisation: &str, common: &str| {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, organisation);
        params.distinguished_name.push(DnType::CommonName, common);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2040, 1, 1);
        params
    };
    let over = |mut params: CertificateParams| {
        params.not_after = rcgen::date_time_ymd(2021, 9, 30);
        params
    };
    let (top_key, issuer_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let old = ca("Digital Signature Trust", "Old Root");
    let old = CertifiedIssuer::self_signed(over(old), KeyPair::generate().unwrap()).unwrap();
    let cross = over(ca(root, root_name)).signed_by(&top_key, &old).unwrap().der().clone();
    let top = CertifiedIssuer::self_signed(ca(root, root_name), top_key).unwrap();
    let issuer = CertifiedIssuer::signed_by(ca(issuer, name), issuer_key, &top).unwrap();
    Authority { root: top.der().clone(), root_pem: top.pem(), cross, issuer }
}

/// The world's public root, in PEM.
pub(super) fn root_pem() -> String {
    PUBLIC.root_pem.clone()
}

static KEYS: LazyLock<BTreeMap<Key, [KeyPair; 2]>> = LazyLock::new(|| {
    let make =
        |algorithm: &'static SignatureAlgorithm| [(); 2].map(|()| KeyPair::generate_for(algorithm).unwrap());
    let rsa = |size| [(); 2].map(|()| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap());
    [
        (Key::P256, make(&rcgen::PKCS_ECDSA_P256_SHA256)),
        (Key::P384, make(&rcgen::PKCS_ECDSA_P384_SHA384)),
        (Key::Rsa2048, rsa(rcgen::RsaKeySize::_2048)),
        (Key::Rsa3072, rsa(rcgen::RsaKeySize::_3072)),
    ]
    .into()
});

impl Described {
    /// Makes the chain; `nth` tells certificates of one world with a key of one kind apart.
    pub(super) fn make(&self, folder: &std::path::Path, nth: usize, now: Timestamp) -> Chain {
        if let Some(file) = &self.file {
            let text = std::fs::read(folder.join(file)).unwrap();
            return CertificateDer::pem_slice_iter(&text).map(Result::unwrap).collect();
        }
        let key = &KEYS[&self.key][nth % 2];
        let at =
            |days: i64| time::OffsetDateTime::from_unix_timestamp(now.as_second() + days * 86_400).unwrap();
        let mut params = CertificateParams::new(self.names.clone()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, self.names.first().map_or("mail", String::as_str));
        params.not_before = at(self.from_days);
        params.not_after = at(self.days);
        if self.for_clients {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        let (leaf, authority) = match self.issuer {
            Issuer::Own => (params.self_signed(key).unwrap(), None),
            Issuer::Public => (params.signed_by(key, &PUBLIC.issuer).unwrap(), Some(&PUBLIC)),
            Issuer::Private => (params.signed_by(key, &PRIVATE.issuer).unwrap(), Some(&PRIVATE)),
        };
        let sends = match (&self.sends, &authority) {
            (Some(sends), _) => sends.clone(),
            (None, Some(_)) => vec![Part::Leaf, Part::Issuer],
            (None, None) => vec![Part::Leaf],
        };
        let part = |part: &Part| match (part, &authority) {
            (Part::Issuer, Some(authority)) => authority.issuer.der().clone(),
            (Part::Root, Some(authority)) => authority.root.clone(),
            (Part::Cross, Some(authority)) => authority.cross.clone(),
            _ => leaf.der().clone(),
        };
        sends.iter().map(part).collect()
    }
}

/// What a TLSA record of matching type 1 has for a certificate: selector 0 the whole, 1 its key.
pub(super) fn association(der: &CertificateDer<'_>, selector: u8) -> String {
    let (_, parsed) = x509_parser::parse_x509_certificate(der).unwrap();
    let selected = if selector == 0 { der.as_ref() } else { parsed.public_key().raw };
    Sha256::digest(selected).iter().map(|octet| format!("{octet:02x}")).collect()
}
