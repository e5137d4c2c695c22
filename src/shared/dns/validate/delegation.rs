//! Delegations by algorithms that the validator passes over.
//!
//! `domain` 0.12.3, the newest there is, verifies signatures of the algorithms 5, 7, 8, 10, 13, 14 and 15, and goes
//! down a delegation by the first five alone (`supported_algorithm`): a zone whose DS records name others it calls
//! unsigned. A trust anchor it takes by any of the seven. So a delegation that it validated, and went no further at,
//! is handed to it as an anchor, and the answer is judged once more. Its own chain walk, with denials and bounds,
//! stays the only one. Measured against the other ways: hickory's validator calls sound answers bogus, and a chain
//! walk of our own would be NSEC and NSEC3 once again.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use hickory_proto::dnssec::Algorithm;
use hickory_proto::dnssec::rdata::{DNSSECRData, DS};
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData, RecordType};

use crate::shared::dns::Question;

/// Algorithms that the validator goes down a delegation by. RFC 9905 takes 5 and 7 out of use; a zone that is signed
/// by them is still one that most validators call secure.
const GONE_DOWN: [u8; 5] = [5, 7, 8, 10, 13];
/// Algorithms that it verifies, and does not go down by: ECDSA P-384 and Ed25519.
const PASSED_OVER: [u8; 2] = [14, 15];
/// Ed448, which others verify, and neither ring nor we.
pub(super) const ED448: u8 = 16;
/// Digests that it computes: SHA-1, SHA-256, SHA-384. RFC 9905 takes the first out of use.
const DIGESTS: [u8; 3] = [1, 2, 4];

/// The DS records of a zone, as its parent gave them.
pub(super) struct Delegation {
    pub(super) question: Question,
    pub(super) answer: Message,
}

impl Delegation {
    /// What an answer says of a zone's keys, if the validator may go no further at it though others do.
    pub(super) fn of(question: &Question, answer: &Message) -> Option<Self> {
        if question.rtype != RecordType::DS {
            return None;
        }
        let delegation = Self { question: question.clone(), answer: answer.clone() };
        (delegation.is_passed_over() || delegation.is_by_ed448_alone()).then_some(delegation)
    }

    /// Whether there is a way down by an algorithm that the validator does not take.
    pub(super) fn is_passed_over(&self) -> bool {
        self.names(&PASSED_OVER)
    }

    /// Whether there is one way down, and we cannot go it. Where a delegation names others that nobody knows, too,
    /// or digests, they are left out of account (RFC 4035 §5.2, RFC 6840 §5.2).
    pub(super) fn is_by_ed448_alone(&self) -> bool {
        self.names(&[ED448]) && !self.names(&GONE_DOWN) && !self.names(&PASSED_OVER)
    }

    /// The records as trust anchors: all of them that can be checked, since any one way down is enough (RFC 6840
    /// §5.11).
    pub(super) fn anchors(&self) -> String {
        let zone = presented(&self.question.name);
        let usable = self.records().filter(|ds| is_of(ds, &GONE_DOWN) || is_of(ds, &PASSED_OVER));
        usable.fold(String::new(), |mut text, ds| {
            let (algorithm, digest_type) = (u8::from(ds.algorithm()), u8::from(ds.digest_type()));
            let digest = HEXLOWER.encode(ds.digest());
            let _ = writeln!(text, "{zone}. IN DS {} {algorithm} {digest_type} {digest}", ds.key_tag());
            text
        })
    }

    fn names(&self, algorithms: &[u8]) -> bool {
        self.records().any(|ds| is_of(ds, algorithms))
    }

    fn records(&self) -> impl Iterator<Item = &DS> {
        self.answer.answers.iter().filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::DS(ds)) if record.name == self.question.name => Some(ds),
            _ => None,
        })
    }
}

/// A name as master files have it (RFC 1035 §5.1), without the final dot. hickory-proto would write IDNs in Unicode,
/// and octets that are no ASCII as octal numbers.
fn presented(name: &Name) -> String {
    let octet = |octet: &u8| match octet {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => char::from(*octet).to_string(),
        other => format!("\\{other:03}"),
    };
    let labels = name.iter().map(|label| label.iter().map(octet).collect::<String>());
    labels.collect::<Vec<_>>().join(".")
}

/// Whether signatures of an algorithm are verified.
pub(super) fn is_verified(algorithm: Algorithm) -> bool {
    let number = u8::from(algorithm);
    GONE_DOWN.contains(&number) || PASSED_OVER.contains(&number)
}

/// Whether a record names a key of one of these algorithms, by a digest that can be computed.
fn is_of(ds: &DS, algorithms: &[u8]) -> bool {
    algorithms.contains(&ds.algorithm().into()) && DIGESTS.contains(&ds.digest_type().into())
}
