//! What a question is about: the zone that answers it, and what is at a name in it.

use std::sync::Arc;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{LowerName, Name, RData, RecordSet, RecordType};

use super::case_zone::CaseZone;
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
pub(super) struct Within {
    pub(super) apex: LowerName,
    /// None: it is not signed.
    pub(super) signature: Option<Signature>,
    /// Whether the question is for what the zone says of the one below it.
    pub(super) at_cut: bool,
    /// What is the matter with proofs that something is not there.
    pub(super) denial: Option<Signature>,
}

/// One question, and its answer as far as it is made.
pub(super) struct Asking<'a> {
    pub(super) ruled: &'a Ruled,
    pub(super) zone: &'a CaseZone,
    pub(super) rtype: RecordType,
    /// Whether signatures are wanted; else none are made.
    pub(super) dnssec_ok: bool,
    pub(super) answer: &'a mut RuledAnswer,
}

impl Asking<'_> {
    pub(super) fn holding<'b>(&'b self, place: &'b Place, phase: CasePhase) -> Option<Holding<'b>> {
        let Place::Part(at) = place else { return None };
        Some(Holding { zone: self.zone, common: &self.ruled.common, at, phase })
    }

    /// The zone that answers for a name.
    pub(super) fn within(
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
    pub(super) fn sets(
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

    pub(super) fn signed(
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
}
