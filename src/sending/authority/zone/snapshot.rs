//! A signed zone as it is served: an immutable snapshot.
//!
//! Owners lie in a map in the canonical order of RFC 4034 §6.1, so that the map is the NSEC chain and a name
//! without records that others lie below (an empty non-terminal) is found by looking at its successor.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use data_encoding::BASE64;
use hickory_proto::dnssec::rdata::{DNSSECRData, RRSIG};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{LowerName, Name, RData, Record, RecordSet, RecordType, SerialNumber};

use crate::shared::time::Timestamp;

/// Records of one owner and type with the signatures over them.
#[derive(Clone, Debug)]
pub(in crate::sending::authority) struct RrSet {
    pub(in crate::sending::authority) records: RecordSet,
    /// The RRSIG records, one for each key that signs the set; none where the zone is unsigned or not authoritative.
    pub(in crate::sending::authority) signatures: Vec<Record>,
    /// When the signatures end, in seconds of Unix time.
    pub(in crate::sending::authority) expires_s: i64,
}

impl RrSet {
    /// The records in their order.
    pub(in crate::sending::authority) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.records_without_rrsigs()
    }

    /// Whether this is served as `other` is: the same records, with the same signatures.
    fn is_as(&self, other: &Self) -> bool {
        self.records.ttl() == other.records.ttl()
            && self.iter().eq(other.iter())
            && self.signatures == other.signatures
    }
}

/// What an owner is to the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::authority) enum Standing {
    /// Its records are the zone's own.
    Authoritative,
    /// The zone ends here: NS records, and DS records if the child is signed.
    Cut,
    /// It lies below a cut: glue.
    BelowCut,
}

/// An owner and its sets.
#[derive(Clone, Debug)]
pub(in crate::sending::authority) struct Node {
    /// What it is to the zone.
    pub(in crate::sending::authority) standing: Standing,
    /// Its sets by type, NSEC among them, RRSIG not.
    pub(in crate::sending::authority) sets: BTreeMap<RecordType, Arc<RrSet>>,
}

impl Node {
    pub(in crate::sending::authority) fn get(&self, rtype: RecordType) -> Option<&RrSet> {
        self.sets.get(&rtype).map(Arc::as_ref)
    }
}

/// Where a name lies in a zone.
#[derive(Debug)]
pub(in crate::sending::authority) enum Place<'a> {
    /// At or below this cut.
    Delegated {
        /// The cut's name.
        cut: &'a LowerName,
        node: &'a Node,
    },
    At(&'a Node),
    /// At an empty non-terminal (RFC 4592 §2.2.2).
    Empty,
    /// Nowhere, but a wildcard covers it (RFC 4592 §3.3.1).
    Wildcard(&'a Node),
    Nowhere {
        /// The wildcard that would have covered it.
        wildcard: LowerName,
    },
}

/// A zone at one instant.
#[derive(Clone, Debug)]
pub(in crate::sending::authority) struct Zone {
    pub(in crate::sending::authority) apex: LowerName,
    /// Whether it is signed.
    pub(in crate::sending::authority) signed: bool,
    /// Its owners in canonical order.
    pub(in crate::sending::authority) nodes: BTreeMap<LowerName, Node>,
}

impl Zone {
    /// Looks a name up, after RFC 1034 §4.3.2 and RFC 4592. The name must lie in the zone.
    pub(in crate::sending::authority) fn find(&self, name: &LowerName) -> Place<'_> {
        if let Some((cut, node)) = self.cut_above(name) {
            return Place::Delegated { cut, node };
        }
        if let Some(node) = self.nodes.get(name) {
            return Place::At(node);
        }
        if self.is_empty_non_terminal(name) {
            return Place::Empty;
        }
        let mut encloser = name.base_name();
        while encloser != self.apex && !self.exists(&encloser) {
            encloser = encloser.base_name();
        }
        let wildcard = match encloser.prepend_label("*") {
            Ok(wildcard) => LowerName::from(wildcard),
            // The encloser is so long that no wildcard can lie below it.
            Err(_) => return Place::Nowhere { wildcard: encloser },
        };
        match self.nodes.get(&wildcard) {
            Some(node) => Place::Wildcard(node),
            None => Place::Nowhere { wildcard },
        }
    }

    /// The topmost cut at or above `name`.
    pub(in crate::sending::authority) fn cut_above(&self, name: &LowerName) -> Option<(&LowerName, &Node)> {
        let mut above = Vec::new();
        let mut ancestor = name.clone();
        while ancestor != self.apex && !ancestor.is_root() {
            above.push(ancestor.clone());
            ancestor = ancestor.base_name();
        }
        let cut = |name: &LowerName| {
            self.nodes.get_key_value(name).filter(|(_, node)| node.standing == Standing::Cut)
        };
        above.iter().rev().find_map(cut)
    }

    /// The set at an owner, whatever its standing.
    pub(in crate::sending::authority) fn get(&self, owner: &LowerName, rtype: RecordType) -> Option<&RrSet> {
        self.nodes.get(owner)?.get(rtype)
    }

    /// The NSEC that matches `name` or covers it.
    pub(in crate::sending::authority) fn nsec_for(&self, name: &LowerName) -> Option<&RrSet> {
        self.nodes.range(..=name.clone()).rev().find_map(|(_, node)| node.get(RecordType::NSEC))
    }

    /// The SOA's data.
    pub(in crate::sending::authority) fn soa(&self) -> Option<&SOA> {
        match &self.get(&self.apex, RecordType::SOA)?.records.record()?.data {
            RData::SOA(soa) => Some(soa),
            _ => None,
        }
    }

    /// The SOA's serial.
    pub(in crate::sending::authority) fn serial(&self) -> Option<u32> {
        self.soa().map(|soa| soa.serial)
    }

    /// When the first signature ends, in seconds of Unix time.
    pub(in crate::sending::authority) fn expires_s(&self) -> Option<i64> {
        let sets = self.nodes.values().flat_map(|node| node.sets.values());
        sets.filter(|set| !set.signatures.is_empty()).map(|set| set.expires_s).min()
    }

    /// Whether this is served as `other` is, to the last signature.
    pub(in crate::sending::authority) fn is_as(&self, other: &Self) -> bool {
        let same = |(owner, node): (&LowerName, &Node), (other_owner, other): (&LowerName, &Node)| {
            owner == other_owner
                && node.standing == other.standing
                && node.sets.len() == other.sets.len()
                && node
                    .sets
                    .iter()
                    .all(|(rtype, set)| other.get(*rtype).is_some_and(|other| set.is_as(other)))
        };
        self.nodes.len() == other.nodes.len()
            && self.nodes.iter().zip(&other.nodes).all(|(this, that)| same(this, that))
    }

    /// The zone as master-file text with its signatures, SOA first.
    pub(in crate::sending::authority) fn print(&self) -> String {
        let soa = self.get(&self.apex, RecordType::SOA);
        let others = self.nodes.iter().flat_map(|(owner, node)| {
            let others = move |(rtype, _): &(&RecordType, &Arc<RrSet>)| {
                **rtype != RecordType::SOA || *owner != self.apex
            };
            node.sets.iter().filter(others).map(|(_, set)| set.as_ref())
        });
        let lines = soa.into_iter().chain(others).flat_map(|set| set.iter().chain(&set.signatures));
        lines.map(|record| line(record) + "\n").collect()
    }

    fn exists(&self, name: &LowerName) -> bool {
        self.nodes.contains_key(name) || self.is_empty_non_terminal(name)
    }

    fn is_empty_non_terminal(&self, name: &LowerName) -> bool {
        let behind = (Bound::Excluded(name.clone()), Bound::Unbounded);
        self.nodes.range(behind).next().is_some_and(|(successor, _)| name.zone_of(successor))
    }
}

/// A record as one line of a master file (RFC 1035 §5.1). hickory-proto's own form of TXT has neither quotes
/// nor escapes, and would read back as other strings; in that of RRSIG times are seconds, which not every server
/// reads.
pub(super) fn line(record: &Record) -> String {
    let data = match &record.data {
        RData::TXT(txt) => txt.txt_data.iter().map(|string| quoted(string)).collect::<Vec<_>>().join(" "),
        RData::CAA(caa) => format!("{} {} {}", caa.flags(), caa.tag, quoted(&caa.value)),
        RData::DNSSEC(DNSSECRData::RRSIG(signature)) => printed(signature),
        data => data.to_string(),
    };
    let owner: &Name = &record.name;
    format!("{owner}\t{}\t{}\t{}\t{data}", record.ttl, record.dns_class, record.record_type())
}

/// RFC 4034 §3.2: times as YYYYMMDDHHmmSS.
fn printed(signature: &RRSIG) -> String {
    let input = signature.input();
    let time = |time: &SerialNumber| {
        let time = Timestamp::from_second(time.get().into()).unwrap_or_default();
        time.strftime("%Y%m%d%H%M%S").to_string()
    };
    format!(
        "{} {} {} {} {} {} {} {} {}",
        input.type_covered,
        u8::from(input.algorithm),
        input.num_labels,
        input.original_ttl,
        time(&input.sig_expiration),
        time(&input.sig_inception),
        input.key_tag,
        input.signer_name,
        BASE64.encode(signature.sig()),
    )
}

fn quoted(string: &[u8]) -> String {
    let escaped = string.iter().map(|octet| match octet {
        b'"' | b'\\' => format!("\\{}", char::from(*octet)),
        b' '..=b'~' => char::from(*octet).to_string(),
        other => format!("\\{other:03}"),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
