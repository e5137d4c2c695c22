//! What DNS said, with everything that a verdict on it needs.

mod looked;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::super::Fetch;
use super::{DsRecord, KeyRecord, Nsec3Parameters};
use crate::shared::policy::Tlsa;

pub use looked::{CaaRecord, Hop, LookupResult, MxRecord, NameAnswer, NameFailure};

/// What the domain publishes, from DNS and its policy host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainNames {
    /// SOA at the domain, which shows whether the domain is signed, exists, and in which zone it lies.
    pub soa: LookupResult<String>,
    /// The apex of the zone it lies in, if known.
    pub zone: Option<String>,
    /// DS of that zone, at its parent.
    pub ds: LookupResult<DsRecord>,
    /// The keys of that zone.
    pub keys: LookupResult<KeyRecord>,
    /// What goes with them; none: there are no keys, or the evidence is from before this was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upkeep: Option<KeyUpkeep>,
    /// The MX records.
    pub mx: LookupResult<MxRecord>,
    /// The addresses of the domain itself, asked only where it has no MX (RFC 5321 §5.1).
    pub a: LookupResult<IpAddr>,
    /// Likewise, IPv6.
    pub aaaa: LookupResult<IpAddr>,
    /// The MX records as each name server gives them.
    pub mx_of_servers: Vec<MxOfServer>,
    /// The name servers of the zone.
    pub ns: LookupResult<String>,
    /// They, at most [`super::Evidence::NAME_SERVERS_MAX`].
    pub name_servers: Vec<NameServer>,
    /// SPF, with everything it includes.
    pub spf: SpfNames,
    pub dmarc: DmarcNames,
    /// `_domainkey.<domain>`, TXT: only whether the name exists counts.
    pub domainkey: LookupResult<String>,
    /// The same question for a name beside it that nobody has published, asked where `_domainkey` is not denied: what
    /// is answered alike for both says nothing of either. None: evidence from before this was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domainkey_control: Option<LookupResult<String>>,
    pub mta_sts: MtaStsNames,
    /// `_smtp._tls.<domain>`, TXT.
    pub tlsrpt: LookupResult<String>,
    /// `default._bimi.<domain>`, TXT.
    pub bimi: LookupResult<String>,
}

impl DomainNames {
    /// Nothing of `domain` was asked yet.
    pub fn not_asked(domain: &str) -> Self {
        let below = |label: &str| format!("{label}.{domain}");
        Self {
            soa: LookupResult::not_asked(domain, "SOA"),
            zone: None,
            ds: LookupResult::not_asked(domain, "DS"),
            keys: LookupResult::not_asked(domain, "DNSKEY"),
            upkeep: None,
            mx: LookupResult::not_asked(domain, "MX"),
            a: LookupResult::not_asked(domain, "A"),
            aaaa: LookupResult::not_asked(domain, "AAAA"),
            mx_of_servers: Vec::new(),
            ns: LookupResult::not_asked(domain, "NS"),
            name_servers: Vec::new(),
            spf: SpfNames { policies: Vec::new(), terms: Vec::new() },
            dmarc: DmarcNames { walk: Vec::new(), organisational: None, external: Vec::new() },
            domainkey: LookupResult::not_asked(below("_domainkey"), "TXT"),
            domainkey_control: None,
            mta_sts: MtaStsNames {
                record: LookupResult::not_asked(below("_mta-sts"), "TXT"),
                a: LookupResult::not_asked(below("mta-sts"), "A"),
                aaaa: LookupResult::not_asked(below("mta-sts"), "AAAA"),
                fetch: None,
            },
            tlsrpt: LookupResult::not_asked(below("_smtp._tls"), "TXT"),
            bimi: LookupResult::not_asked(below("default._bimi"), "TXT"),
        }
    }
}

/// The MX records as one name server gives them, asked directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MxOfServer {
    /// The name server.
    pub server: String,
    /// The address it was asked at.
    pub ip: IpAddr,
    /// Its records, sorted; none: it did not answer.
    pub records: Option<Vec<MxRecord>>,
}

/// A name server of the domain and its addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServer {
    pub name: String,
    /// Its IPv4 addresses.
    pub a: LookupResult<IpAddr>,
    /// Its IPv6 addresses.
    pub aaaa: LookupResult<IpAddr>,
    /// Whether it answers, by address.
    pub reach: Vec<NameServerReach>,
}

/// Whether a name server answers at an address; none: not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServerReach {
    pub ip: IpAddr,
    pub udp: Option<bool>,
    pub tcp: Option<bool>,
}

/// SPF: every policy that was fetched, and every look-up that its terms cost (RFC 7208 §4.6.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfNames {
    /// TXT at the domain itself first, then of each `include` and `redirect` as they are met.
    pub policies: Vec<SpfPolicy>,
    /// Look-ups of `a`, `mx` and `exists` terms, whose only purpose here is to count void ones, and the hosts of `mx`.
    /// Names that depend on the mail by a macro are not looked up.
    pub terms: Vec<SpfTerm>,
}

/// One SPF policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfPolicy {
    /// Which policy named it, by its place in the list, and by which term; none: the domain's own.
    pub by: Option<(usize, String)>,
    /// All TXT records at its name.
    pub txt: LookupResult<String>,
}

/// A term that cost a look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfTerm {
    /// The policy it is in, by its place in the list.
    pub policy: usize,
    pub term: String,
    /// Whether the look-up was void: NOERROR without records, or NXDOMAIN. None: not known.
    pub void: Option<bool>,
    /// Of an `mx` term, how many MX records with a host there are. None: of another term, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<u32>,
}

/// DMARC (RFC 9989): the tree walk and what the record names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcNames {
    /// TXT at `_dmarc.` of the domain, then of each name of the tree walk.
    pub walk: Vec<LookupResult<String>>,
    /// The organisational domain by the public suffix list, for tools that go by it.
    pub organisational: Option<String>,
    /// For each address of `rua` and `ruf` outside: its domain, and TXT at
    /// `<domain>._report._dmarc.<its domain>` (RFC 9990).
    pub external: Vec<(String, LookupResult<String>)>,
}

/// MTA-STS (RFC 8461).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtaStsNames {
    /// `_mta-sts.<domain>`, TXT.
    pub record: LookupResult<String>,
    /// The addresses of `mta-sts.<domain>`, both families, asked also where there is no record.
    pub a: LookupResult<IpAddr>,
    /// Likewise, IPv6.
    pub aaaa: LookupResult<IpAddr>,
    /// The policy's fetch: with the certificate checked against WebPKI, no redirects, size and time limited.
    pub fetch: Option<Fetch>,
}

/// The TLSA records of an MX (RFC 7672 §2.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsaNames {
    /// At the securely expanded name, if the host is an alias and every hop is secure.
    pub expanded: Option<LookupResult<Tlsa>>,
    /// At the name in the MX record; not asked if the expanded one has records.
    pub original: LookupResult<Tlsa>,
}

impl TlsaNames {
    /// The look-up that counts: the expanded one, unless it is known to have no records; then the original. One that
    /// failed or is bogus is no reason to go on (RFC 7672 §2.1.2, §2.2.3).
    pub fn counting(&self) -> &LookupResult<Tlsa> {
        match &self.expanded {
            Some(expanded) if !expanded.denied() => expanded,
            _ => &self.original,
        }
    }
}

/// What a zone tells its parent of its keys (RFC 7344), and how it hashes names. Asked of zones that have keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUpkeep {
    /// CDS. The algorithm 0 asks for the removal of all DS records (RFC 8078 §4).
    pub cds: LookupResult<DsRecord>,
    /// CDNSKEY, likewise.
    pub cdnskey: LookupResult<KeyRecord>,
    pub nsec3: LookupResult<Nsec3Parameters>,
}
