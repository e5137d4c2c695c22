//! What DNS said, with everything that a verdict on it needs.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::super::{Fetch, Security};
use super::{Broken, DnsLimit, DsRecord, ExtendedError, KeyRecord, KeyUpkeep, SignatureSeen};
use crate::shared::policy::Tlsa;

/// One question and what came of it. Names are A-labels in lower case, without the final dot; the root is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked<T> {
    /// The name that was asked for.
    pub name: String,
    /// The type, such as `MX`.
    pub rtype: String,
    /// What came.
    pub answer: NameAnswer<T>,
    /// The aliases that were followed, in order, each with its own state. Behind a bogus one nothing is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// The state of the records or of their denial, apart from the aliases before them.
    pub security: Security,
    /// Why it is bogus, as we computed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// What the resolver said beside it (RFC 8914).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended_errors: Vec<ExtendedError>,
    /// The signature over the answer that expires first, if the answer is secure or bogus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureSeen>,
}

impl<T> Looked<T> {
    /// A question that was not asked.
    pub fn not_asked(name: impl Into<String>, rtype: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rtype: rtype.into(),
            answer: NameAnswer::NotAsked,
            hops: Vec::new(),
            security: Security::Indeterminate,
            broken: None,
            extended_errors: Vec::new(),
            signature: None,
        }
    }

    /// The records; none where there is a denial or a failure.
    pub fn records(&self) -> &[T] {
        match &self.answer {
            NameAnswer::Records { records } => records,
            _ => &[],
        }
    }

    /// The weakest state of all hops and the answer.
    pub fn weakest(&self) -> Security {
        self.hops.iter().fold(self.security, |weakest, hop| weakest.weaker(hop.security))
    }

    /// Whether it is known that there are no records.
    pub fn denied(&self) -> bool {
        matches!(self.answer, NameAnswer::NoData | NameAnswer::NoName)
    }

    /// Whether nothing is known: a failure, or never asked.
    pub fn unknown(&self) -> bool {
        matches!(self.answer, NameAnswer::Failed { .. } | NameAnswer::NotAsked)
    }

    /// Why there is no answer.
    pub fn failure(&self) -> Option<&NameFailure> {
        match &self.answer {
            NameAnswer::Failed { failure } => Some(failure),
            _ => None,
        }
    }

    /// The same, if it is an answer: records or their denial. Nothing else says that there are no records: who needs
    /// an answer to be safe must not go on (RFC 7672 §2.1).
    ///
    /// # Errors
    /// Name, type and why there is none, in words.
    pub fn known(self) -> Result<Self, String> {
        let why = match (&self.answer, &self.broken) {
            (NameAnswer::Failed { failure: NameFailure::Bogus }, Some(broken)) => format!("bogus: {broken}"),
            (NameAnswer::Failed { failure }, _) => failure.to_string(),
            (NameAnswer::NotAsked, _) => "not asked".to_owned(),
            _ => return Ok(self),
        };
        Err(format!("{} {}: {why}", self.name, self.rtype))
    }

    /// The same with its records in order.
    #[must_use]
    pub fn sorted(mut self) -> Self
    where
        T: Ord,
    {
        if let NameAnswer::Records { records } = &mut self.answer {
            records.sort();
        }
        self
    }

    /// The same with other records: those that `read` gives, in the same order.
    pub fn map<U>(self, read: impl FnMut(T) -> Option<U>) -> Looked<U> {
        Looked {
            name: self.name,
            rtype: self.rtype,
            answer: match self.answer {
                NameAnswer::Records { records } => {
                    NameAnswer::Records { records: records.into_iter().filter_map(read).collect() }
                }
                NameAnswer::NoData => NameAnswer::NoData,
                NameAnswer::NoName => NameAnswer::NoName,
                NameAnswer::Failed { failure } => NameAnswer::Failed { failure },
                NameAnswer::NotAsked => NameAnswer::NotAsked,
            },
            hops: self.hops,
            security: self.security,
            broken: self.broken,
            extended_errors: self.extended_errors,
            signature: self.signature,
        }
    }
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum NameAnswer<T> {
    /// Records.
    Records {
        /// They.
        records: Vec<T>,
    },
    /// The name exists and the type does not.
    NoData,
    /// The name does not exist (RFC 8020).
    NoName,
    /// No answer that could be used.
    Failed {
        /// Why.
        failure: NameFailure,
    },
    /// Not asked: a limit was reached, or what it depends on is missing. `cuts` says which limit.
    NotAsked,
}

/// Why there is no answer. None of these says that there are no records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum NameFailure {
    /// Validation failed; `broken` says how.
    #[error("bogus")]
    Bogus,
    /// The keys of the chain of trust were not to be had.
    #[error("indeterminate: {reason}")]
    Indeterminate {
        /// Which key, and why not.
        reason: String,
    },
    /// No root server answers, so that nothing can be looked up from here: this host lacks a network, or the way to
    /// port 53. That says nothing of the domain.
    #[error("no root server answers: {reason}")]
    NoRoot {
        /// What came of those that were asked.
        reason: String,
    },
    /// An error code, or an answer that is none.
    #[error("{reason}")]
    ServerFailure {
        /// The code, or what is wrong.
        reason: String,
    },
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// To judge the answer would be more work than we spend on one: that says nothing of the domain.
    #[error("our limit: {limit}")]
    OurLimit {
        /// Which limit.
        limit: DnsLimit,
    },
}

impl NameFailure {
    /// The state of what could not be answered.
    pub fn security(&self) -> Security {
        match self {
            Self::Bogus => Security::Bogus,
            _ => Security::Indeterminate,
        }
    }
}

/// One CNAME, or the one that a DNAME makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Its owner.
    pub from: String,
    /// Its target.
    pub to: String,
    /// Its state.
    pub security: Security,
    /// The owner of the DNAME that makes it (RFC 6672); none: it is a record itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dname: Option<String>,
}

/// One MX record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MxRecord {
    /// Lower ones come first.
    pub preference: u16,
    /// The host; empty for the null MX (RFC 7505). May be an IP literal, which is wrong.
    pub host: String,
}

/// One CAA record (RFC 8659).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaaRecord {
    /// The flags; 128 is critical.
    pub flags: u8,
    /// The tag, in lower case: `issue`, `issuewild`, `issuemail`, `iodef`, …
    pub tag: String,
    /// The value.
    pub value: String,
}

/// What the domain publishes, from DNS and its policy host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainNames {
    /// SOA at the domain, which shows whether the domain is signed, exists, and in which zone it lies.
    pub soa: Looked<String>,
    /// The apex of the zone it lies in, if known.
    pub zone: Option<String>,
    /// DS of that zone, at its parent.
    pub ds: Looked<DsRecord>,
    /// The keys of that zone.
    pub keys: Looked<KeyRecord>,
    /// What goes with them; none: there are no keys, or the evidence is from before this was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upkeep: Option<KeyUpkeep>,
    /// The MX records.
    pub mx: Looked<MxRecord>,
    /// The addresses of the domain itself, asked only where it has no MX (RFC 5321 §5.1).
    pub a: Looked<IpAddr>,
    /// Likewise, IPv6.
    pub aaaa: Looked<IpAddr>,
    /// The MX records as each name server gives them.
    pub mx_of_servers: Vec<MxOfServer>,
    /// The name servers of the zone.
    pub ns: Looked<String>,
    /// They, at most [`super::Evidence::NAME_SERVERS_MAX`].
    pub name_servers: Vec<NameServer>,
    /// SPF, with everything it includes.
    pub spf: SpfNames,
    /// DMARC.
    pub dmarc: DmarcNames,
    /// `_domainkey.<domain>`, TXT: only whether the name exists counts.
    pub domainkey: Looked<String>,
    /// The same question for a name beside it that nobody has published, asked where `_domainkey` is not denied: what
    /// is answered alike for both says nothing of either. None: evidence from before this was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domainkey_control: Option<Looked<String>>,
    /// MTA-STS.
    pub mta_sts: MtaStsNames,
    /// `_smtp._tls.<domain>`, TXT.
    pub tlsrpt: Looked<String>,
    /// `default._bimi.<domain>`, TXT.
    pub bimi: Looked<String>,
}

impl DomainNames {
    /// Nothing of `domain` was asked yet.
    pub fn not_asked(domain: &str) -> Self {
        let below = |label: &str| format!("{label}.{domain}");
        Self {
            soa: Looked::not_asked(domain, "SOA"),
            zone: None,
            ds: Looked::not_asked(domain, "DS"),
            keys: Looked::not_asked(domain, "DNSKEY"),
            upkeep: None,
            mx: Looked::not_asked(domain, "MX"),
            a: Looked::not_asked(domain, "A"),
            aaaa: Looked::not_asked(domain, "AAAA"),
            mx_of_servers: Vec::new(),
            ns: Looked::not_asked(domain, "NS"),
            name_servers: Vec::new(),
            spf: SpfNames { policies: Vec::new(), terms: Vec::new() },
            dmarc: DmarcNames { walk: Vec::new(), organisational: None, external: Vec::new() },
            domainkey: Looked::not_asked(below("_domainkey"), "TXT"),
            domainkey_control: None,
            mta_sts: MtaStsNames {
                record: Looked::not_asked(below("_mta-sts"), "TXT"),
                a: Looked::not_asked(below("mta-sts"), "A"),
                aaaa: Looked::not_asked(below("mta-sts"), "AAAA"),
                fetch: None,
            },
            tlsrpt: Looked::not_asked(below("_smtp._tls"), "TXT"),
            bimi: Looked::not_asked(below("default._bimi"), "TXT"),
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

/// A name server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServer {
    /// Its name.
    pub name: String,
    /// Its IPv4 addresses.
    pub a: Looked<IpAddr>,
    /// Its IPv6 addresses.
    pub aaaa: Looked<IpAddr>,
    /// Whether it answers, by address.
    pub reach: Vec<NameServerReach>,
}

/// Whether a name server answers at an address; none: not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServerReach {
    /// The address.
    pub ip: IpAddr,
    /// Over UDP.
    pub udp: Option<bool>,
    /// Over TCP.
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
    pub txt: Looked<String>,
}

/// A term that cost a look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfTerm {
    /// The policy it is in, by its place in the list.
    pub policy: usize,
    /// The term.
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
    pub walk: Vec<Looked<String>>,
    /// The organisational domain by the public suffix list, for tools that go by it.
    pub organisational: Option<String>,
    /// For each address of `rua` and `ruf` outside: its domain, and TXT at
    /// `<domain>._report._dmarc.<its domain>` (RFC 9990).
    pub external: Vec<(String, Looked<String>)>,
}

/// MTA-STS (RFC 8461).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtaStsNames {
    /// `_mta-sts.<domain>`, TXT.
    pub record: Looked<String>,
    /// The addresses of `mta-sts.<domain>`, both families, asked also where there is no record.
    pub a: Looked<IpAddr>,
    /// Likewise, IPv6.
    pub aaaa: Looked<IpAddr>,
    /// The policy's fetch: with the certificate checked against WebPKI, no redirects, size and time limited.
    pub fetch: Option<Fetch>,
}

/// The TLSA records of an MX (RFC 7672 §2.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsaNames {
    /// At the securely expanded name, if the host is an alias and every hop is secure.
    pub expanded: Option<Looked<Tlsa>>,
    /// At the name in the MX record; not asked if the expanded one has records.
    pub original: Looked<Tlsa>,
}

impl TlsaNames {
    /// The look-up that counts: the expanded one, unless it is known to have no records; then the original. One that
    /// failed or is bogus is no reason to go on (RFC 7672 §2.1.2, §2.2.3).
    pub fn counting(&self) -> &Looked<Tlsa> {
        match &self.expanded {
            Some(expanded) if !expanded.denied() => expanded,
            _ => &self.original,
        }
    }
}
