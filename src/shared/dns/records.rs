//! The types of records, and how what they say is read from the wire: here and nowhere else.

use std::net::IpAddr;

use hickory_proto::dnssec::PublicKey as _;
use hickory_proto::dnssec::rdata::{DNSKEY as Key, DNSSECRData};
use hickory_proto::op::Message;
use hickory_proto::rr::{RData, RecordType};

use super::{Question, plain};
use crate::shared::evidence::scan::{
    CaaRecord, DsRecord, KeyRecord, LookupResult, MxRecord, Nsec3Parameters,
};
use crate::shared::policy::Tlsa;

/// A type of records, whose data reads as `T`.
#[derive(Debug)]
pub struct RrType<T> {
    code: RecordType,
    read: fn(&RData) -> Option<T>,
}

impl<T> Clone for RrType<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RrType<T> {}

impl<T> RrType<T> {
    const fn new(code: RecordType, read: fn(&RData) -> Option<T>) -> Self {
        Self { code, read }
    }

    /// The type itself.
    pub fn code(self) -> RecordType {
        self.code
    }

    /// What a record says; none: it is of another type.
    pub fn read(self, data: &RData) -> Option<T> {
        (self.read)(data)
    }

    /// An answer with what its records say.
    pub fn of(self, looked: LookupResult<RData>) -> LookupResult<T> {
        looked.map(|data| self.read(&data))
    }
}

/// IPv4 addresses.
pub const A: RrType<IpAddr> = RrType::new(RecordType::A, address);
/// IPv6 addresses.
pub const AAAA: RrType<IpAddr> = RrType::new(RecordType::AAAA, address);
/// Who may issue certificates (RFC 8659); the tag in lower case.
pub const CAA: RrType<CaaRecord> = RrType::new(RecordType::CAA, |data| match data {
    RData::CAA(caa) => Some(CaaRecord {
        flags: caa.flags(),
        tag: caa.tag.to_ascii_lowercase(),
        value: String::from_utf8_lossy(&caa.value).into_owned(),
    }),
    _ => None,
});
/// The keys that a zone wants its parent to name (RFC 7344).
pub const CDNSKEY: RrType<KeyRecord> = RrType::new(RecordType::CDNSKEY, |data| match data {
    RData::DNSSEC(DNSSECRData::CDNSKEY(key)) => Some(match key.public_key() {
        Some(public) => key_record(&Key::with_flags(key.flags(), public)),
        None => KeyRecord { key_tag: 0, algorithm: 0, flags: key.flags(), bits: None },
    }),
    _ => None,
});
/// The same as digests.
pub const CDS: RrType<DsRecord> = RrType::new(RecordType::CDS, |data| match data {
    // RFC 8078 §4: the algorithm 0 asks for removal.
    RData::DNSSEC(DNSSECRData::CDS(cds)) => Some(DsRecord {
        key_tag: cds.key_tag(),
        algorithm: cds.algorithm().map_or(0, u8::from),
        digest_type: cds.digest_type().into(),
    }),
    _ => None,
});
/// The keys of a zone.
pub const DNSKEY: RrType<KeyRecord> = RrType::new(RecordType::DNSKEY, |data| match data {
    RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key_record(key)),
    _ => None,
});
/// The keys that its parent names.
pub const DS: RrType<DsRecord> = RrType::new(RecordType::DS, |data| match data {
    RData::DNSSEC(DNSSECRData::DS(ds)) => Some(DsRecord {
        key_tag: ds.key_tag(),
        algorithm: ds.algorithm().into(),
        digest_type: ds.digest_type().into(),
    }),
    _ => None,
});
/// The hosts of a domain.
pub const MX: RrType<MxRecord> = RrType::new(RecordType::MX, |data| match data {
    RData::MX(mx) => Some(MxRecord { preference: mx.preference, host: plain(&mx.exchange) }),
    _ => None,
});
/// Name servers, in lower case and without the final dot.
pub const NS: RrType<String> = RrType::new(RecordType::NS, |data| match data {
    RData::NS(name) => Some(plain(name)),
    _ => None,
});
/// How a zone hashes names (RFC 5155 §4).
pub const NSEC3PARAM: RrType<Nsec3Parameters> = RrType::new(RecordType::NSEC3PARAM, |data| match data {
    RData::DNSSEC(DNSSECRData::NSEC3PARAM(hashing)) => Some(Nsec3Parameters {
        algorithm: hashing.hash_algorithm().into(),
        iterations: hashing.iterations(),
        salt_octets: u8::try_from(hashing.salt().len()).unwrap_or(u8::MAX),
    }),
    _ => None,
});
/// The names of an address, in lower case and without the final dot.
pub const PTR: RrType<String> = RrType::new(RecordType::PTR, |data| match data {
    RData::PTR(name) => Some(plain(name)),
    _ => None,
});
/// The first name server of a zone, likewise.
pub const SOA: RrType<String> = RrType::new(RecordType::SOA, |data| match data {
    RData::SOA(soa) => Some(plain(&soa.mname)),
    _ => None,
});
/// What names the keys of a service (RFC 6698).
pub const TLSA: RrType<Tlsa> = RrType::new(RecordType::TLSA, |data| match data {
    RData::TLSA(tlsa) => Some(Tlsa {
        usage: tlsa.cert_usage.into(),
        selector: tlsa.selector.into(),
        matching: tlsa.matching.into(),
        data: tlsa.cert_data.clone(),
    }),
    _ => None,
});
/// Texts: the strings of each record joined; octets that are not UTF-8 are replaced.
pub const TXT: RrType<String> = RrType::new(RecordType::TXT, |data| match data {
    RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
    _ => None,
});

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    }
}

fn key_record(key: &Key) -> KeyRecord {
    KeyRecord {
        key_tag: key.calculate_key_tag().unwrap_or_default(),
        algorithm: key.public_key().algorithm().into(),
        flags: key.flags(),
        bits: rsa_bits(key),
    }
}

/// The records that answer a question, but for those that say nothing.
pub(super) fn answering(answer: Message, question: &Question) -> Vec<RData> {
    let owned = answer.answers.into_iter().filter(|record| record.name == question.name);
    let data = owned.map(|record| record.data);
    data.filter(|data| data.record_type() == question.rtype && !matches!(data, RData::Update0(_))).collect()
}

/// The length of an RSA modulus (RFC 3110 §2): behind the length of the exponent, of one octet or of three, and the
/// exponent.
pub(super) fn rsa_bits(key: &Key) -> Option<u16> {
    if !matches!(u8::from(key.public_key().algorithm()), 1 | 5 | 7 | 8 | 10) {
        return None;
    }
    let (begin, exponent) = match key.public_key().public_bytes() {
        [0, high, low, ..] => (3, usize::from(u16::from_be_bytes([*high, *low]))),
        [length, ..] => (1, usize::from(*length)),
        [] => return None,
    };
    let modulus = key.public_key().public_bytes().get(begin + exponent..)?;
    let zeros = modulus.iter().take_while(|octet| **octet == 0).count();
    let first = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8 - usize::try_from(first.leading_zeros()).ok()?;
    u16::try_from(bits).ok()
}

/// The name at which the PTR records of an address are (RFC 1035 §3.5, RFC 3596 §2.5).
pub fn reverse_name(address: IpAddr) -> String {
    let mut name = match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            return format!("{d}.{c}.{b}.{a}.in-addr.arpa");
        }
        IpAddr::V6(address) => address
            .octets()
            .iter()
            .rev()
            .fold(String::new(), |name, octet| format!("{name}{:x}.{:x}.", octet & 0xf, octet >> 4)),
    };
    name.push_str("ip6.arpa");
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names() {
        let name = |text: &str| reverse_name(text.parse().expect("an address"));
        assert_eq!(name("192.0.2.1"), "1.2.0.192.in-addr.arpa");
        // The example of RFC 3596 §2.5.
        assert_eq!(
            name("4321:0:1:2:3:4:567:89ab"),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"
        );
    }
}
