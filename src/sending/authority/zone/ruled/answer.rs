//! What a ruled zone says to a question.

use std::sync::Arc;

use hickory_proto::dnssec::rdata::{DNSSECRData, NSEC};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{CNAME, NS};
use hickory_proto::rr::{LowerName, Name, RData, RecordSet, RecordType};

use super::case_zone::CaseZone;
use super::denial;
use super::online::Signature;
use super::place::Place;
use super::records::{Holding, Sets};
use super::{Ruled, labels};
use crate::sending::authority::zone::keys::DNSKEY_TTL_S;
use crate::sending::authority::zone::records::{ZoneError, txt};
use crate::sending::authority::zone::snapshot::RrSet;
use crate::sending::persona::{Layout, LookupFault, ZoneState};
use crate::sending::trial::{CaseName, CasePhase, Label, Part};

/// An answer of a ruled zone.
#[derive(Clone, Debug)]
pub(in crate::sending::authority) struct RuledAnswer {
    pub(in crate::sending::authority) rcode: ResponseCode,
    /// Whether nothing is sent.
    pub(in crate::sending::authority) is_silent: bool,
    pub(in crate::sending::authority) answers: Vec<Arc<RrSet>>,
    pub(in crate::sending::authority) authorities: Vec<Arc<RrSet>>,
    pub(in crate::sending::authority) additionals: Vec<Arc<RrSet>>,
    /// What answers like this one have in common: the zone, for anybody may invent names in it.
    pub(in crate::sending::authority) class: LowerName,
}

/// The zone that answers: that of the case, or an insecure one below it.
struct Within {
    apex: LowerName,
    /// None: it is not signed.
    signature: Option<Signature>,
    /// Whether the question is for what the zone says of the one below it.
    at_cut: bool,
    /// What is the matter with proofs that something is not there.
    denial: Option<Signature>,
}

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

/// One question, and its answer as far as it is made.
struct Asking<'a> {
    ruled: &'a Ruled,
    zone: &'a CaseZone,
    rtype: RecordType,
    /// Whether signatures are wanted; else none are made.
    dnssec_ok: bool,
    answer: &'a mut RuledAnswer,
}

impl Asking<'_> {
    fn answer(&mut self, name: &LowerName) -> Result<(), ZoneError> {
        let place = self.ruled.find(self.zone, name);
        let phase = self.ruled.phase(self.zone, label_of(&place));
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

    fn holding<'b>(&'b self, place: &'b Place, phase: CasePhase) -> Option<Holding<'b>> {
        let Place::Part(at) = place else { return None };
        Some(Holding { zone: self.zone, common: &self.ruled.common, at, phase })
    }

    /// The zone that answers for a name.
    fn within(
        &self,
        place: &Place,
        name: &LowerName,
        phase: CasePhase,
        fault: Option<LookupFault>,
    ) -> Within {
        let signature = match self.zone.case().zone {
            ZoneState::Signed | ZoneState::WrongDs => Some(Signature::Sound),
            ZoneState::Expired if phase == CasePhase::Over => Some(Signature::Sound),
            ZoneState::Expired => Some(Signature::Expired),
            ZoneState::UnknownAlgorithm => Some(Signature::Unknown),
            ZoneState::Insecure => None,
        };
        let cut = self.cut_above(name);
        let at_cut = self.rtype == RecordType::DS && cut.as_ref() == Some(name);
        let denial = (fault == Some(LookupFault::BogusDenial) && matches!(place, Place::Part(_)))
            .then_some(Signature::Broken);
        match cut {
            Some(apex) if !at_cut => Within { apex, signature: None, at_cut: false, denial: None },
            _ => Within { apex: self.zone.apex().clone(), signature, at_cut, denial },
        }
    }

    /// The apex of the insecure zone within that of the case in which a name lies.
    fn cut_above(&self, name: &LowerName) -> Option<LowerName> {
        let depth = labels(self.zone.apex()) + 1;
        if labels(name) < depth {
            return None;
        }
        let below_apex = LowerName::from(Name::from(name).trim_to(depth));
        let is_cut = match self.zone.case().layout {
            Layout::InsecureAlias => {
                // The word `alias` itself, as the permanent name of where the alias ends has it.
                let end = CaseName { case: self.zone.id().to_owned(), label: None, part: Part::Alias };
                let text = Name::from(&below_apex).to_ascii();
                text.trim_end_matches('.') == end.under(&self.ruled.origin_text)
            }
            Layout::Elsewhere => {
                let label = Name::from(&below_apex);
                let label = label.iter().next().and_then(|label| std::str::from_utf8(label).ok());
                label.is_some_and(|label| label.parse::<Label>().is_ok())
            }
            _ => false,
        };
        is_cut.then_some(below_apex)
    }

    /// All sets at a name, as the zone that answers has them.
    fn sets(
        &self,
        place: &Place,
        name: &LowerName,
        phase: CasePhase,
        within: &Within,
    ) -> Result<Sets, ZoneError> {
        let holding = self.holding(place, phase).filter(|_| !within.at_cut);
        let mut sets = holding.map(|holding| holding.sets()).transpose()?.unwrap_or_default();
        let ttl_s = self.ruled.common.ttl_s;
        let mut add = |ttl_s: u32, data: RData| {
            let rtype = data.record_type();
            let new = || RecordSet::with_ttl(Name::from(name), rtype, ttl_s);
            sets.entry(rtype).or_insert_with(new).add_rdata(data);
        };
        if *name == within.apex || within.at_cut {
            self.zone.servers().iter().for_each(|server| add(ttl_s, RData::NS(NS(server.clone()))));
        }
        if *name == within.apex {
            add(ttl_s, RData::SOA(self.ruled.common.soa.clone()));
            if within.signature.is_some() {
                self.ruled.online.dnskeys(self.zone).into_iter().for_each(|key| add(DNSKEY_TTL_S, key));
            }
        }
        match place {
            Place::Server => self.zone.server_addresses().iter().for_each(|data| add(ttl_s, data.clone())),
            Place::Challenge => {
                let texts = self.ruled.challenges.get(name).into_iter().flatten();
                texts.for_each(|text| add(1, RData::TXT(txt(text))));
            }
            _ => {}
        }
        Ok(sets)
    }

    fn signed(
        &self,
        apex: &LowerName,
        set: RecordSet,
        signature: Option<Signature>,
    ) -> Result<Arc<RrSet>, ZoneError> {
        let wants = self.dnssec_ok || self.rtype == RecordType::RRSIG;
        match signature.filter(|_| wants) {
            Some(signature) => self.ruled.online.signed(apex, set, signature),
            None => Ok(Arc::new(RrSet { records: set, signatures: Vec::new(), expires_s: 0 })),
        }
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

    /// The SOA, by whose last field a denial is remembered (RFC 2308 §3).
    fn put_soa(&mut self, within: &Within) -> Result<(), ZoneError> {
        let common = &self.ruled.common;
        let ttl_s = common.ttl_s.min(common.soa.minimum);
        let mut set = RecordSet::with_ttl(Name::from(&within.apex), RecordType::SOA, ttl_s);
        set.add_rdata(RData::SOA(common.soa.clone()));
        let set = self.signed(&within.apex, set, within.signature)?;
        self.answer.authorities.push(set);
        Ok(())
    }

    /// The record that lists the types at a name, and says nothing of any other.
    fn nsec(&self, name: &LowerName, sets: &Sets) -> Result<RecordSet, ZoneError> {
        let next = denial::first_below(name).ok_or_else(|| too_long(name))?;
        Ok(self.nsec_of(Name::from(name), next, sets.keys().copied()))
    }

    fn nsec_of(&self, owner: Name, next: Name, types: impl IntoIterator<Item = RecordType>) -> RecordSet {
        let common = &self.ruled.common;
        // RFC 9077 §3: as long as a negative answer.
        let ttl_s = common.ttl_s.min(common.soa.minimum);
        let mut set = RecordSet::with_ttl(owner, RecordType::NSEC, ttl_s);
        set.add_rdata(RData::DNSSEC(DNSSECRData::NSEC(NSEC::new_cover_self(next, types))));
        set
    }

    /// NOERROR without the type.
    fn deny_type(&mut self, name: &LowerName, sets: &Sets, within: &Within) -> Result<(), ZoneError> {
        self.put_soa(within)?;
        if within.signature.is_some() && self.dnssec_ok {
            let nsec = self.nsec(name, sets)?;
            let nsec = self.signed(&within.apex, nsec, within.denial.or(within.signature))?;
            self.answer.authorities.push(nsec);
        }
        Ok(())
    }

    /// NXDOMAIN: neither the name is there nor a wildcard (RFC 4035 §3.1.3.2), by records that span nothing else.
    fn deny_name(
        &mut self,
        name: &LowerName,
        next_closer: &LowerName,
        encloser: &LowerName,
        within: &Within,
    ) -> Result<(), ZoneError> {
        let wildcard = Name::from(encloser).prepend_label("*").map(LowerName::from);
        let spans = [Some(next_closer.clone()), wildcard.ok()].map(|name| denial::around(&name?));
        let [Some(closer), Some(wildcard)] = spans else {
            // Around some names no other fits, and these are said to be empty.
            return self.deny_type(name, &Sets::new(), within);
        };
        self.answer.rcode = ResponseCode::NXDomain;
        self.put_soa(within)?;
        if within.signature.is_some() && self.dnssec_ok {
            let mut spans = vec![closer, wildcard];
            spans.dedup();
            for (owner, next) in spans {
                let nsec = self.nsec_of(owner, next, []);
                let nsec = self.signed(&within.apex, nsec, within.signature)?;
                self.answer.authorities.push(nsec);
            }
        }
        Ok(())
    }
}

fn label_of(place: &Place) -> Option<&Label> {
    match place {
        Place::Part(at) => at.label.as_ref(),
        _ => None,
    }
}

fn too_long(name: &LowerName) -> ZoneError {
    ZoneError::Name { name: name.to_string(), reason: "no name fits below it".to_owned() }
}
