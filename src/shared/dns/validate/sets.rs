//! The sets of records of an answer.

use hickory_proto::dnssec::rdata::RRSIG;
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, Record, RecordType};

use super::signatures::{may_sign, signature};
use crate::shared::dns::plain;
use crate::shared::evidence::scan::Broken;

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
