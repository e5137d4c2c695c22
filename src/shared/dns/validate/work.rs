//! What one look-up has cost so far, and what it may cost.
//!
//! | what a stranger's zone has | who decides how much | limit |
//! |---|---|---|
//! | aliases, one after the other | each zone on the way | 8 (`follow.rs`) |
//! | answers of a look-up: labels of a name, zones above it | the name's owner | [`ANSWERS_MAX`] |
//! | records of an answer | the zone | [`RECORDS_MAX`] |
//! | sets of records of an answer, so NSEC and NSEC3 records of a denial | the zone | [`SETS_MAX`] |
//! | signatures over a set | the zone | [`SIGNATURES_MAX`] |
//! | keys of a zone; of one tag; their length | the zone | [`KEYS_MAX`]; [`KEYS_OF_A_TAG_MAX`]; [`RSA_BITS_MAX`] |
//! | DS records of a delegation | the parent, at its word | [`DELEGATIONS_MAX`] |
//! | iterations of NSEC3 | the zone | insecure above [`NSEC3_ITERATIONS_SECURE_MAX`] |
//! | signatures that are verified, of an answer | keys × signatures × sets | [`ANSWER_VERIFICATIONS_MAX`] |
//! | the same, of a look-up | | [`VERIFICATIONS_MAX`] |
//! | time of computing, of a look-up | all of these | [`COMPUTING_S_MAX`] |
//!
//! The `domain` validator tries two signatures of a set that do not verify, four keys for a DS, 60 hashes for a
//! closest encloser; it bounds neither sets, nor records, nor the labels of a name, nor all of this together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::dnssec::PublicKey as _;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData};
use hickory_proto::op::Message;
use hickory_proto::rr::{LowerName, RData, RecordType};
use parking_lot::Mutex;

use super::signatures::signature;
use crate::shared::dns::records::rsa_bits;
use crate::shared::evidence::scan::DnsLimit;

/// How many answers of servers one look-up takes, from our own cache or not: three for each label at most.
pub(super) const ANSWERS_MAX: usize = 256;
/// How many records an answer may have, signatures among them.
pub(super) const RECORDS_MAX: usize = 1000;
/// How many sets of records an answer may have: an alias, a DNAME, SOA and the NSEC3 of a denial are six.
pub(super) const SETS_MAX: usize = 8;
/// How many signatures a set may have: two algorithms and two keys of each are four.
pub(super) const SIGNATURES_MAX: usize = 8;
/// How many keys a zone may have.
pub(super) const KEYS_MAX: usize = 32;
/// How many keys of one tag and algorithm a zone may have. Unbound and BIND have this one, too.
pub(super) const KEYS_OF_A_TAG_MAX: usize = 4;
/// How long an RSA key may be, in bits: what our own verifiers take. RFC 5702 §2 allows 4096.
pub(super) const RSA_BITS_MAX: u16 = 8192;
/// How long one is at least whose signatures our own verifiers take. RFC 5702 §2 has 512.
pub(super) const RSA_BITS_MIN: u16 = 1024;
/// How many DS records a delegation may have.
pub(super) const DELEGATIONS_MAX: usize = 16;
/// Above so many NSEC3 iterations a zone is insecure (RFC 9276 §3.2), as for unbound; then no hash is computed.
pub(super) const NSEC3_ITERATIONS_SECURE_MAX: u16 = 150;
/// How many signatures of one answer are verified.
pub(super) const ANSWER_VERIFICATIONS_MAX: usize = 16;
/// How many signatures of one look-up are verified.
pub(super) const VERIFICATIONS_MAX: usize = 512;
/// How long one look-up may compute, in seconds, without the time in which it waits for servers.
pub(super) const COMPUTING_S_MAX: u64 = 5;
/// How many signatures over one set the validator verifies: the second that fails is the last.
const VALIDATOR_TRIES_MAX: usize = 2;

/// The cost of one look-up. Whoever verifies a signature asks first, and ends when it is refused.
#[derive(Default)]
pub(in crate::shared::dns) struct Work {
    stopped: AtomicBool,
    answers: AtomicUsize,
    /// How many signatures were verified, or may have been.
    pub(super) verifications: AtomicUsize,
    computing_us: AtomicU64,
    beyond: Mutex<Option<DnsLimit>>,
}

impl Work {
    /// Ends what computes at its next question whether it may go on.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Which limit an answer went beyond, if one did.
    pub(super) fn beyond(&self) -> Option<DnsLimit> {
        *self.beyond.lock()
    }

    /// How long it may still compute.
    pub(super) fn time_left(&self) -> Duration {
        let spent = Duration::from_micros(self.computing_us.load(Ordering::Relaxed));
        Duration::from_secs(COMPUTING_S_MAX).saturating_sub(spent)
    }

    pub(super) fn spend(&self, time: Duration) {
        let time_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.computing_us.fetch_add(time_us, Ordering::Relaxed);
    }

    /// Asks whether one more signature may be verified.
    pub(super) fn verify(&self) -> Result<(), DnsLimit> {
        self.add_verifications(1)
    }

    /// Lets an answer in, reduced to what concerns its question, if it and all before it cost the validator no
    /// more than they may.
    pub(super) fn admit(&self, answer: &Message) -> Result<(), DnsLimit> {
        let admitted = self.counted(answer);
        if let Err(limit) = admitted {
            self.beyond.lock().get_or_insert(limit);
        }
        admitted
    }

    fn counted(&self, answer: &Message) -> Result<(), DnsLimit> {
        if self.answers.fetch_add(1, Ordering::Relaxed) >= ANSWERS_MAX {
            return Err(DnsLimit::Answers);
        }
        self.add_verifications(verifications(answer)?)
    }

    fn add_verifications(&self, more: usize) -> Result<(), DnsLimit> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(DnsLimit::Time);
        }
        let before = self.verifications.fetch_add(more, Ordering::Relaxed);
        if before + more > VERIFICATIONS_MAX { Err(DnsLimit::Verifications) } else { Ok(()) }
    }
}

/// How many signatures of an answer the validator verifies at most, or what it has too much of.
fn verifications(answer: &Message) -> Result<usize, DnsLimit> {
    let all = || answer.answers.iter().chain(&answer.authorities);
    if all().count() > RECORDS_MAX {
        return Err(DnsLimit::Records);
    }
    let mut sets: HashMap<(LowerName, RecordType), usize> = HashMap::new();
    let mut keys: HashMap<(u16, u8), usize> = HashMap::new();
    let mut delegations = 0;
    for record in all() {
        let over = signature(record).map(|signature| signature.input().type_covered);
        let rtype = over.unwrap_or(record.record_type());
        let signatures = sets.entry((LowerName::from(&record.name), rtype)).or_default();
        *signatures += usize::from(over.is_some());
        if *signatures > SIGNATURES_MAX {
            return Err(DnsLimit::Signatures);
        }
        match &record.data {
            RData::DNSSEC(DNSSECRData::DNSKEY(key)) => admit_key(key, &mut keys)?,
            RData::DNSSEC(DNSSECRData::DS(_)) => delegations += 1,
            _ => {}
        }
    }
    if sets.len() > SETS_MAX {
        return Err(DnsLimit::Sets);
    }
    if delegations > DELEGATIONS_MAX {
        return Err(DnsLimit::Delegations);
    }
    let verifications = sets.values().map(|signatures| (*signatures).min(VALIDATOR_TRIES_MAX)).sum();
    if verifications > ANSWER_VERIFICATIONS_MAX { Err(DnsLimit::Verifications) } else { Ok(verifications) }
}

fn admit_key(key: &DNSKEY, keys: &mut HashMap<(u16, u8), usize>) -> Result<(), DnsLimit> {
    if rsa_bits(key).is_some_and(|bits| bits > RSA_BITS_MAX) {
        return Err(DnsLimit::KeyBits);
    }
    let tag = key.calculate_key_tag().unwrap_or_default();
    let same = keys.entry((tag, key.public_key().algorithm().into())).or_default();
    *same += 1;
    if *same > KEYS_OF_A_TAG_MAX {
        return Err(DnsLimit::KeysOfATag);
    }
    if keys.values().sum::<usize>() > KEYS_MAX { Err(DnsLimit::Keys) } else { Ok(()) }
}
