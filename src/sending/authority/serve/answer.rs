//! From a query to its answer, without I/O (RFC 1034 §4.3.2, RFC 4035 §3.1).

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, NS};
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, RecordType};

use crate::sending::authority::zone::{Node, Place, RrSet, Zone, Zones};
use crate::sending::history::Transport;

/// The largest answer over UDP, in octets, whatever the asker would take: what passes everywhere without
/// fragments (DNS flag day 2020). It is also the size that we announce.
pub(super) const UDP_OCTETS_MAX: u16 = 1232;
/// How many CNAME records are followed within a zone.
const CNAME_HOPS_MAX: usize = 8;

/// What an answer says, for the query log and for rate limiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The name as asked.
    pub(super) name: Name,
    pub(super) rtype: RecordType,
    /// Whether the question asks for signatures (the DO bit).
    pub(super) dnssec_ok: bool,
    /// The code of the answer.
    pub(super) rcode: ResponseCode,
    /// What answers like this one have in common: the owner that was found, or the zone for denials,
    /// referrals and wildcards, whose names an attacker can invent without end.
    pub(super) class: LowerName,
}

/// An answer on the wire.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) octets: Vec<u8>,
    /// The same answer without records and with the TC bit, which sends the asker to TCP.
    pub(super) truncated: Vec<u8>,
    /// What it is about; none where the query could not be read.
    pub(super) asked: Option<Asked>,
}

/// Answers a query. None: it gets no answer, because it is no query at all.
pub(super) fn answer(zones: &Zones, octets: &[u8], transport: Transport) -> Option<Answer> {
    // Too short for a header, or itself an answer: answering could go on for ever.
    if octets.len() < 12 || octets[2] & 0x80 != 0 {
        return None;
    }
    let Ok(query) = Message::from_vec(octets) else {
        return Some(unreadable(octets));
    };
    let mut reply = Message::new(query.metadata.id, MessageType::Response, query.metadata.op_code);
    reply.metadata.recursion_desired = query.metadata.recursion_desired;
    // RFC 4035 §3.1.6: an authoritative server copies CD.
    reply.metadata.checking_disabled = query.metadata.checking_disabled;
    reply.add_queries(query.queries.iter().cloned());
    let dnssec_ok = query.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
    if query.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_OCTETS_MAX).set_version(0).set_dnssec_ok(dnssec_ok);
        reply.set_edns(edns);
    }
    let asked = match refusal(&query) {
        Some(rcode) => {
            reply.metadata.response_code = rcode;
            query.queries.first().map(|question| (question, LowerName::from(Name::root())))
        }
        None => query.queries.first().map(|question| {
            let class = respond(zones, question, dnssec_ok, &mut reply);
            (question, class)
        }),
    };
    let asked = asked.map(|(question, class)| Asked {
        name: question.name().clone(),
        rtype: question.query_type(),
        dnssec_ok,
        rcode: reply.metadata.response_code,
        class,
    });
    let octets_max = match transport {
        Transport::Tcp => u16::MAX,
        // RFC 6891 §6.2.5: without OPT 512 octets; values below 512 count as 512.
        Transport::Udp => query.edns.map_or(512, |edns| edns.max_payload().clamp(512, UDP_OCTETS_MAX)),
    };
    encode(&reply, octets_max, asked)
}

/// What a query is told, without I/O and without the limits of UDP.
pub(in crate::sending::authority) fn told(zones: &Zones, query: &[u8]) -> Option<Vec<u8>> {
    answer(zones, query, Transport::Tcp).map(|answer| answer.octets)
}

/// Encoded whole first, so that an answer that is too long keeps its OPT record when it is cut.
fn encode(reply: &Message, octets_max: u16, asked: Option<Asked>) -> Option<Answer> {
    let truncated = reply.truncate().to_vec().ok()?;
    let octets = reply.to_vec().ok().filter(|octets| octets.len() <= usize::from(octets_max));
    Some(Answer { octets: octets.unwrap_or_else(|| truncated.clone()), truncated, asked })
}

/// FORMERR with nothing but a header, since nothing else could be read.
fn unreadable(octets: &[u8]) -> Answer {
    let (id, op_code) = (u16::from_be_bytes([octets[0], octets[1]]), OpCode::from_u8(octets[2] >> 3 & 0x0f));
    let rcode = if op_code == OpCode::Query { ResponseCode::FormErr } else { ResponseCode::NotImp };
    let octets = Message::error_msg(id, op_code, rcode).to_vec().unwrap_or_default();
    Answer { truncated: octets.clone(), octets, asked: None }
}

/// Why a query is not even looked up.
fn refusal(query: &Message) -> Option<ResponseCode> {
    // Before anything that only a QUERY has to have: an UPDATE's sections mean something else (RFC 2136 §2.3).
    if query.metadata.op_code != OpCode::Query {
        return Some(ResponseCode::NotImp);
    }
    let [question] = query.queries.as_slice() else {
        return Some(ResponseCode::FormErr);
    };
    if query.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
        // RFC 6891 §6.1.3.
        return Some(ResponseCode::BADVERS);
    }
    // No transfer to strangers, and no other class.
    let transfer = matches!(question.query_type(), RecordType::AXFR | RecordType::IXFR);
    (transfer || question.query_class() != DNSClass::IN).then_some(ResponseCode::Refused)
}

/// Fills the reply; returns the class of the answer.
fn respond(zones: &Zones, question: &Query, dnssec_ok: bool, reply: &mut Message) -> LowerName {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sending::authority::zone::{Authority, Content, Settings, ZoneText};
    use crate::shared::time::Timestamp;

    fn authority(keys: &std::path::Path) -> Authority {
        let text =
            "$TTL 60\n@ SOA ns host 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n*.w TXT x\nc CNAME a.w\nd NS ns.d\n";
        let zone = ZoneText { apex: "t.".into(), file: "t".into(), text: text.into(), signed: true };
        let content = Content { origin: None, others: vec![zone] };
        let settings = Settings { keys: keys.to_owned(), ..Settings::default() };
        Authority::new(content, settings, Timestamp::UNIX_EPOCH).expect("a zone")
    }

    fn query(name: &str, rtype: u16) -> Vec<u8> {
        let mut query = Message::new(7, MessageType::Query, OpCode::Query);
        query.add_query(Query::query(Name::from_ascii(name).expect("a name"), rtype.into()));
        let mut edns = Edns::new();
        edns.set_dnssec_ok(true);
        query.set_edns(edns);
        query.to_vec().expect("a query")
    }

    /// Whatever comes in, what goes out is an answer to it, or nothing.
    fn check(zones: &Zones, octets: &[u8]) {
        for transport in [Transport::Udp, Transport::Tcp] {
            let Some(answer) = answer(zones, octets, transport) else { continue };
            assert!(transport == Transport::Tcp || answer.octets.len() <= usize::from(UDP_OCTETS_MAX));
            for octets_out in [&answer.octets, &answer.truncated] {
                assert_eq!(octets_out[..2], octets[..2], "the identifier");
                assert!(octets_out[2] & 0x80 != 0, "QR");
                Message::from_vec(octets_out).expect("a message");
            }
        }
    }

    #[test]
    fn octets_of_any_kind_do_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let zones = authority(folder.path()).zones();
        let names = ["t.", "ns.t.", "x.w.t.", "c.t.", "x.d.t.", "nowhere.t.", "w.t.", "other.", "."];
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
        let any = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..64),
            // A sound query with some octets changed.
            (
                proptest::sample::select(names.to_vec()),
                any::<u16>(),
                proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4)
            )
                .prop_map(|(name, rtype, changes)| {
                    let mut octets = query(name, rtype);
                    for (at, octet) in changes {
                        let at = usize::from(at) % octets.len();
                        octets[at] = octet;
                    }
                    octets
                }),
        ];
        runner
            .run(&any, |octets| {
                check(&zones, &octets);
                Ok(())
            })
            .expect("no harm");
        for name in names {
            for rtype in (0..=260).chain([32_768, 65_535]) {
                check(&zones, &query(name, rtype));
            }
        }
    }

    #[test]
    fn an_answer_is_not_answered() {
        let folder = tempfile::tempdir().expect("a folder");
        let zones = authority(folder.path()).zones();
        let mut octets = query("t.", 6);
        assert!(answer(&zones, &octets, Transport::Udp).is_some());
        octets[2] |= 0x80;
        assert!(answer(&zones, &octets, Transport::Udp).is_none());
        assert!(answer(&zones, &octets[..11], Transport::Udp).is_none());
    }
}
