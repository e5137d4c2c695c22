//! What of an answer is looked at, as sets of records, and which signatures over them may count at all.

use jiff::SignedDuration;
use std::collections::HashSet;

use hickory_proto::dnssec::rdata::{DNSSECRData, RRSIG};
use hickory_proto::op::Message;
use hickory_proto::rr::{LowerName, Name, RData, Record, RecordType};

use super::delegation::is_verified;
use crate::shared::dns::{Question, plain};
use crate::shared::evidence::scan::Broken;
use crate::shared::time::Timestamp;

/// The signature that a record is.
pub(in crate::shared::dns) fn signature(record: &Record) -> Option<&RRSIG> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature)) => Some(signature),
        _ => None,
    }
}

/// Whether a signature may be over records of an owner: its signer is the zone that they lie in (RFC 4035 §5.3.1), so
/// at or above them, and of a delegation above it. The validator asks only whether the signer is signed, and would
/// take any unsigned zone's word that records are not.
pub(super) fn may_sign(signature: &RRSIG, owner: &Name) -> bool {
    let input = signature.input();
    let is_own_delegation = input.type_covered == RecordType::DS && input.signer_name == *owner;
    input.signer_name.zone_of(owner) && !is_own_delegation
}

/// An answer as the validator gets it: without signatures that cannot count. Of those of an algorithm that it does not
/// verify, and out of their time, some stay where there are no others, for the second that fails is its last.
pub(super) fn for_validator(answer: &Message, now: Timestamp) -> Message {
    let is_current = |signature: &RRSIG| {
        let (begin, end) = times(signature, now);
        begin <= now && now <= end && is_verified(signature.input().algorithm)
    };
    let of_set =
        |record: &Record, signature: &RRSIG| (LowerName::from(&record.name), signature.input().type_covered);
    let all = answer.answers.iter().chain(&answer.authorities);
    let signatures = all.filter_map(|record| Some((record, signature(record)?)));
    let current: HashSet<_> = signatures
        .filter(|(record, signature)| may_sign(signature, &record.name) && is_current(signature))
        .map(|(record, signature)| of_set(record, signature))
        .collect();
    let counts = |record: &Record| {
        signature(record).is_none_or(|signature| {
            may_sign(signature, &record.name)
                && (is_current(signature) || !current.contains(&of_set(record, signature)))
        })
    };
    let mut answer = answer.clone();
    answer.answers.retain(counts);
    answer.authorities.retain(counts);
    answer
}

/// Whether there is nothing in an answer: neither records nor a denial that says of which zone it is.
pub(super) fn is_empty(answer: &Message) -> bool {
    answer.answers.is_empty() && answer.authorities.is_empty()
}

/// The type that a record is of, or that it signs.
pub(in crate::shared::dns) fn covered(record: &Record) -> RecordType {
    signature(record).map_or(record.record_type(), |signature| signature.input().type_covered)
}

/// The records of an answer that concern one owner: its own of the type asked for, aliases, what a DNAME
/// above it says, and the denial. Resolvers add what lies behind aliases, and would lose its proofs.
pub(in crate::shared::dns) fn reduced(answer: &Message, question: &Question) -> Message {
    let mut message = answer.clone();
    message.answers.retain(|record| {
        let rtype = covered(record);
        (record.name == question.name && (rtype == question.rtype || rtype == RecordType::CNAME))
            || (rtype == RecordType::DNAME && record.name.zone_of(&question.name))
    });
    message
        .authorities
        .retain(|record| matches!(covered(record), RecordType::SOA | RecordType::NSEC | RecordType::NSEC3));
    message.additionals.clear();
    message.edns = None;
    message
}

/// The records of one owner and type, and their signatures.
pub(super) struct RrSet<'a> {
    pub(super) owner: &'a Name,
    pub(super) rtype: RecordType,
    pub(super) records: Vec<&'a Record>,
    pub(super) signatures: Vec<&'a RRSIG>,
}

impl RrSet<'_> {
    /// The zone that it is signed by.
    pub(super) fn signer(&self) -> Result<&Name, Broken> {
        let first = self.signatures.first().ok_or(Broken::NoSignature)?;
        let may_sign = self.signatures.iter().find(|signature| may_sign(signature, self.owner));
        let signer = |signature: &RRSIG| plain(&signature.input().signer_name);
        may_sign
            .map(|signature| &signature.input().signer_name)
            .ok_or(Broken::WrongSigner { signer: signer(first) })
    }
}

/// The sets of an answer, each with the signatures over it.
pub(super) fn sets(answer: &Message) -> Vec<RrSet<'_>> {
    let mut sets: Vec<RrSet<'_>> = Vec::new();
    let all = || answer.answers.iter().chain(&answer.authorities);
    for record in all().filter(|record| signature(record).is_none()) {
        let (owner, rtype) = (&record.name, record.record_type());
        match sets.iter_mut().find(|set| set.owner == owner && set.rtype == rtype) {
            Some(set) => set.records.push(record),
            None => sets.push(RrSet { owner, rtype, records: vec![record], signatures: Vec::new() }),
        }
    }
    for record in all() {
        let Some(signature) = signature(record) else { continue };
        let covered =
            |set: &&mut RrSet<'_>| *set.owner == record.name && set.rtype == signature.input().type_covered;
        if let Some(set) = sets.iter_mut().find(covered) {
            set.signatures.push(signature);
        }
    }
    sets
}

/// From when until when a signature is valid: seconds of Unix time in serial number arithmetic (RFC 4034 §3.1.5).
pub(super) fn times(signature: &RRSIG, now: Timestamp) -> (Timestamp, Timestamp) {
    let now_s = u32::try_from(now.as_second() & 0xffff_ffff).unwrap_or_default();
    let instant = |serial: u32| {
        let ahead_s = i64::from(serial.wrapping_sub(now_s).cast_signed());
        let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
        whole.checked_add(SignedDuration::from_secs(ahead_s)).unwrap_or(now)
    };
    let input = signature.input();
    (instant(input.sig_inception.get()), instant(input.sig_expiration.get()))
}
