//! Signatures: what signs which records, for how long, and denial by NSEC.

use std::collections::BTreeMap;
use std::sync::Arc;

use hickory_proto::dnssec::DnssecSigner;
use hickory_proto::dnssec::rdata::{DNSSECRData, NSEC, RRSIG};
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordSet, RecordType};
use time::OffsetDateTime;

use super::keys::{DNSKEY_TTL_S, Keys};
use super::records::{Records, ZoneError};
use super::snapshot::{Node, RrSet, Standing, Zone};
use crate::shared::time::Timestamp;

/// The life of signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureSettings {
    /// How long a signature is valid from when it is made, in seconds. Default 14 days.
    pub validity_s: u32,
    /// A signature that ends within this many seconds is made anew. Default 7 days: longer than the SOA's
    /// expire, so that no secondary serves a dead signature (RFC 6781 §4.4.1).
    pub refresh_s: u32,
    /// How far back a signature begins, in seconds, for validators whose clock is slow, and for us if ours is fast. Default
    /// 25 hours.
    pub backdate_s: u32,
}

impl Default for SignatureSettings {
    fn default() -> Self {
        Self { validity_s: 14 * 86_400, refresh_s: 7 * 86_400, backdate_s: 90_000 }
    }
}

/// Makes the snapshot of a zone. Signatures of `previous` over the same records are kept while they last
/// beyond the refresh; without `keys` the zone is unsigned.
pub(in crate::sending::authority) fn zone(
    records: Records,
    keys: Option<&Keys>,
    settings: &SignatureSettings,
    now: Timestamp,
    previous: Option<&Zone>,
) -> Result<Zone, ZoneError> {
    let apex = records.apex().clone();
    // RFC 9077 §3: NSEC records live as long as a negative answer.
    let negative_ttl_s = records.soa().map_or(0, |(soa, ttl_s)| ttl_s.min(soa.minimum));
    let mut owners = standings(&apex, records);
    let Some(keys) = keys else {
        return Ok(snapshot(apex, false, owners, unsigned));
    };
    if let Some((_, sets)) = owners.get_mut(&apex) {
        for data in keys.records()? {
            let rtype = data.record_type();
            let new = || RecordSet::with_ttl(Name::from(&apex), rtype, DNSKEY_TTL_S);
            sets.entry(rtype).or_insert_with(new).add_rdata(data);
        }
    }
    add_nsec(&apex, negative_ttl_s, &mut owners);
    let signing = Signing { keys, settings, now_s: now.as_second(), previous };
    let mut failure = None;
    let zone = snapshot(apex, true, owners, |set| match signing.sign(&set) {
        Ok((signatures, expires_s)) => RrSet { records: set, signatures, expires_s },
        Err(error) => {
            failure = Some(error);
            unsigned(set)
        }
    });
    failure.map_or(Ok(zone), Err)
}

type Owners = BTreeMap<LowerName, (Standing, BTreeMap<RecordType, RecordSet>)>;

/// Sorts owners into the zone's own, its cuts, and what lies below those. In canonical order what lies below
/// a cut follows it at once.
fn standings(apex: &LowerName, records: Records) -> Owners {
    let mut cut: Option<LowerName> = None;
    let sets = records.into_sets().into_iter().filter(|(_, sets)| !sets.is_empty());
    sets.map(|(owner, sets)| {
        let standing = if cut.as_ref().is_some_and(|cut| cut.zone_of(&owner)) {
            Standing::BelowCut
        } else if owner != *apex && sets.contains_key(&RecordType::NS) {
            cut = Some(owner.clone());
            Standing::Cut
        } else {
            Standing::Authoritative
        };
        (owner, (standing, sets))
    })
    .collect()
}

/// Which sets of an owner are the zone's to sign: at a cut only DS and NSEC (RFC 4035 §2.2).
fn is_signed(standing: Standing, rtype: RecordType) -> bool {
    match standing {
        Standing::Authoritative => true,
        Standing::Cut => matches!(rtype, RecordType::DS | RecordType::NSEC),
        Standing::BelowCut => false,
    }
}

/// Ties every owner that is not glue to the next one (RFC 4035 §2.3).
fn add_nsec(apex: &LowerName, ttl_s: u32, owners: &mut Owners) {
    let chain: Vec<LowerName> = owners
        .iter()
        .filter(|(_, (standing, _))| *standing != Standing::BelowCut)
        .map(|(owner, _)| owner.clone())
        .collect();
    for (at, owner) in chain.iter().enumerate() {
        let next = chain.get(at + 1).unwrap_or(apex);
        let Some((standing, sets)) = owners.get_mut(owner) else { continue };
        let listed = |rtype: &RecordType| *rtype == RecordType::NS || is_signed(*standing, *rtype);
        let types: Vec<RecordType> = sets.keys().copied().filter(listed).collect();
        let mut set = RecordSet::with_ttl(Name::from(owner), RecordType::NSEC, ttl_s);
        set.add_rdata(RData::DNSSEC(DNSSECRData::NSEC(NSEC::new_cover_self(Name::from(next), types))));
        sets.insert(RecordType::NSEC, set);
    }
}

fn snapshot(apex: LowerName, signed: bool, owners: Owners, mut sign: impl FnMut(RecordSet) -> RrSet) -> Zone {
    let mut nodes = BTreeMap::new();
    for (owner, (standing, sets)) in owners {
        let mut finished = BTreeMap::new();
        for (rtype, set) in sets {
            let set = if is_signed(standing, rtype) { sign(set) } else { unsigned(set) };
            finished.insert(rtype, Arc::new(set));
        }
        nodes.insert(owner, Node { standing, sets: finished });
    }
    Zone { apex, signed, nodes }
}

struct Signing<'a> {
    keys: &'a Keys,
    settings: &'a SignatureSettings,
    now_s: i64,
    previous: Option<&'a Zone>,
}

fn unsigned(set: RecordSet) -> RrSet {
    RrSet { records: set, signatures: Vec::new(), expires_s: 0 }
}

impl Signing<'_> {
    /// The signatures over `set` and when they end.
    fn sign(&self, set: &RecordSet) -> Result<(Vec<Record>, i64), ZoneError> {
        let signers = self.keys.signers(set.record_type());
        if let Some(kept) = self.kept(set, signers) {
            return Ok(kept);
        }
        let begin_s = self.now_s - i64::from(self.settings.backdate_s);
        let inception = OffsetDateTime::from_unix_timestamp(begin_s).map_err(|e| self.keys.failed(&e))?;
        let sign = |signer: &Arc<DnssecSigner>| {
            let rrsig = RRSIG::from_rrset(set, DNSClass::IN, inception, signer);
            let data = RData::DNSSEC(DNSSECRData::RRSIG(rrsig.map_err(|e| self.keys.failed(&e))?));
            Ok(Record::from_rdata(set.name().clone(), set.ttl(), data))
        };
        let signatures = signers.iter().map(sign).collect::<Result<_, ZoneError>>()?;
        Ok((signatures, self.now_s + i64::from(self.settings.validity_s)))
    }

    /// The signatures that are there, if they are over the same records, by the same keys, have begun, and last.
    fn kept(&self, set: &RecordSet, signers: &[Arc<DnssecSigner>]) -> Option<(Vec<Record>, i64)> {
        let before = self.previous?.get(&set.name().into(), set.record_type())?;
        let same = before.records.ttl() == set.ttl() && before.iter().eq(set.records_without_rrsigs());
        let lasts = before.expires_s - i64::from(self.settings.refresh_s) > self.now_s;
        // Where the clock was set back, what was signed before it may begin too late for those who look now.
        let has_begun = begins_s(before).is_some_and(|begins_s| begins_s <= self.now_s);
        let by = |signer: &Arc<DnssecSigner>, record: &Record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(rrsig)) => {
                signer.calculate_key_tag().is_ok_and(|tag| tag == rrsig.input().key_tag)
            }
            _ => false,
        };
        let by_these = signers.len() == before.signatures.len()
            && signers.iter().zip(&before.signatures).all(|(signer, record)| by(signer, record));
        (same && lasts && has_begun && by_these).then(|| (before.signatures.clone(), before.expires_s))
    }
}

/// When the signatures of a set begin, in seconds of Unix time.
fn begins_s(set: &RrSet) -> Option<i64> {
    let begins = set.signatures.iter().filter_map(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(rrsig)) => Some(i64::from(rrsig.input().sig_inception.get())),
        _ => None,
    });
    begins.max()
}
