//! Aliases as answers show them: a CNAME is signed itself, the one that a DNAME makes is not (RFC 6672 §5.3.1).

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::signatures::reduced;
use crate::shared::dns::Question;

/// An alias, and what is to be validated before it may be followed.
pub(in crate::shared::dns) struct Step {
    /// What `proof` answers: CNAME at the name itself, or DNAME at the one above it.
    pub(in crate::shared::dns) asked: Question,
    /// The record with its signatures, and what proves that no closer name exists.
    pub(in crate::shared::dns) proof: Message,
    /// Where it leads.
    pub(in crate::shared::dns) target: Name,
}

impl Step {
    /// The owner of the DNAME that makes the alias.
    pub(in crate::shared::dns) fn dname(&self) -> Option<&Name> {
        (self.asked.rtype == RecordType::DNAME).then_some(&self.asked.name)
    }
}

/// Whether an answer says that a name is an alias by a CNAME, signed or made.
pub(in crate::shared::dns) fn is_alias(answer: &Message, name: &Name) -> bool {
    answer.answers.iter().any(|record| record.name == *name && record.record_type() == RecordType::CNAME)
}

/// The alias by a CNAME of its own in the answer to a question for it.
pub(in crate::shared::dns) fn by_cname(answer: &Message, itself: &Question) -> Option<Step> {
    let proof = reduced(answer, itself);
    let target = proof.answers.iter().find_map(|record| match &record.data {
        RData::CNAME(CNAME(target)) if record.name == itself.name => Some(target.to_lowercase()),
        _ => None,
    })?;
    Some(Step { asked: itself.clone(), proof, target })
}

/// The alias by a DNAME above `name`. Its target is computed here, whatever the CNAME says that came with it, which
/// nobody signed. None: there is no DNAME. An error: it cannot be followed, and why.
pub(in crate::shared::dns) fn by_dname(answer: &Message, name: &Name) -> Option<Result<Step, &'static str>> {
    let above = |owner: &Name| owner.zone_of(name) && labels(owner) < labels(name);
    let mut dnames = answer.answers.iter().filter_map(|record| match &record.data {
        // hickory-proto leaves what a DNAME record says unread.
        RData::Unknown { rdata, .. } if record.record_type() == RecordType::DNAME && above(&record.name) => {
            Some((record.name.to_lowercase(), &rdata.anything))
        }
        _ => None,
    });
    let (owner, octets) = dnames.next()?;
    let asked = Question { name: owner, rtype: RecordType::DNAME };
    // RFC 6672 §2.4: there is one at a name.
    if dnames.any(|(other, _)| other == asked.name) {
        return Some(Err("there are several DNAME records at one name"));
    }
    Some(substituted(name, &asked.name, octets).map(|target| {
        let mut proof = reduced(answer, &asked);
        // The rest of the answer is of where it leads to, and asked for again by itself.
        proof.authorities.clear();
        proof.metadata.response_code = ResponseCode::NoError;
        proof.queries = vec![Query::query(asked.name.clone(), RecordType::DNAME)];
        Step { asked, proof, target }
    }))
}

/// RFC 6672 §2.2: what of `name` is below `owner`, in front of the target.
fn substituted(name: &Name, owner: &Name, target: &[u8]) -> Result<Name, &'static str> {
    // RFC 6672 §2.5: the target is not compressed.
    let target = Name::read(&mut BinDecoder::new(target)).map_err(|_| "the DNAME record cannot be read")?;
    let below = name.iter().take(labels(name) - labels(owner));
    let below = Name::from_labels(below).map_err(|_| "the DNAME record cannot be followed")?;
    let substituted = below.append_domain(&target);
    // RFC 6672 §2.2 has servers answer YXDOMAIN.
    substituted
        .map(|name| name.to_lowercase())
        .map_err(|_| "the name that the DNAME record makes is too long")
}

/// All labels; hickory-proto's own count leaves out a wildcard.
fn labels(name: &Name) -> usize {
    name.iter().count()
}
