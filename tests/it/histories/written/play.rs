//! Expands a written journal into observations as the listeners and the desk would note them, and judges it.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use jiff::SignedDuration;
use mailassay::sending::history::{
    Ending, Fact, History, LinkClosed, MessageFacts, Observation, Offer, PolicyFetched, Queried, Received,
    Recipient, SelfCheck, SelfChecked, Seq, Transport, TrialEnded, VerdictDelivery, VerdictHandled,
};
use mailassay::sending::persona::{Catalogue, CatalogueFiles};
use mailassay::sending::trial::{LinkId, Mailbox, Source, TrialId};
use mailassay::sending::trials::{Attribution, Limits, Record};
use mailassay::sending::verdict::{Finding, FindingResult, Mechanism, Verdict, judge, offer, progress};
use mailassay::shared::evidence::{
    Alert, Authentication, ClientHello, Handshake, HandshakeFailure, Negotiated, Party, TlsVersion,
};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};

use super::explained;
use super::line::{self, Event, Journal};
use super::{redaction, verdict};

const SECRET: &[u8] = b"secret";
/// How long after a trial's end its verdict is told, in seconds.
const TELLING_S: u32 = 2;
/// How long a link is open before its EHLO is answered, in milliseconds.
const GREETING_MS: i64 = 22;
/// How long before its link a question comes, in milliseconds.
const LOOKUP_MS: i64 = 100;

/// A link in the making.
#[derive(Clone)]
struct Open {
    id: LinkId,
    ehlo: String,
    offer: Offer,
    tls: bool,
    transactions: u16,
    closed: bool,
}

/// The service without its sockets.
pub(super) struct World {
    catalogue: Arc<Catalogue>,
    journal: Journal,
    observations: Vec<Observation>,
    /// The line that each observation came from.
    lines: Vec<usize>,
    line: usize,
    attribution: Attribution,
    began: Timestamp,
    now: Timestamp,
    links: u64,
    named: HashMap<String, Open>,
    due: BTreeMap<TrialId, Timestamp>,
    /// When the verdicts of ended trials are told.
    to_tell: BTreeMap<TrialId, Timestamp>,
    /// What was told.
    told: HashMap<TrialId, Verdict>,
}

impl World {
    /// Plays `text` and gives the verdicts on its trials.
    pub(super) fn play(text: &str) -> Result<String, String> {
        let journal = line::read(text)?;
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("the embedded one fits");
        let catalogue = Arc::new(catalogue);
        let attribution = Attribution::new(
            Arc::clone(&catalogue),
            journal.pace.clone(),
            Limits::default(),
            SECRET.to_vec(),
        );
        let began: Timestamp = "2026-11-21T12:00:00Z".parse().expect("an instant");
        let mut world = Self {
            catalogue,
            journal,
            observations: Vec::new(),
            lines: Vec::new(),
            line: 0,
            attribution,
            began,
            now: began,
            links: 0,
            named: HashMap::new(),
            due: BTreeMap::new(),
            to_tell: BTreeMap::new(),
            told: HashMap::new(),
        };
        for line in world.journal.lines.clone() {
            world.run_clock(after(began, line.at_s));
            world.now = after(began, line.at_s);
            world.line = line.number;
            world.happen(line.event).map_err(|error| format!("line {}: {error}", line.number))?;
        }
        let until = world.journal.until_s.map_or(Timestamp::MAX, |until| after(began, until));
        world.run_clock(until);
        world.verdicts()
    }

    fn verdicts(&self) -> Result<String, String> {
        let mut texts = Vec::new();
        for (index, id) in self.attribution.all_trials().iter().enumerate() {
            let history = self.attribution.history(id).expect("a trial has a history");
            let found = judge(&self.catalogue, &self.journal.pace, &history);
            if self.told.get(id).is_some_and(|told| *told != found) {
                return Err(format!("trial {}: the verdict changed after it was told", index + 1));
            }
            if let Some(mechanism) = uncited(&found) {
                return Err(format!(
                    "trial {}: {mechanism:?} is decided by nothing that is cited",
                    index + 1
                ));
            }
            if let Some(wrong) = explained::wrong(&self.catalogue, &self.journal.pace, &history, &found) {
                return Err(format!("trial {}: {wrong}", index + 1));
            }
            self.is_read_back(id, &history)?;
            redaction::changes_nothing(&self.catalogue, &self.journal.pace, &history, &found)?;
            let line = |seq: Seq| self.lines[usize::try_from(seq.0).expect("positive") - 1];
            texts.push(verdict::text(index + 1, &history, &found, self.began, &line));
        }
        Ok(if texts.is_empty() { "no trial\n".to_owned() } else { texts.join("\n") })
    }

    /// A told trial that left memory must be read as it was.
    fn is_read_back(&self, id: &TrialId, history: &History) -> Result<(), String> {
        let Some(away) = self.attribution.put_away(id) else { return Ok(()) };
        let written = serde_json::to_string(&away.record).expect("a record is JSON");
        let record: Record = serde_json::from_str(&written).expect("what was written can be read");
        let (links, seqs) = (record.links(), record.seqs());
        let kept = self.observations.iter().filter(|observation| {
            let of_link = observation.fact.link().is_some_and(|link| links.contains(&link));
            of_link || seqs.contains(&observation.seq)
        });
        let kept: Vec<_> = kept.cloned().collect();
        let mut expected = history.clone();
        // What came after the verdict is no part of it.
        expected.last = expected.delivery.as_ref().map_or(expected.last, |told| told.seq);
        if record.history(&kept) != expected {
            return Err(format!("{id:?} is not read back as it was"));
        }
        Ok(())
    }

    /// Lets the deadlines before `until` pass.
    fn run_clock(&mut self, until: Timestamp) {
        while let Some((id, due)) = self
            .due
            .iter()
            .chain(&self.to_tell)
            .min_by_key(|(_, due)| **due)
            .map(|(id, due)| (id.clone(), *due))
            && due <= until
        {
            self.now = self.now.max(due);
            match self.to_tell.remove(&id) {
                Some(_) => self.tell(id),
                None => self.look(&id),
            }
        }
    }

    /// As the desk: ends the trial if it may end, else sets its deadline.
    fn look(&mut self, id: &TrialId) {
        let history = self.attribution.history(id).expect("a trial has a history");
        if history.ended.is_some() {
            self.due.remove(id);
            return;
        }
        let progress = progress(&self.catalogue, &self.journal.pace, &history, self.now);
        if let Some(end) = progress.end {
            self.due.remove(id);
            self.note(Fact::TrialEnded(TrialEnded { trial: id.clone(), end }));
            self.to_tell.insert(id.clone(), after(self.now, TELLING_S));
        } else if let Some(look_again) = progress.look_again {
            self.due.insert(id.clone(), look_again.max(after(self.now, 1)));
        }
    }

    /// As the reply worker, a moment after the end.
    fn tell(&mut self, id: TrialId) {
        let history = self.attribution.history(&id).expect("a trial has a history");
        self.told.insert(id.clone(), judge(&self.catalogue, &self.journal.pace, &history));
        let delivery = VerdictDelivery::Withheld { reason: "as the test has it".to_owned() };
        self.note(Fact::VerdictHandled(VerdictHandled {
            trial: id,
            delivery,
            judged_to: Some(history.last),
        }));
    }

    fn note(&mut self, fact: Fact) {
        self.note_at(self.now, fact);
    }

    fn note_at(&mut self, at: Timestamp, fact: Fact) {
        let seq = Seq(i64::try_from(self.observations.len()).expect("few") + 1);
        let observation = Observation { seq, at, fact };
        self.attribution.note(&observation);
        self.lines.push(self.line);
        self.observations.push(observation.clone());
        let looks = matches!(
            observation.fact,
            Fact::LinkClosed(_)
                | Fact::Received(_)
                | Fact::Answered { .. }
                | Fact::Queried(_)
                | Fact::PolicyFetched(_)
                | Fact::SelfChecked(_)
        );
        if looks {
            for id in self.attribution.touched_by(&observation) {
                self.look(&id);
            }
        }
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        let address = |text: &str| text.parse::<IpAddr>().map_err(|_| format!("`{text}` is no address"));
        match event {
            Event::Dns { resolver, questions } => {
                let source = SocketAddr::new(address(&resolver)?, 5_353);
                for (rtype, name) in questions {
                    let name = format!("{name}.example.org");
                    let (transport, rcode) = (Transport::Udp, "NOERROR".to_owned());
                    let asked = self.now.checked_sub(SignedDuration::from_millis(LOOKUP_MS)).expect("a time");
                    self.note_at(
                        asked,
                        Fact::Queried(Queried { source, transport, name, rtype, dnssec_ok: true, rcode }),
                    );
                }
            }
            Event::Fetch { source, status } => self.note(Fact::PolicyFetched(PolicyFetched {
                source: SocketAddr::new(address(&source)?, 40_000),
                sni: Some("mta-sts.et.example.org".to_owned()),
                path: Some("/.well-known/mta-sts.txt".to_owned()),
                status: Some(status),
                user_agent: None,
                alert: None,
            })),
            Event::SelfCheck { red, unseen } => {
                let part = |name: &str| match red.iter().any(|red| red == name) {
                    true => SelfCheck::Red { reason: name.to_owned() },
                    false => SelfCheck::Green,
                };
                let (dns, certificates) = (part("dns"), part("certificates"));
                self.note(Fact::SelfChecked(SelfChecked {
                    dns,
                    certificates,
                    policy_host: part("policy-host"),
                    unseen,
                    cases: Default::default(),
                    unlooked: Default::default(),
                }));
            }
            Event::Restart => self.restart(),
            Event::Raw(json) => {
                let fact = serde_json::from_str(&json).map_err(|error| error.to_string())?;
                self.note(fact);
            }
            Event::Link { name, source, ehlo, steps } => {
                let mut link = self.open(address(&source)?, &ehlo, &steps)?;
                self.go_on(&mut link, &steps)?;
                if let Some(name) = name {
                    self.named.insert(name, link);
                }
            }
            Event::Again { name, steps } => {
                let mut link = self.named.remove(&name).ok_or(format!("no link `{name}`"))?;
                if link.closed {
                    return Err(format!("link `{name}` has ended"));
                }
                self.go_on(&mut link, &steps)?;
                self.named.insert(name, link);
            }
        }
        Ok(())
    }

    /// The projection is made anew from the journal and must come out the same.
    fn restart(&mut self) {
        let mut anew = Attribution::new(
            Arc::clone(&self.catalogue),
            self.journal.pace.clone(),
            Limits::default(),
            SECRET.to_vec(),
        );
        self.observations.iter().for_each(|observation| anew.note(observation));
        for id in self.attribution.all_trials() {
            assert_eq!(anew.history(&id), self.attribution.history(&id));
        }
        self.attribution = anew;
        self.named.clear();
    }

    fn open(&mut self, source: IpAddr, ehlo: &str, steps: &[Vec<String>]) -> Result<Open, String> {
        self.links += 1;
        let id = LinkId(self.links);
        let persona = match steps.first().map(Vec::as_slice) {
            Some([at, host]) if at == "at" => {
                let persona = self.catalogue.persona_of_host(&format!("{host}.example.org"));
                Some(persona.ok_or(format!("no host `{host}`"))?.id.clone())
            }
            _ => None,
        };
        let local = if source.is_ipv4() { "192.0.2.25:25" } else { "[2001:db8::25]:25" };
        let local = local.parse().expect("an address");
        // The greeting comes some milliseconds later.
        let opened = self.now.checked_sub(SignedDuration::from_millis(GREETING_MS)).expect("a time");
        let source_address = SocketAddr::new(source, 25_000);
        self.note_at(
            opened,
            Fact::LinkOpened { link: id, source: source_address, local, persona, entrance: None },
        );
        let record = self.attribution.sources().record(&Source::new(source, Some(ehlo)), self.now);
        let offer = offer(&self.journal.pace, &record, self.now);
        if ehlo != "-" {
            self.note(Fact::Greeted { link: id, name: ehlo.to_owned(), helo: false, tls: false, offer });
        }
        Ok(Open { id, ehlo: ehlo.to_owned(), offer, tls: false, transactions: 0, closed: false })
    }

    fn go_on(&mut self, link: &mut Open, steps: &[Vec<String>]) -> Result<(), String> {
        let mut stays = false;
        for step in steps {
            let words: Vec<_> = step.iter().map(String::as_str).collect();
            match words[..] {
                ["at", _] => {}
                ["left"] if link.offer.starttls => return Err("STARTTLS is offered: `leaves`".to_owned()),
                ["left" | "leaves" | "quit"] => self.close(link, Party::Sender, true, None),
                ["drop"] => self.close(link, Party::Sender, false, None),
                ["we-close"] => self.close(link, Party::Us, false, None),
                ["stays"] => stays = true,
                ["tls", host] => {
                    self.hello(link, host)?;
                    self.note(Fact::HandshakeEnded { link: link.id, handshake: completed() });
                    link.tls = true;
                    let (name, offer) = (link.ehlo.clone(), link.offer);
                    self.note(Fact::Greeted { link: link.id, name, helo: false, tls: true, offer });
                }
                ["hello", host] => self.hello(link, host)?,
                ["refuses", host, shape] => self.refuse(link, host, shape)?,
                ["asks"] => self.note(Fact::StarttlsAsked { link: link.id, code: 220 }),
                ["fails", host, how] => self.fail(link, host, how)?,
                ["clear", ..] if link.tls => return Err("this link is in TLS".to_owned()),
                ["mail", ..] if !link.tls => return Err("this link is in clear".to_owned()),
                ["clear" | "mail" | "probe" | "callout" | "operator" | "bounced" | "envelope", ..] => {
                    self.transact(link, &words)?;
                }
                _ => return Err(format!("`{}` is no step", words.join(" "))),
            }
        }
        if !stays && !link.closed {
            self.close(link, Party::Sender, true, None);
        }
        Ok(())
    }

    fn close(&mut self, link: &mut Open, by: Party, quit: bool, alert: Option<u8>) {
        link.closed = true;
        self.note(Fact::LinkClosed(LinkClosed { link: link.id, by, quit, alert: alert.map(Alert) }));
    }

    fn hello(&mut self, link: &Open, host: &str) -> Result<(), String> {
        if !link.offer.starttls {
            return Err("STARTTLS is withheld".to_owned());
        }
        let sni = (host != "-").then(|| format!("{host}.example.org"));
        let persona = sni.as_ref().and_then(|name| self.catalogue.persona_of_host(name));
        let persona = persona.map(|persona| persona.id.clone()).or_else(|| {
            let opened = self.observations.iter().find_map(|observation| match &observation.fact {
                Fact::LinkOpened { link: id, persona, .. } if *id == link.id => Some(persona.clone()),
                _ => None,
            });
            opened.flatten()
        });
        self.note(Fact::StarttlsAsked { link: link.id, code: 220 });
        let hello = ClientHello { sni, ..ClientHello::default() };
        self.note(Fact::HelloSeen { link: link.id, hello, persona, phase: link.offer.phase });
        Ok(())
    }

    fn refuse(&mut self, link: &mut Open, host: &str, shape: &str) -> Result<(), String> {
        self.hello(link, host)?;
        let number = |text: &str| text.parse::<u8>().map_err(|_| format!("`{text}` is no alert"));
        match shape.split_once('=') {
            None if shape == "within" => return self.break_off(link, true, Party::Sender, None, false),
            Some(("within", alert)) => {
                return self.break_off(link, true, Party::Sender, Some(number(alert)?), false);
            }
            _ => self.note(Fact::HandshakeEnded { link: link.id, handshake: completed() }),
        }
        let (quit, alert) = match shape.split_once('=') {
            None if shape == "quit" => (true, None),
            None if shape == "silent" => (false, None),
            Some(("alert", alert)) => (false, Some(number(alert)?)),
            _ => return Err(format!("`{shape}` is no shape of a refusal")),
        };
        self.close(link, Party::Sender, quit, alert);
        Ok(())
    }

    fn fail(&mut self, link: &mut Open, host: &str, how: &str) -> Result<(), String> {
        self.hello(link, host)?;
        match how {
            "early" => self.break_off(link, false, Party::Sender, None, false),
            "limit" => self.break_off(link, false, Party::Us, None, true),
            "timeout" => self.break_off(link, true, Party::Us, None, false),
            _ => {
                let alert = how.strip_prefix("alert=").and_then(|alert| alert.parse().ok());
                let alert = alert.ok_or(format!("`{how}` is no way to fail"))?;
                self.break_off(link, true, Party::Sender, Some(alert), false)
            }
        }
    }

    fn break_off(
        &mut self,
        link: &mut Open,
        certificate_sent: bool,
        by: Party,
        alert: Option<u8>,
        our_limit: bool,
    ) -> Result<(), String> {
        let failure = HandshakeFailure {
            certificate_sent,
            by,
            alert: alert.map(Alert),
            our_limit,
            went_on: false,
            reason: "as the test has it".to_owned(),
        };
        self.note(Fact::HandshakeEnded { link: link.id, handshake: Handshake::Failed(failure) });
        self.close(link, by, false, alert);
        Ok(())
    }

    fn transact(&mut self, link: &mut Open, words: &[&str]) -> Result<(), String> {
        let option = |key: &str| {
            words.iter().filter_map(|word| word.split_once('=')).find(|(k, _)| *k == key).map(|(_, v)| v)
        };
        let recipients = |cases: &str| -> Vec<Recipient> {
            let cases = cases.split(',').filter(|case| !case.is_empty());
            cases.map(|case| Recipient { case: case.into(), language: Language::En, label: None }).collect()
        };
        let number = link.transactions;
        link.transactions += 1;
        let reverse_path = match (words[0], option("from")) {
            ("callout" | "operator", _) | (_, Some("<>")) => None,
            (_, from) => Some(Mailbox::new(SECRET, from.unwrap_or("jim@example.net"))),
        };
        let message = || {
            let message_id = option("id").unwrap_or("one");
            MessageFacts {
                message_id: (message_id != "-").then(|| format!("{message_id}@example.net")),
                addressed: recipients(option("to").unwrap_or("et,ut")),
                date: option("date").map(str::to_owned),
                authentication: Authentication {
                    vouched: !words.contains(&"unvouched"),
                    ..Authentication::default()
                },
                ..MessageFacts::default()
            }
        };
        let ending = match words[0] {
            "probe" | "callout" | "bounced" | "envelope" => Ending::Aborted,
            "operator" => Ending::Complete(Box::default()),
            _ => Ending::Complete(Box::new(message())),
        };
        let complete = matches!(words[0], "clear" | "mail");
        let nobody = matches!(words[0], "operator" | "bounced" | "envelope");
        let cases = if nobody { "" } else { words.get(1).ok_or("to whom?")? };
        self.note(Fact::Received(Box::new(Received {
            link: link.id,
            number,
            began: self.now,
            tls: link.tls,
            reverse_path,
            recipients: recipients(cases),
            refused_recipients: u16::from(matches!(words[0], "operator" | "bounced")),
            require_tls: false,
            ending,
        })));
        if complete {
            let trial = self.attribution.trial_of(link.id, number);
            let held = trial.is_some_and(|trial| !self.attribution.has_ended(&trial));
            self.note(Fact::Answered { link: link.id, number, code: if held { 451 } else { 250 } });
        }
        Ok(())
    }
}

/// A mechanism whose finding is decided and rests on no observation.
pub(crate) fn uncited(verdict: &Verdict) -> Option<Mechanism> {
    let judgements = verdict.apart.iter().map(|apart| &apart.judgement).chain([&verdict.overall]);
    let mut findings = judgements.flat_map(|judgement| &judgement.findings);
    let decided = |finding: &&Finding| finding.result != FindingResult::Inconclusive;
    let uncited = findings.find(|finding| decided(finding) && finding.evidence.is_empty())?;
    Some(uncited.mechanism)
}

fn completed() -> Handshake {
    Handshake::Completed(Negotiated {
        version: TlsVersion::TLS13,
        cipher_suite: "TLS13_AES_256_GCM_SHA384".to_owned(),
        group: None,
        resumed: false,
    })
}
