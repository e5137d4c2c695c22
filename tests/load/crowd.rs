//! A crowd of senders, as observations: what a year of use leaves in a journal, in a minute.
//!
//! Each sender has an address, a name and a domain of its own, four to a /24. It asks DNS through one of a few big
//! resolvers or, every second one, through its own; comes once while no STARTTLS is offered and leaves; and comes again
//! with a mail that is held. That is one trial.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::try_join_all;
use mailassay::sending::history::{
    Ending, Fact, LinkClosed, MessageFacts, NotRecorded, Offer, Phase, PolicyFetched, Queried, Received,
    Recipient, Recorder, Transport, TrialEnd, TrialEnded, VerdictDelivery, VerdictHandled,
};
use mailassay::sending::journal::Journal;
use mailassay::sending::persona::PersonaId;
use mailassay::sending::trial::{LinkId, Mailbox, TrialId};
use mailassay::sending::trials::Trials;
use mailassay::shared::evidence::{
    Authentication, ClientHello, Handshake, Negotiated, Party, Result8601, SpfOutcome, TlsVersion,
};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after, before};

/// How many big resolvers there are.
const RESOLVERS: u32 = 16;
/// How many trials are noted at a time.
const AT_ONCE: u32 = 250;
/// From how many trials on what is told is put away.
const PUT_AWAY_EVERY: u32 = 1_000;
/// How far the ended trials of a crowd reach back, in seconds: a month.
const PAST_S: u32 = 30 * 86_400;
/// How far the open ones do: as long as a trial may be open, but for an hour.
const OPEN_S: u32 = 7 * 3_600;
/// How long after its opening a trial's mail comes, in seconds, and its end, and the telling of its verdict.
const MAIL_S: u32 = 200;
const END_S: u32 = 260;
const TOLD_S: u32 = 265;

/// Whoever sends.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// Its number.
    pub(crate) number: u32,
    /// Where it comes from.
    pub(crate) address: IpAddr,
    /// The name in EHLO.
    pub(crate) name: String,
}

impl Sender {
    /// The sender of a number, which has an address of its own.
    pub(crate) fn new(number: u32) -> Self {
        let address = Ipv4Addr::from(0x1400_0007 + number * 64);
        Self { number, address: address.into(), name: format!("mail.sender-{number}.example") }
    }

    /// Whether its resolver is one that many share.
    pub(crate) fn asks_a_big_resolver(&self) -> bool {
        self.number.is_multiple_of(2)
    }

    fn resolver(&self) -> SocketAddr {
        let address = match self.asks_a_big_resolver() {
            true => Ipv4Addr::from(0x0808_0008 + (self.number / 2 % RESOLVERS) * 256).into(),
            false => self.address,
        };
        SocketAddr::new(address, 40_000)
    }
}

/// Makes facts, each link with a number of its own.
#[derive(Debug)]
pub(crate) struct Crowd {
    origin: String,
    secret: [u8; 32],
    next_link: u64,
}

/// The facts of one link that carried a mail.
#[derive(Debug)]
pub(crate) struct MailLink {
    /// Up to the transaction.
    pub(crate) before: Vec<Fact>,
    /// The transaction.
    pub(crate) received: Received,
    /// From its answer on.
    pub(crate) behind: Vec<Fact>,
    /// The trial that it opens, if it opens one.
    pub(crate) trial: TrialId,
}

impl Crowd {
    /// Senders to the tests under `origin`, in a journal with this secret, whose first link has this number.
    pub(crate) fn new(origin: &str, secret: [u8; 32], first_link: u64) -> Self {
        Self { origin: origin.to_owned(), secret, next_link: first_link }
    }

    fn link(&mut self) -> LinkId {
        self.next_link += 1;
        LinkId(self.next_link)
    }

    /// A question of the sender's resolver.
    pub(crate) fn question(&self, sender: &Sender, label: &str, rtype: &str) -> Fact {
        Fact::Queried(Queried {
            source: sender.resolver(),
            transport: Transport::Udp,
            name: format!("{label}.{}", self.origin),
            rtype: rtype.to_owned(),
            dnssec_ok: true,
            rcode: "NOERROR".to_owned(),
        })
    }

    /// A fetch of the policy by the sender itself.
    pub(crate) fn fetch(&self, sender: &Sender) -> Fact {
        Fact::PolicyFetched(PolicyFetched {
            source: SocketAddr::new(sender.address, 50_000),
            sni: Some(format!("mta-sts.et.{}", self.origin)),
            path: Some("/.well-known/mta-sts.txt".to_owned()),
            status: Some(200),
            user_agent: Some("an agent of some length/1.0".to_owned()),
            alert: None,
        })
    }

    /// A link that is left without a mail, since no STARTTLS was offered.
    pub(crate) fn contact(&mut self, sender: &Sender) -> Vec<Fact> {
        let link = self.link();
        let mut facts = opening(sender, link, false);
        facts.push(Fact::LinkClosed(LinkClosed { link, by: Party::Sender, quit: true, alert: None }));
        facts
    }

    /// A link with a mail within TLS. `mail` names the mail: with the same one it is a retry.
    pub(crate) fn mail(&mut self, sender: &Sender, mail: u32, at: Timestamp) -> MailLink {
        let link = self.link();
        let mut before = opening(sender, link, true);
        before.push(Fact::StarttlsAsked { link, code: 220 });
        before.push(self.hello(link));
        let negotiated = Negotiated {
            version: TlsVersion::TLS13,
            cipher_suite: "TLS_AES_256_GCM_SHA384".to_owned(),
            group: Some("X25519MLKEM768".to_owned()),
            resumed: false,
        };
        before.push(Fact::HandshakeEnded { link, handshake: Handshake::Completed(negotiated) });
        let offer = Offer { starttls: true, phase: Phase::A };
        let name = sender.name.clone();
        before.push(Fact::Greeted { link, name, helo: false, tls: true, offer });
        let behind = vec![
            Fact::Answered { link, number: 0, code: 451 },
            Fact::LinkClosed(LinkClosed { link, by: Party::Sender, quit: true, alert: None }),
        ];
        let received = self.received(sender, link, mail, at);
        let trial = TrialId::new(&self.secret, link, 0);
        MailLink { before, received, behind, trial }
    }

    fn hello(&self, link: LinkId) -> Fact {
        let hello = ClientHello {
            sni: Some(format!("mx04.et.{}", self.origin)),
            versions: vec![TlsVersion::TLS13, TlsVersion::TLS12],
            cipher_suites: (0..20).map(|n| 0xc02b + n).collect(),
            groups: vec![0x11ec, 29, 23, 24, 25],
            signature_schemes: (0..12).map(|n| 0x0401 + n).collect(),
            alpn: Vec::new(),
        };
        Fact::HelloSeen { link, hello, persona: Some(PersonaId::from("mx04.et")), phase: Phase::A }
    }

    fn received(&self, sender: &Sender, link: LinkId, mail: u32, began: Timestamp) -> Received {
        let domain = format!("sender-{}.example", sender.number);
        let recipient = Recipient { case: "et".into(), language: Language::En, label: None };
        let authentication = Authentication {
            spf: SpfOutcome { result: Result8601::Pass, domain: domain.clone() },
            vouched: true,
            ..Authentication::default()
        };
        let message = MessageFacts {
            message_id: Some(format!("{mail}.{}@{domain}", sender.number)),
            date: Some("Thu, 1 Jan 2026 00:00:00 +0000".to_owned()),
            size_octets: 2_000,
            addressed: vec![recipient.clone()],
            from_domain: Some(domain.clone()),
            authentication,
            no_reply: None,
            tls_required: None,
        };
        Received {
            link,
            number: 0,
            began,
            tls: true,
            reverse_path: Some(Mailbox::new(&self.secret, &format!("somebody@{domain}"))),
            recipients: vec![recipient],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Complete(Box::new(message)),
        }
    }

    /// Records a whole trial up to where it is held; gives its identity.
    fn trial(&mut self, notes: &dyn Recorder, sender: &Sender, at: Timestamp) -> TrialId {
        let asked = |label: &str, rtype: &str| self.question(sender, label, rtype);
        let questions =
            [asked("et", "MX"), asked("mx04.et", "A"), asked("_25._tcp.mx04.et", "TLSA"), asked("et", "MX")];
        let [first @ .., again] = questions;
        first.into_iter().for_each(|fact| notes.note(at, fact));
        self.contact(sender).into_iter().for_each(|fact| notes.note(at, fact));
        let at = after(at, MAIL_S);
        notes.note(at, again);
        if sender.number.is_multiple_of(4) {
            notes.note(at, self.fetch(sender));
        }
        let MailLink { before, received, behind, trial } = self.mail(sender, 0, at);
        before.into_iter().for_each(|fact| notes.note(at, fact));
        notes.note(at, Fact::Received(Box::new(received)));
        behind.into_iter().for_each(|fact| notes.note(at, fact));
        trial
    }
}

/// From the opening of a link to the answer to its EHLO.
fn opening(sender: &Sender, link: LinkId, starttls: bool) -> Vec<Fact> {
    let source = SocketAddr::new(sender.address, 30_000);
    let local = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 25);
    let offer = Offer { starttls, phase: Phase::A };
    let name = sender.name.clone();
    vec![
        Fact::LinkOpened { link, source, local, persona: None, entrance: None },
        Fact::Greeted { link, name, helo: false, tls: false, offer },
    ]
}

/// Fills a journal that `trials` follows with `count` trials of as many senders, from number `first` on, as they stand
/// at `now`: nine in ten ended, told and put away in the month before, the rest open.
///
/// # Errors
///
/// If the journal cannot be written.
pub(crate) async fn fill(
    crowd: &mut Crowd,
    (journal, trials): (&Journal, &Arc<Trials>),
    (first, count): (u32, u32),
    now: Timestamp,
) -> Result<(), NotRecorded> {
    let open = count / 10;
    let ended = count - open;
    let began = before(now, PAST_S + OPEN_S);
    let at = |n: u32| match n < ended {
        true => after(began, part(PAST_S, n, ended)),
        false => after(before(now, OPEN_S), part(OPEN_S - MAIL_S, n - ended, open)),
    };
    let numbers: Vec<u32> = (0..count).collect();
    for some in numbers.chunks(AT_ONCE as usize) {
        let ids: Vec<_> =
            some.iter().map(|n| crowd.trial(journal, &Sender::new(first + n), at(*n))).collect();
        let over: Vec<_> = some.iter().zip(&ids).filter(|(n, _)| **n < ended).collect();
        try_join_all(over.iter().map(|(n, trial)| {
            let (at, trial) = (after(at(**n), END_S), (*trial).clone());
            journal.end_trial(at, TrialEnded { trial, end: TrialEnd::Settled }, at)
        }))
        .await?;
        try_join_all(over.iter().map(|(n, trial)| {
            let delivery = VerdictDelivery::Withheld { reason: "of a crowd".to_owned() };
            let handled = VerdictHandled { trial: (*trial).clone(), delivery, judged_to: None };
            journal.handled(after(at(**n), TOLD_S), 0, handled, None, Vec::new())
        }))
        .await?;
        // What nobody waits for must not fill the queue.
        journal.forget_addresses(now, Vec::new()).await?;
        if let Some(last) = some.last().filter(|last| (**last + 1).is_multiple_of(PUT_AWAY_EVERY)) {
            trials.put_away(journal, after(at(*last), TOLD_S)).await?;
        }
    }
    trials.put_away(journal, now).await
}

/// The `n`th of `all` parts of a time.
fn part(whole_s: u32, n: u32, all: u32) -> u32 {
    let part_s = u64::from(whole_s) * u64::from(n) / u64::from(all.max(1));
    u32::try_from(part_s).unwrap_or(whole_s)
}
