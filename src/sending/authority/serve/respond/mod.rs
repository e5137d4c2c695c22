//! What a zone says to a question (RFC 1034 §4.3.2, RFC 4035 §3.1).

mod ruled;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, NS};
use hickory_proto::rr::{LowerName, Name, RData, RecordType};

use crate::sending::authority::zone::{Node, Place, RrSet, Zone, Zones};

/// How many CNAME records are followed within a zone.
const CNAME_HOPS_MAX: usize = 8;

/// What is known of a reply that was filled.
pub(super) struct Responded {
    /// What answers like this one have in common.
    pub(super) class: LowerName,
    /// Whether it is not to be sent.
    pub(super) is_silent: bool,
}

/// Fills the reply.
pub(super) fn respond(zones: &Zones, question: &Query, dnssec_ok: bool, reply: &mut Message) -> Responded {
    let name = LowerName::from(question.name());
    let by_rule = zones.ruled().and_then(|ruled| ruled.answer(&name, question.query_type(), dnssec_ok));
    match by_rule {
        Some(answer) => ruled::put(answer, question, dnssec_ok, reply),
        None => Responded { class: from_snapshot(zones, question, dnssec_ok, reply), is_silent: false },
    }
}

/// Fills the reply from a zone that is signed ahead; returns the class of the answer.
fn from_snapshot(zones: &Zones, question: &Query, dnssec_ok: bool, reply: &mut Message) -> LowerName {
    let mut name = LowerName::from(question.name());
    let rtype = question.query_type();
    // RFC 4035 §3.1.4.1: DS lies at the parent's side of a cut.
    let parent = zones.holding(&name, true).filter(|_| rtype == RecordType::DS);
    let Some(zone) = parent.or_else(|| zones.holding(&name, false)) else {
        reply.metadata.response_code = ResponseCode::Refused;
        return LowerName::from(Name::root());
    };
    let mut responder = Responder { zone, rtype, dnssec_ok, reply };
    let mut asked = question.name().clone();
    let mut class = None;
    for _ in 0..=CNAME_HOPS_MAX {
        let (found, target) = responder.step(&name, &asked);
        class.get_or_insert(found);
        // Where the target lies in another zone, the resolver asks for it there.
        let Some(target) = target else { break };
        name = LowerName::from(&target);
        let here = zones.holding(&name, false).is_some_and(|zone| zone.apex == responder.zone.apex);
        let met = responder.reply.answers.iter().any(|record| record.name == target);
        if !here || met || responder.zone.cut_above(&name).is_some() {
            break;
        }
        asked = target;
    }
    class.unwrap_or_else(|| zone.apex.clone())
}

struct Responder<'a> {
    zone: &'a Zone,
    rtype: RecordType,
    dnssec_ok: bool,
    reply: &'a mut Message,
}

impl Responder<'_> {
    /// Answers for one name; returns the class, and the target of a CNAME that is to be followed.
    fn step(&mut self, name: &LowerName, asked: &Name) -> (LowerName, Option<Name>) {
        let zone = self.zone;
        let apex = zone.apex.clone();
        self.reply.metadata.authoritative = true;
        match zone.find(name) {
            Place::Delegated { cut, node } if cut == name && self.rtype == RecordType::DS => {
                match node.get(RecordType::DS) {
                    Some(set) => self.put_answer(set, asked),
                    None => self.no_data(name, None),
                }
                (name.clone(), None)
            }
            Place::Delegated { cut, node } => {
                self.reply.metadata.authoritative = false;
                self.referral(cut, node);
                (apex, None)
            }
            Place::At(node) => (name.clone(), self.at(name, node, asked, None)),
            Place::Empty => {
                self.no_data(name, None);
                (apex, None)
            }
            Place::Wildcard(node) => (apex, self.at(name, node, asked, Some(name))),
            Place::Nowhere { wildcard } => {
                self.reply.metadata.response_code = ResponseCode::NXDomain;
                self.deny(&[name.clone(), wildcard]);
                (apex, None)
            }
        }
    }

    /// Answers from a node: the set asked for, a CNAME, or the proof that there is neither. With `covered`
    /// the node is a wildcard and that name is proved not to exist (RFC 4035 §3.1.3.3).
    fn at(
        &mut self,
        name: &LowerName,
        node: &Node,
        asked: &Name,
        covered: Option<&LowerName>,
    ) -> Option<Name> {
        let cname = node.get(RecordType::CNAME);
        let set = match self.rtype {
            // RFC 8482 §4.1: one set stands for all.
            RecordType::ANY => node.sets.values().next().map(AsRef::as_ref),
            RecordType::RRSIG => node.sets.values().find(|set| !set.signatures.is_empty()).map(AsRef::as_ref),
            rtype => node.get(rtype).or(cname),
        };
        let Some(set) = set else {
            self.no_data(name, covered.map(|_| node));
            return None;
        };
        self.put_answer(set, asked);
        if let (Some(name), true) = (covered, self.dnssec_ok) {
            let nsec = self.zone.nsec_for(name);
            self.put_authority(nsec);
        }
        if self.rtype == RecordType::NS && covered.is_none() {
            self.put_addresses(set);
        }
        let target = match &set.records.record()?.data {
            RData::CNAME(CNAME(target)) => target.clone(),
            _ => return None,
        };
        (!matches!(self.rtype, RecordType::CNAME | RecordType::ANY | RecordType::RRSIG)).then_some(target)
    }

    /// NOERROR without the type. `wildcard` is the node that covers the name, if the name itself is nowhere.
    fn no_data(&mut self, name: &LowerName, wildcard: Option<&Node>) {
        self.deny(std::slice::from_ref(name));
        if let (Some(node), true) = (wildcard, self.dnssec_ok) {
            self.put_authority(node.get(RecordType::NSEC));
        }
    }

    /// The SOA with the TTL of a denial (RFC 2308 §3), and the NSEC of each name, each once.
    fn deny(&mut self, names: &[LowerName]) {
        let zone = self.zone;
        let ttl_s = zone.soa().map_or(0, |soa| soa.minimum);
        let soa = zone.get(&zone.apex, RecordType::SOA);
        for record in
            soa.into_iter().flat_map(|set| set.iter().chain(set.signatures.iter().filter(|_| self.dnssec_ok)))
        {
            let mut record = record.clone();
            record.ttl = record.ttl.min(ttl_s);
            self.reply.add_authority(record);
        }
        if self.dnssec_ok {
            for name in names {
                self.put_authority(zone.nsec_for(name));
            }
        }
    }

    /// NS without signature, DS or the proof that there is none, glue; not authoritative (RFC 4035 §3.1.4).
    fn referral(&mut self, cut: &LowerName, node: &Node) {
        let Some(servers) = node.get(RecordType::NS) else { return };
        self.put_authority(Some(servers));
        if self.dnssec_ok && self.zone.signed {
            let ds = node.get(RecordType::DS).or_else(|| self.zone.nsec_for(cut));
            self.put_authority(ds);
        }
        self.put_addresses(servers);
    }

    fn put_answer(&mut self, set: &RrSet, asked: &Name) {
        let signature_asked = self.rtype == RecordType::RRSIG;
        let records = set.iter().filter(|_| !signature_asked);
        let signature = set.signatures.iter().filter(|_| self.dnssec_ok || signature_asked);
        // The name as it was asked: the spelling is kept, and a wildcard becomes the name.
        for record in records.chain(signature) {
            let mut record = record.clone();
            record.name = asked.clone();
            self.reply.add_answer(record);
        }
    }

    /// Puts a set into the authority section, unless it is there.
    fn put_authority(&mut self, set: Option<&RrSet>) {
        for record in
            set.into_iter().flat_map(|set| set.iter().chain(set.signatures.iter().filter(|_| self.dnssec_ok)))
        {
            if !self.reply.authorities.contains(record) {
                self.reply.add_authority(record.clone());
            }
        }
    }

    /// The addresses of name servers that the zone knows, its own or as glue.
    fn put_addresses(&mut self, servers: &RrSet) {
        for record in servers.iter() {
            let RData::NS(NS(server)) = &record.data else { continue };
            for rtype in [RecordType::A, RecordType::AAAA] {
                if let Some(set) = self.zone.get(&server.into(), rtype) {
                    let signature = set.signatures.iter().filter(|_| self.dnssec_ok);
                    self.reply.additionals.extend(set.iter().chain(signature).cloned());
                }
            }
        }
    }
}
