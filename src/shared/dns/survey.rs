//! What a scan wants to know: every answer with all that a verdict on it needs, and what one name server says by
//! itself.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use hickory_proto::dnssec::PublicKey as _;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData};
use hickory_proto::rr::{Name, RData, RecordType};

use super::exchange::direct;
use super::validate::first_to_expire;
use super::{Alias, Denial, Failure, Question, Resolver, cut, plain};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{
    CaaRecord, DsRecord, Hop, KeyRecord, Looked, MxRecord, NameAnswer, NameFailure, Nsec3Parameters,
};
use crate::shared::policy::Tlsa;

/// The types that are surveyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the types")]
pub enum Kind {
    A,
    Aaaa,
    Caa,
    Cdnskey,
    Cds,
    Dnskey,
    Ds,
    Mx,
    Ns,
    Nsec3param,
    Ptr,
    Soa,
    Tlsa,
    Txt,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Cdnskey => "CDNSKEY",
            Self::Cds => "CDS",
            Self::Dnskey => "DNSKEY",
            Self::Ds => "DS",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Nsec3param => "NSEC3PARAM",
            Self::Ptr => "PTR",
            Self::Soa => "SOA",
            Self::Tlsa => "TLSA",
            Self::Txt => "TXT",
        })
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// A and AAAA.
    Address(IpAddr),
    /// CAA.
    Caa(CaaRecord),
    /// DNSKEY and CDNSKEY.
    Key(KeyRecord),
    /// DS and CDS.
    Ds(DsRecord),
    /// MX.
    Mx(MxRecord),
    /// The target of NS and PTR, of SOA the first name server; in lower case, without the final dot.
    Name(String),
    /// NSEC3PARAM.
    Nsec3(Nsec3Parameters),
    /// TXT: the strings of the record joined; octets that are not UTF-8 are replaced.
    Text(String),
    /// TLSA.
    Tlsa(Tlsa),
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// The answer and its state.
    pub looked: Looked<Datum>,
    /// The apex of the zone that the last owner lies in, where the answer shows it: its SOA does, asked for or
    /// beside a denial. Not validated.
    pub zone: Option<String>,
}

/// How a name server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// What one name server says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    /// The records; none where there are none.
    Records(Vec<Datum>),
    /// The answer is cut: it is to be had over TCP.
    Cut,
    /// It answers, and not this: an error code, or without authority.
    Other(String),
    /// No answer in time, or none can come.
    Silent(String),
    /// It was not asked: the address is one that must not be called.
    Forbidden(String),
}

impl Direct {
    /// Reads the octets of an answer to the question for `kind` of `name`. Whether they are an answer to it at all is
    /// known by whoever received them.
    pub fn read(octets: &[u8], name: &str, kind: Kind) -> Self {
        match question(name, kind) {
            Ok(question) => direct(octets, &question, datum),
            Err(error) => Self::Forbidden(error.to_string()),
        }
    }

    /// Whether it answered at all; none if it was not asked.
    pub fn answered(&self) -> Option<bool> {
        match self {
            Self::Records(_) | Self::Cut | Self::Other(_) => Some(true),
            Self::Silent(_) => Some(false),
            Self::Forbidden(_) => None,
        }
    }
}

/// A question under way.
pub type Surveying<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a scan may ask of DNS. Names are given with or without the final dot; nothing of a failure is lost.
pub trait Survey: Send + Sync {
    /// Looks up the records of a name, one alias at a time, each validated.
    fn ask<'a>(&'a self, name: &'a str, kind: Kind) -> Surveying<'a, Surveyed>;

    /// Asks the name server at `server` and no other, without recursion; nothing is validated.
    fn ask_server<'a>(
        &'a self,
        server: IpAddr,
        over: Over,
        name: &'a str,
        kind: Kind,
    ) -> Surveying<'a, Direct>;
}

impl Survey for Resolver {
    fn ask<'a>(&'a self, name: &'a str, kind: Kind) -> Surveying<'a, Surveyed> {
        Box::pin(async move {
            let trail = self.walk(name, kind.rtype()).await;
            let signature = trail.last.as_ref().and_then(|last| first_to_expire(last, (self.clock)()));
            let hops = trail.hops.into_iter().map(|alias| {
                let Alias { from, to, security, dname } = alias;
                Hop { from, to, security, dname }
            });
            let mut looked = Looked {
                name: name.trim_end_matches('.').to_ascii_lowercase(),
                hops: hops.collect(),
                ..Looked::not_asked("", kind.to_string())
            };
            match trail.end {
                Ok(end) => {
                    let records: Vec<Datum> = end.records().filter_map(datum).collect();
                    looked.security = end.security;
                    looked.answer = match end.denial() {
                        _ if !records.is_empty() => NameAnswer::Records { records },
                        Denial::NoName => NameAnswer::NoName,
                        Denial::NoData => NameAnswer::NoData,
                    };
                }
                Err(fault) => {
                    looked.extended_errors = fault.extended_errors;
                    if fault.anchored {
                        looked.security = fault.failure.security();
                        looked.answer = NameAnswer::Failed { failure: failure(&fault.failure) };
                        looked.broken = fault.broken;
                    } else {
                        // Our own fault is never theirs: wrong anchors, a wrong clock, a network that answers itself.
                        let reason = "the keys of the trust anchor do not validate from here".to_owned();
                        looked.answer = NameAnswer::Failed { failure: NameFailure::Indeterminate { reason } };
                        let hops = looked.hops.iter_mut().filter(|hop| hop.security == Security::Bogus);
                        hops.for_each(|hop| hop.security = Security::Indeterminate);
                    }
                }
            }
            if matches!(looked.security, Security::Secure | Security::Bogus) {
                looked.signature = signature;
            }
            Surveyed { looked, zone: trail.zone }
        })
    }

    fn ask_server<'a>(
        &'a self,
        server: IpAddr,
        over: Over,
        name: &'a str,
        kind: Kind,
    ) -> Surveying<'a, Direct> {
        Box::pin(async move {
            match question(name, kind) {
                Ok(question) => self.name_servers.ask(server, over, &question, datum).await,
                Err(error) => Direct::Forbidden(error.to_string()),
            }
        })
    }
}

/// The question for the records of a name.
fn question(name: &str, kind: Kind) -> Result<Question, hickory_proto::ProtoError> {
    let mut owner = Name::from_ascii(name)?.to_lowercase();
    owner.set_fqdn(true);
    Ok(Question { name: owner, rtype: kind.rtype() })
}

impl Kind {
    fn rtype(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Caa => RecordType::CAA,
            Self::Cdnskey => RecordType::CDNSKEY,
            Self::Cds => RecordType::CDS,
            Self::Dnskey => RecordType::DNSKEY,
            Self::Ds => RecordType::DS,
            Self::Mx => RecordType::MX,
            Self::Ns => RecordType::NS,
            Self::Nsec3param => RecordType::NSEC3PARAM,
            Self::Ptr => RecordType::PTR,
            Self::Soa => RecordType::SOA,
            Self::Tlsa => RecordType::TLSA,
            Self::Txt => RecordType::TXT,
        }
    }
}

fn failure(failure: &Failure) -> NameFailure {
    match failure {
        Failure::Bogus { .. } => NameFailure::Bogus,
        Failure::Indeterminate { reason, .. } => {
            NameFailure::Indeterminate { reason: cut(reason.as_bytes()) }
        }
        Failure::NoRoot { reason, .. } => NameFailure::NoRoot { reason: cut(reason.as_bytes()) },
        Failure::ServerFailure { reason, .. } => {
            NameFailure::ServerFailure { reason: cut(reason.as_bytes()) }
        }
        Failure::OurLimit { limit, .. } => NameFailure::OurLimit { limit: *limit },
        Failure::Timeout { .. } => NameFailure::Timeout,
    }
}

pub(super) fn datum(data: &RData) -> Option<Datum> {
    Some(match data {
        RData::A(address) => Datum::Address(address.0.into()),
        RData::AAAA(address) => Datum::Address(address.0.into()),
        RData::CAA(caa) => Datum::Caa(CaaRecord {
            flags: caa.flags(),
            tag: caa.tag.to_ascii_lowercase(),
            value: String::from_utf8_lossy(&caa.value).into_owned(),
        }),
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Datum::Key(key_record(key)),
        RData::DNSSEC(DNSSECRData::DS(ds)) => Datum::Ds(DsRecord {
            key_tag: ds.key_tag(),
            algorithm: ds.algorithm().into(),
            digest_type: ds.digest_type().into(),
        }),
        // RFC 8078 §4: the algorithm 0 asks for removal.
        RData::DNSSEC(DNSSECRData::CDS(cds)) => Datum::Ds(DsRecord {
            key_tag: cds.key_tag(),
            algorithm: cds.algorithm().map_or(0, u8::from),
            digest_type: cds.digest_type().into(),
        }),
        RData::DNSSEC(DNSSECRData::CDNSKEY(key)) => Datum::Key(match key.public_key() {
            Some(public) => key_record(&DNSKEY::with_flags(key.flags(), public)),
            None => KeyRecord { key_tag: 0, algorithm: 0, flags: key.flags(), bits: None },
        }),
        RData::DNSSEC(DNSSECRData::NSEC3PARAM(hashing)) => Datum::Nsec3(Nsec3Parameters {
            algorithm: hashing.hash_algorithm().into(),
            iterations: hashing.iterations(),
            salt_octets: u8::try_from(hashing.salt().len()).unwrap_or(u8::MAX),
        }),
        RData::MX(mx) => Datum::Mx(MxRecord { preference: mx.preference, host: plain(&mx.exchange) }),
        RData::NS(name) => Datum::Name(plain(name)),
        RData::PTR(name) => Datum::Name(plain(name)),
        RData::SOA(soa) => Datum::Name(plain(&soa.mname)),
        RData::TLSA(tlsa) => Datum::Tlsa(Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: tlsa.cert_data.clone(),
        }),
        RData::TXT(txt) => Datum::Text(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        _ => return None,
    })
}

fn key_record(key: &DNSKEY) -> KeyRecord {
    KeyRecord {
        key_tag: key.calculate_key_tag().unwrap_or_default(),
        algorithm: key.public_key().algorithm().into(),
        flags: key.flags(),
        bits: rsa_bits(key),
    }
}

/// The length of an RSA modulus (RFC 3110 §2): behind the length of the exponent, of one octet or of three, and the
/// exponent.
pub(super) fn rsa_bits(key: &DNSKEY) -> Option<u16> {
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
