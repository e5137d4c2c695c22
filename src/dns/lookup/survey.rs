//! What a scan wants to know: every answer with all that a verdict on it needs, and what one name server says by
//! itself.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use crate::evidence::scan::{CaaRecord, DsRecord, KeyRecord, Looked, MxRecord};
use crate::policy::Tlsa;

/// The types that are surveyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the types")]
pub enum Kind {
    A,
    Aaaa,
    Caa,
    Dnskey,
    Ds,
    Mx,
    Ns,
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
            Self::Dnskey => "DNSKEY",
            Self::Ds => "DS",
            Self::Mx => "MX",
            Self::Ns => "NS",
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
    /// DNSKEY.
    Key(KeyRecord),
    /// DS.
    Ds(DsRecord),
    /// MX.
    Mx(MxRecord),
    /// The target of NS and PTR, of SOA the first name server; in lower case, without the final dot.
    Name(String),
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
    /// UDP, and where the answer is cut, that it is.
    Udp,
    /// TCP.
    Tcp,
}

/// What one name server says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    /// The records; none where there are none.
    Records(Vec<Datum>),
    /// It answers, and not this: an error code, a referral, or a cut answer.
    Other(String),
    /// No answer in time, or none can come.
    Silent(String),
    /// It was not asked: the address is one that must not be called.
    Forbidden(String),
}

impl Direct {
    /// Whether it answered at all; none if it was not asked.
    pub fn answered(&self) -> Option<bool> {
        match self {
            Self::Records(_) | Self::Other(_) => Some(true),
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
