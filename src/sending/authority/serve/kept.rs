//! Answers that were encoded before, for as long as the zones stay as they are: what resolvers ask for again and again is
//! neither looked up nor encoded anew. Answers from names that are there are as many as the zones have. Names that are not
//! there could be invented without end: they have a table of their own, so that whoever does so displaces nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use hickory_proto::op::{Edns, Message, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{LowerName, Name, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::answer::{Answer, Asked, HEADER_OCTETS, UDP_OCTETS_MAX};
use super::edns::COOKIE;
use crate::sending::authority::zone::Zones;

/// How many answers of either kind each reader keeps, some 600 octets each; beyond that it begins anew.
const KEPT_MAX: usize = 4_096;
/// The octets of an OPT record without options, its empty name included (RFC 6891 §6.1.2).
const OPT_OCTETS: usize = 11;
/// The types whose answers are kept: those that resolvers and mail servers ask for. Whoever makes up types finds nothing kept,
/// and displaces nothing.
const KEPT_TYPES: [RecordType; 12] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::CAA,
    RecordType::CNAME,
    RecordType::DNSKEY,
    RecordType::DS,
    RecordType::HTTPS,
    RecordType::MX,
    RecordType::NS,
    RecordType::SOA,
    RecordType::TLSA,
    RecordType::TXT,
];
/// The sizes in OPT for which answers are kept, in octets: what resolvers say (unbound and Knot 1232, BIND 1232, Windows 4000,
/// systemd 512 and more), none above the largest that is sent.
const KEPT_FOR_OCTETS: [u16; 3] = [512, 1_220, UDP_OCTETS_MAX];
/// The type of OPT.
const OPT: u16 = 41;
/// The octets of an option's code and length.
const OPTION_HEAD_OCTETS: usize = 4;
/// The octets of a question's type and class.
const QUESTION_TAIL_OCTETS: usize = 4;
/// The class IN.
const IN: u16 = 1;
/// The longest name on the wire (RFC 1035 §2.3.4).
const NAME_OCTETS_MAX: usize = 255;

/// A question of the common form: one name and type, with OPT or without, and nothing beside but a cookie.
pub(super) struct Plain<'a> {
    octets: &'a [u8],
    /// The end of the name that is asked for.
    name_end: usize,
    /// The end of the question.
    question_end: usize,
    /// What alike questions have in common: the question with its name in lower case, two flags, and what OPT says.
    key: Vec<u8>,
    /// The largest answer, in octets.
    octets_max: usize,
    /// Whether the question asks for signatures.
    dnssec_ok: bool,
    cookie: Option<&'a [u8]>,
}

impl<'a> Plain<'a> {
    /// Reads a question over UDP; none if it is of another form, which need not be wrong.
    pub(super) fn read(octets: &'a [u8]) -> Option<Self> {
        let (header, rest) = octets.split_first_chunk::<HEADER_OCTETS>()?;
        // A QUERY with no flag but RD, AD and CD; one question, and at most one record, which is OPT.
        let [_, _, high, low, 0, 1, 0, 0, 0, 0, 0, records @ 0..=1] = *header else { return None };
        if high & !0x01 != 0 || low & !0x30 != 0 {
            return None;
        }
        let mut name_octets = 0;
        loop {
            match *rest.get(name_octets)? {
                0 => break,
                label @ 1..=63 => name_octets += 1 + usize::from(label),
                _ => return None,
            }
        }
        name_octets += 1;
        let (question, rest) = rest.split_at_checked(name_octets + QUESTION_TAIL_OCTETS)?;
        let (rtype, class) = (u16_at(question, name_octets)?, u16_at(question, name_octets + 2)?);
        if class != IN || !KEPT_TYPES.contains(&RecordType::from(rtype)) || name_octets > NAME_OCTETS_MAX {
            return None;
        }
        // The name alone: HTTPS is type 65, which is "A".
        let mut key = question.to_vec();
        key[..name_octets].make_ascii_lowercase();
        key.push(high & 0x01 | low & 0x10 | records << 1);
        let (mut octets_max, mut asks, mut cookie) = (512, false, None);
        if records == 1 {
            let (opt, options) = rest.split_first_chunk::<OPT_OCTETS>()?;
            // The root's name, the type, what fits, no extended code, version 0, DO or not.
            let [0, 0, 41, fits_high, fits_low, 0, 0, dnssec_ok @ (0 | 0x80), 0, _, _] = *opt else {
                return None;
            };
            if usize::from(u16_at(opt, OPT_OCTETS - 2)?) != options.len() {
                return None;
            }
            // RFC 6891 §6.2.5: values below 512 count as 512.
            let fits = u16::from_be_bytes([fits_high, fits_low]).clamp(512, UDP_OCTETS_MAX);
            octets_max = usize::from(fits);
            if !KEPT_FOR_OCTETS.contains(&fits) {
                return None;
            }
            key.push(dnssec_ok);
            asks = dnssec_ok != 0;
            key.extend(fits.to_be_bytes());
            if let Some((head, option)) = options.split_first_chunk::<OPTION_HEAD_OCTETS>() {
                let is_all = usize::from(u16_at(head, 2)?) == option.len();
                if u16_at(head, 0)? != COOKIE || !is_all {
                    return None;
                }
                cookie = Some(option);
            } else if !options.is_empty() {
                return None;
            }
        } else if !rest.is_empty() {
            return None;
        }
        let question_end = HEADER_OCTETS + question.len();
        Some(Self {
            octets,
            name_end: HEADER_OCTETS + name_octets,
            question_end,
            key,
            octets_max,
            dnssec_ok: asks,
            cookie,
        })
    }

    /// What it says in OPT, as far as cookies go.
    pub(super) fn edns(&self) -> Option<Edns> {
        let mut edns = Edns::new();
        edns.options_mut().insert(EdnsOption::Unknown(COOKIE, self.cookie?.to_vec()));
        Some(edns)
    }

    /// Whether its name is in lower case and it is without a cookie.
    pub(super) fn is_bare(&self) -> bool {
        let name = &self.octets[HEADER_OCTETS..self.name_end];
        self.cookie.is_none() && !name.iter().any(u8::is_ascii_uppercase)
    }

    /// The same question with its name in lower case and without a cookie: what is kept is the answer to that.
    pub(super) fn bare(&self) -> Vec<u8> {
        let mut octets = self.octets.to_vec();
        octets[HEADER_OCTETS..self.name_end].make_ascii_lowercase();
        if let Some(cookie) = self.cookie {
            octets.truncate(self.octets.len() - OPTION_HEAD_OCTETS - cookie.len());
            let length_at = octets.len() - 2;
            octets[length_at..].fill(0);
        }
        octets
    }
}

/// An answer that was encoded, without what is the asker's own.
#[derive(Debug)]
struct Encoded {
    octets: Vec<u8>,
    /// How many octets of options its OPT has, which is its last record; none where there is no OPT.
    options: Option<usize>,
}

impl Encoded {
    fn of(octets: Vec<u8>) -> Option<Self> {
        let message = Message::from_vec(&octets).ok()?;
        let Some(edns) = &message.edns else { return Some(Self { octets, options: None }) };
        let options = edns.options().options.iter();
        let options = options.map(|(_, option)| OPTION_HEAD_OCTETS + usize::from(option.len())).sum();
        let opt = octets.len().checked_sub(OPT_OCTETS + options)?;
        let is_there = octets[opt] == 0
            && u16_at(&octets, opt + 1) == Some(OPT)
            && u16_at(&octets, opt + OPT_OCTETS - 2).map(usize::from) == Some(options);
        is_there.then_some(Self { octets, options: Some(options) })
    }

    /// The answer to this very question: its identifier, its spelling, and a cookie. None where that is too much.
    fn to(&self, question: &Plain<'_>, cookie: Option<&[u8]>) -> Option<Vec<u8>> {
        let more = cookie.map_or(0, |cookie| OPTION_HEAD_OCTETS + cookie.len());
        if self.octets.len() + more > question.octets_max {
            return None;
        }
        let mut octets = Vec::with_capacity(self.octets.len() + more);
        octets.extend_from_slice(&self.octets);
        octets[..2].copy_from_slice(&question.octets[..2]);
        octets[HEADER_OCTETS..question.question_end]
            .copy_from_slice(&question.octets[HEADER_OCTETS..question.question_end]);
        if let Some(cookie) = cookie {
            let options = self.options?;
            let length_at = octets.len() - options - 2;
            octets[length_at..length_at + 2]
                .copy_from_slice(&u16::try_from(options + more).ok()?.to_be_bytes());
            octets.extend(COOKIE.to_be_bytes());
            octets.extend(u16::try_from(cookie.len()).ok()?.to_be_bytes());
            octets.extend_from_slice(cookie);
        }
        Some(octets)
    }
}

/// An answer that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    whole: Encoded,
    truncated: Encoded,
    /// What answers like this one have in common, for rate limiting.
    pub(super) class: LowerName,
    rcode: ResponseCode,
    /// Whether the question is an observation.
    pub(super) is_observed: bool,
}

impl Kept {
    /// What an answer keeps for those that follow.
    fn of(zones: &Zones, answer: Answer) -> Option<Self> {
        let asked = answer.asked?;
        Some(Self {
            whole: Encoded::of(answer.octets)?,
            truncated: Encoded::of(answer.truncated)?,
            class: asked.class,
            rcode: asked.rcode?,
            is_observed: zones.observes(&asked.name),
        })
    }

    /// What this very question asked for.
    pub(super) fn asked(&self, question: &Plain<'_>) -> Option<Asked> {
        let octets = question.octets.get(HEADER_OCTETS..question.question_end)?;
        let name = Name::from_bytes(octets).ok()?;
        let rtype = u16_at(octets, octets.len() - QUESTION_TAIL_OCTETS)?.into();
        let (class, rcode) = (self.class.clone(), Some(self.rcode));
        Some(Asked { name, rtype, dnssec_ok: question.dnssec_ok, rcode, class, report: None })
    }

    /// The answer to this very question, whole; none where it has to be made anew.
    pub(super) fn whole(&self, question: &Plain<'_>, cookie: Option<&[u8]>) -> Option<Vec<u8>> {
        self.whole.to(question, cookie)
    }

    /// The same without records, which sends the asker to TCP.
    pub(super) fn truncated(&self, question: &Plain<'_>, cookie: Option<&[u8]>) -> Option<Vec<u8>> {
        self.truncated.to(question, cookie)
    }
}

/// The answers that one reader keeps.
#[derive(Default)]
pub(super) struct KeptAnswers {
    /// What they are the answers of.
    zones: Option<Arc<Zones>>,
    of_names: HashMap<Vec<u8>, Kept>,
    others: HashMap<Vec<u8>, Kept>,
}

impl KeptAnswers {
    /// The answer that is kept of a question.
    pub(super) fn get(&mut self, zones: &Arc<Zones>, question: &Plain<'_>) -> Option<&Kept> {
        if !self.zones.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, zones)) {
            self.zones = Some(Arc::clone(zones));
            self.of_names.clear();
            self.others.clear();
        }
        self.of_names.get(&question.key).or_else(|| self.others.get(&question.key))
    }

    /// Keeps `bare`, the answer to [`Plain::bare`], for those who ask alike.
    pub(super) fn put(&mut self, zones: &Arc<Zones>, question: &Plain<'_>, keeping: Keeping, bare: Answer) {
        let is_current = self.zones.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, zones));
        let Some(kept) = Kept::of(zones, bare).filter(|_| is_current) else { return };
        let answers = match keeping {
            Keeping::OfName => &mut self.of_names,
            Keeping::Other => &mut self.others,
        };
        if answers.len() >= KEPT_MAX {
            answers.clear();
        }
        answers.insert(question.key.clone(), kept);
    }
}

/// What kind of answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// The name itself was found.
    OfName,
    /// A denial, a referral, or what a wildcard says.
    Other,
}

/// Whether an answer may be kept: it is neither to a report, nor silence, nor a refusal, nor subject to how far a trial is.
pub(super) fn keeping(zones: &Zones, answer: &Answer) -> Option<Keeping> {
    let asked = answer.asked.as_ref().filter(|_| !answer.is_silent && answer.more.is_empty())?;
    let name = LowerName::from(&asked.name);
    let by_rule = zones.ruled().is_some_and(|ruled| ruled.holds(&name));
    if by_rule || asked.report.is_some() || asked.class.is_root() {
        return None;
    }
    Some(if asked.class == name { Keeping::OfName } else { Keeping::Other })
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(octets.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::answer::{Incoming, answer, read};
    use super::super::edns::{Asker, CookieSecret, Cookies, Extensions, Presented};
    use super::*;
    use crate::sending::authority::zone::{Authority, Content, Settings, ZoneText};
    use crate::sending::history::Transport;
    use crate::shared::time::Timestamp;
    use hickory_proto::op::{MessageType, OpCode, Query};

    const NAMES: [&str; 9] =
        ["t.", "ns.t.", "x.w.t.", "c.t.", "x.d.t.", "nowhere.t.", "w.t.", "long.t.", "other."];

    fn authority(keys: &std::path::Path) -> Authority {
        let long = "long TXT ".to_owned() + &"\"some text of many octets, again and again\" ".repeat(20);
        let text = format!(
            "$TTL 60\n@ SOA ns host 1 2 3 4 5\n@ NS ns\n@ MX 1 ns\nns A 192.0.2.1\n*.w TXT x\nns HTTPS 1 . alpn=h2\nc CNAME a.w\nd NS ns.d\n{long}\n"
        );
        let zone = ZoneText { apex: "t.".into(), file: "t".into(), text, signed: true };
        let settings = Settings { keys: keys.to_owned(), ..Settings::default() };
        let content = Content { origin: None, others: vec![zone] };
        Authority::new(content, settings, Timestamp::UNIX_EPOCH).expect("a zone")
    }

    fn question(name: &str, rtype: RecordType, edns: Option<(u16, bool)>, cookie: bool) -> Vec<u8> {
        let mut query = Message::new(4711, MessageType::Query, OpCode::Query);
        query.metadata.recursion_desired = name.len().is_multiple_of(2);
        query.metadata.checking_disabled = name.len().is_multiple_of(3);
        query.add_query(Query::query(Name::from_ascii(name).expect("a name"), rtype));
        if let Some((fits, dnssec_ok)) = edns {
            let mut edns = Edns::new();
            edns.set_max_payload(fits).set_dnssec_ok(dnssec_ok);
            if cookie {
                edns.options_mut().insert(EdnsOption::Unknown(COOKIE, vec![7; 8]));
            }
            query.set_edns(edns);
        }
        query.to_vec().expect("a query")
    }

    fn made(zones: &Zones, octets: &[u8], extensions: &Extensions) -> Answer {
        let address = Some(std::net::Ipv4Addr::LOCALHOST.into());
        let asker = Asker { transport: Transport::Udp, address, now: Timestamp::UNIX_EPOCH, extensions };
        let Incoming::Query(query) = read(octets) else { panic!("a query") };
        answer(zones, &query, &asker, None).expect("an answer")
    }

    /// What is kept says the same as what is made anew, to the last octet where the spelling is the same.
    #[test]
    fn a_kept_answer_is_the_one_that_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let zones = authority(folder.path()).zones();
        let cookies = Cookies::new(CookieSecret([7; 32]));
        let extensions = Extensions { cookies: Some(cookies), agent: None };
        let mut answers = KeptAnswers::default();
        let (mut kept, mut compared) = (0, 0);
        for name in NAMES {
            // HTTPS is type 65, which in lower case would be 97.
            let types = [RecordType::A, RecordType::TXT, RecordType::MX, RecordType::HTTPS, RecordType::NS];
            for rtype in types {
                for edns in
                    [None, Some((512, false)), Some((1232, true)), Some((4096, true)), Some((1220, true))]
                {
                    for (spelling, cookie) in [
                        (name.to_owned(), false),
                        (name.to_owned(), true),
                        (name.to_ascii_uppercase(), false),
                    ] {
                        let octets = question(&spelling, rtype, edns, cookie);
                        let plain = Plain::read(&octets).expect("of the common form");
                        let anew = made(&zones, &octets, &extensions);
                        let asker = Asker {
                            transport: Transport::Udp,
                            address: Some(std::net::Ipv4Addr::LOCALHOST.into()),
                            now: Timestamp::UNIX_EPOCH,
                            extensions: &extensions,
                        };
                        let presented = asker.presented(plain.edns().as_ref());
                        let fresh = asker.fresh(presented);
                        match answers.get(&zones, &plain) {
                            Some(found) => {
                                kept += 1;
                                let Some(whole) = found.whole(&plain, fresh.as_deref()) else { continue };
                                compared += 1;
                                assert_eq!(presented == Presented::None, !cookie || edns.is_none());
                                let told = Message::from_vec(&whole).expect("a message");
                                let other = Message::from_vec(&anew.octets).expect("a message");
                                assert_eq!(
                                    told.answers, other.answers,
                                    "{spelling} {rtype} {edns:?} {cookie}"
                                );
                                assert_eq!(told.authorities, other.authorities);
                                assert_eq!(told.metadata, other.metadata);
                                assert_eq!((&told.queries, &told.edns), (&other.queries, &other.edns));
                                if spelling == name {
                                    assert_eq!(whole, anew.octets, "{spelling} {rtype} {edns:?} {cookie}");
                                    assert_eq!(
                                        found.truncated(&plain, fresh.as_deref()),
                                        Some(anew.truncated)
                                    );
                                }
                            }
                            None => {
                                let Some(keeping) = keeping(&zones, &anew) else { continue };
                                let bare = made(&zones, &plain.bare(), &extensions);
                                answers.put(&zones, &plain, keeping, bare);
                                assert!(answers.get(&zones, &plain).is_some(), "{spelling} {rtype} {edns:?}");
                            }
                        }
                    }
                }
            }
        }
        assert!(kept > 100 && compared * 10 > kept * 8, "{compared} of {kept}");
    }

    #[test]
    fn names_that_are_not_there_displace_no_other_and_other_zones_have_their_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = authority(folder.path());
        let zones = authority.zones();
        let extensions = Extensions::default();
        let of = |name: &str| {
            let octets = question(name, RecordType::A, Some((1232, true)), false);
            keeping(&zones, &made(&zones, &octets, &extensions))
        };
        assert_eq!(of("ns.t."), Some(Keeping::OfName));
        for name in ["nowhere.t.", "x.w.t.", "x.d.t."] {
            assert_eq!(of(name), Some(Keeping::Other), "{name}");
        }
        assert_eq!(of("other."), None, "a refusal");

        let octets = question("ns.t.", RecordType::A, None, false);
        let plain = Plain::read(&octets).expect("of the common form");
        let mut answers = KeptAnswers::default();
        assert!(answers.get(&zones, &plain).is_none());
        answers.put(&zones, &plain, Keeping::OfName, made(&zones, &octets, &extensions));
        for n in 0..=KEPT_MAX {
            let octets = question(&format!("n{n}.t."), RecordType::A, None, false);
            let plain = Plain::read(&octets).expect("of the common form");
            answers.put(&zones, &plain, Keeping::Other, made(&zones, &octets, &extensions));
        }
        assert_eq!((answers.of_names.len(), answers.others.len()), (1, 1));
        assert!(answers.get(&zones, &plain).is_some());
        authority.refresh(Timestamp::UNIX_EPOCH).expect("zones");
        assert!(answers.get(&authority.zones(), &plain).is_none(), "another version");
    }

    #[test]
    fn what_is_of_another_form_is_left_to_others() {
        let sound = question("ns.t.", RecordType::A, Some((1232, true)), true);
        assert!(Plain::read(&sound).is_some());
        for length in 0..sound.len() {
            assert!(Plain::read(&sound[..length]).is_none(), "cut at {length}");
        }
        assert!(Plain::read(&[&sound[..], &[0]].concat()).is_none(), "more behind it");
        // An answer, another kind of query, TC, an answer's code, two questions, two records behind, another version.
        for (at, octet) in
            [(2, 0x80), (2, 0x10), (2, 0x02), (3, 0x01), (5, 2), (11, 2), (sound.len() - 17, 1)]
        {
            let mut other = sound.clone();
            other[at] = octet;
            assert!(Plain::read(&other).is_none(), "octet {at} is {octet}");
        }
        for (rtype, fits) in [(RecordType::Unknown(97), 1232), (RecordType::PTR, 1232), (RecordType::A, 900)]
        {
            let made_up = question("ns.t.", rtype, Some((fits, true)), false);
            assert!(Plain::read(&made_up).is_none(), "{rtype} for {fits} octets is no common question");
        }
        assert!(Plain::read(&question("t.", RecordType::AXFR, None, false)).is_none());
        assert!(Plain::read(&question("t.", RecordType::IXFR, None, false)).is_none());
    }
}
