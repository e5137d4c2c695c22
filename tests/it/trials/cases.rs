//! Trials of ruled cases: what belongs to them by labels, entrances and sources, when each case ends, and what of a
//! trial's names is withdrawn then.

mod acknowledged;

use std::collections::BTreeMap;
use std::sync::Arc;

use mailassay::sending::history::{
    Ending, Fact, History, LabelsIssued, LinkClosed, MessageFacts, Observation, Offer, Phase, PolicyFetched,
    Queried, Received, Recipient, Seq, Strength, Transport, TrialEnd, TrialEnded, VerdictDelivery,
    VerdictHandled,
};
use mailassay::sending::persona::{CaseId, Catalogue, CatalogueFiles, Entrance};
use mailassay::sending::trial::{
    CasePhase, CasePhases, HostRole, Label, LinkId, Mailbox, Pace, Part, TrialId,
};
use mailassay::sending::trials::{Attribution, Limits, Record};
use mailassay::sending::verdict::{cases_of, ended_cases, progress, taken_cases};
use mailassay::shared::evidence::{Authentication, ClientHello, Handshake, Negotiated, Party, TlsVersion};
use mailassay::shared::text::Language;

use super::{SECRET, at};

const SENDER: &str = "198.51.100.7";
const RESOLVER: &str = "203.0.113.53";
const STRANGER: &str = "192.0.2.99";

/// The listeners, DNS and the policy host, and what they note.
struct Stage {
    catalogue: Arc<Catalogue>,
    pace: Pace,
    attribution: Attribution,
    observations: Vec<Observation>,
    seq: i64,
    links: u64,
}

/// Whom a mail is from and for.
#[derive(Clone)]
struct Mail {
    message_id: &'static str,
    path: &'static str,
    vouched: bool,
    /// Whom To names.
    to: Vec<Recipient>,
}

fn label(text: &str) -> Label {
    text.parse().expect("a label")
}

fn recipient(case: &str, label: Option<&Label>) -> Recipient {
    Recipient { case: case.into(), language: Language::En, label: label.cloned() }
}

fn mail(message_id: &'static str, to: &[(&str, Option<&Label>)]) -> Mail {
    let to = to.iter().map(|(case, label)| recipient(case, *label)).collect();
    Mail { message_id, path: "jim@example.net", vouched: true, to }
}

impl Stage {
    fn new() -> Self {
        Self::limited(Limits::default())
    }

    fn limited(limits: Limits) -> Self {
        let catalogue = Arc::new(CatalogueFiles::embedded().catalogue("example.org").expect("fits"));
        let pace = Pace::default();
        let attribution = Attribution::new(Arc::clone(&catalogue), pace.clone(), limits, SECRET.to_vec());
        Self { catalogue, pace, attribution, observations: Vec::new(), seq: 0, links: 0 }
    }

    fn note(&mut self, second: u32, fact: Fact) {
        self.seq += 1;
        let observation = Observation { seq: Seq(self.seq), at: at(second), fact };
        self.attribution.note(&observation);
        self.observations.push(observation);
    }

    fn name(&self, case: &str, label: Option<&Label>, part: Part) -> String {
        let case = self.catalogue.ruled_case(&case.into()).expect("a ruled case");
        self.catalogue.ruled_name(case, label, part)
    }

    fn ask(&mut self, second: u32, resolver: &str, rtype: &str, name: String) {
        let source = format!("{resolver}:5353").parse().expect("an address");
        let (transport, rtype) = (Transport::Udp, rtype.to_owned());
        let rcode = "NOERROR".to_owned();
        self.note(second, Fact::Queried(Queried { source, transport, name, rtype, dnssec_ok: true, rcode }));
    }

    fn fetch(&mut self, second: u32, visitor: &str, case: &str, label: Option<&Label>) {
        let sni = Some(self.name(case, label, Part::PolicyHost));
        self.note(
            second,
            Fact::PolicyFetched(PolicyFetched {
                source: format!("{visitor}:40000").parse().expect("an address"),
                sni,
                path: Some("/.well-known/mta-sts.txt".to_owned()),
                status: Some(200),
                user_agent: None,
                alert: None,
            }),
        );
    }

    /// A link at an entrance, or at the classic address, with SNI in TLS; none: in clear.
    fn connect(&mut self, second: u32, from: &str, entrance: Option<Entrance>, sni: Option<&str>) -> LinkId {
        self.links += 1;
        let link = LinkId(self.links);
        let source = format!("{from}:25000").parse().expect("an address");
        let local = "192.0.2.25:25".parse().expect("an address");
        self.note(second, Fact::LinkOpened { link, source, local, persona: None, entrance });
        let offer = Offer { starttls: entrance.is_some_and(Entrance::offers_starttls), phase: Phase::A };
        let name = if from == STRANGER { "mx.elsewhere.example" } else { "mail.example.net" }.to_owned();
        self.note(second, Fact::Greeted { link, name: name.clone(), helo: false, tls: false, offer });
        if let Some(sni) = sni {
            self.note(second, Fact::StarttlsAsked { link, code: 220 });
            let hello = ClientHello { sni: Some(sni.to_owned()), ..ClientHello::default() };
            self.note(second, Fact::HelloSeen { link, hello, persona: None, phase: Phase::A });
            let completed = Handshake::Completed(Negotiated {
                version: TlsVersion::TLS13,
                cipher_suite: "TLS13_AES_256_GCM_SHA384".to_owned(),
                group: None,
                resumed: false,
            });
            self.note(second, Fact::HandshakeEnded { link, handshake: completed });
        }
        link
    }

    fn quit(&mut self, second: u32, link: LinkId) {
        let closed = LinkClosed { link, by: Party::Sender, quit: true, alert: None };
        self.note(second, Fact::LinkClosed(closed));
    }

    /// Connects to a host of a case, in TLS with its name, and leaves without mail.
    fn refuse(&mut self, second: u32, from: &str, case: &str, label: Option<&Label>) -> LinkId {
        let (entrance, sni) = self.host(case, label, HostRole::Bad);
        let link = self.connect(second, from, Some(entrance), Some(&sni));
        self.quit(second, link);
        link
    }

    fn host(&self, case: &str, label: Option<&Label>, role: HostRole) -> (Entrance, String) {
        let ruled = self.catalogue.ruled_case(&case.into()).expect("a ruled case");
        (ruled.entrance(role), self.name(case, label, Part::Host(role)))
    }

    /// A mail on a link, which it ends; gives the code of its dot, as the desk would answer.
    fn send(&mut self, second: u32, link: LinkId, tls: bool, to: &Recipient, mail: &Mail) -> u16 {
        let code = self.submit(second, (link, 0), tls, to, mail);
        self.quit(second, link);
        code
    }

    /// A mail as a transaction of a link (by its number), which stays open.
    fn submit(
        &mut self,
        second: u32,
        (link, number): (LinkId, u16),
        tls: bool,
        to: &Recipient,
        mail: &Mail,
    ) -> u16 {
        let message = MessageFacts {
            message_id: Some(mail.message_id.to_owned()),
            addressed: mail.to.clone(),
            authentication: Authentication { vouched: mail.vouched, ..Authentication::default() },
            ..MessageFacts::default()
        };
        self.note(
            second,
            Fact::Received(Box::new(Received {
                link,
                number,
                began: at(second),
                tls,
                reverse_path: Some(Mailbox::new(&SECRET, mail.path)),
                recipients: vec![to.clone()],
                refused_recipients: 0,
                require_tls: false,
                ending: Ending::Complete(Box::new(message)),
            })),
        );
        let trial = self.attribution.trial_of(link, number);
        let history = trial.as_ref().and_then(|trial| self.attribution.history(trial));
        let code = match history {
            Some(history) if history.ended.is_some() || self.is_taken(&history, &to.case) => 250,
            _ => 451,
        };
        self.note(second, Fact::Answered { link, number, code });
        code
    }

    /// A mail that breaks off before its dot.
    fn break_off(&mut self, second: u32, from: &str, to: &Recipient, path: &str) -> LinkId {
        let (entrance, sni) = self.host(&to.case.0, to.label.as_ref(), HostRole::Bad);
        let link = self.connect(second, from, Some(entrance), Some(&sni));
        let received = Received {
            link,
            number: 0,
            began: at(second),
            tls: true,
            reverse_path: Some(Mailbox::new(&SECRET, path)),
            recipients: vec![to.clone()],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Aborted,
        };
        self.note(second, Fact::Received(Box::new(received)));
        self.quit(second, link);
        link
    }

    fn is_taken(&self, history: &History, case: &CaseId) -> bool {
        taken_cases(&self.catalogue, &self.pace, history).contains(case)
    }

    /// A mail in TLS at a host of a case.
    fn deliver(&mut self, second: u32, from: &str, role: HostRole, to: &Recipient, mail: &Mail) -> u16 {
        let (entrance, sni) = self.host(&to.case.0, to.label.as_ref(), role);
        let link = self.connect(second, from, Some(entrance), Some(&sni));
        self.send(second, link, true, to, mail)
    }

    fn only_trial(&self) -> TrialId {
        let [trial] = &self.attribution.all_trials()[..] else {
            panic!("one trial, not {:?}", self.attribution.all_trials())
        };
        trial.clone()
    }

    fn history(&self, trial: &TrialId) -> History {
        self.attribution.history(trial).expect("a trial")
    }

    fn ended(&self, trial: &TrialId) -> Vec<String> {
        let history = self.history(trial);
        ended_cases(&self.catalogue, &self.pace, &history).into_iter().map(|case| case.0).collect()
    }

    fn end(&self, trial: &TrialId, second: u32) -> Option<TrialEnd> {
        progress(&self.catalogue, &self.pace, &self.history(trial), at(second)).end
    }

    /// A trial ends and its verdict is told.
    fn tell(&mut self, second: u32, trial: &TrialId) {
        self.note(second, Fact::TrialEnded(TrialEnded { trial: trial.clone(), end: TrialEnd::Settled }));
        let delivery = VerdictDelivery::Withheld { reason: "a test".to_owned() };
        let handled = VerdictHandled { trial: trial.clone(), delivery, judged_to: Some(Seq(self.seq)) };
        self.note(second, Fact::VerdictHandled(handled));
        self.is_read_back(trial);
    }

    /// A told trial that leaves memory is read as it was.
    fn is_read_back(&self, trial: &TrialId) {
        let away = self.attribution.put_away(trial).expect("it was told");
        let written = serde_json::to_string(&away.record).expect("a record is JSON");
        let record: Record = serde_json::from_str(&written).expect("what was written can be read");
        let mut expected = self.history(trial);
        expected.last = expected.delivery.as_ref().map_or(expected.last, |told| told.seq);
        assert_eq!(record.history(&self.observations), expected);
    }

    fn issue(&mut self, second: u32, root: &Label, labels: &[(&str, &Label)], first: Option<&TrialId>) {
        let labels: BTreeMap<CaseId, Label> =
            labels.iter().map(|(case, label)| (CaseId::from(*case), (*label).clone())).collect();
        let issued = LabelsIssued { label: root.clone(), labels, first: first.cloned() };
        self.note(second, Fact::LabelsIssued(issued));
    }

    /// The first part of a test is told, and its verdict names the second by a free label and one of the pool.
    fn first_part(&mut self) -> (Label, Label) {
        let link = self.connect(0, SENDER, None, None);
        self.send(0, link, false, &recipient("et", None), &mail("1@example.net", &[("et", None)]));
        let first = self.only_trial();
        self.tell(10, &first);
        let (root, pooled) = (first.second_part(&SECRET), Label::of_pool(3));
        self.issue(11, &root, &[("none", &root), ("sts-good", &pooled)], Some(&first));
        (root, pooled)
    }

    fn phase(&self, case: &str, label: &Label) -> CasePhase {
        self.attribution.labels().phase(case, label)
    }
}

fn of(history: &History, link: LinkId) -> Option<Strength> {
    history.links.iter().find(|attributed| attributed.link.id == link).map(|attributed| attributed.strength)
}

fn asked(history: &History) -> Vec<&str> {
    history.queries.iter().map(|query| query.what.name.as_str()).collect()
}

#[test]
fn one_mail_to_permanent_names_is_one_trial_with_all_that_led_to_it() {
    let mut stage = Stage::new();
    let mail = mail("1@example.net", &[("none", None), ("sts-unlisted", None)]);
    let (none, sts) = (recipient("none", None), recipient("sts-unlisted", None));
    for case in ["none", "sts-unlisted"] {
        stage.ask(0, RESOLVER, "MX", stage.name(case, None, Part::Domain));
        stage.ask(0, RESOLVER, "A", stage.name(case, None, Part::Host(HostRole::Bad)));
    }
    stage.ask(0, RESOLVER, "TXT", stage.name("sts-unlisted", None, Part::PolicyRecord));
    stage.fetch(1, SENDER, "sts-unlisted", None);
    let refused = stage.refuse(2, SENDER, "sts-unlisted", None);
    let of_another_case = stage.refuse(2, SENDER, "sts-good", None);
    let of_a_stranger = stage.refuse(2, STRANGER, "sts-unlisted", None);
    assert_eq!(stage.deliver(3, SENDER, HostRole::Good, &sts, &mail), 451, "it may be laxer on retry");
    assert_eq!(stage.deliver(4, SENDER, HostRole::Bad, &none, &mail), 250, "nothing worse can follow");
    let trial = stage.only_trial();
    let history = stage.history(&trial);
    assert_eq!(cases_of(&stage.catalogue, &history), ["none".into(), "sts-unlisted".into()]);
    assert!(matches!(of(&history, refused), Some(Strength::Weak { shared: false, .. })));
    assert_eq!((of(&history, of_another_case), of(&history, of_a_stranger)), (None, None));
    assert_eq!(history.fetches.len(), 1);
    assert_eq!(history.queries.len(), 5, "{:?}", asked(&history));
    assert!(history.queries_complete && history.fetches_complete);
    assert_eq!(stage.ended(&trial), ["none"]);
    // The classic suite is not waited for, nor its window; the other case is.
    assert_eq!(stage.end(&trial, 200), None);
    assert_eq!(stage.deliver(303, SENDER, HostRole::Good, &sts, &mail), 250);
    assert_eq!(stage.end(&trial, 303), None, "another mail of the same attempt may follow");
    assert_eq!(stage.end(&trial, 303 + stage.pace.attempt_gap_s), Some(TrialEnd::Settled));
    stage.tell(400, &trial);
}

#[test]
fn what_never_came_is_waited_for_until_patience() {
    let mut stage = Stage::new();
    let mail = mail("1@example.net", &[("none", None), ("bogus-ds", None)]);
    assert_eq!(stage.deliver(0, SENDER, HostRole::Bad, &recipient("none", None), &mail), 250);
    let trial = stage.only_trial();
    let patience_s = stage.pace.case_patience_s;
    assert_eq!(stage.end(&trial, patience_s - 1), None);
    assert_eq!(stage.end(&trial, patience_s), Some(TrialEnd::Expired));
}

#[test]
fn clear_text_ends_a_case_and_mail_at_a_host_before_the_policy_is_known_does_not() {
    let mut stage = Stage::new();
    let to = recipient("sts-badcert", None);
    let once = mail("1@example.net", &[("sts-badcert", None)]);
    assert_eq!(stage.deliver(0, SENDER, HostRole::Bad, &to, &once), 451);
    assert_eq!(stage.deliver(300, SENDER, HostRole::Bad, &to, &once), 451, "within the time for a fetch");
    let trial = stage.only_trial();
    assert_eq!(stage.ended(&trial), Vec::<String>::new());
    assert_eq!(stage.deliver(stage.pace.sts_grace_s, SENDER, HostRole::Bad, &to, &once), 250);
    assert_eq!(stage.ended(&trial), ["sts-badcert"]);

    let mut stage = Stage::new();
    stage.fetch(0, SENDER, "sts-badcert", None);
    assert_eq!(stage.deliver(1, SENDER, HostRole::Bad, &to, &once), 250, "the policy was known");

    for (case, code) in [("none-nostarttls", 250), ("sts-nostarttls", 451)] {
        let mut stage = Stage::new();
        let (to, once) = (recipient(case, None), mail("1@example.net", &[(case, None)]));
        let link = stage.connect(0, SENDER, Some(Entrance::NoStarttls), None);
        assert_eq!(stage.send(0, link, false, &to, &once), code, "{case}: in clear");
    }
}

#[test]
fn mail_at_the_sound_host_after_the_faulty_one_in_the_same_attempt_turns_nothing() {
    let mut stage = Stage::new();
    let to = recipient("sts-badcert", None);
    let once = mail("1@example.net", &[("sts-badcert", None)]);
    for second in [0, 300] {
        assert_eq!(stage.deliver(second, SENDER, HostRole::Bad, &to, &once), 451);
        assert_eq!(stage.deliver(second + 1, SENDER, HostRole::Good, &to, &once), 451);
    }
    assert_eq!(stage.deliver(600, SENDER, HostRole::Bad, &to, &once), 250, "it goes on until the time is up");
}

/// A slow sender's one attempt looks like two, the second of them at the sound host alone.
#[test]
fn who_used_the_faulty_host_has_turned_only_when_the_policy_may_be_known() {
    let (to, once) = (recipient("sts-badcert", None), mail("1@example.net", &[("sts-badcert", None)]));
    let mut stage = Stage::new();
    let slow = stage.pace.attempt_gap_s + 15;
    for second in [0, 300] {
        assert_eq!(stage.deliver(second, SENDER, HostRole::Bad, &to, &once), 451);
        assert_eq!(stage.deliver(second + slow, SENDER, HostRole::Good, &to, &once), 451, "at {second} s");
    }
    assert_eq!(stage.deliver(600, SENDER, HostRole::Bad, &to, &once), 250, "it goes on when the time is up");

    let mut stage = Stage::new();
    assert_eq!(stage.deliver(0, SENDER, HostRole::Bad, &to, &once), 451);
    stage.fetch(100, SENDER, "sts-badcert", None);
    assert_eq!(stage.deliver(200, SENDER, HostRole::Good, &to, &once), 451, "it may be laxer on retry");
    assert_eq!(stage.deliver(400, SENDER, HostRole::Good, &to, &once), 250, "the policy was known twice");

    let mut stage = Stage::new();
    assert_eq!(stage.deliver(0, SENDER, HostRole::Bad, &to, &once), 451);
    for (second, code) in [(300, 451), (500, 451), (700, 451), (900, 250)] {
        assert_eq!(stage.deliver(second, SENDER, HostRole::Good, &to, &once), code, "at {second} s");
    }
}

/// Who keeps a link and tries again on it attempts anew, while the link is open and when it has ended: OpenSMTPD does so.
#[test]
fn another_try_on_the_same_link_is_an_attempt_of_its_own() {
    let (to, once) = (recipient("sts-badcert", None), mail("1@example.net", &[("sts-badcert", None)]));
    let mut stage = Stage::new();
    let (grace, gap) = (stage.pace.sts_grace_s, stage.pace.attempt_gap_s);
    assert_eq!(stage.deliver(0, SENDER, HostRole::Bad, &to, &once), 451);
    let (entrance, sni) = stage.host("sts-badcert", None, HostRole::Bad);
    let (first, again) = (grace - gap, grace + 15);
    let link = stage.connect(first, SENDER, Some(entrance), Some(&sni));
    assert_eq!(stage.submit(first, (link, 0), true, &to, &once), 451, "the policy may be on its way");
    assert_eq!(stage.submit(again, (link, 1), true, &to, &once), 250, "nobody waits longer for a policy");
    stage.quit(again + 5, link);
    let trial = stage.only_trial();
    assert_eq!(stage.ended(&trial), ["sts-badcert"], "what was acknowledged counts");
}

/// While a link is open nobody knows how long its sender is busy with it.
#[test]
fn an_open_link_lasts_as_long_as_one_that_was_kept() {
    let (to, once) = (recipient("sts-badcert", None), mail("1@example.net", &[("sts-badcert", None)]));
    let mut stage = Stage::new();
    let gap = stage.pace.attempt_gap_s;
    let (entrance, sni) = stage.host("sts-badcert", None, HostRole::Bad);
    for second in [0, 300] {
        let link = stage.connect(second, SENDER, Some(entrance), Some(&sni));
        assert_eq!(stage.submit(second, (link, 0), true, &to, &once), 451);
        let next = second + gap + 15;
        assert_eq!(stage.deliver(next, SENDER, HostRole::Good, &to, &once), 451, "at {next} s");
        stage.quit(next, link);
    }
    assert_eq!(stage.ended(&stage.only_trial()), Vec::<String>::new());
}

#[test]
fn a_label_ties_questions_visits_and_links_to_its_trial_and_to_no_other() {
    let mut stage = Stage::new();
    let (own, other) = (label("k3f9a2m7"), label("q8w2e4r6"));
    let case = "dane-mismatch";
    for (second, label) in [(0, &own), (1, &other)] {
        stage.ask(second, RESOLVER, "MX", stage.name(case, Some(label), Part::Domain));
        stage.ask(second, RESOLVER, "TLSA", stage.name(case, Some(label), Part::Tlsa(HostRole::Bad)));
    }
    let refused = stage.refuse(2, SENDER, case, Some(&own));
    let refused_for_other = stage.refuse(3, SENDER, case, Some(&other));
    let of_a_stranger = stage.refuse(4, STRANGER, case, Some(&own));
    let to = recipient(case, Some(&own));
    let once = mail("1@example.net", &[(case, Some(&own))]);
    stage.deliver(5, SENDER, HostRole::Good, &to, &once);
    let trial = stage.only_trial();
    assert_eq!(trial, TrialId::of_label(&SECRET, &own), "the page is found by the label");
    // The same sender, the same reverse-path, at the same time: the label tells them apart.
    let to_other = recipient(case, Some(&other));
    let twice = mail("2@example.net", &[(case, Some(&other))]);
    stage.deliver(6, SENDER, HostRole::Good, &to_other, &twice);
    assert_eq!(stage.attribution.all_trials().len(), 2);
    let history = stage.history(&trial);
    assert_eq!(history.labels, BTreeMap::from([(CaseId::from(case), own.clone())]));
    assert_eq!(of(&history, refused), Some(Strength::Weak { tie: tie_of_address(), shared: false }));
    assert_eq!((of(&history, refused_for_other), of(&history, of_a_stranger)), (None, None));
    assert_eq!(history.strangers.iter().map(|link| link.id).collect::<Vec<_>>(), [of_a_stranger]);
    assert!(asked(&history).iter().all(|name| name.contains("k3f9a2m7")), "{:?}", asked(&history));
    assert_eq!(history.queries.len(), 2);
    assert_eq!(history.main_resolver.map(|network| network.to_string()), Some("203.0.113.0/24".to_owned()));
    stage.tell(7, &trial);
    let other_history = stage.history(&TrialId::of_label(&SECRET, &other));
    assert_eq!((other_history.queries.len(), of(&other_history, refused)), (2, None));
}

fn tie_of_address() -> mailassay::sending::trial::Tie {
    mailassay::sending::trial::Tie::Address
}

#[test]
fn mail_of_a_stranger_to_a_label_is_shown_as_a_strangers() {
    let mut stage = Stage::new();
    let own = label("k3f9a2m7");
    let to = recipient("none", Some(&own));
    stage.deliver(0, SENDER, HostRole::Bad, &to, &mail("1@example.net", &[("none", Some(&own))]));
    let trial = stage.only_trial();
    let forged = Mail { vouched: false, ..mail("1@example.net", &[("none", Some(&own))]) };
    stage.deliver(1, STRANGER, HostRole::Bad, &to, &forged);
    let history = stage.history(&trial);
    assert_eq!((history.links.len(), history.strangers.len()), (1, 1));
    // Another node of the sender, whose mail SPF vouches for.
    stage.deliver(2, "203.0.113.200", HostRole::Good, &to, &mail("1@example.net", &[("none", Some(&own))]));
    assert_eq!(stage.history(&trial).links.len(), 2);
}

/// Who knows a label knows no more than what a name in DNS tells, and everybody may give any name in EHLO.
#[test]
fn the_name_in_ehlo_ties_only_a_message_of_the_trial_to_its_label() {
    let mut stage = Stage::new();
    let (own, elsewhere) = (label("k3f9a2m7"), "203.0.113.200");
    let (to, labels) = (recipient("dane-mismatch", Some(&own)), [("dane-mismatch", Some(&own))]);
    let once = mail("1@example.net", &labels);
    assert_eq!(stage.deliver(0, SENDER, HostRole::Good, &to, &once), 451);
    let trial = stage.only_trial();
    let links = |stage: &Stage| -> Vec<_> {
        let history = stage.history(&trial);
        let links = history.links.into_iter().filter(|one| one.strength == Strength::Exact);
        links.map(|attributed| attributed.link.id).collect()
    };
    let broken_off = stage.break_off(10, elsewhere, &to, "jim@example.net");
    let forged = Mail { vouched: false, ..mail("9@example.net", &labels) };
    stage.deliver(20, elsewhere, HostRole::Bad, &to, &forged);
    let forged = LinkId(stage.links);
    assert!(!links(&stage).contains(&broken_off) && !links(&stage).contains(&forged), "{:?}", links(&stage));
    let strangers: Vec<_> = stage.history(&trial).strangers.iter().map(|link| link.id).collect();
    assert!(strangers.contains(&forged), "{strangers:?}");
    // The message itself, from another node, for which nothing vouches: a forwarder may have broken its signature.
    let again = Mail { vouched: false, ..once.clone() };
    stage.deliver(300, elsewhere, HostRole::Good, &to, &again);
    let loose = LinkId(stage.links);
    assert!(links(&stage).contains(&loose), "it is shown with the trial");
    let is_told = |stage: &Stage, link| stage.attribution.is_of_its_sender(&trial, link, 0);
    assert!(is_told(&stage, LinkId(1)) && !is_told(&stage, loose), "and is not told where its page is");
    stage.break_off(310, elsewhere, &to, "jim@example.net");
    assert!(!links(&stage).contains(&LinkId(stage.links)), "nor does it tie anything to the trial");
    // What is vouched for, or comes from where the trial began, is the sender's as before.
    stage.deliver(600, "203.0.113.9", HostRole::Good, &to, &once);
    let vouched = LinkId(stage.links);
    let near = stage.break_off(610, SENDER, &to, "jim@example.net");
    assert!(links(&stage).contains(&vouched) && links(&stage).contains(&near));
    assert!(is_told(&stage, vouched) && is_told(&stage, near));
    stage.tell(700, &trial);
}

/// One mailbox provider vouches for all of its users, who know the labels of the pool as everybody does.
#[test]
fn another_user_of_the_same_provider_does_not_join_by_a_label_of_the_pool() {
    let mut stage = Stage::new();
    let (root, pooled) = stage.first_part();
    let (labels, of_pool) = ([("sts-good", Some(&pooled))], recipient("sts-good", Some(&pooled)));
    let second = TrialId::of_label(&SECRET, &root);
    let of_eve = |message_id| Mail { path: "eve@example.net", ..mail(message_id, &labels) };
    let elsewhere = "203.0.113.200";
    stage.deliver(12, elsewhere, HostRole::Good, &of_pool, &of_eve("8@example.net"));
    assert!(stage.attribution.history(&second).is_none(), "nor does he begin it");
    let answer = mail("2@example.net", &[("none", Some(&root)), ("sts-good", Some(&pooled))]);
    stage.deliver(13, elsewhere, HostRole::Good, &of_pool, &answer);
    stage.deliver(14, "203.0.112.200", HostRole::Good, &of_pool, &of_eve("9@example.net"));
    assert_eq!(stage.history(&second).links.len(), 1);
    // The same person, whose provider sends from many addresses; and whoever has the free label, too.
    stage.deliver(15, "203.0.111.200", HostRole::Good, &of_pool, &mail("3@example.net", &labels));
    let bounces = Mail { path: "bounces@example.net", ..answer.clone() };
    stage.deliver(16, "203.0.110.200", HostRole::Good, &of_pool, &bounces);
    assert_eq!(stage.history(&second).links.len(), 3);
}

/// Anybody can send to all labels of the pool, and the first to come would have the trial and its page.
#[test]
fn a_label_of_the_pool_begins_no_trial_that_has_a_free_label() {
    let mut stage = Stage::new();
    let (root, pooled, case) = (label("k3f9a2m7"), Label::of_pool(1), "sts-good");
    stage.issue(0, &root, &[("none", &root), (case, &pooled)], None);
    let to = recipient(case, Some(&pooled));
    let forged =
        Mail { path: "eve@elsewhere.example", ..mail("9@elsewhere.example", &[(case, Some(&pooled))]) };
    stage.deliver(1, STRANGER, HostRole::Good, &to, &forged);
    let trial = TrialId::of_label(&SECRET, &root);
    assert!(stage.attribution.history(&trial).is_none());
    let once = mail("1@example.net", &[("none", Some(&root)), (case, Some(&pooled))]);
    stage.deliver(2, SENDER, HostRole::Good, &to, &once);
    stage.deliver(3, STRANGER, HostRole::Good, &to, &forged);
    let history = stage.history(&trial);
    assert_eq!((history.links.len(), history.labels.len()), (1, 2));
}

#[test]
fn a_mail_to_all_kinds_of_names_is_one_trial() {
    let mut stage = Stage::new();
    let own = label("k3f9a2m7");
    let once = mail("1@example.net", &[("et", None), ("none", None), ("dane-good", Some(&own))]);
    // The permanent name comes first, and the header section tells whose label it is.
    stage.deliver(0, SENDER, HostRole::Bad, &recipient("none", None), &once);
    stage.deliver(1, SENDER, HostRole::Bad, &recipient("dane-good", Some(&own)), &once);
    let link = stage.connect(2, SENDER, None, None);
    assert_eq!(stage.send(2, link, false, &recipient("et", None), &once), 451);
    let trial = stage.only_trial();
    assert_eq!(trial, TrialId::of_label(&SECRET, &own));
    let history = stage.history(&trial);
    assert_eq!(history.links.len(), 3);
    assert_eq!(stage.ended(&trial), ["dane-good", "none"]);
    // The classic part goes on: its window is its own, and began with its first link.
    assert_eq!(history.window_until, Some(at(2 + stage.pace.window_s)));
    assert_eq!(stage.end(&trial, stage.pace.case_patience_s), None);
}

#[test]
fn links_at_entrances_neither_open_a_window_nor_count_as_left() {
    let mut stage = Stage::new();
    let link = stage.connect(0, SENDER, Some(Entrance::NoStarttls), None);
    stage.quit(0, link);
    let source = mailassay::sending::trial::Source::new(SENDER.parse().expect("an address"), None);
    let record = |stage: &Stage, second| stage.attribution.sources().record(&source, at(second));
    assert_eq!(record(&stage, 1).window_from, None);
    let link = stage.connect(100, SENDER, None, None);
    stage.quit(100, link);
    assert_eq!(record(&stage, 101).window_from, Some(at(100)), "the first EHLO at the classic address");
}

#[test]
fn a_case_without_sni_is_told_by_its_entrance() {
    let mut stage = Stage::new();
    let once = mail("1@example.net", &[("none-nostarttls", None)]);
    let to = recipient("none-nostarttls", None);
    let left = stage.connect(0, SENDER, Some(Entrance::NoStarttls), None);
    stage.quit(0, left);
    let elsewhere = stage.connect(0, SENDER, Some(Entrance::Garbage), None);
    stage.quit(0, elsewhere);
    stage.deliver(1, SENDER, HostRole::Good, &to, &once);
    let history = stage.history(&stage.only_trial());
    assert!(matches!(of(&history, left), Some(Strength::Weak { shared: false, .. })));
    assert_eq!(of(&history, elsewhere), None, "no case of the trial is met there");
}

#[test]
fn names_are_withdrawn_when_their_trial_is_over_and_late_mail_is_taken() {
    let mut stage = Stage::new();
    let own = label("k3f9a2m7");
    let (to, once) = (recipient("none", Some(&own)), mail("1@example.net", &[("none", Some(&own))]));
    stage.deliver(0, SENDER, HostRole::Good, &to, &once);
    let trial = stage.only_trial();
    assert_eq!(stage.phase("none", &own), CasePhase::First);
    stage.tell(100, &trial);
    assert_eq!(
        (stage.phase("none", &own), stage.phase("sts-good", &own)),
        (CasePhase::Over, CasePhase::Over)
    );
    assert_eq!(stage.phase("none", &label("another1")), CasePhase::First);
    assert_eq!(stage.deliver(200, SENDER, HostRole::Good, &to, &once), 250);
    assert_eq!(stage.only_trial(), trial, "late mail opens no other");
    let (entrance, sni) = stage.host("none", Some(&own), HostRole::Good);
    let link = stage.connect(300, STRANGER, Some(entrance), Some(&sni));
    stage.send(300, link, true, &to, &mail("9@elsewhere.example", &[("none", Some(&own))]));
    assert_eq!(stage.only_trial(), trial, "nor does a stranger's: its names test nothing any more");
}

#[test]
fn the_second_mail_of_a_trial_meets_what_its_case_says_of_it() {
    let mut stage = Stage::new();
    let (own, case) = (label("k3f9a2m7"), "sts-cached");
    let to = recipient(case, Some(&own));
    let first = mail("1@example.net", &[(case, Some(&own))]);
    stage.fetch(0, SENDER, case, Some(&own));
    assert_eq!(stage.deliver(1, SENDER, HostRole::Bad, &to, &first), 250, "the first has shown what it can");
    let trial = stage.only_trial();
    assert_eq!((stage.phase(case, &own), stage.ended(&trial)), (CasePhase::Second, Vec::new()));
    let second = mail("2@example.net", &[(case, Some(&own))]);
    assert_eq!(stage.deliver(60, SENDER, HostRole::Good, &to, &second), 451);
    assert_eq!(stage.deliver(400, SENDER, HostRole::Good, &to, &second), 250);
    assert_eq!((stage.only_trial(), stage.ended(&trial)), (trial.clone(), vec![case.to_owned()]));
}

#[test]
fn a_label_of_the_pool_leads_to_the_trial_that_has_it() {
    let mut stage = Stage::new();
    let (root, pooled) = (label("k3f9a2m7"), Label::of_pool(1));
    let case = "sts-unlisted";
    // Before the lease: somebody who reads the logs of certificates.
    stage.fetch(0, STRANGER, case, Some(&pooled));
    stage.issue(10, &root, &[("none", &root), (case, &pooled)], None);
    stage.fetch(11, STRANGER, case, Some(&pooled));
    stage.ask(12, RESOLVER, "MX", stage.name("none", Some(&root), Part::Domain));
    stage.ask(12, RESOLVER, "MX", stage.name(case, Some(&pooled), Part::Domain));
    stage.ask(12, RESOLVER, "TXT", stage.name(case, Some(&pooled), Part::PolicyRecord));
    stage.fetch(13, "203.0.113.77", case, Some(&pooled));
    let to = recipient(case, Some(&pooled));
    let once = mail("1@example.net", &[("none", Some(&root)), (case, Some(&pooled))]);
    stage.deliver(14, SENDER, HostRole::Good, &to, &once);
    let trial = stage.only_trial();
    assert_eq!(trial, TrialId::of_label(&SECRET, &root));
    let history = stage.history(&trial);
    let visitors: Vec<_> = history.fetches.iter().map(|fetch| fetch.at).collect();
    assert_eq!(visitors, [at(13)], "a visit that follows upon a question of the trial's resolver");
    assert_eq!(cases_of(&stage.catalogue, &history), ["none".into(), case.into()]);
    assert_eq!(history.labels.get(case), Some(&pooled));
    // All its cases are known: none is waited for beside them, and one of them never came.
    stage.deliver(400, SENDER, HostRole::Good, &to, &once);
    assert_eq!(stage.end(&trial, 500), None);
    assert_eq!(stage.end(&trial, 14 + stage.pace.case_patience_s), Some(TrialEnd::Expired));
    stage.tell(6_000, &trial);
    assert_eq!(stage.phase(case, &pooled), CasePhase::Over);
    let next = label("nexttrial1");
    stage.issue(7_000, &next, &[(case, &pooled)], None);
    assert_eq!(stage.phase(case, &pooled), CasePhase::First);
    let twice = mail("2@example.net", &[(case, Some(&pooled))]);
    stage.deliver(7_001, SENDER, HostRole::Good, &to, &twice);
    let trial = TrialId::of_label(&SECRET, &next);
    assert_eq!(stage.history(&trial).queries.len(), 0, "what was asked before is another's");
}

/// Its names can be read in certificates: whoever asks for all of them makes no sender know a policy.
#[test]
fn what_strangers_ask_and_fetch_of_a_label_of_the_pool_is_no_senders() {
    let mut stage = Stage::new();
    let (root, pooled, case) = (label("k3f9a2m7"), Label::of_pool(1), "sts-badcert");
    stage.issue(0, &root, &[("none", &root), (case, &pooled)], None);
    let strange = "192.0.2.53";
    for (rtype, part) in [("TXT", Part::PolicyRecord), ("MX", Part::Domain), ("A", Part::PolicyHost)] {
        stage.ask(10, strange, rtype, stage.name(case, Some(&pooled), part));
    }
    stage.fetch(11, STRANGER, case, Some(&pooled));
    let began = 11 + stage.pace.lookup_lead_s + 1;
    for (case, label) in [("none", &root), (case, &pooled)] {
        stage.ask(began, RESOLVER, "MX", stage.name(case, Some(label), Part::Domain));
    }
    let to = recipient(case, Some(&pooled));
    let once = mail("1@example.net", &[("none", Some(&root)), (case, Some(&pooled))]);
    assert_eq!(stage.deliver(began + 1, SENDER, HostRole::Bad, &to, &once), 451, "it knows no policy yet");
    let trial = stage.only_trial();
    let history = stage.history(&trial);
    assert_eq!(asked(&history).len(), 2, "{:?}", asked(&history));
    assert_eq!(history.fetches.len(), 0);
    assert!(history.queries_complete && history.fetches_complete, "all of that was before its time");
    let later = began + 301;
    assert_eq!(stage.deliver(later, SENDER, HostRole::Bad, &to, &once), 451, "within the time for a fetch");
    stage.ask(later + 198, RESOLVER, "TXT", stage.name(case, Some(&pooled), Part::PolicyRecord));
    stage.fetch(later + 199, "203.0.113.77", case, Some(&pooled));
    assert_eq!(stage.deliver(later + 200, SENDER, HostRole::Bad, &to, &once), 250, "now it does");
    stage.tell(later + 600, &trial);
}

/// The resolvers of large senders have many addresses, and some of their questions come from where none came for a free
/// label: they count for nothing, and so does silence.
#[test]
fn what_may_be_the_senders_and_may_be_a_strangers_leaves_the_verdict_silent() {
    let mut stage = Stage::new();
    let (root, pooled, case) = (label("k3f9a2m7"), Label::of_pool(1), "sts-badcert");
    stage.issue(0, &root, &[("none", &root), (case, &pooled)], None);
    stage.ask(10, RESOLVER, "MX", stage.name("none", Some(&root), Part::Domain));
    stage.ask(10, "203.0.112.53", "TXT", stage.name(case, Some(&pooled), Part::PolicyRecord));
    stage.fetch(11, "203.0.111.7", case, Some(&pooled));
    let to = recipient(case, Some(&pooled));
    let once = mail("1@example.net", &[("none", Some(&root)), (case, Some(&pooled))]);
    assert_eq!(stage.deliver(12, SENDER, HostRole::Good, &to, &once), 451);
    let history = stage.history(&stage.only_trial());
    assert_eq!((asked(&history).len(), history.fetches.len()), (1, 0));
    assert!(!history.queries_complete && !history.fetches_complete);
    // Who reads certificates and looks at every host asks otherwise, and leaves no doubt.
    let mut stage = Stage::new();
    stage.issue(0, &root, &[("none", &root), (case, &pooled)], None);
    stage.ask(10, "192.0.2.53", "A", stage.name(case, Some(&pooled), Part::PolicyHost));
    stage.fetch(11, STRANGER, case, Some(&pooled));
    stage.deliver(12, SENDER, HostRole::Good, &to, &once);
    let history = stage.history(&stage.only_trial());
    assert!(history.queries_complete && history.fetches_complete && history.fetches.is_empty());
}

#[test]
fn whoever_sent_the_first_part_begins_the_second() {
    let mut stage = Stage::new();
    let (root, pooled) = stage.first_part();
    let labels = [("none", Some(&root)), ("sts-good", Some(&pooled))];
    let (of_pool, forged) = (recipient("sts-good", Some(&pooled)), "evil@elsewhere.example");
    let forged = Mail { path: "eve@elsewhere.example", ..mail(forged, &[("sts-good", Some(&pooled))]) };
    stage.deliver(12, STRANGER, HostRole::Good, &of_pool, &forged);
    let second = TrialId::of_label(&SECRET, &root);
    assert!(stage.attribution.history(&second).is_none(), "the label of the pool is no secret");
    let answer = mail("2@example.net", &labels);
    stage.deliver(13, SENDER, HostRole::Good, &of_pool, &answer);
    stage.deliver(14, SENDER, HostRole::Bad, &recipient("none", Some(&root)), &answer);
    stage.deliver(15, STRANGER, HostRole::Good, &of_pool, &forged);
    let history = stage.history(&second);
    assert_eq!((history.links.len(), history.labels.len()), (2, 2), "a stranger is none of it");
}

#[test]
fn labels_that_somebody_invents_displace_nothing_of_a_trial() {
    let mut stage = Stage::limited(Limits { questions_max: 1_000, fetches_max: 100, ..Limits::default() });
    let (issued, own, late, case) = (label("k3f9a2m7"), label("q8w2e4r6"), label("z5x7c9v2"), "sts-unlisted");
    stage.issue(0, &issued, &[(case, &issued)], None);
    let once = [("1@example.net", &issued), ("2@example.net", &own), ("3@example.net", &late)];
    for (_, label) in once {
        stage.ask(0, RESOLVER, "MX", stage.name(case, Some(label), Part::Domain));
        stage.fetch(0, SENDER, case, Some(label));
    }
    let deliver = |stage: &mut Stage, second, (id, label): (&'static str, &Label)| {
        let to = recipient(case, Some(label));
        stage.deliver(second, SENDER, HostRole::Good, &to, &mail(id, &[(case, Some(label))]));
        TrialId::of_label(&SECRET, label)
    };
    let own = deliver(&mut stage, 1, once[1]);
    for n in 0..5_000_u32 {
        let new = label(&format!("flood{n}"));
        stage.ask(2 + n / 100, STRANGER, "MX", stage.name(case, Some(&new), Part::Domain));
        stage.fetch(2 + n / 100, STRANGER, case, Some(&new));
    }
    stage.attribution.forget(at(60));
    let issued = deliver(&mut stage, 61, once[0]);
    for trial in [&own, &issued] {
        let history = stage.history(trial);
        assert_eq!((history.queries.len(), history.fetches.len()), (1, 1));
        assert!(history.queries_complete && history.fetches_complete);
    }
    // What nobody was known to have may be gone, and then silence means nothing.
    let late = deliver(&mut stage, 62, once[2]);
    let history = stage.history(&late);
    assert_eq!((history.queries.len(), history.fetches.len()), (0, 0));
    assert!(!history.queries_complete && !history.fetches_complete);
}

/// The names of the pool are public: who asks for one of them without end displaces nothing of other trials.
#[test]
fn a_label_of_the_pool_has_its_own_limit() {
    let mut stage = Stage::new();
    let (own, root, pooled) = (label("k3f9a2m7"), label("q8w2e4r6"), Label::of_pool(1));
    stage.issue(0, &own, &[("none", &own)], None);
    stage.issue(0, &root, &[("none", &root), ("sts-good", &pooled)], None);
    stage.ask(1, RESOLVER, "MX", stage.name("none", Some(&own), Part::Domain));
    for _ in 0..10_000 {
        stage.ask(2, STRANGER, "MX", stage.name("sts-good", Some(&pooled), Part::Domain));
    }
    stage.attribution.forget(at(3));
    assert_eq!(stage.attribution.counts().questions, 5_001);
    let complete = [(own, "1@example.net"), (root, "2@example.net")].map(|(label, id)| {
        let to = recipient("none", Some(&label));
        stage.deliver(4, SENDER, HostRole::Bad, &to, &mail(id, &[("none", Some(&label))]));
        stage.history(&TrialId::of_label(&SECRET, &label)).queries_complete
    });
    assert_eq!(complete, [true, false]);
}

#[test]
fn new_labels_without_end_stay_within_the_limits() {
    let questions_max = 1_000;
    let mut stage = Stage::limited(Limits { questions_max, fetches_max: 50, ..Limits::default() });
    for n in 0..5_000_u32 {
        let new = label(&format!("flood{n}"));
        stage.ask(n / 100, STRANGER, "MX", stage.name("none", Some(&new), Part::Domain));
        stage.fetch(n / 100, STRANGER, "sts-good", Some(&new));
    }
    stage.attribution.forget(at(60));
    let counts = stage.attribution.counts();
    assert!(counts.questions <= questions_max && counts.fetches <= 50, "{counts:?}");
    assert_eq!((counts.open, counts.links), (0, 0));
}
