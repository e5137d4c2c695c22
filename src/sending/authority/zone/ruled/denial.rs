//! Denials that say nothing of any name but the one that was asked for: made for it, at the time (RFC 4470).

use hickory_proto::dnssec::rdata::{DNSSECRData, NSEC};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{LowerName, Name, RData, RecordSet, RecordType};

use super::asking::{Asking, Within};
use super::records::Sets;
use crate::sending::authority::zone::records::ZoneError;

/// How long a label may be, in octets (RFC 1035 §2.3.4).
const LABEL_OCTETS_MAX: usize = 63;

impl Asking<'_> {
    /// The SOA, by whose last field a denial is remembered (RFC 2308 §3).
    fn put_soa(&mut self, within: &Within) -> Result<(), ZoneError> {
        let common = &self.ruled.common;
        let ttl_s = common.ttl_s.min(common.soa.minimum);
        let mut set = RecordSet::with_ttl(Name::from(&within.apex), RecordType::SOA, ttl_s);
        set.add_rdata(RData::SOA(common.soa.clone()));
        let set = self.signed(&within.apex, set, within.signature)?;
        self.answer.authorities.push(set);
        Ok(())
    }

    /// The record that lists the types at a name, and says nothing of any other.
    pub(super) fn nsec(&self, name: &LowerName, sets: &Sets) -> Result<RecordSet, ZoneError> {
        let next = first_below(name).ok_or_else(|| too_long(name))?;
        Ok(self.nsec_of(Name::from(name), next, sets.keys().copied()))
    }

    fn nsec_of(&self, owner: Name, next: Name, types: impl IntoIterator<Item = RecordType>) -> RecordSet {
        let common = &self.ruled.common;
        // RFC 9077 §3: as long as a negative answer.
        let ttl_s = common.ttl_s.min(common.soa.minimum);
        let mut set = RecordSet::with_ttl(owner, RecordType::NSEC, ttl_s);
        set.add_rdata(RData::DNSSEC(DNSSECRData::NSEC(NSEC::new_cover_self(next, types))));
        set
    }

    /// NOERROR without the type.
    pub(super) fn deny_type(
        &mut self,
        name: &LowerName,
        sets: &Sets,
        within: &Within,
    ) -> Result<(), ZoneError> {
        self.put_soa(within)?;
        if within.signature.is_some() && self.dnssec_ok {
            let nsec = self.nsec(name, sets)?;
            let nsec = self.signed(&within.apex, nsec, within.denial.or(within.signature))?;
            self.answer.authorities.push(nsec);
        }
        Ok(())
    }

    /// NXDOMAIN: neither the name is there nor a wildcard (RFC 4035 §3.1.3.2), by records that span nothing else.
    pub(super) fn deny_name(
        &mut self,
        name: &LowerName,
        next_closer: &LowerName,
        encloser: &LowerName,
        within: &Within,
    ) -> Result<(), ZoneError> {
        let wildcard = Name::from(encloser).prepend_label("*").map(LowerName::from);
        let spans = [Some(next_closer.clone()), wildcard.ok()].map(|name| around(&name?));
        let [Some(closer), Some(wildcard)] = spans else {
            // Around some names no other fits, and these are said to be empty.
            return self.deny_type(name, &Sets::new(), within);
        };
        self.answer.rcode = ResponseCode::NXDomain;
        self.put_soa(within)?;
        if within.signature.is_some() && self.dnssec_ok {
            let mut spans = vec![closer, wildcard];
            spans.dedup();
            for (owner, next) in spans {
                let nsec = self.nsec_of(owner, next, []);
                let nsec = self.signed(&within.apex, nsec, within.signature)?;
                self.answer.authorities.push(nsec);
            }
        }
        Ok(())
    }
}

fn too_long(name: &LowerName) -> ZoneError {
    ZoneError::Name { name: name.to_string(), reason: "no name fits below it".to_owned() }
}

/// The name next behind `name` in canonical order: its first descendant (RFC 4471 §3.1.2). None: it is too long.
fn first_below(name: &LowerName) -> Option<Name> {
    Name::from(name).prepend_label(&b"\0"[..]).ok()
}

/// Names just before and just behind `name` and all that lies below it, beside it in its parent. None: there are no such
/// names.
fn around(name: &LowerName) -> Option<(Name, Name)> {
    let name = Name::from(name);
    let label = name.iter().next()?.to_vec();
    let parent = name.base_name();
    let at = |label: Vec<u8>| parent.prepend_label(label.as_slice()).ok();
    Some((at(before(&label)?)?, at(behind(&label)?)?))
}

/// A label before `label` and behind every one that hosts and records have. Letters are small in canonical order.
fn before(label: &[u8]) -> Option<Vec<u8>> {
    let (last, rest) = label.split_last()?;
    let less = match last.checked_sub(1)? {
        b'A'..=b'Z' => b'@',
        less => less,
    };
    let mut before = [rest, &[less]].concat();
    if before.len() < LABEL_OCTETS_MAX {
        before.push(u8::MAX);
    }
    Some(before)
}

/// The label next behind `label`.
fn behind(label: &[u8]) -> Option<Vec<u8>> {
    if label.len() < LABEL_OCTETS_MAX {
        return Some([label, b"\0"].concat());
    }
    let (last, rest) = label.split_last()?;
    let more = match last.checked_add(1)? {
        b'A'..=b'Z' => b'[',
        more => more,
    };
    Some([rest, &[more]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(labels: &[&[u8]]) -> LowerName {
        LowerName::from(Name::from_labels(labels.to_vec()).expect("a name"))
    }

    #[test]
    fn what_lies_around_a_name_encloses_it_and_what_is_below() {
        let long = [b'z'; 63];
        for label in [&b"zz"[..], b"*", b"a", b"[", b"{", b"\xff", b"good-", &long] {
            let name = lower(&[label, b"case", b"test"]);
            let below = lower(&[b"\xff", label, b"case", b"test"]);
            let (before, behind) = around(&name).expect("names");
            let (before, behind) = (LowerName::from(before), LowerName::from(behind));
            assert!(before < name && name < below && below < behind, "{name}: {before} {behind}");
            for existing in [&b"good"[..], b"bad", b"_tls", b"mta-sts", b"k3f9a2m7"] {
                let existing = lower(&[existing, b"case", b"test"]);
                assert!(existing < before || behind < existing, "{existing} between {before} and {behind}");
            }
        }
        assert_eq!(around(&lower(&[b"good\0", b"case", b"test"])), None);
    }
}
