//! Plays a sender model at ruled cases and writes the history that it would leave. What each manner delays or leaves out
//! is stated here; what is done at a host the model decides, as the reference sender does.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::sending::history::{
    Attributed, Beyond, Closing, Ending, History, Link, MessageFacts, Noted, Offer, Phase, PolicyFetched,
    Queried, Received, Recipient, Seq, Strength, TlsPart, TlsRequired, Transport, TrialEnd,
};
use crate::sending::persona::{Catalogue, RuledCase, SmtpBehaviour};
use crate::sending::trial::{CasePhase, HostRole, Label, LinkId, Mailbox, Part, Tie, TrialId};
use crate::sending::verdict::model::ruled::{
    CaseAt, CaseEnd, CaseModel, Injection, Passage, RequireTls, Resumption,
};
use crate::sending::verdict::model::{Act, Dane};
use crate::shared::evidence::{ClientHello, Handshake, HandshakeFailure, Negotiated, Party, TlsVersion};
use crate::shared::text::Language;
use crate::shared::time::{Timestamp, after};

/// How a sender goes about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    /// Whether what one host holds is tried at the next at once.
    pub(super) goes_on: bool,
    /// Whether what one host refuses to give is tried at the next at once, or in the next attempt.
    pub(super) one_host: bool,
    /// Whether it calls hosts that the policy does not list, and gives up in TLS.
    pub(super) calls_unlisted: bool,
    /// Whether a policy is fetched only behind the first attempt (RFC 8461 §5.1).
    pub(super) fetches_later: bool,
    /// Whether attempts at cases come in another order, and mixed up.
    pub(super) mixed: bool,
}

impl Manner {
    pub(super) const ALL: [Self; 4] = [
        Self { goes_on: true, one_host: false, calls_unlisted: true, fetches_later: false, mixed: false },
        Self { goes_on: false, one_host: false, calls_unlisted: false, fetches_later: true, mixed: true },
        Self { goes_on: true, one_host: true, calls_unlisted: true, fetches_later: true, mixed: true },
        Self { goes_on: false, one_host: true, calls_unlisted: false, fetches_later: false, mixed: false },
    ];
}

/// When attempts at a case are made, in seconds from the first.
const ATTEMPTS_S: [u32; 6] = [0, 330, 900, 1_700, 2_900, 4_700];
/// How long an attempt's parts lie apart, in seconds.
const STEP_S: u32 = 2;

/// Something that is noted, before it has its place.
enum Event {
    Link(Box<Link>, Vec<Received>),
    Query(String, &'static str),
    Fetch(PolicyFetched),
}

pub(super) struct Player<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) model: CaseModel,
    pub(super) manner: Manner,
    label: Label,
    events: Vec<(Timestamp, Event)>,
    links: u64,
}

impl<'a> Player<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, model: CaseModel, manner: Manner) -> Self {
        let label = "k3f9a2m7".parse().expect("a label");
        Self { catalogue, model, manner, label, events: Vec::new(), links: 0 }
    }

    /// The history of a trial of these cases, at its end.
    pub(super) fn play(mut self, cases: &[&RuledCase]) -> History {
        let begin: Timestamp = "2026-11-30T02:00:00Z".parse().expect("an instant");
        let count = u32::try_from(cases.len()).expect("few cases");
        for (n, case) in (0..).zip(cases) {
            // Each at a time of its own; mixed up, the last begins first, and all lie within each other.
            let wait_s = if self.manner.mixed { (count - n) * 7 } else { n * 90 };
            self.case(case, after(begin, wait_s));
        }
        self.history(cases, begin)
    }

    fn case(&mut self, case: &RuledCase, begin: Timestamp) {
        let mut phase = CasePhase::First;
        let (mut known, mut tried) = (false, false);
        let mut left: Vec<HostRole> = Vec::new();
        for (n, wait_s) in ATTEMPTS_S.into_iter().enumerate() {
            let mut now = after(begin, wait_s);
            self.look_up(case, now);
            let fetches = self.model.base.mta_sts && case.has_policy();
            if fetches && !known && !(n == 0 && self.manner.fetches_later) {
                known = true;
                now = after(now, STEP_S);
                self.fetch(case, now);
            }
            let at = CaseAt { case, phase, policy_known: known };
            // Who is laxer next time has been strict before, by the same policy.
            let again = tried && known | !fetches;
            let passage = if again { self.model.later_passage(at) } else { self.model.passage(at) };
            tried |= known | !fetches;
            let taken = self.attempt(case, &passage, after(now, STEP_S), &mut left);
            // The first mail of a case that wants two is acknowledged once the policy is known.
            if taken && known | !fetches && case.then.is_some() && phase == CasePhase::First {
                self.acknowledge();
                phase = CasePhase::Second;
                tried = false;
            }
            if fetches && !known {
                known = true;
                self.fetch(case, after(now, 5 * STEP_S));
            }
        }
    }

    /// One attempt; whether mail came.
    fn attempt(
        &mut self,
        case: &RuledCase,
        passage: &Passage,
        mut now: Timestamp,
        left: &mut Vec<HostRole>,
    ) -> bool {
        let mut came = false;
        for (role, act) in &passage.acts {
            // Who tries one host an attempt leaves aside what refused it last time.
            if self.manner.one_host && left.contains(role) && passage.acts.len() > 1 {
                left.clear();
                continue;
            }
            now = after(now, STEP_S);
            match act {
                Act::Avoids => continue,
                Act::Shuns { .. } if !self.manner.calls_unlisted => continue,
                Act::Clear => self.link(case, *role, now, None, true),
                Act::Leaves => self.link(case, *role, now, None, false),
                Act::Delivers { sni } if never_completes(case.host(*role).smtp) => {
                    self.link(case, *role, now, Some(*sni), false);
                    self.goes_on();
                }
                Act::Delivers { sni } => self.link(case, *role, now, Some(*sni), true),
                Act::Refuses { sni } | Act::Shuns { sni } => self.link(case, *role, now, Some(*sni), false),
            }
            let completes = !never_completes(case.host(*role).smtp);
            let mail = matches!(act, Act::Clear) || matches!(act, Act::Delivers { .. }) && completes;
            came |= mail;
            if mail && !self.manner.goes_on {
                break;
            }
            if !mail && self.manner.one_host {
                left.push(*role);
                break;
            }
        }
        came
    }

    fn name(&self, case: &RuledCase, part: Part) -> String {
        self.catalogue.ruled_name(case, Some(&self.label), part)
    }

    fn look_up(&mut self, case: &RuledCase, now: Timestamp) {
        let domain = self.name(case, Part::Domain);
        self.events.push((now, Event::Query(domain, "MX")));
        if self.model.base.dane != Dane::Off {
            let owner = self.name(case, Part::Tlsa(HostRole::Bad));
            self.events.push((now, Event::Query(owner, "TLSA")));
        }
    }

    fn fetch(&mut self, case: &RuledCase, now: Timestamp) {
        let record = self.name(case, Part::PolicyRecord);
        self.events.push((now, Event::Query(record, "TXT")));
        let defect = case.mta_sts.as_ref().and_then(|spec| spec.defect);
        self.events.push((
            now,
            Event::Fetch(PolicyFetched {
                source: peer(),
                sni: Some(self.name(case, Part::PolicyHost)),
                path: Some("/.well-known/mta-sts.txt".to_owned()),
                status: Some(if defect.is_some() { 404 } else { 200 }),
                user_agent: None,
                alert: None,
            }),
        ));
    }

    /// A link to a host: in TLS with or without SNI, or in clear; with mail, or left without.
    fn link(&mut self, case: &RuledCase, role: HostRole, now: Timestamp, tls: Option<bool>, mail: bool) {
        self.links += 1;
        let id = LinkId(self.links);
        let hello = |sni: bool| ClientHello {
            sni: sni.then(|| self.name(case, case.part_of(role))),
            versions: vec![TlsVersion::TLS13],
            ..ClientHello::default()
        };
        let smtp = case.host(role).smtp;
        let traits = self.model.traits;
        // Who trusts what is resumed comes to the faulty host with a ticket of the sound one, where it has refused that.
        let refused_first = self.model.passage(CaseAt::judged(case)).end() != CaseEnd::Delivered;
        let resumed = traits.resumption == Resumption::Trusted
            && (smtp, role) == (SmtpBehaviour::Resuming, HostRole::Bad)
            && mail
            && refused_first;
        let negotiated =
            Negotiated { version: TlsVersion::TLS13, cipher_suite: String::new(), group: None, resumed };
        let believes = smtp == SmtpBehaviour::Injecting && traits.injection == Injection::Believed;
        let tls_required = (traits.require_tls == RequireTls::No).then_some(TlsRequired::No);
        let entrance = case.entrance(role);
        let offer = Offer { starttls: entrance.offers_starttls(), phase: Phase::A };
        let closing = Closing { seq: Seq(0), at: now, by: Party::Sender, quit: true, alert: None };
        let link = Link {
            id,
            first: Seq(0),
            opened: now,
            peer: peer(),
            persona_by_address: None,
            entrance: Some(entrance),
            ehlo: vec!["mail.example.net".to_owned()],
            greeted: Some(now),
            offer: Some((Seq(0), offer)),
            starttls: None,
            tls: tls.map(|sni| TlsPart {
                seq: Seq(0),
                hello: hello(sni),
                persona: None,
                phase: Phase::A,
                handshake: Some(Handshake::Completed(negotiated)),
                greeted: mail,
                ahead: believes.then_some(Seq(0)),
            }),
            transactions: Vec::new(),
            answers: if mail { vec![(0, 451)] } else { Vec::new() },
            transactions_beyond: 0,
            irregularities: Vec::new(),
            closing: Some(closing),
        };
        let recipient =
            Recipient { case: case.id.clone(), language: Language::En, label: Some(self.label.clone()) };
        let received = Received {
            link: id,
            number: 0,
            began: now,
            tls: tls.is_some(),
            reverse_path: Some(Mailbox::new(b"secret", "a@example.net")),
            recipients: vec![recipient],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Complete(Box::new(MessageFacts { tls_required, ..MessageFacts::default() })),
        };
        let received = if mail { vec![received] } else { Vec::new() };
        self.events.push((now, Event::Link(Box::new(link), received)));
    }

    /// On the last link the sender went on, and the link was closed.
    fn goes_on(&mut self) {
        let last = self.events.iter_mut().rev().find_map(|(_, event)| match event {
            Event::Link(link, _) => Some(link),
            _ => None,
        });
        let link = last.expect("a link");
        let failure = HandshakeFailure {
            certificate_sent: true,
            by: Party::Us,
            alert: None,
            our_limit: false,
            went_on: true,
            reason: String::new(),
        };
        if let Some(tls) = &mut link.tls {
            tls.handshake = Some(Handshake::Failed(failure));
        }
        if let Some(closing) = &mut link.closing {
            (closing.by, closing.quit) = (Party::Us, false);
        }
    }

    /// The last mail is taken.
    fn acknowledge(&mut self) {
        let last = self.events.iter_mut().rev().find_map(|(_, event)| match event {
            Event::Link(link, received) if !received.is_empty() => Some(link),
            _ => None,
        });
        last.expect("a mail").answers = vec![(0, 250)];
    }

    fn history(mut self, cases: &[&RuledCase], begin: Timestamp) -> History {
        self.events.sort_by_key(|(at, _)| *at);
        let mut seqs = 0;
        let mut seq = move || {
            seqs += 1;
            Seq(seqs)
        };
        let (mut links, mut queries, mut fetches) = (Vec::new(), Vec::new(), Vec::new());
        for (at, event) in self.events {
            match event {
                Event::Link(mut link, received) => {
                    link.first = seq();
                    if let Some(tls) = &mut link.tls {
                        tls.seq = seq();
                    }
                    link.transactions = received.into_iter().map(|received| (seq(), received)).collect();
                    if let Some(closing) = &mut link.closing {
                        closing.seq = seq();
                    }
                    let weak = Strength::Weak { tie: Tie::Address, shared: false };
                    let strength = if link.transactions.is_empty() { weak } else { Strength::Exact };
                    links.push(Attributed { link: Arc::new(*link), strength });
                }
                Event::Query(name, rtype) => {
                    let (source, transport) = (peer(), Transport::Udp);
                    let rcode = "NOERROR".to_owned();
                    let rtype = rtype.to_owned();
                    let queried = Queried { source, transport, name, rtype, dnssec_ok: true, rcode };
                    queries.push(Noted { seq: seq(), at, what: Arc::new(queried) });
                }
                Event::Fetch(fetched) => fetches.push(Noted { seq: seq(), at, what: Arc::new(fetched) }),
            }
        }
        let label = &self.label;
        let labels: BTreeMap<_, _> = cases.iter().map(|case| (case.id.clone(), label.clone())).collect();
        let ended = Noted { seq: seq(), at: after(begin, 7_200), what: TrialEnd::Expired };
        History {
            id: TrialId::of_label(b"secret", label),
            labels,
            opened: begin,
            last: ended.seq,
            ended: Some(ended),
            judged_to: None,
            window_until: None,
            links,
            queries,
            queries_complete: true,
            fetches,
            fetches_complete: true,
            beyond: Beyond::default(),
            policy_known_from: None,
            strangers: Vec::new(),
            main_resolver: None,
            disputed_queries: BTreeSet::new(),
            earlier_policy_queries: Vec::new(),
            self_checks: Vec::new(),
            scan: None,
            delivery: None,
        }
    }
}

/// Whether a handshake is never completed by us.
fn never_completes(smtp: SmtpBehaviour) -> bool {
    matches!(smtp, SmtpBehaviour::Tls10 | SmtpBehaviour::RsaKeyTransport)
}

fn peer() -> SocketAddr {
    "198.51.100.7:40000".parse().expect("an address")
}
