//! Signatures at the time of the answer, and those that are remembered.

use std::collections::HashMap;
use std::sync::Arc;

use hickory_proto::dnssec::PublicKey as _;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG, SigInput};
use hickory_proto::dnssec::{Algorithm, DigestType, DnssecSigner, PublicKeyBuf, TBS};
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordSet, RecordType, SerialNumber};
use parking_lot::Mutex;

use super::case_zone::CaseZone;
use crate::sending::authority::zone::keys::Keys;
use crate::sending::authority::zone::records::ZoneError;
use crate::sending::authority::zone::sign::SignatureSettings;
use crate::sending::authority::zone::snapshot::RrSet;
use crate::sending::persona::ZoneState;
use crate::shared::time::Timestamp;

/// How long signatures are the same, in seconds: whoever asks again is answered without signing.
const PERIOD_S: i64 = 86_400;
/// For how long expired signatures have been so at least, in seconds.
const EXPIRED_FOR_S: i64 = 3 * 86_400;
/// An algorithm that nobody knows: IANA has reserved 123 to 251.
const UNKNOWN_ALGORITHM: u8 = 200;
/// How many signed sets are remembered at most. Strangers invent labels: the oldest half is forgotten at once.
const SIGNED_SETS_MAX: usize = 40_000;

/// What is the matter with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Signature {
    Sound,
    Expired,
    /// Its octets are others.
    Broken,
    /// Of an algorithm that nobody knows.
    Unknown,
}

type Key = (LowerName, RecordType, Signature);

/// Signed sets that are remembered beyond the snapshot that they were made for.
#[derive(Debug, Default)]
pub(in crate::sending::authority::zone) struct SignedSets(Mutex<Halves>);

/// Those used of late, and those from before.
#[derive(Debug, Default)]
struct Halves {
    young: HashMap<Key, Arc<RrSet>>,
    old: HashMap<Key, Arc<RrSet>>,
}

impl SignedSets {
    fn get(&self, key: &Key) -> Option<Arc<RrSet>> {
        let mut halves = self.0.lock();
        if let Some(set) = halves.young.get(key) {
            return Some(Arc::clone(set));
        }
        let (key, set) = halves.old.remove_entry(key)?;
        halves.put(key, Arc::clone(&set));
        Some(set)
    }

    fn put(&self, key: Key, set: Arc<RrSet>) {
        self.0.lock().put(key, set);
    }
}

impl Halves {
    fn put(&mut self, key: Key, set: Arc<RrSet>) {
        if self.young.len() >= SIGNED_SETS_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, set);
    }
}

/// A key with its tag.
struct Signer {
    signer: Arc<DnssecSigner>,
    tag: u16,
    /// Its tag as a key of the unknown algorithm.
    unknown_tag: u16,
}

/// The keys of all ruled zones, and when what they sign begins and ends.
pub(super) struct Online {
    keys: Keys,
    ksks: Vec<Signer>,
    zsk: Vec<Signer>,
    begins_s: i64,
    ends_s: i64,
    signed: Arc<SignedSets>,
}

impl std::fmt::Debug for Online {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Online").field("begins_s", &self.begins_s).finish_non_exhaustive()
    }
}

impl Online {
    pub(super) fn new(
        keys: &Keys,
        settings: &SignatureSettings,
        signed: Arc<SignedSets>,
        now: Timestamp,
    ) -> Result<Self, ZoneError> {
        let signers = |rtype| {
            let signers = keys.signers(rtype).iter().map(|signer| {
                let tag = signer.calculate_key_tag()?;
                let unknown_tag = as_unknown(signer.dnskey()).calculate_key_tag()?;
                Ok(Signer { signer: Arc::clone(signer), tag, unknown_tag })
            });
            signers
                .collect::<Result<Vec<_>, hickory_proto::ProtoError>>()
                .map_err(|error| keys.failed(&error))
        };
        let period_s = now.as_second().div_euclid(PERIOD_S) * PERIOD_S;
        Ok(Self {
            ksks: signers(RecordType::DNSKEY)?,
            zsk: signers(RecordType::MX)?,
            keys: keys.clone(),
            begins_s: period_s - i64::from(settings.backdate_s),
            ends_s: period_s + PERIOD_S + i64::from(settings.validity_s),
            signed,
        })
    }

    /// The set with a signature of the zone `apex`, made now unless it is remembered.
    pub(super) fn signed(
        &self,
        apex: &LowerName,
        set: RecordSet,
        signature: Signature,
    ) -> Result<Arc<RrSet>, ZoneError> {
        let key = (LowerName::from(set.name()), set.record_type(), signature);
        let (begins_s, ends_s) = self.life(signature);
        let is_same = |before: &Arc<RrSet>| {
            before.expires_s == ends_s
                && before.records.ttl() == set.ttl()
                && before.iter().eq(set.records_without_rrsigs())
                && self.is_by_these(before, signature)
        };
        if let Some(before) = self.signed.get(&key).filter(is_same) {
            return Ok(before);
        }
        let sign = |signer: &Signer| self.sign(signer, apex, &set, signature, (begins_s, ends_s));
        let signatures =
            self.signers(set.record_type()).iter().map(sign).collect::<Result<_, ZoneError>>()?;
        let set = Arc::new(RrSet { records: set, signatures, expires_s: ends_s });
        self.signed.put(key, Arc::clone(&set));
        Ok(set)
    }

    fn signers(&self, rtype: RecordType) -> &[Signer] {
        if rtype == RecordType::DNSKEY { &self.ksks } else { &self.zsk }
    }

    fn life(&self, signature: Signature) -> (i64, i64) {
        match signature {
            Signature::Expired => {
                let ends_s = self.begins_s - EXPIRED_FOR_S;
                (ends_s - (self.ends_s - self.begins_s), ends_s)
            }
            _ => (self.begins_s, self.ends_s),
        }
    }

    /// Whether what is remembered was signed by the keys that sign now.
    fn is_by_these(&self, before: &RrSet, signature: Signature) -> bool {
        let tags = before.signatures.iter().filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(rrsig)) => Some(rrsig.input().key_tag),
            _ => None,
        });
        tags.eq(self.signers(before.records.record_type()).iter().map(|signer| signer.tag_for(signature)))
    }

    fn sign(
        &self,
        signer: &Signer,
        apex: &LowerName,
        set: &RecordSet,
        signature: Signature,
        (begins_s, ends_s): (i64, i64),
    ) -> Result<Record, ZoneError> {
        let algorithm = match signature {
            Signature::Unknown => Algorithm::Unknown(UNKNOWN_ALGORITHM),
            _ => signer.signer.key().algorithm(),
        };
        let input = SigInput {
            type_covered: set.record_type(),
            algorithm,
            num_labels: set.name().num_labels(),
            original_ttl: set.ttl(),
            sig_expiration: serial(ends_s),
            sig_inception: serial(begins_s),
            key_tag: signer.tag_for(signature),
            signer_name: Name::from(apex),
        };
        let failed = |error: hickory_proto::ProtoError| self.keys.failed(&error);
        let signed = TBS::from_input(set.name(), DNSClass::IN, &input, set.records_without_rrsigs())
            .map_err(failed)?;
        let mut octets = signer.signer.sign(&signed).map_err(failed)?;
        if signature == Signature::Broken {
            octets.iter_mut().for_each(|octet| *octet = !*octet);
        }
        let data = RData::DNSSEC(DNSSECRData::RRSIG(RRSIG::from_sig(input, octets)));
        Ok(Record::from_rdata(set.name().clone(), set.ttl(), data))
    }

    /// The DNSKEY records of a ruled zone.
    pub(super) fn dnskeys(&self, zone: &CaseZone) -> Vec<RData> {
        let keys = self.keys.published().iter();
        keys.map(|key| match zone.case().zone {
            ZoneState::UnknownAlgorithm => as_unknown(key),
            _ => key.clone(),
        })
        .map(|key| RData::DNSSEC(DNSSECRData::DNSKEY(key)))
        .collect()
    }
}

impl Signer {
    fn tag_for(&self, signature: Signature) -> u16 {
        if signature == Signature::Unknown { self.unknown_tag } else { self.tag }
    }
}

/// The same key, said to be of an algorithm that nobody knows.
fn as_unknown(key: &DNSKEY) -> DNSKEY {
    let octets = key.public_key().public_bytes().to_vec();
    DNSKEY::with_flags(key.flags(), PublicKeyBuf::new(octets, Algorithm::Unknown(UNKNOWN_ALGORITHM)))
}

/// The data of the DS records of a ruled zone, as its file wants them.
pub(super) fn ds(keys: &Keys, zone: &CaseZone) -> Result<Vec<RData>, ZoneError> {
    let apex = Name::from(zone.apex());
    let of = |signer: &Arc<DnssecSigner>| {
        let key = match zone.case().zone {
            ZoneState::UnknownAlgorithm => as_unknown(signer.dnskey()),
            _ => signer.to_dnskey(),
        };
        let mut digest = key.to_digest(&apex, DigestType::SHA256)?.as_ref().to_vec();
        if zone.case().zone == ZoneState::WrongDs {
            digest.iter_mut().for_each(|octet| *octet = !*octet);
        }
        let algorithm = key.public_key().algorithm();
        Ok(RData::DNSSEC(DNSSECRData::DS(DS::new(
            key.calculate_key_tag()?,
            algorithm,
            DigestType::SHA256,
            digest,
        ))))
    };
    let all = keys.for_parent().iter().map(of).collect::<Result<_, hickory_proto::ProtoError>>();
    all.map_err(|error| keys.failed(&error))
}

/// Seconds of Unix time as RRSIG has them, modulo 2^32 (RFC 4034 §3.1.5).
fn serial(at_s: i64) -> SerialNumber {
    SerialNumber::new(u32::try_from(at_s.rem_euclid(1 << 32)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_strangers_invent_do_not_fill_the_memory() {
        let sets = SignedSets::default();
        let key = |n: usize| {
            let name: Name = format!("l{n}.case.test.").parse().expect("a name");
            (LowerName::from(name), RecordType::A, Signature::Sound)
        };
        let set = || {
            let records = RecordSet::with_ttl(Name::root(), RecordType::A, 60);
            Arc::new(RrSet { records, signatures: Vec::new(), expires_s: 0 })
        };
        for n in 0..3 * SIGNED_SETS_MAX {
            sets.put(key(n), set());
            assert!(sets.get(&key(0)).is_some(), "what is asked for again stays");
        }
        let halves = sets.0.lock();
        assert!(halves.young.len() + halves.old.len() <= SIGNED_SETS_MAX);
    }
}
