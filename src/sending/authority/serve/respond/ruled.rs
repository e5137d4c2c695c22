//! An answer of a ruled zone, put into a reply.

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{LowerName, Record, RecordType};

use super::Responded;
use crate::sending::authority::zone::{RrSet, RuledAnswer};

/// Fills the reply.
pub(super) fn put(answer: RuledAnswer, question: &Query, dnssec_ok: bool, reply: &mut Message) -> Responded {
    reply.metadata.response_code = answer.rcode;
    reply.metadata.authoritative = true;
    let signature_asked = question.query_type() == RecordType::RRSIG;
    let name = LowerName::from(question.name());
    for set in &answer.answers {
        let records = set.iter().filter(|_| !signature_asked);
        let signatures = set.signatures.iter().filter(|_| dnssec_ok || signature_asked);
        for record in records.chain(signatures) {
            let mut record = record.clone();
            // The name as it was asked: the spelling is kept.
            if LowerName::from(&record.name) == name {
                record.name = question.name().clone();
            }
            reply.add_answer(record);
        }
    }
    let with_signatures = |set: &RrSet| -> Vec<Record> {
        set.iter().chain(set.signatures.iter().filter(|_| dnssec_ok)).cloned().collect()
    };
    reply.authorities.extend(answer.authorities.iter().flat_map(|set| with_signatures(set)));
    reply.additionals.extend(answer.additionals.iter().flat_map(|set| with_signatures(set)));
    Responded { class: answer.class, is_silent: answer.is_silent }
}
