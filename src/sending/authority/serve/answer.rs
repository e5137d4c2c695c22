//! From a query to its answer, without I/O: what is refused, what goes along with an answer, and how long it may be.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, LowerName, Name, RecordType};

use super::edns::{Asker, ExtendedError, Extensions, Presented, Report, shed};
use super::respond::{Responded, respond};
use crate::sending::authority::zone::Zones;
use crate::sending::history::Transport;
use crate::shared::time::Timestamp;

/// The largest answer over UDP, in octets, whatever the asker would take: what passes everywhere without
/// fragments (DNS flag day 2020). It is also the size that we announce.
pub(super) const UDP_OCTETS_MAX: u16 = 1232;
/// The octets of a header (RFC 1035 §4.1.1).
pub(super) const HEADER_OCTETS: usize = 12;

/// What an answer says, for the query log and for rate limiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The name as asked.
    pub(super) name: Name,
    pub(super) rtype: RecordType,
    /// Whether the question asks for signatures (the DO bit).
    pub(super) dnssec_ok: bool,
    /// The code of the answer; none where it is not sent.
    pub(super) rcode: Option<ResponseCode>,
    /// What answers like this one have in common: the owner that was found, or the zone for denials,
    /// referrals and wildcards, whose names an attacker can invent without end.
    pub(super) class: LowerName,
    /// The report that the question is, if it is one.
    pub(super) report: Option<Report>,
}

/// An answer on the wire.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) octets: Vec<u8>,
    /// The same answer without records and with the TC bit, which sends the asker to TCP.
    pub(super) truncated: Vec<u8>,
    /// What follows it on the same connection: a transfer may need many messages.
    pub(super) more: Vec<Vec<u8>>,
    /// What it is about; none where the query could not be read, and of transfers.
    pub(super) asked: Option<Asked>,
    /// Whether the asker has shown that its address is its own.
    pub(super) is_proved: bool,
    /// Whether it is noted and not sent.
    pub(super) is_silent: bool,
}

impl Answer {
    /// An answer of these octets, about nothing that is noted.
    pub(super) fn plain(octets: Vec<u8>) -> Self {
        Self {
            truncated: octets.clone(),
            octets,
            more: Vec::new(),
            asked: None,
            is_proved: false,
            is_silent: false,
        }
    }
}

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// It gets no answer, because it is no query at all.
    Nothing,
    /// It cannot be read, and is told so.
    Unreadable(Box<Answer>),
    Query(Box<Message>),
}

/// Reads what came in.
pub(super) fn read(octets: &[u8]) -> Incoming {
    // Too short for a header, or itself an answer: answering could go on for ever.
    if octets.len() < HEADER_OCTETS || octets[2] & 0x80 != 0 {
        return Incoming::Nothing;
    }
    match Message::from_vec(octets) {
        Ok(query) => Incoming::Query(Box::new(query)),
        Err(_) => Incoming::Unreadable(Box::new(unreadable(octets))),
    }
}

/// Answers a query. With `refused` it is not even looked up.
pub(super) fn answer(
    zones: &Zones,
    query: &Message,
    asker: &Asker<'_>,
    refused: Option<Refusal>,
) -> Option<Answer> {
    let mut reply = Message::new(query.metadata.id, MessageType::Response, query.metadata.op_code);
    reply.metadata.recursion_desired = query.metadata.recursion_desired;
    // RFC 4035 §3.1.6: an authoritative server copies CD.
    reply.metadata.checking_disabled = query.metadata.checking_disabled;
    reply.add_queries(query.queries.iter().cloned());
    let dnssec_ok = query.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
    let presented = asker.presented(query.edns.as_ref());
    let question = query.queries.first();
    let refused = refused.or_else(|| refusal(query, presented));
    let mut error = refused.and_then(|refused| refused.error);
    let (mut class, mut silent) = (LowerName::from(Name::root()), false);
    match (refused, question) {
        (Some(refused), _) => reply.metadata.response_code = refused.rcode,
        (None, Some(question)) => {
            Responded { class, is_silent: silent } = respond(zones, question, dnssec_ok, &mut reply);
            // A case that refuses by design says no more.
            let strange =
                reply.metadata.response_code == ResponseCode::Refused && !reply.metadata.authoritative;
            error = strange.then_some(ExtendedError::NotAuthoritative);
        }
        // RFC 7873 §5.4: whoever wants a cookie alone asks nothing.
        (None, None) => {}
    }
    if query.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_OCTETS_MAX).set_version(0).set_dnssec_ok(dnssec_ok);
        // What is at fault in a case is so by design, and nobody needs to report it.
        let by_rule = |name: &LowerName| zones.ruled().is_some_and(|ruled| ruled.holds(name));
        let name = question.map(|question| LowerName::from(question.name())).filter(|name| !by_rule(name));
        asker.extend(&mut edns, presented, error, name.as_ref());
        reply.set_edns(edns);
    }
    let asked = question.map(|question| Asked {
        name: question.name().clone(),
        rtype: question.query_type(),
        dnssec_ok,
        rcode: (!silent).then_some(reply.metadata.response_code),
        class,
        report: asker.report(question.name()),
    });
    let octets_max = match asker.transport {
        Transport::Tcp => u16::MAX,
        // RFC 6891 §6.2.5: without OPT 512 octets; values below 512 count as 512.
        Transport::Udp => {
            query.edns.as_ref().map_or(512, |edns| edns.max_payload().clamp(512, UDP_OCTETS_MAX))
        }
    };
    let mut answer = encode(&mut reply, octets_max, asked)?;
    answer.is_proved = presented.proves();
    answer.is_silent = silent;
    // RFC 9567 §6.3: who reports over UDP without a cookie is to come over TCP, so that nobody reports for others.
    let reports = answer.asked.as_ref().is_some_and(|asked| asked.report.is_some());
    if reports && asker.transport == Transport::Udp && !answer.is_proved {
        answer.octets.clone_from(&answer.truncated);
        answer.asked = None;
    }
    Some(answer)
}

/// What a query is told, without I/O and without the limits of UDP.
pub(in crate::sending::authority) fn told(zones: &Zones, octets: &[u8]) -> Option<Vec<u8>> {
    let extensions = Extensions::default();
    let (transport, now) = (Transport::Tcp, Timestamp::UNIX_EPOCH);
    let asker = Asker { transport, address: None, now, extensions: &extensions };
    match read(octets) {
        Incoming::Nothing => None,
        Incoming::Unreadable(answer) => Some(answer.octets),
        Incoming::Query(query) => {
            let answer = answer(zones, &query, &asker, None).filter(|answer| !answer.is_silent);
            answer.map(|answer| answer.octets)
        }
    }
}

/// Encoded whole first, so that an answer that is too long keeps its OPT record when it is cut.
fn encode(reply: &mut Message, octets_max: u16, asked: Option<Asked>) -> Option<Answer> {
    let whole =
        |reply: &Message| reply.to_vec().ok().filter(|octets| octets.len() <= usize::from(octets_max));
    let mut octets = whole(reply);
    if octets.is_none()
        && let Some(edns) = &mut reply.edns
    {
        shed(edns);
        octets = whole(reply);
    }
    let truncated = reply.truncate().to_vec().ok()?;
    let octets = octets.unwrap_or_else(|| truncated.clone());
    Some(Answer { octets, truncated, more: Vec::new(), asked, is_proved: false, is_silent: false })
}

/// FORMERR with nothing but a header, since nothing else could be read.
fn unreadable(octets: &[u8]) -> Answer {
    let (id, op_code) = (u16::from_be_bytes([octets[0], octets[1]]), OpCode::from_u8(octets[2] >> 3 & 0x0f));
    let rcode = if op_code == OpCode::Query { ResponseCode::FormErr } else { ResponseCode::NotImp };
    Answer::plain(Message::error_msg(id, op_code, rcode).to_vec().unwrap_or_default())
}

/// Why a query is not even looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    rcode: ResponseCode,
    error: Option<ExtendedError>,
}

impl Refusal {
    /// The catalog zone is not for whoever asked.
    pub(super) const CATALOG: Self =
        Self { rcode: ResponseCode::Refused, error: Some(ExtendedError::CatalogProhibited) };
}

fn refusal(query: &Message, presented: Presented) -> Option<Refusal> {
    let because = |rcode, error| Some(Refusal { rcode, error });
    // Before anything that only a QUERY has to have: an UPDATE's sections mean something else (RFC 2136 §2.3).
    if query.metadata.op_code != OpCode::Query {
        return because(ResponseCode::NotImp, Some(ExtendedError::NotSupported));
    }
    if presented == Presented::Malformed {
        return because(ResponseCode::FormErr, None);
    }
    let [question] = query.queries.as_slice() else {
        let cookie_alone = query.queries.is_empty() && presented != Presented::None;
        return if cookie_alone { None } else { because(ResponseCode::FormErr, None) };
    };
    if query.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
        // RFC 6891 §6.1.3.
        return because(ResponseCode::BADVERS, None);
    }
    // No transfer to strangers, and no other class.
    if matches!(question.query_type(), RecordType::AXFR | RecordType::IXFR) {
        return because(ResponseCode::Refused, Some(ExtendedError::TransferProhibited));
    }
    let other_class = question.query_class() != DNSClass::IN;
    other_class.then_some(Refusal { rcode: ResponseCode::Refused, error: Some(ExtendedError::NotSupported) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use hickory_proto::op::Query;
    use hickory_proto::rr::rdata::opt::EdnsOption;

    use super::super::edns::{Agent, CookieSecret, Cookies};
    use super::*;
    use crate::sending::authority::zone::{Authority, Content, Settings, ZoneText};

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
        edns.options_mut().insert(EdnsOption::Unknown(10, vec![1; 8]));
        query.set_edns(edns);
        query.to_vec().expect("a query")
    }

    fn answered(zones: &Zones, octets: &[u8], transport: Transport) -> Option<Answer> {
        let extensions = Extensions {
            cookies: Some(Cookies::new(CookieSecret([7; 32]))),
            agent: Some(Agent::new("er.t.".parse().expect("a name"))),
        };
        let address = Some(std::net::Ipv4Addr::LOCALHOST.into());
        let asker = Asker { transport, address, now: Timestamp::UNIX_EPOCH, extensions: &extensions };
        match read(octets) {
            Incoming::Nothing => None,
            Incoming::Unreadable(answer) => Some(*answer),
            Incoming::Query(query) => answer(zones, &query, &asker, None),
        }
    }

    /// Whatever comes in, what goes out is an answer to it, or nothing.
    fn check(zones: &Zones, octets: &[u8]) {
        for transport in [Transport::Udp, Transport::Tcp] {
            let Some(answer) = answered(zones, octets, transport) else { continue };
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
        assert!(answered(&zones, &octets, Transport::Udp).is_some());
        octets[2] |= 0x80;
        assert!(answered(&zones, &octets, Transport::Udp).is_none());
        assert!(answered(&zones, &octets[..11], Transport::Udp).is_none());
    }
}
