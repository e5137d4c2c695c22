//! Why an answer is bogus. The validator says that it is and little more; here the signatures are gone through once
//! again, from the answer up to the trust anchor, for the first thing that is wrong.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_proto::dnssec::{DigestType, PublicKey, Verifier};
use hickory_proto::op::Message;
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};

use super::delegation::ED448;
use super::signatures::{RrSet, may_sign, reduced, sets, signature, times};
use super::work::{ANSWER_VERIFICATIONS_MAX, KEYS_OF_A_TAG_MAX, RSA_BITS_MIN, Work};
use crate::shared::dns::records::rsa_bits;
use crate::shared::dns::{Question, Upstream, plain};
use crate::shared::evidence::scan::{Broken, DnsLimit, SignatureSeen, Signed};
use crate::shared::time::Timestamp;

/// How many zones a chain of trust is followed through.
pub(super) const ZONES_MAX: usize = 16;

/// What the search needs.
pub(super) struct Chain<'a> {
    pub(super) upstream: &'a Arc<dyn Upstream>,
    pub(super) anchors: &'a str,
    pub(super) now: Timestamp,
    pub(super) work: &'a Work,
}

/// Why the search ends without a finding.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// There is nothing to be said: an answer was not to be had, or the chain ends here.
    Nothing,
    /// It would be too much work.
    Limit(DnsLimit),
}

impl From<DnsLimit> for Halt {
    fn from(limit: DnsLimit) -> Self {
        Self::Limit(limit)
    }
}

/// How many signatures of one answer may still be verified.
struct Rest(usize);

impl Chain<'_> {
    /// What is broken in a bogus answer, one owner's records or their denial; none: nothing was found.
    pub(super) async fn why(&self, answer: &Message) -> Result<Option<Broken>, Halt> {
        let mut rest = Rest(ANSWER_VERIFICATIONS_MAX);
        let sets = sets(answer);
        let synthesised = sets.iter().any(|set| set.rtype == RecordType::DNAME);
        let mut zone = None;
        for set in sets.iter().filter(|set| !(synthesised && set.rtype == RecordType::CNAME)) {
            let signer = match set.signer() {
                Ok(signer) => signer,
                Err(broken) => return Ok(Some(broken)),
            };
            let keys = keys(&self.fetch(signer, RecordType::DNSKEY).await?);
            if let Some(broken) = self.fault(set, &keys, &mut rest)? {
                return Ok(Some(broken));
            }
            zone.get_or_insert_with(|| signer.clone());
        }
        let Some(zone) = zone else { return Ok(Some(Broken::NoProof)) };
        match self.above(zone).await {
            // What could not be had is not what is wrong.
            Ok(None) | Err(Halt::Nothing) => {}
            found => return found,
        }
        // Everything that is there is sound: what is missing is the denial, of all or of a closer match.
        let wildcard = sets.iter().any(|set| {
            set.signatures.iter().any(|signature| signature.input().num_labels < set.owner.num_labels())
        });
        Ok((answer.answers.is_empty() || wildcard).then_some(Broken::NoProof))
    }

    /// Whether the keys of the trust anchor above `name` are there, and sound: the control of all validation.
    pub(super) async fn is_anchored(&self, name: &Name) -> bool {
        let anchored = (0..=name.num_labels()).rev().map(|labels| name.trim_to(usize::from(labels)));
        let Some(zone) = anchored.into_iter().find(|zone| !anchors(self.anchors, zone, &[]).is_empty())
        else {
            return false;
        };
        let Ok(answer) = self.fetch(&zone, RecordType::DNSKEY).await else { return false };
        let trusted: Vec<DNSKEY> =
            anchors(self.anchors, &zone, &keys(&answer)).into_iter().flatten().collect();
        let sets = sets(&answer);
        let set = sets.iter().find(|set| set.rtype == RecordType::DNSKEY);
        let mut rest = Rest(ANSWER_VERIFICATIONS_MAX);
        set.is_some_and(|set| self.fault(set, &trusted, &mut rest) == Ok(None))
    }

    /// The same for the keys of `zone` and of every zone above it.
    async fn above(&self, mut zone: Name) -> Result<Option<Broken>, Halt> {
        for _ in 0..ZONES_MAX {
            let answer = self.fetch(&zone, RecordType::DNSKEY).await?;
            let all = keys(&answer);
            let anchors = anchors(self.anchors, &zone, &all);
            let is_anchor = !anchors.is_empty();
            let delegation = if is_anchor { None } else { Some(self.fetch(&zone, RecordType::DS).await?) };
            let trusted = match &delegation {
                None => anchors.into_iter().flatten().collect(),
                Some(delegation) => delegated(delegation, &zone, &all).ok_or(Halt::Nothing)?,
            };
            if trusted.is_empty() {
                return Ok(Some(Broken::NoMatchingDs { zone: plain(&zone) }));
            }
            let sets_of_keys = sets(&answer);
            let set = sets_of_keys.iter().find(|set| set.rtype == RecordType::DNSKEY);
            let set = set.ok_or(Halt::Nothing)?;
            if let Some(broken) = self.fault(set, &trusted, &mut Rest(ANSWER_VERIFICATIONS_MAX))? {
                return Ok(Some(broken));
            }
            let Some(delegation) = delegation else { return Ok(None) };
            let sets_of_parent = sets(&delegation);
            let set = sets_of_parent.iter().find(|set| set.rtype == RecordType::DS);
            let set = set.ok_or(Halt::Nothing)?;
            let parent = match set.signer() {
                Ok(signer) => signer.clone(),
                Err(broken) => return Ok(Some(broken)),
            };
            let keys = keys(&self.fetch(&parent, RecordType::DNSKEY).await?);
            if let Some(broken) = self.fault(set, &keys, &mut Rest(ANSWER_VERIFICATIONS_MAX))? {
                return Ok(Some(broken));
            }
            zone = parent;
        }
        Err(Halt::Nothing)
    }

    async fn fetch(&self, name: &Name, rtype: RecordType) -> Result<Message, Halt> {
        let question = Question { name: name.to_lowercase(), rtype };
        let octets = self.upstream.ask(question.clone()).await.map_err(|_| Halt::Nothing)?;
        let answer = Message::from_vec(&octets).map_err(|_| Halt::Nothing)?;
        let answer = reduced(&answer, &question);
        self.work.admit(&answer)?;
        Ok(answer)
    }

    /// What is wrong with the signatures over a set; none if one of them is sound. Where several are wrong it is
    /// that of a key that is there.
    fn fault(&self, set: &RrSet<'_>, keys: &[DNSKEY], rest: &mut Rest) -> Result<Option<Broken>, DnsLimit> {
        let (mut faults, mut beyond) = (Vec::new(), None);
        for signature in set.signatures.iter().filter(|signature| may_sign(signature, set.owner)) {
            let input = signature.input();
            let named: Vec<&DNSKEY> = keys
                .iter()
                .filter(|key| {
                    key.calculate_key_tag().ok() == Some(input.key_tag)
                        && key.public_key().algorithm() == input.algorithm
                })
                .collect();
            let (begin, end) = times(signature, self.now);
            if named.is_empty() {
                faults.push(Broken::NoKey { key_tag: input.key_tag });
            } else if end < self.now {
                faults.insert(0, Broken::Expired { at: end });
            } else if begin > self.now {
                faults.insert(0, Broken::NotYetValid { at: begin });
            } else if u8::from(input.algorithm) == ED448 {
                beyond = Some(DnsLimit::Ed448);
            } else if named.iter().any(|key| rsa_bits(key).is_some_and(|bits| bits < RSA_BITS_MIN)) {
                beyond = Some(DnsLimit::KeyBits);
            } else if named.len() > KEYS_OF_A_TAG_MAX {
                return Err(DnsLimit::KeysOfATag);
            } else if self.is_sound(set, signature, &named, rest)? {
                return Ok(None);
            } else {
                faults.insert(0, Broken::DoesNotVerify { key_tag: input.key_tag });
            }
        }
        // Whoever verifies that one may find it sound.
        if let Some(limit) = beyond {
            return Err(limit);
        }
        Ok(Some(faults.into_iter().next().unwrap_or(Broken::NoSignature)))
    }

    /// Whether one of the keys of its tag made a signature.
    fn is_sound(
        &self,
        set: &RrSet<'_>,
        signature: &RRSIG,
        named: &[&DNSKEY],
        rest: &mut Rest,
    ) -> Result<bool, DnsLimit> {
        for key in named {
            rest.0 = rest.0.checked_sub(1).ok_or(DnsLimit::Verifications)?;
            self.work.verify()?;
            let records = set.records.iter().copied();
            if key.verify_rrsig(set.owner, DNSClass::IN, signature, records).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The signature of an answer that expires first; of several that do, in a denial, the one over what proves it.
pub(in crate::shared::dns) fn first_to_expire(answer: &Message, now: Timestamp) -> Option<SignatureSeen> {
    let records = answer.answers.iter().chain(&answer.authorities);
    let seen = records.filter_map(|record| Some((record, signature(record)?))).map(|(record, signature)| {
        let (inception, expiration) = times(signature, now);
        let input = signature.input();
        SignatureSeen {
            algorithm: input.algorithm.into(),
            key_tag: input.key_tag,
            signer: plain(&input.signer_name),
            inception,
            expiration,
            over: Some(Signed { owner: plain(&record.name), rtype: input.type_covered.to_string() }),
        }
    });
    seen.min_by_key(|seen| (seen.expiration, !seen.over.as_ref().is_some_and(Signed::denies)))
}

fn keys(answer: &Message) -> Vec<DNSKEY> {
    let keys = answer.answers.iter().filter_map(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key.clone()),
        _ => None,
    });
    keys.collect()
}

/// The keys that a delegation names; none if it names no key that could be checked, so that the zone is insecure.
fn delegated(delegation: &Message, zone: &Name, keys: &[DNSKEY]) -> Option<Vec<DNSKEY>> {
    let ds: Vec<&DS> = delegation
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::DS(ds)) if record.name == *zone => Some(ds),
            _ => None,
        })
        .collect();
    let covered = keys.iter().filter(|key| {
        let named = |ds: &&&DS| {
            key.calculate_key_tag().ok() == Some(ds.key_tag()) && ds.covers(zone, key).unwrap_or(false)
        };
        ds.iter().any(|ds| named(&ds))
    });
    (!ds.is_empty()).then(|| covered.cloned().collect())
}

/// For each trust anchor at `zone` the key that it is, if the zone has it. `text` is DS or DNSKEY records in
/// master-file format, one a line.
fn anchors(text: &str, zone: &Name, keys: &[DNSKEY]) -> Vec<Option<DNSKEY>> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split(';').next().unwrap_or_default();
        let fields: Vec<&str> = line.split_whitespace().collect();
        let at = fields.iter().position(|field| matches!(*field, "DS" | "DNSKEY"));
        let (Some(owner), Some(at)) = (fields.first(), at) else { continue };
        if !Name::from_ascii(owner).is_ok_and(|owner| owner.to_lowercase() == *zone) {
            continue;
        }
        let rest = fields.get(at + 4..).unwrap_or_default().concat();
        let is = |key: &&DNSKEY| match fields[at] {
            "DS" => {
                let digest_type = fields.get(at + 3).and_then(|number| number.parse::<u8>().ok());
                let digest =
                    digest_type.and_then(|number| key.to_digest(zone, DigestType::from(number)).ok());
                digest.is_some_and(|digest| HEXLOWER.encode(digest.as_ref()).eq_ignore_ascii_case(&rest))
            }
            _ => {
                let octets = BASE64.decode(rest.as_bytes());
                octets.is_ok_and(|octets| octets == key.public_key().public_bytes())
            }
        };
        found.push(keys.iter().find(is).cloned());
    }
    found
}
