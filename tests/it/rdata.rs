//! Records of DNS as they come from the wire, for worlds that tests make up.

use std::net::IpAddr;

use hickory_proto::dnssec::rdata::{CDNSKEY, CDS, DNSKEY, DNSSECRData, DS, NSEC3PARAM};
use hickory_proto::dnssec::{Algorithm, Nsec3HashAlgorithm, PublicKeyBuf};
use hickory_proto::rr::rdata::{CAA, MX, NS, PTR, SOA, TLSA, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use mailassay::shared::dns::Response;
use mailassay::shared::evidence::Security;
use mailassay::shared::evidence::scan::{LookupResult, NameAnswer, NameFailure};
use mailassay::shared::policy::Tlsa;

/// What a resolver says that knows these records; none: there is no such name.
pub(crate) fn response(
    name: &str,
    rtype: RecordType,
    security: Security,
    records: Option<Vec<RData>>,
) -> Response {
    let answer = match records {
        _ if security == Security::Bogus => NameAnswer::Failed { failure: NameFailure::Bogus },
        None => NameAnswer::NoName,
        Some(records) if records.is_empty() => NameAnswer::NoData,
        Some(records) => NameAnswer::Records { records },
    };
    let looked = LookupResult { answer, security, ..LookupResult::not_asked(name, rtype.to_string()) };
    Response { looked, zone: None }
}

pub(crate) fn address(ip: IpAddr) -> RData {
    match ip {
        IpAddr::V4(ip) => RData::A(ip.into()),
        IpAddr::V6(ip) => RData::AAAA(ip.into()),
    }
}

pub(crate) fn mx(preference: u16, host: &str) -> RData {
    RData::MX(MX::new(preference, name(host)))
}

pub(crate) fn text(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}

pub(crate) fn tlsa(tlsa: &Tlsa) -> RData {
    let Tlsa { usage, selector, matching, data } = tlsa;
    RData::TLSA(TLSA::new((*usage).into(), (*selector).into(), (*matching).into(), data.clone()))
}

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    name.set_fqdn(true);
    name
}

/// Reads the data of a record as master files have it, but for a key, which is `flags algorithm tag bits`, the bits of
/// RSA alone; for a digest, which is left out; and for the parameters of NSEC3, which are `hash iterations octets` of
/// the salt.
pub(crate) fn parse(rtype: RecordType, data: &str) -> RData {
    let fields: Vec<&str> = data.split_whitespace().collect();
    let number = |at: usize| fields[at].parse::<u16>().unwrap_or_else(|_| panic!("{data}"));
    let octet = |at: usize| u8::try_from(number(at)).unwrap();
    let algorithm = |at: usize| Some(Algorithm::from_u8(octet(at))).filter(|_| octet(at) != 0);
    let key =
        || public_key(number(0), Algorithm::from_u8(octet(1)), number(2), fields.get(3).map(|_| number(3)));
    match rtype {
        RecordType::A | RecordType::AAAA => address(data.parse().unwrap()),
        RecordType::CAA => {
            let mut caa = CAA::new_issue(octet(0) & 0x80 != 0, None, Vec::new());
            caa.reserved_flags = octet(0) & 0x7f;
            caa.tag = fields[1].to_owned();
            caa.value = fields[2..].join(" ").trim_matches('"').as_bytes().to_vec();
            RData::CAA(caa)
        }
        RecordType::DNSKEY => RData::DNSSEC(DNSSECRData::DNSKEY(DNSKEY::with_flags(number(0), key()))),
        RecordType::CDNSKEY => {
            let octets = algorithm(1).map_or(vec![0], |_| key().into_inner());
            RData::DNSSEC(DNSSECRData::CDNSKEY(CDNSKEY::with_flags(number(0), algorithm(1), octets)))
        }
        RecordType::DS => {
            let ds = DS::new(number(0), Algorithm::from_u8(octet(1)), octet(2).into(), Vec::new());
            RData::DNSSEC(DNSSECRData::DS(ds))
        }
        RecordType::CDS => {
            let cds = CDS::new(number(0), algorithm(1), octet(2).into(), Vec::new());
            RData::DNSSEC(DNSSECRData::CDS(cds))
        }
        RecordType::MX => mx(number(0), fields[1]),
        RecordType::NS => RData::NS(NS(name(fields[0]))),
        RecordType::PTR => RData::PTR(PTR(name(fields[0]))),
        RecordType::SOA => RData::SOA(SOA::new(name(fields[0]), Name::root(), 1, 1, 1, 1, 1)),
        RecordType::NSEC3PARAM => {
            assert_eq!(octet(0), 1, "{data}");
            let salt = vec![0; usize::from(octet(2))];
            let parameters = NSEC3PARAM::new(Nsec3HashAlgorithm::SHA1, false, number(1), salt);
            RData::DNSSEC(DNSSECRData::NSEC3PARAM(parameters))
        }
        RecordType::TLSA => tlsa(&data.parse().unwrap()),
        RecordType::TXT => text(data.trim_matches('"')),
        _ => panic!("{rtype} {data}"),
    }
}

/// A key that has a tag (RFC 4034 appendix B): its last two octets make up for the others.
fn public_key(flags: u16, algorithm: Algorithm, tag: u16, bits: Option<u16>) -> PublicKeyBuf {
    let mut octets = match bits {
        Some(bits) => [vec![3, 1, 0, 1, 0x80], vec![0; usize::from(bits / 8) - 1]].concat(),
        None => vec![0; 64],
    };
    let last = octets.len() - 2;
    (0..=u16::MAX)
        .map(|lacking| tag.wrapping_sub(lacking))
        .find_map(|word| {
            octets[last..].copy_from_slice(&word.to_be_bytes());
            let key = PublicKeyBuf::new(octets.clone(), algorithm);
            let is = DNSKEY::with_flags(flags, key.clone()).calculate_key_tag().ok();
            (is == Some(tag)).then_some(key)
        })
        .unwrap_or_else(|| panic!("no key has the tag {tag}"))
}
