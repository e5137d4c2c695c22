//! What a certificate says, however odd it is.

use data_encoding::BASE64;
use jiff::Timestamp;
use x509_parser::asn1_rs::{Any, FromDer as _, Oid};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, ParsedExtension};
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::cut;
use crate::shared::evidence::scan::{Certificate, Key};

use super::names;

/// How many names are kept.
const NAMES_MAX: usize = 20;
/// How long a name may be, in octets: as long as the DNS has it.
const NAME_OCTETS_MAX: usize = 255;
/// How long an OID may be when written, in octets; no assigned one is.
const OID_OCTETS_MAX: usize = 64;
/// How many purposes are kept.
const PURPOSES_MAX: usize = 8;
/// How long a parser's complaint may be, in octets.
const COMPLAINT_OCTETS_MAX: usize = 200;

/// Reads a certificate. What does not read is said in `unreadable`, and stands empty; the dates of such a
/// certificate are 1970.
pub fn certificate(der: &[u8]) -> Certificate {
    let (rest, parsed) = match x509_parser::parse_x509_certificate(der) {
        Ok(parsed) => parsed,
        Err(error) => return unreadable(der, complaint_of(error)),
    };
    let mut complaint = None;
    if !rest.is_empty() {
        complaint = Some(format!("{} octets follow it", rest.len()));
    }
    let mut dns_names = Vec::new();
    let (mut names_count, mut ca, mut scts, mut purposes) = (0, false, 0, None);
    for extension in parsed.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(alternative) => {
                for name in &alternative.general_names {
                    if let GeneralName::DNSName(name) = name {
                        names_count += 1;
                        if dns_names.len() < NAMES_MAX {
                            dns_names.push(cut(&name.to_ascii_lowercase(), NAME_OCTETS_MAX));
                        }
                    }
                }
            }
            ParsedExtension::BasicConstraints(constraints) => ca = constraints.ca,
            ParsedExtension::ExtendedKeyUsage(usage) => purposes = Some(self::purposes(usage)),
            ParsedExtension::SCT(list) => scts = list.len().try_into().unwrap_or(u8::MAX),
            ParsedExtension::ParseError { error } => {
                complaint.get_or_insert_with(|| {
                    format!("extension {}: {}", oid(&extension.oid), complaint_of(error.clone()))
                });
            }
            _ => {}
        }
    }
    let tbs = &parsed.tbs_certificate;
    Certificate {
        der: Some(BASE64.encode(der)),
        subject: names::rfc4514(&tbs.subject),
        issuer: names::rfc4514(&tbs.issuer),
        names: dns_names,
        names_count,
        not_before: instant(&tbs.validity.not_before),
        not_after: instant(&tbs.validity.not_after),
        key: key(&tbs.subject_pki),
        signature_oid: oid(&parsed.signature_algorithm.algorithm),
        signature_hash: hash(&parsed.signature_algorithm),
        self_issued: self_issued(&parsed),
        ca,
        scts,
        purposes,
        unreadable: complaint.map(|complaint| cut(&complaint, COMPLAINT_OCTETS_MAX)),
    }
}

/// What a parser has to say, without the frame of the library that it runs in.
fn complaint_of<E: std::fmt::Display>(error: x509_parser::nom::Err<E>) -> String {
    match error {
        x509_parser::nom::Err::Incomplete(_) => "it ends too early".to_owned(),
        x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error.to_string(),
    }
}

/// The purposes of a certificate as OIDs, those that have a name in the parser among them (RFC 5280 §4.2.1.12).
fn purposes(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let named = [
        (usage.any, Certificate::ANY_PURPOSE),
        (usage.server_auth, Certificate::SERVER_AUTH),
        (usage.client_auth, Certificate::CLIENT_AUTH),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let named = named.into_iter().filter(|(is, _)| *is).map(|(_, oid)| oid.to_owned());
    named.chain(usage.other.iter().map(oid)).take(PURPOSES_MAX).collect()
}

/// Whether subject and issuer are the same.
pub(super) fn self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.tbs_certificate.subject.as_raw() == certificate.tbs_certificate.issuer.as_raw()
}

fn unreadable(der: &[u8], reason: String) -> Certificate {
    Certificate {
        der: Some(BASE64.encode(der)),
        subject: String::new(),
        issuer: String::new(),
        names: Vec::new(),
        names_count: 0,
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
        key: Key::Other { oid: String::new() },
        signature_oid: String::new(),
        signature_hash: None,
        self_issued: false,
        ca: false,
        scts: 0,
        purposes: None,
        unreadable: Some(cut(&reason, COMPLAINT_OCTETS_MAX)),
    }
}

/// RFC 5280 §4.1.2.5 writes "no end" as the last second of the year 9999, which our instants do not reach by some
/// hours.
fn instant(time: &ASN1Time) -> Timestamp {
    let second = time.timestamp();
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

pub(super) fn key(spki: &SubjectPublicKeyInfo<'_>) -> Key {
    let algorithm = oid(&spki.algorithm.algorithm);
    match algorithm.as_str() {
        // rsaEncryption, and RSASSA-PSS (RFC 4055 §1.2).
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => match rsa_bits(spki) {
            Some(bits) => Key::Rsa { bits },
            None => Key::Other { oid: algorithm },
        },
        "1.2.840.10045.2.1" => {
            // RFC 5480 §2.1.1 wants a named curve; explicit parameters have no OID.
            let curve = spki.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
            Key::Ec { oid: curve.map_or_else(String::new, |curve| oid(&curve)) }
        }
        "1.3.101.112" => Key::Ed25519,
        "1.3.101.113" => Key::Ed448,
        _ => Key::Other { oid: algorithm },
    }
}

fn rsa_bits(spki: &SubjectPublicKeyInfo<'_>) -> Option<u16> {
    let modulus = match spki.parsed().ok()? {
        PublicKey::RSA(key) => key.modulus,
        // x509-parser takes RSASSA-PSS keys for unknown ones.
        PublicKey::Unknown(octets) => {
            let (_, sequence) = Any::from_der(octets).ok()?;
            let (_, modulus) = Any::from_der(sequence.data).ok()?;
            modulus.data
        }
        _ => return None,
    };
    let zeros = modulus.iter().take_while(|octet| **octet == 0).count();
    let high = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8 - high.leading_zeros() as usize;
    Some(bits.try_into().unwrap_or(u16::MAX))
}

/// The hash that a signature algorithm takes; none where it has its own, as Ed25519, or is not known.
fn hash(algorithm: &AlgorithmIdentifier<'_>) -> Option<String> {
    let name = match oid(&algorithm.algorithm).as_str() {
        "1.2.840.113549.1.1.2" => "MD2",
        "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => "SHA-1",
        "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" | "2.16.840.1.101.3.4.3.1" => "SHA-224",
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" | "2.16.840.1.101.3.4.3.2" => "SHA-256",
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => "SHA-384",
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => "SHA-512",
        "1.2.840.113549.1.1.10" => pss_hash(algorithm)?,
        _ => return None,
    };
    Some(name.to_owned())
}

/// RFC 4055 §3.1: SHA-1 unless the parameters say otherwise.
fn pss_hash(algorithm: &AlgorithmIdentifier<'_>) -> Option<&'static str> {
    let Some(parameters) = &algorithm.parameters else { return Some("SHA-1") };
    let parameters = RsaSsaPssParams::try_from(parameters).ok()?;
    match oid(parameters.hash_algorithm_oid()).as_str() {
        "1.3.14.3.2.26" => Some("SHA-1"),
        "2.16.840.1.101.3.4.2.4" => Some("SHA-224"),
        "2.16.840.1.101.3.4.2.1" => Some("SHA-256"),
        "2.16.840.1.101.3.4.2.2" => Some("SHA-384"),
        "2.16.840.1.101.3.4.2.3" => Some("SHA-512"),
        _ => None,
    }
}

/// An OID in dots.
fn oid(oid: &Oid<'_>) -> String {
    cut(&oid.to_id_string(), OID_OCTETS_MAX)
}
