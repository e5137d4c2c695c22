//! Plays a sender model against listeners that offer what the program would offer, and writes the journal that
//! they would write. What is published and shown is stated here anew, not taken from the judge.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use jiff::SignedDuration;
use mailassay::sending::history::{
    Ending, Fact, History, LinkClosed, MessageFacts, Observation, Offer, Phase, PolicyFetched, Queried,
    Received, Recipient, Seq, Transport, TrialEnd, TrialEnded,
};
use mailassay::sending::persona::Catalogue;
use mailassay::sending::trial::{LinkId, Mailbox, Pace, Source, TrialId};
use mailassay::sending::trials::{Attribution, Limits};
use mailassay::sending::verdict::model::{
    Dane, Intent, PolicyState, Published, SenderModel, Shown, Starttls, TlsaState,
};
use mailassay::sending::verdict::{offer, progress};
use mailassay::shared::evidence::{
    Alert, ClientHello, Handshake, HandshakeFailure, Negotiated, Party, TlsVersion,
};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};

/// How long before its link a question comes, and a link before its EHLO is answered, in milliseconds.
const LOOKUP_MS: i64 = 100;
const GREETING_MS: i64 = 22;

/// How a sender works through MX hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    /// How many hosts it tries in one attempt where TLS or STARTTLS stands in the way.
    pub(crate) hosts_max: usize,
    /// How many sessions that came to MAIL it makes in one attempt.
    pub(crate) sessions_max: usize,
    /// How long it waits after the first attempt; then longer, up to `retry_max_s`.
    pub(crate) retry_s: u32,
    /// The longest wait between attempts.
    pub(crate) retry_max_s: u32,
    /// Whether it connects to an unlisted host and gives up after the handshake, or skips it.
    pub(crate) connects_to_unlisted: bool,
    /// How it gives up.
    pub(crate) shape: Shape,
}

/// The four shapes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// QUIT in TLS without EHLO (Postfix, Sendmail).
    Quit,
    /// Alert 42 after the handshake (GnuTLS).
    AlertAfter,
    /// Closed after the handshake without a word (OpenSMTPD, Courier).
    SilentAfter,
    /// Closed before the Finished (Node).
    SilentWithin,
}

impl Shape {
    pub(crate) const ALL: [Self; 4] = [Self::Quit, Self::AlertAfter, Self::SilentAfter, Self::SilentWithin];
}

impl Manner {
    pub(crate) fn all() -> Vec<Self> {
        let postfix = Self {
            hosts_max: 4,
            sessions_max: 2,
            retry_s: 300,
            retry_max_s: 4_000,
            connects_to_unlisted: true,
            shape: Shape::Quit,
        };
        let exim = Self {
            hosts_max: 1,
            sessions_max: 1,
            retry_s: 1_800,
            retry_max_s: 1_800,
            shape: Shape::AlertAfter,
            ..postfix
        };
        let haraka =
            Self { sessions_max: 1, retry_s: 64, retry_max_s: 3_600, shape: Shape::SilentWithin, ..postfix };
        let courier = Self { connects_to_unlisted: false, shape: Shape::SilentAfter, retry_s: 300, ..haraka };
        vec![postfix, exim, haraka, courier]
    }
}

/// What came of a play.
pub(crate) enum Outcome {
    /// No mail ever came: there is nobody to answer.
    Silence,
    /// A trial, at its end.
    Trial { end: TrialEnd, history: Box<History>, took_s: i64 },
}

pub(crate) struct Player {
    catalogue: Arc<Catalogue>,
    pace: Pace,
    attribution: Attribution,
    model: SenderModel,
    manner: Manner,
    now: Timestamp,
    seq: i64,
    links: u64,
    policy_known: bool,
    /// Shuffles the MX hosts of each attempt; 0 rotates them.
    order: u64,
    trial: Option<TrialId>,
    end: Option<TrialEnd>,
}

impl Player {
    pub(crate) fn new(catalogue: Catalogue, pace: Pace, model: SenderModel, manner: Manner) -> Self {
        let catalogue = Arc::new(catalogue);
        let attribution =
            Attribution::new(Arc::clone(&catalogue), pace.clone(), Limits::default(), b"secret".to_vec());
        let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
        let (policy_known, order, trial, end) = (false, 0, None, None);
        Self {
            catalogue,
            pace,
            attribution,
            model,
            manner,
            now,
            seq: 0,
            links: 0,
            policy_known,
            order,
            trial,
            end,
        }
    }

    /// The same from another instant on.
    pub(crate) fn beginning(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// The same with the MX hosts of each attempt in an order that follows from this number.
    pub(crate) fn in_order(self, order: u64) -> Self {
        Self { order, ..self }
    }

    /// Sends one mail to these cases until the trial ends or the queue's life does (two days).
    pub(crate) fn play(mut self, addressed: &[&str]) -> Outcome {
        let began = self.now;
        let give_up = after(began, 2 * 86_400);
        let mut attempt = 0;
        while self.end.is_none() && self.now < give_up {
            for case in addressed {
                self.deliver(case, addressed, attempt);
            }
            let growth = 1 << attempt.min(10);
            attempt += 1;
            let next = after(self.now, (self.manner.retry_s * growth).min(self.manner.retry_max_s));
            self.wait_until(next);
        }
        let Some(id) = self.trial else { return Outcome::Silence };
        let history = self.attribution.history(&id).expect("a trial has a history");
        let end = self.end.expect("patience is shorter than the queue's life");
        let took_s = history.ended.as_ref().expect("ended").at.duration_since(began).as_secs();
        Outcome::Trial { end, history: Box::new(history), took_s }
    }

    fn wait_until(&mut self, next: Timestamp) {
        while self.end.is_none()
            && let Some(look_again) = self.look()
            && look_again <= next
        {
            self.now = look_again;
        }
        self.now = next;
    }

    /// Asks whether the trial may end, as the desk would, and notes it.
    fn look(&mut self) -> Option<Timestamp> {
        let id = self.trial.clone()?;
        let history = self.attribution.history(&id)?;
        let progress = progress(&self.catalogue, &self.pace, &history, self.now);
        if let Some(end) = progress.end {
            self.end = Some(end);
            self.note(Fact::TrialEnded(TrialEnded { trial: id, end }));
        }
        progress.look_again
    }

    fn note(&mut self, fact: Fact) {
        self.note_at(self.now, fact);
    }

    fn note_at(&mut self, at: Timestamp, fact: Fact) {
        self.seq += 1;
        self.attribution.note(&Observation { seq: Seq(self.seq), at, fact });
    }

    fn ask(&mut self, name: String, rtype: &str) {
        let asked = self.now.checked_sub(SignedDuration::from_millis(LOOKUP_MS)).expect("a time");
        self.note_at(
            asked,
            Fact::Queried(Queried {
                source: "198.51.100.53:5353".parse().expect("address"),
                transport: Transport::Udp,
                name,
                rtype: rtype.to_owned(),
                dnssec_ok: true,
                rcode: "NOERROR".to_owned(),
            }),
        );
    }

    fn deliver(&mut self, case_name: &str, addressed: &[&str], attempt: usize) {
        let catalogue = Arc::clone(&self.catalogue);
        let case = catalogue.case(&case_name.into()).expect("a case");
        let domain = catalogue.domain(case);
        self.ask(domain.clone(), "MX");
        if self.model.mta_sts {
            self.ask(format!("_mta-sts.{domain}"), "TXT");
            if case.mta_sts.is_some() && !self.policy_known {
                self.policy_known = true;
                self.note(Fact::PolicyFetched(PolicyFetched {
                    source: "198.51.100.7:40000".parse().expect("address"),
                    sni: Some(format!("mta-sts.{domain}")),
                    path: Some("/.well-known/mta-sts.txt".to_owned()),
                    status: Some(200),
                    user_agent: None,
                    alert: None,
                }));
            }
        }
        let mut hosts: Vec<_> = catalogue.hosts_of(&case.id).collect();
        let count = hosts.len();
        match self.order {
            0 => hosts.rotate_left((attempt * 7 + attempt / 4) % count),
            order => hosts.sort_by_key(|host| {
                let mut hasher = std::hash::DefaultHasher::new();
                (order, attempt, host.server).hash(&mut hasher);
                hasher.finish()
            }),
        }
        let mut sessions = 0;
        for host in hosts.into_iter().take(self.manner.hosts_max) {
            if self.end.is_some() {
                return;
            }
            let name = catalogue.host_name(host).expect("a host");
            self.ask(name.clone(), "A");
            if self.model.dane != Dane::Off {
                self.ask(format!("_25._tcp.{name}"), "TLSA");
            }
            let number: u8 = host.server;
            let published = Published {
                tlsa: if number == 7 { TlsaState::None } else { TlsaState::Usable },
                policy: match number {
                    3 => PolicyState::Unlisted,
                    7 => PolicyState::None,
                    _ => PolicyState::Listed,
                },
            };
            let shown = Shown { webpki: matches!(number, 5..=7), tlsa: matches!(number, 4 | 6) };
            if self.connect(case_name, addressed, &name, published, shown) {
                sessions += 1;
            }
            if sessions >= self.manner.sessions_max {
                return;
            }
        }
    }

    /// One connection. Says whether it came to MAIL.
    fn connect(
        &mut self,
        case: &str,
        addressed: &[&str],
        name: &str,
        published: Published,
        shown: Shown,
    ) -> bool {
        let (tls, sni, check, unlisted) = match self.model.intends(published) {
            Intent::Avoid => return false,
            Intent::Unlisted { .. } if !self.manner.connects_to_unlisted => return false,
            Intent::Unlisted { sni } => (Starttls::Required, sni, None, true),
            Intent::Connect { tls, sni, check } => (tls, sni, Some(check), false),
        };
        let link = self.open();
        let ehlo = "mail.example.net".to_owned();
        let source = Source::new(address(), Some(&ehlo));
        let record = self.attribution.sources().record(&source, self.now);
        let offer: Offer = offer(&self.pace, &record, self.now);
        self.note(Fact::Greeted { link, name: ehlo.clone(), helo: false, tls: false, offer });
        if tls == Starttls::Never || tls == Starttls::IfOffered && !offer.starttls {
            return self.mail(link, case, addressed, false);
        }
        if !offer.starttls {
            self.close(link, Party::Sender, true, None);
            return false;
        }
        let certificate = match (sni, offer.phase) {
            (true, _) => shown,
            (false, Phase::A) => Shown { webpki: false, tlsa: false },
            (false, Phase::B) => Shown { webpki: true, tlsa: false },
        };
        let accepted = !unlisted && check.is_some_and(|check| check.accepts(certificate));
        self.handshake(link, sni.then_some(name), offer.phase, accepted);
        if !accepted {
            return false;
        }
        self.note(Fact::Greeted { link, name: ehlo, helo: false, tls: true, offer });
        self.mail(link, case, addressed, true)
    }

    fn open(&mut self) -> LinkId {
        self.links += 1;
        let link = LinkId(self.links);
        let source = SocketAddr::new(address(), 25_000);
        let opened = self.now.checked_sub(SignedDuration::from_millis(GREETING_MS)).expect("a time");
        let local = "192.0.2.25:25".parse().expect("address");
        self.note_at(opened, Fact::LinkOpened { link, source, local, persona: None, entrance: None });
        link
    }

    fn close(&mut self, link: LinkId, by: Party, quit: bool, alert: Option<u8>) {
        self.note(Fact::LinkClosed(LinkClosed { link, by, quit, alert: alert.map(Alert) }));
        self.look();
    }

    fn handshake(&mut self, link: LinkId, sni: Option<&str>, phase: Phase, accepted: bool) {
        self.note(Fact::StarttlsAsked { link, code: 220 });
        let persona =
            sni.and_then(|name| self.catalogue.persona_of_host(name)).map(|persona| persona.id.clone());
        let hello = ClientHello { sni: sni.map(str::to_owned), ..ClientHello::default() };
        self.note(Fact::HelloSeen { link, hello, persona, phase });
        let completed = Handshake::Completed(Negotiated {
            version: TlsVersion::TLS13,
            cipher_suite: "TLS13_AES_256_GCM_SHA384".to_owned(),
            group: None,
            resumed: false,
        });
        if accepted {
            self.note(Fact::HandshakeEnded { link, handshake: completed });
            return;
        }
        if self.manner.shape == Shape::SilentWithin {
            let failure = HandshakeFailure {
                certificate_sent: true,
                by: Party::Sender,
                alert: None,
                our_limit: false,
                went_on: false,
                reason: "tls handshake eof".to_owned(),
            };
            self.note(Fact::HandshakeEnded { link, handshake: Handshake::Failed(failure) });
        } else {
            self.note(Fact::HandshakeEnded { link, handshake: completed });
        }
        let alert = (self.manner.shape == Shape::AlertAfter).then_some(42);
        self.close(link, Party::Sender, self.manner.shape == Shape::Quit, alert);
    }

    fn mail(&mut self, link: LinkId, case: &str, addressed: &[&str], tls: bool) -> bool {
        let recipient = |case: &str| Recipient { case: case.into(), language: Language::En, label: None };
        let message = MessageFacts {
            message_id: Some("one@example.net".to_owned()),
            addressed: addressed.iter().map(|case| recipient(case)).collect(),
            ..MessageFacts::default()
        };
        self.note(Fact::Received(Box::new(Received {
            link,
            number: 0,
            began: self.now,
            tls,
            reverse_path: Some(Mailbox::new(b"secret", "jim@example.net")),
            recipients: vec![recipient(case)],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Complete(Box::new(message)),
        })));
        self.trial = self.attribution.trial_of(link, 0).or(self.trial.take());
        self.look();
        let code = if self.end.is_some() { 250 } else { 451 };
        self.note(Fact::Answered { link, number: 0, code });
        if self.end.is_none() {
            self.close(link, Party::Sender, true, None);
        }
        true
    }
}

fn address() -> IpAddr {
    "198.51.100.7".parse().expect("address")
}
