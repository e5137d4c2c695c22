//! What a ruled zone says to a question.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{LowerName, Name, RData, RecordType};

use super::Ruled;
use super::asking::{Asking, RuledAnswer, Within};
use super::online::Signature;
use super::place::Place;
use crate::sending::authority::zone::records::ZoneError;
use crate::sending::persona::LookupFault;
use crate::sending::trial::CasePhase;

impl Ruled {
    /// Answers a question for a name in a ruled zone. None: it is in none, or the answer is the parent's to give.
    pub(in crate::sending::authority) fn answer(
        &self,
        name: &LowerName,
        rtype: RecordType,
        dnssec_ok: bool,
    ) -> Option<RuledAnswer> {
        let zone = self.zone_of(name)?;
        // RFC 4035 §3.1.4.1: DS lies at the parent's side of a cut.
        if rtype == RecordType::DS && name == zone.apex() {
            return None;
        }
        let mut answer = RuledAnswer {
            rcode: ResponseCode::NoError,
            is_silent: false,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
            class: zone.apex().clone(),
        };
        let mut asking = Asking { ruled: self, zone, rtype, dnssec_ok, answer: &mut answer };
        if let Err(error) = asking.answer(name) {
            tracing::error!(%error, "a question for a case was answered with SERVFAIL");
            answer.rcode = ResponseCode::ServFail;
        }
        Some(answer)
    }
}

impl Asking<'_> {
    fn answer(&mut self, name: &LowerName) -> Result<(), ZoneError> {
        let place = self.ruled.find(self.zone, name);
        let phase = self.ruled.phase(self.zone, place.label());
        let fault = self.holding(&place, phase).and_then(|holding| holding.lookup_fault());
        if self.rtype == RecordType::TLSA && self.fails(fault) {
            return Ok(());
        }
        let within = self.within(&place, name, phase, fault);
        let sets = self.sets(&place, name, phase, &within)?;
        if let Place::Nowhere { next_closer, encloser } = &place {
            return self.deny_name(name, next_closer, encloser, &within);
        }
        let set = match self.rtype {
            // RFC 8482 §4.1: one set stands for all.
            RecordType::ANY | RecordType::RRSIG => sets.values().next(),
            RecordType::NSEC if within.signature.is_some() => {
                let nsec = self.nsec(name, &sets)?;
                let signature = within.denial.or(within.signature);
                let nsec = self.signed(&within.apex, nsec, signature)?;
                self.answer.answers.push(nsec);
                return Ok(());
            }
            rtype => sets.get(&rtype).or_else(|| sets.get(&RecordType::CNAME)),
        };
        let Some(set) = set else { return self.deny_type(name, &sets, &within) };
        let is_bogus = fault == Some(LookupFault::BogusSignature) && set.record_type() == RecordType::TLSA;
        let signature = match within.signature {
            Some(_) if is_bogus => Some(Signature::Broken),
            Some(Signature::Expired) if set.record_type() == RecordType::DNSKEY => Some(Signature::Sound),
            signature => signature,
        };
        let signed = self.signed(&within.apex, set.clone(), signature)?;
        let target = match signed.records.record().map(|record| &record.data) {
            Some(RData::CNAME(CNAME(target))) if self.rtype != RecordType::CNAME => Some(target.clone()),
            _ => None,
        };
        self.answer.answers.push(signed);
        if self.rtype == RecordType::NS {
            self.put_server(&within)?;
        }
        self.follow(target, phase, &within)
    }

    /// Goes on at the end of an alias, if that lies in the same zone.
    fn follow(&mut self, target: Option<Name>, phase: CasePhase, within: &Within) -> Result<(), ZoneError> {
        let Some(target) = target.map(LowerName::from) else { return Ok(()) };
        let place = self.ruled.find(self.zone, &target);
        let there = self.within(&place, &target, phase, None);
        if there.apex != within.apex || there.at_cut {
            return Ok(());
        }
        let sets = self.sets(&place, &target, phase, &there)?;
        match sets.get(&self.rtype) {
            Some(set) => {
                let signed = self.signed(&there.apex, set.clone(), there.signature)?;
                self.answer.answers.push(signed);
                Ok(())
            }
            None => self.deny_type(&target, &sets, &there),
        }
    }

    /// Whether the look-up fails by design.
    fn fails(&mut self, fault: Option<LookupFault>) -> bool {
        self.answer.rcode = match fault {
            Some(LookupFault::Servfail) => ResponseCode::ServFail,
            Some(LookupFault::Refused) => ResponseCode::Refused,
            Some(LookupFault::Formerr) => ResponseCode::FormErr,
            Some(LookupFault::Silence) => {
                self.answer.is_silent = true;
                return true;
            }
            Some(LookupFault::BogusSignature | LookupFault::BogusDenial) | None => return false,
        };
        true
    }

    fn put_server(&mut self, within: &Within) -> Result<(), ZoneError> {
        let Some(server) = self.zone.server_name().cloned() else { return Ok(()) };
        let phase = CasePhase::First;
        let within = Within { at_cut: false, apex: within.apex.clone(), ..*within };
        for set in self.sets(&Place::Server, &server, phase, &within)?.into_values() {
            let set = self.signed(&within.apex, set, within.signature)?;
            self.answer.additionals.push(set);
        }
        Ok(())
    }
}
