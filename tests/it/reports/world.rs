//! Histories written down as a reader of the connection history would tell them.

use std::collections::{BTreeMap, BTreeSet};

use std::sync::Arc;

use std::net::SocketAddr;

use mailassay::sending::history::{
    Attributed, Beyond, Ending, Fact, History, Link, LinkClosed, MessageFacts, Noted, Observation, Offer,
    Phase, PolicyFetched, Queried, Received, Recipient, SelfCheck, SelfChecked, Seq, Strength, Transport,
    TrialEnd, VerdictDelivery,
};
use mailassay::sending::persona::{Catalogue, CatalogueFiles, PersonaId, Standing, Trait};
use mailassay::sending::trial::{HostRole, Label, LinkId, Mailbox, Pace, Part, TrialId};
use mailassay::sending::verdict::{
    CaseFinding, CaseOutcome, CaseWhy, CasesVerdict, Finding, FindingResult, Judgement, Mechanism, Reason,
    Term, TraitFinding, Verdict, judge,
};
use mailassay::shared::evidence::{
    Alert, ArcOutcome, Authentication, ClientHello, DkimOutcome, DmarcOutcome, Handshake, HandshakeFailure,
    Negotiated, Party, Result8601, SpfOutcome, TlsVersion,
};
use mailassay::shared::text::Language;
use mailassay::shared::time::Timestamp;

/// A trial and what it means.
pub(crate) struct World {
    pub(crate) catalogue: Catalogue,
    pub(crate) history: History,
    pub(crate) verdict: Verdict,
    pub(crate) cases: CasesVerdict,
    pub(crate) pace: Pace,
    pub(crate) sender: Sender,
    seq: i64,
}

/// Who sends.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) address: &'static str,
    pub(crate) ehlo: &'static str,
    pub(crate) mailbox: &'static str,
    pub(crate) authentication: Authentication,
}

/// How a link went.
#[derive(Clone, Copy)]
pub(crate) enum Went {
    /// No STARTTLS was offered; QUIT.
    Left,
    /// Mail in clear to this case, answered with the code; STARTTLS was offered or not.
    Clear { case: &'static str, code: u16, offered: bool },
    /// Refused at the host, or without SNI at the certificate of the phase, with an alert or QUIT.
    Refused { host: Option<&'static str>, phase: Phase, alert: Option<u8> },
    /// Mail in TLS.
    Mail { host: Option<&'static str>, phase: Phase, case: &'static str, code: u16 },
    /// TLS failed before the certificate.
    Failed { our_limit: bool },
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-11-21T{text}Z").parse().expect("a time of the day")
}

pub(crate) fn signed(domain: &str) -> Authentication {
    Authentication {
        spf: SpfOutcome { result: Result8601::Pass, domain: domain.to_owned() },
        dkim: vec![DkimOutcome {
            result: Result8601::Pass,
            domain: domain.to_owned(),
            selector: "s2026".to_owned(),
            algorithm: "rsa-sha256".to_owned(),
            reason: None,
        }],
        dmarc: DmarcOutcome {
            result: Result8601::Pass,
            domain: domain.to_owned(),
            policy: Some("reject".to_owned()),
        },
        arc: ArcOutcome::default(),
        vouched: true,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let id = TrialId::new(b"a test", LinkId(1), 0);
        Self {
            catalogue: CatalogueFiles::embedded().catalogue("example.org").expect("the embedded files fit"),
            history: History {
                scan: None,
                labels: BTreeMap::new(),
                id,
                opened: at("22:47:49"),
                window_until: Some(at("22:50:49")),
                ended: None,
                judged_to: None,
                last: Seq(0),
                links: Vec::new(),
                queries: Vec::new(),
                queries_complete: true,
                fetches_complete: true,
                beyond: Beyond::default(),
                main_resolver: None,
                disputed_queries: BTreeSet::new(),
                fetches: Vec::new(),
                policy_known_from: None,
                strangers: Vec::new(),
                earlier_policy_queries: Vec::new(),
                self_checks: Vec::new(),
                delivery: None,
            },
            verdict: Verdict {
                overall: Judgement {
                    candidates: Vec::new(),
                    per_destination: Vec::new(),
                    findings: Vec::new(),
                    contradiction: None,
                },
                apart: Vec::new(),
            },
            cases: CasesVerdict::default(),
            pace: Pace::default(),
            sender: Sender {
                address: "198.51.100.7",
                ehlo: "mail.example.net",
                mailbox: "joachim@example.net",
                authentication: signed("example.net"),
            },
            seq: 0,
        }
    }

    fn seq(&mut self) -> Seq {
        self.seq += 1;
        Seq(self.seq)
    }

    fn note(&mut self, link: &mut Option<Link>, at: Timestamp, fact: Fact) {
        let observation = Observation { seq: self.seq(), at, fact };
        match link {
            Some(link) => link.note(&observation),
            None => *link = Link::open(&observation),
        }
    }

    /// A link from `from` to `until`.
    pub(crate) fn link(&mut self, from: &str, until: &str, went: Went) -> &mut Attributed {
        let (begun, ended) = (at(from), at(until));
        let id = LinkId(0x100 + self.history.links.len() as u64);
        let sender = self.sender.clone();
        let source = SocketAddr::new(sender.address.parse().expect("an address"), 40000);
        let mut link = None;
        let local = "192.0.2.1:25".parse().expect("an address");
        self.note(
            &mut link,
            begun,
            Fact::LinkOpened { link: id, source, local, persona: None, entrance: None },
        );
        let offered = !matches!(went, Went::Left | Went::Clear { offered: false, .. });
        let phase = match went {
            Went::Refused { phase, .. } | Went::Mail { phase, .. } => phase,
            _ => Phase::A,
        };
        let offer = Offer { starttls: offered, phase };
        let name = sender.ehlo.to_owned();
        let greeted = Fact::Greeted { link: id, name: name.clone(), helo: false, tls: false, offer };
        self.note(&mut link, begun, greeted);
        let mut alert = None;
        match went {
            Went::Left => {}
            Went::Clear { case, code, .. } => self.mail(&mut link, begun, id, case, code, false),
            Went::Refused { host, phase, alert: sent } => {
                self.hello(&mut link, begun, id, host, phase);
                alert = sent.map(Alert);
                let handshake = Handshake::Completed(negotiated());
                self.note(&mut link, begun, Fact::HandshakeEnded { link: id, handshake });
            }
            Went::Mail { host, phase, case, code } => {
                self.hello(&mut link, begun, id, host, phase);
                let handshake = Handshake::Completed(negotiated());
                self.note(&mut link, begun, Fact::HandshakeEnded { link: id, handshake });
                self.note(&mut link, begun, Fact::Greeted { link: id, name, helo: false, tls: true, offer });
                self.mail(&mut link, begun, id, case, code, true);
            }
            Went::Failed { our_limit } => {
                self.hello(&mut link, begun, id, None, Phase::A);
                let handshake = Handshake::Failed(HandshakeFailure {
                    certificate_sent: false,
                    by: Party::Us,
                    alert: None,
                    our_limit,
                    went_on: false,
                    reason: "peer is incompatible: NoKxGroupsInCommon".to_owned(),
                });
                self.note(&mut link, begun, Fact::HandshakeEnded { link: id, handshake });
            }
        }
        let quit = alert.is_none();
        let closed = Fact::LinkClosed(LinkClosed { link: id, by: Party::Sender, quit, alert });
        self.note(&mut link, ended, closed);
        let link = link.expect("it was opened");
        self.history.links.push(Attributed { link: Arc::new(link), strength: Strength::Exact });
        self.history.links.last_mut().expect("just pushed")
    }

    /// A link to a host of the ruled case `case`, under the trial's label where it has one: mail in TLS or in clear and its
    /// code, or none where the host was refused.
    pub(crate) fn ruled(&mut self, time: &str, case: &str, role: HostRole, mail: Option<(bool, u16)>) {
        let begun = at(time);
        let id = LinkId(0x100 + self.history.links.len() as u64);
        let ruled = self.catalogue.ruled_case(&case.into()).expect("a case").clone();
        let label = self.history.labels.get(&ruled.id).cloned();
        let entrance = Some(ruled.entrance(role));
        let source = SocketAddr::new(self.sender.address.parse().expect("an address"), 40000);
        let local = "192.0.2.10:25".parse().expect("an address");
        let mut link = None;
        self.note(&mut link, begun, Fact::LinkOpened { link: id, source, local, persona: None, entrance });
        let tls = mail.is_none_or(|(tls, _)| tls);
        let offer = Offer { starttls: ruled.entrance(role).offers_starttls(), phase: Phase::A };
        let name = self.sender.ehlo.to_owned();
        let greeted = Fact::Greeted { link: id, name: name.clone(), helo: false, tls: false, offer };
        self.note(&mut link, begun, greeted);
        if tls {
            let host = self.catalogue.ruled_name(&ruled, label.as_ref(), Part::Host(role));
            let persona = Some(Catalogue::ruled_host_id(&ruled.id, role));
            let versions = vec![TlsVersion::TLS13, TlsVersion::TLS12];
            let hello = ClientHello { sni: Some(host), versions, ..ClientHello::default() };
            self.note(&mut link, begun, Fact::HelloSeen { link: id, hello, persona, phase: Phase::A });
            let handshake = Handshake::Completed(negotiated());
            self.note(&mut link, begun, Fact::HandshakeEnded { link: id, handshake });
        }
        if let Some((_, code)) = mail {
            if tls {
                self.note(&mut link, begun, Fact::Greeted { link: id, name, helo: false, tls: true, offer });
            }
            self.mail_to(&mut link, begun, id, (case, label), code, tls);
        }
        self.note(
            &mut link,
            begun,
            Fact::LinkClosed(LinkClosed { link: id, by: Party::Sender, quit: true, alert: None }),
        );
        let link = link.expect("it was opened");
        self.history.links.push(Attributed { link: Arc::new(link), strength: Strength::Exact });
    }

    /// The names of `case` carry a label of the trial.
    pub(crate) fn label(&mut self, case: &str, label: &str) {
        let label: Label = label.parse().expect("a label");
        self.history.labels.insert(case.into(), label);
    }

    /// The finding on a ruled case, which rests on the links with these numbers (from 1).
    pub(crate) fn case(
        &mut self,
        case: &str,
        outcome: CaseOutcome,
        why: CaseWhy,
        links: &[usize],
    ) -> &mut CaseFinding {
        let expect = self.catalogue.ruled_case(&case.into()).expect("a case").expect;
        let standing = match outcome {
            CaseOutcome::Clear => Some(expect.clear),
            CaseOutcome::Delivered => Some(expect.delivered),
            CaseOutcome::Refused | CaseOutcome::PassedOver => Some(expect.turned),
            CaseOutcome::Held => Some(expect.held),
            CaseOutcome::Unseen => None,
        };
        let standing = match why {
            CaseWhy::PractisedElsewhere(_) => Some(Standing::Fault),
            _ => standing,
        };
        let evidence = self.evidence(links);
        self.cases.findings.push(CaseFinding {
            case: case.into(),
            outcome,
            standing,
            why,
            laxer_on_retry: false,
            policy_asked_for: false,
            tlsa_asked_for: false,
            signs: Vec::new(),
            evidence,
        });
        self.cases.findings.last_mut().expect("just pushed")
    }

    /// The finding on a trait.
    pub(crate) fn tells(
        &mut self,
        tells: Trait,
        values: &[&'static str],
        standing: Option<Standing>,
        by: &[&str],
    ) {
        let by = by.iter().map(|case| (*case).into()).collect();
        self.cases.traits.push(TraitFinding { tells, values: values.to_vec(), standing, by });
    }

    fn hello(
        &mut self,
        link: &mut Option<Link>,
        at: Timestamp,
        id: LinkId,
        host: Option<&str>,
        phase: Phase,
    ) {
        let persona = host.map(PersonaId::from);
        let sni = persona.as_ref().map(|persona| {
            let persona = self.catalogue.persona(persona).expect("a persona");
            self.catalogue.host_name(persona).expect("a host")
        });
        let versions = vec![TlsVersion::TLS13, TlsVersion::TLS12];
        let hello = ClientHello { sni, versions, ..ClientHello::default() };
        self.note(link, at, Fact::HelloSeen { link: id, hello, persona, phase });
    }

    fn mail(&mut self, link: &mut Option<Link>, at: Timestamp, id: LinkId, case: &str, code: u16, tls: bool) {
        self.mail_to(link, at, id, (case, None), code, tls);
    }

    fn mail_to(
        &mut self,
        link: &mut Option<Link>,
        at: Timestamp,
        id: LinkId,
        (case, label): (&str, Option<Label>),
        code: u16,
        tls: bool,
    ) {
        let recipient = Recipient { case: case.into(), language: Language::En, label };
        let message = MessageFacts {
            message_id: Some("1@example.net".to_owned()),
            size_octets: 1200,
            from_domain: Some("example.net".to_owned()),
            authentication: self.sender.authentication.clone(),
            ..MessageFacts::default()
        };
        let received = Received {
            link: id,
            number: 0,
            began: at,
            tls,
            reverse_path: Some(Mailbox::new(b"a test", self.sender.mailbox)),
            recipients: vec![recipient],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Complete(Box::new(message)),
        };
        self.note(link, at, Fact::Received(Box::new(received)));
        self.note(link, at, Fact::Answered { link: id, number: 0, code });
    }

    /// A question by the sender's resolver.
    pub(crate) fn query(&mut self, time: &str, rtype: &str, name: &str) -> Seq {
        self.query_by("198.51.100.53:5353", time, rtype, name)
    }

    pub(crate) fn query_by(&mut self, resolver: &str, time: &str, rtype: &str, name: &str) -> Seq {
        let what = Queried {
            source: resolver.parse().expect("an address"),
            transport: Transport::Udp,
            name: name.to_owned(),
            rtype: rtype.to_owned(),
            dnssec_ok: true,
            rcode: "NOERROR".to_owned(),
        };
        let seq = self.seq();
        self.history.queries.push(Noted { seq, at: at(time), what: Arc::new(what) });
        seq
    }

    pub(crate) fn fetch(&mut self, time: &str, user_agent: &str) -> Seq {
        let what = PolicyFetched {
            source: "198.51.100.7:40001".parse().expect("an address"),
            sni: Some("mta-sts.et.example.org".to_owned()),
            path: Some("/.well-known/mta-sts.txt".to_owned()),
            status: Some(200),
            user_agent: Some(user_agent.to_owned()),
            alert: None,
        };
        let seq = self.seq();
        self.history.fetches.push(Noted { seq, at: at(time), what: Arc::new(what) });
        seq
    }

    pub(crate) fn self_check(&mut self, dns: &str) {
        let red = SelfCheck::Red { reason: dns.to_owned() };
        let (certificates, policy_host) = (SelfCheck::Green, SelfCheck::Green);
        let what = SelfChecked {
            dns: red,
            certificates,
            policy_host,
            unseen: Vec::new(),
            cases: BTreeMap::new(),
            unlooked: Default::default(),
        };
        let seq = self.seq();
        self.history.self_checks.push(Noted { seq, at: at("22:40:00"), what: Arc::new(what) });
    }

    /// Another name server answers for the service's zones, too.
    pub(crate) fn beside(&mut self, server: &str) {
        let [dns, certificates, policy_host] = [(); 3].map(|()| SelfCheck::Green);
        let (unseen, cases) = (vec![server.to_owned()], BTreeMap::new());
        let what =
            SelfChecked { dns, certificates, policy_host, unseen, cases, unlooked: Default::default() };
        let seq = self.seq();
        self.history.self_checks.push(Noted { seq, at: at("22:40:00"), what: Arc::new(what) });
        self.history.queries_complete = false;
    }

    pub(crate) fn end(&mut self, time: &str, end: TrialEnd) {
        let seq = self.seq();
        self.history.ended = Some(Noted { seq, at: at(time), what: end });
    }

    pub(crate) fn sent(&mut self, time: &str) {
        let what = VerdictDelivery::Sent { to: "j***m@example.net".to_owned(), by: "maildir".to_owned() };
        let seq = self.seq();
        self.history.delivery = Some(Noted { seq, at: at(time), what });
    }

    /// The world with the verdict that its history gets.
    pub(crate) fn judged(mut self) -> Self {
        self.verdict = judge(&self.catalogue, &Pace::default(), &self.history);
        self
    }

    /// What the links with these numbers (from 1) carry.
    fn evidence(&self, links: &[usize]) -> Vec<Seq> {
        links.iter().map(|number| self.history.links[number - 1].link.first).collect()
    }

    pub(crate) fn finding(
        &mut self,
        mechanism: Mechanism,
        result: FindingResult,
        reason: Reason,
        links: &[usize],
    ) {
        let evidence = self.evidence(links);
        self.verdict.overall.findings.push(Finding { mechanism, result, reason, evidence });
    }

    /// Lets the finding on `mechanism` rest on more than links.
    pub(crate) fn cites(&mut self, mechanism: Mechanism, seqs: &[Seq]) {
        let mut findings = self.verdict.overall.findings.iter_mut();
        let finding = findings.find(|finding| finding.mechanism == mechanism).expect("there is one");
        finding.evidence.extend(seqs);
        finding.evidence.sort();
    }

    pub(crate) fn candidates(&mut self, terms: &[Term]) {
        self.verdict.overall.candidates = terms.to_vec();
    }
}

fn negotiated() -> Negotiated {
    Negotiated {
        version: TlsVersion::TLS13,
        cipher_suite: "TLS_AES_256_GCM_SHA384".to_owned(),
        group: Some("X25519MLKEM768".to_owned()),
        resumed: false,
    }
}

/// "Servers … took it in clear, … in TLS, … were refused, and so many links were left."
pub(crate) fn shown(clear: &[u8], delivered: &[u8], refused: &[u8], left: usize) -> Reason {
    Reason::Shown { clear: clear.to_vec(), delivered: delivered.to_vec(), refused: refused.to_vec(), left }
}
