//! The store of trials: what has a limit, what leaves memory and how it is read again, what a restart takes in, and who
//! is told.

mod cases;
mod cut;
mod erasing;

use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use mailassay::sending::history::{
    Beyond, ContactsLost, Ending, Fact, FetchesLost, LinkClosed, Lost, MessageFacts, Offer, Phase,
    PolicyFetched, Queried, QueriesLost, Received, Recipient, Recorder, Seq, Transport, TrialEnd, TrialEnded,
    VerdictDelivery, VerdictHandled,
};
use mailassay::sending::journal::{Journal, Opened, Settings};
use mailassay::sending::persona::CatalogueFiles;
use mailassay::sending::trial::{LinkId, Mailbox, Pace, TrialId};
use mailassay::sending::trials::{Attribution, Limits, TooMany, Trials};
use mailassay::sending::verdict::judge;
use mailassay::shared::evidence::{Authentication, Party};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};

pub(super) const SECRET: [u8; 32] = [7; 32];
const HOUR_S: u32 = 3_600;
const DAY_S: u32 = 86_400;

fn start() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(super) fn at(seconds: u32) -> Timestamp {
    after(start(), seconds)
}

/// A store behind a journal on disk.
pub(super) struct World {
    pub(super) trials: Arc<Trials>,
    pub(super) journal: Arc<Journal>,
    links: u64,
}

/// A mail as a sender sends it.
#[derive(Clone)]
pub(super) struct Mail {
    source: String,
    path: String,
    message_id: String,
    vouched: bool,
}

pub(super) fn mail(source: &str, path: &str, message_id: &str) -> Mail {
    Mail {
        source: source.to_owned(),
        path: path.to_owned(),
        message_id: message_id.to_owned(),
        vouched: true,
    }
}

impl World {
    pub(super) async fn open(folder: &Path) -> Self {
        Self::limited(folder, Limits::default()).await
    }

    async fn limited(folder: &Path, limits: Limits) -> Self {
        Self::paced(folder, limits, Pace::default()).await
    }

    async fn paced(folder: &Path, limits: Limits, pace: Pace) -> Self {
        let settings = Settings { path: folder.join("journal.sqlite"), ..Settings::default() };
        Self::with(settings, limits, pace).await
    }

    /// With a journal of so many MiB.
    async fn sized(folder: &Path, size_mib: u32) -> Self {
        let settings = Settings { path: folder.join("journal.sqlite"), size_mib, ..Settings::default() };
        Self::with(settings, Limits::default(), Pace::default()).await
    }

    async fn with(settings: Settings, limits: Limits, pace: Pace) -> Self {
        let catalogue = Arc::new(CatalogueFiles::embedded().catalogue("example.org").unwrap());
        let opened = Opened::open(settings, || SECRET).await.unwrap();
        let projection = Attribution::new(catalogue, pace, limits, SECRET.to_vec());
        let trials = Arc::new(Trials::new(projection));
        let journal = Arc::new(opened.start(vec![trials.clone()]).await.unwrap());
        trials.begin();
        let links = trials.last_link(0).map_or(0, |last| last.0);
        Self { trials, journal, links }
    }

    async fn note(&self, at: Timestamp, fact: Fact) {
        self.journal.commit(at, fact).await.unwrap();
    }

    /// A link of `source` up to its EHLO.
    async fn connect(&mut self, at: Timestamp, source: &str) -> LinkId {
        self.links += 1;
        let link = LinkId(self.links);
        let local = "192.0.2.25:25".parse().unwrap();
        let source = format!("{source}:40000").parse().unwrap();
        self.journal.note(at, Fact::LinkOpened { link, source, local, persona: None, entrance: None });
        let offer = Offer { starttls: false, phase: Phase::A };
        let name = "mail.example.net".to_owned();
        self.note(at, Fact::Greeted { link, name, helo: false, tls: false, offer }).await;
        link
    }

    async fn close(&self, at: Timestamp, link: LinkId) {
        self.note(at, Fact::LinkClosed(LinkClosed { link, by: Party::Sender, quit: true, alert: None }))
            .await;
    }

    /// A transaction that ends before its dot.
    async fn abort(&self, at: Timestamp, link: LinkId, mail: &Mail) {
        self.receive(at, link, 0, mail, Ending::Aborted).await;
    }

    async fn transaction(&self, at: Timestamp, link: LinkId, number: u16, mail: &Mail) {
        let message = MessageFacts {
            message_id: Some(mail.message_id.clone()),
            authentication: Authentication { vouched: mail.vouched, ..Authentication::default() },
            ..MessageFacts::default()
        };
        self.receive(at, link, number, mail, Ending::Complete(Box::new(message))).await;
        self.note(at, Fact::Answered { link, number, code: 451 }).await;
    }

    async fn receive(&self, at: Timestamp, link: LinkId, number: u16, mail: &Mail, ending: Ending) {
        let received = Received {
            link,
            number,
            began: at,
            tls: false,
            reverse_path: Some(Mailbox::new(&SECRET, &mail.path)),
            recipients: vec![Recipient { case: "et".into(), language: Language::En, label: None }],
            refused_recipients: 0,
            require_tls: false,
            ending,
        };
        self.note(at, Fact::Received(Box::new(received))).await;
    }

    /// A link with a mail; gives the link and the mail's trial.
    pub(super) async fn send(&mut self, at: Timestamp, mail: &Mail) -> (LinkId, Option<TrialId>) {
        let link = self.connect(at, &mail.source).await;
        self.transaction(at, link, 0, mail).await;
        self.close(at, link).await;
        (link, self.trials.trial_of(link, 0))
    }

    pub(super) async fn end(&self, at: Timestamp, trial: &TrialId) {
        let ended = TrialEnded { trial: trial.clone(), end: TrialEnd::Expired };
        self.note(at, Fact::TrialEnded(ended)).await;
    }

    pub(super) async fn tell(&self, at: Timestamp, trial: &TrialId) {
        let delivery = VerdictDelivery::Withheld { reason: "a test".to_owned() };
        let judged_to = self.trials.history(trial).map(|history| history.last);
        let handled = VerdictHandled { trial: trial.clone(), delivery, judged_to };
        self.note(at, Fact::VerdictHandled(handled)).await;
    }

    async fn query(&self, at: Timestamp, resolver: &str, rtype: &str, name: &str) {
        self.note(at, Fact::Queried(queried(resolver, rtype, name))).await;
    }

    async fn fetch(&self, at: Timestamp, source: &str) {
        let fetched = PolicyFetched {
            source: format!("{source}:50000").parse().unwrap(),
            sni: Some("mta-sts.et.example.org".to_owned()),
            path: Some("/.well-known/mta-sts.txt".to_owned()),
            status: Some(200),
            user_agent: None,
            alert: None,
        };
        self.note(at, Fact::PolicyFetched(fetched)).await;
    }

    /// A trial with a question, a visit, a link without mail and two with, that ended and was told.
    pub(super) async fn whole_trial(&mut self, begin_s: u32, mail: &Mail) -> TrialId {
        let resolver = mail.source.replace("192.0.2.", "198.51.100.");
        self.query(at(begin_s), &resolver, "MX", "et.example.org").await;
        self.query(at(begin_s), &resolver, "TXT", "_mta-sts.et.example.org").await;
        self.fetch(at(begin_s), &mail.source).await;
        let empty = self.connect(at(begin_s + 1), &mail.source).await;
        self.close(at(begin_s + 1), empty).await;
        let (_, trial) = self.send(at(begin_s + 2), mail).await;
        self.send(at(begin_s + 300), mail).await;
        let trial = trial.unwrap();
        self.end(at(begin_s + 600), &trial).await;
        self.tell(at(begin_s + 601), &trial).await;
        trial
    }
}

fn queried(resolver: &str, rtype: &str, name: &str) -> Queried {
    Queried {
        source: format!("{resolver}:53").parse().unwrap(),
        transport: Transport::Udp,
        name: name.to_owned(),
        rtype: rtype.to_owned(),
        dnssec_ok: true,
        rcode: "NOERROR".to_owned(),
    }
}

fn few(limits: impl FnOnce(&mut Limits)) -> Limits {
    let mut few = Limits::default();
    limits(&mut few);
    few
}

/// A retry belongs to its trial, however many are open; a new mail opens none beyond the limits, and why is known.
#[tokio::test]
async fn beyond_the_limits_a_mail_opens_no_trial() {
    let folder = tempfile::tempdir().unwrap();
    let limits = few(|limits| {
        limits.open_trials_per_source_max = 2;
        limits.open_trials_per_domain_max = 3;
        limits.open_trials_max = 8;
    });
    let mut world = World::limited(folder.path(), limits).await;
    let first = mail("192.0.2.1", "a@example.net", "1@example.net");
    let (_, trial) = world.send(at(0), &first).await;
    world.send(at(1), &mail("192.0.2.1", "b@example.com", "2@example.com")).await;
    let third = mail("192.0.2.1", "c@example.edu", "3@example.edu");
    let (link, none) = world.send(at(2), &third).await;
    assert_eq!((none, world.trials.too_many(link, 0)), (None, Some(TooMany::OfSource)));
    assert_eq!(world.send(at(3), &first).await.1, trial, "a retry is its trial's");

    for host in 2..4 {
        let path = format!("{host}@sub{host}.example.net");
        world.send(at(4), &mail(&format!("192.0.2.{host}"), &path, &format!("{host}@x"))).await;
    }
    let fourth = mail("192.0.2.9", "d@example.net", "4@example.net");
    let (link, none) = world.send(at(5), &fourth).await;
    assert_eq!((none, world.trials.too_many(link, 0)), (None, Some(TooMany::OfDomain)));

    // Four are open; a forger of many addresses gets half of the places, and the others keep theirs.
    let forged = |host: u32| Mail {
        vouched: false,
        ..mail(&format!("203.0.113.{host}"), &format!("x@forged{host}.example"), &format!("f{host}@x"))
    };
    for host in 1..=4 {
        assert!(world.send(at(6), &forged(host)).await.1.is_some());
    }
    let (link, none) = world.send(at(7), &forged(5)).await;
    assert_eq!((none, world.trials.too_many(link, 0)), (None, Some(TooMany::OfAll)));
    let counts = world.trials.counts();
    assert_eq!((counts.open, counts.kept), (8, 8));

    // One that ends makes room.
    world.end(at(8), trial.as_ref().unwrap()).await;
    assert!(world.send(at(9), &third).await.1.is_some());
}

/// Who forges a domain's reverse-path uses up none of the domain's own trials.
#[tokio::test]
async fn forgers_of_a_domain_take_no_place_from_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::limited(folder.path(), few(|limits| limits.open_trials_per_domain_max = 2)).await;
    for host in 1..=3 {
        let (source, path) = (format!("203.0.{host}.1"), format!("jane{host}@example.net"));
        let forged = Mail { vouched: false, ..mail(&source, &path, &format!("{host}@forged.example")) };
        assert_eq!(world.send(at(0), &forged).await.1.is_some(), host < 3);
    }
    assert!(world.send(at(1), &mail("192.0.2.1", "jane@example.net", "1@example.net")).await.1.is_some());
}

/// One network takes no more than its share, whatever addresses, names and domains it uses.
#[tokio::test]
async fn a_network_has_its_share_of_trials() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::limited(folder.path(), few(|limits| limits.open_trials_per_network_max = 2)).await;
    for host in 1..=3_u32 {
        let (source, path) = (format!("[2001:db8:7:{host}::25]"), format!("a@domain{host}.example"));
        let (link, trial) = world.send(at(host), &mail(&source, &path, &format!("{host}@x"))).await;
        assert_eq!(trial.is_some(), host < 3);
        assert_eq!(world.trials.too_many(link, 0), (host == 3).then_some(TooMany::OfNetwork));
    }
    assert!(world.send(at(9), &mail("[2001:db8:8:1::25]", "b@y.example", "9@y")).await.1.is_some());
}

/// Whoever gives the sender's name in EHLO, and comes first and often, crowds none of the sender's own links out.
#[tokio::test]
async fn links_under_the_senders_name_do_not_crowd_out_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::limited(folder.path(), few(|limits| limits.trial_links_max = 100)).await;
    let stranger = world.connect(at(0), "203.0.113.66").await;
    world.close(at(0), stranger).await;
    let (_, trial) = world.send(at(1), &mail("192.0.2.1", "jane@example.net", "1@example.net")).await;
    for n in 0..120 {
        let link = world.connect(at(2), "203.0.113.66").await;
        world.close(at(2), link).await;
        if n % 40 == 0 {
            let own = world.connect(at(2), "192.0.2.1").await;
            world.close(at(2), own).await;
        }
    }
    let history = world.trials.history(&trial.unwrap()).unwrap();
    let own = history.links.iter().filter(|link| link.link.address().to_string() == "192.0.2.1").count();
    assert_eq!((own, history.links.len()), (4, 4 + 50));
    assert_eq!(history.beyond.links, 121 - 50);
}

/// Whoever names somebody's reverse-path in MAIL and sends nothing takes no trial of his away.
#[tokio::test]
async fn empty_transactions_push_no_trial_out_of_its_reverse_path() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let (_, trial) = world.send(at(0), &jane).await;
    for host in 0..60 {
        let link = world.connect(at(1), &format!("203.0.{host}.1")).await;
        world.abort(at(1), link, &jane).await;
        world.close(at(1), link).await;
    }
    // What names only the path is still the trial's.
    let link = world.connect(at(2), "192.0.2.1").await;
    world.abort(at(2), link, &jane).await;
    assert_eq!(world.trials.trial_of(link, 0), trial);
}

/// What is too much is counted, and the history stays as long as its limit.
#[tokio::test]
async fn a_trial_keeps_no_more_than_its_limits_and_counts_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let limits = few(|limits| {
        limits.trial_links_max = 3;
        limits.trial_questions_max = 4;
        limits.trial_fetches_max = 2;
    });
    let mut world = World::limited(folder.path(), limits).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    for n in 0..6 {
        world.query(at(n), "198.51.100.53", "MX", "et.example.org").await;
        world.fetch(at(n), "192.0.2.1").await;
        world.send(at(n), &jane).await;
    }
    let trial = world.trials.in_memory().pop().unwrap();
    for n in 6..11 {
        let link = world.connect(at(n), "192.0.2.1").await;
        world.close(at(n), link).await;
    }
    let history = world.trials.history(&trial).unwrap();
    // Three with mail, three without.
    assert_eq!(history.links.len(), 6);
    assert_eq!((history.queries.len(), history.fetches.len()), (4, 2));
    assert_eq!(history.beyond, Beyond { links: 3 + 2, transactions: 0, questions: 2, fetches: 4 });
    assert!(!history.queries_complete && !history.fetches_complete, "an absence means nothing now");
}

/// Transactions of one link have a limit of their own.
#[tokio::test]
async fn a_link_keeps_no_more_than_its_limit_of_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let link = world.connect(at(0), "192.0.2.1").await;
    for number in 0..300 {
        world.transaction(at(1), link, number, &jane).await;
    }
    let trial = world.trials.in_memory().pop().unwrap();
    let history = world.trials.history(&trial).unwrap();
    let kept = history.links[0].link.transactions.len();
    assert!(kept < 300);
    assert_eq!(kept + usize::try_from(history.beyond.transactions).unwrap(), 300);
}

/// Links that the listener turned away are missing from the trials of their network, and from no others.
#[tokio::test]
async fn links_that_were_turned_away_are_counted_with_the_trials_of_their_network() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let (_, here) = world.send(at(0), &mail("192.0.2.1", "jane@example.net", "1@example.net")).await;
    let (_, there) = world.send(at(0), &mail("203.0.113.1", "joe@example.com", "1@example.com")).await;
    let network = Some("192.0.2.0/24".parse().unwrap());
    world.note(at(5), Fact::ContactsLost(ContactsLost { network, until: at(5), count: 17 })).await;
    let (_, six) = world.send(at(6), &mail("[2001:db8:1:2::25]", "a@example.edu", "1@example.edu")).await;
    let site = Some("2001:db8:1::/48".parse().unwrap());
    world.note(at(7), Fact::ContactsLost(ContactsLost { network: site, until: at(7), count: 3 })).await;
    let beyond = |trial: Option<TrialId>| world.trials.history(&trial.unwrap()).unwrap().beyond;
    assert_eq!((beyond(here).links, beyond(there).links, beyond(six).links), (17, 0, 3));
}

/// What is missing of a stranger's questions and visits is missing from no trial but those that may have made them.
#[tokio::test]
async fn what_is_missing_of_a_site_is_missing_from_the_trials_of_that_site() {
    let sites = ["203.0.113.0/24", "192.0.2.0/24", "198.51.100.0/24", "2001:db8:9::/48", "198.51.0.0/16"];
    let [stranger, source, resolver, six, no_site] = sites.map(|site| Some(site.parse().unwrap()));
    for (asks, network, (queries, fetches)) in [
        (&["198.51.100.53"][..], stranger, (true, true)),
        (&["198.51.100.53"][..], source, (true, false)),
        (&["198.51.100.53"][..], resolver, (false, false)),
        (&["198.51.100.53"][..], six, (true, true)),
        (&["[2001:db8:9:1::53]"], six, (false, false)),
        (&["198.51.100.53"][..], no_site, (false, false)),
        (&["198.51.100.53"][..], None, (false, false)),
        (&[], stranger, (false, false)),
        // As a public resolver asks, each time from another address.
        (&["198.51.100.53", "198.51.101.53", "198.51.102.53"], stranger, (false, false)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::open(folder.path()).await;
        for resolver in asks {
            world.query(at(0), resolver, "MX", "et.example.org").await;
        }
        let (_, trial) = world.send(at(1), &mail("192.0.2.1", "jane@example.net", "1@example.net")).await;
        let complete = || {
            let history = world.trials.history(trial.as_ref().unwrap()).unwrap();
            (history.queries_complete, history.fetches_complete)
        };
        assert_eq!(complete(), (true, true));
        let (until, why) = (at(60), Lost::Dropped);
        world.note(at(2), Fact::QueriesLost(QueriesLost { network, until, why })).await;
        assert_eq!(complete(), (queries, true), "{asks:?} {network:?}");
        world.note(at(2), Fact::FetchesLost(FetchesLost { network, until, why })).await;
        assert_eq!(complete(), (queries, fetches), "{asks:?} {network:?}");
    }
}

/// Who asks so much that the questions before it are not looked at hides who led to a link.
#[tokio::test]
async fn a_flood_of_questions_before_a_link_leaves_open_who_led_to_it() {
    for (rtype, flood, complete) in [("MX", 510, true), ("MX", 511, false), ("TXT", 511, false)] {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::open(folder.path()).await;
        world.query(at(0), "198.51.100.53", "MX", "et.example.org").await;
        for _ in 0..flood {
            let queried = queried("203.0.113.53", rtype, "et.example.org");
            world.journal.note(at(1), Fact::Queried(queried));
        }
        let (_, trial) = world.send(at(2), &mail("192.0.2.1", "jane@example.net", "1@example.net")).await;
        let history = world.trials.history(&trial.unwrap()).unwrap();
        assert_eq!(history.queries_complete, complete, "{flood} {rtype}");
    }
}

/// Where the lead is but seconds, as in the demo, whoever asked in the last of them led to a link, too: not he alone who
/// asked last, who may be another whose trial has not begun.
#[tokio::test]
async fn in_a_short_lead_whoever_asked_in_the_last_second_led_to_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let pace = Pace { lookup_lead_s: 2, ..Pace::default() };
    let mut world = World::paced(folder.path(), Limits::default(), pace).await;
    let soon = |ms: i64| at(10) + SignedDuration::from_millis(ms);
    world.query(soon(0), "192.0.2.53", "MX", "et.example.org").await;
    world.query(soon(10), "192.0.2.53", "TLSA", "_25._tcp.mx04.et.example.org").await;
    world.query(soon(20), "203.0.113.53", "MX", "et.example.org").await;
    let jane = mail("198.51.100.1", "jane@example.net", "1@example.net");
    let (_, trial) = world.send(soon(40), &jane).await;
    let history = world.trials.history(&trial.unwrap()).unwrap();
    assert!(history.queries.iter().any(|query| query.what.rtype == "TLSA"), "{:?}", history.queries);
}

/// A told trial leaves memory; its page is read from the journal and says the same, before and after a restart, and a
/// late retry is still known as its own.
#[tokio::test]
async fn what_was_told_leaves_memory_and_is_read_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let trial = world.whole_trial(0, &jane).await;
    // One that is open meanwhile, with a question, a visit and a link without mail.
    let joe = mail("203.0.113.1", "joe@example.com", "1@example.com");
    world.query(at(599), "203.0.113.53", "MX", "et.example.org").await;
    world.fetch(at(600), "203.0.113.1").await;
    let empty = world.connect(at(600), "203.0.113.1").await;
    world.close(at(600), empty).await;
    let (_, other) = world.send(at(601), &joe).await;
    let before = world.trials.history(&trial).unwrap();
    let catalogue = CatalogueFiles::embedded().catalogue("example.org").unwrap();
    let verdict = judge(&catalogue, &Pace::default(), &before);
    assert!(!before.queries.is_empty() && !before.fetches.is_empty() && before.links.len() == 3);

    // A restart finds all as it was: what is told, what is open, and the window that the one took over from the other.
    world.trials.put_away(&world.journal, at(700)).await.unwrap();
    let other = other.unwrap();
    let open = world.trials.history(&other).unwrap();
    world.journal.close().await;
    drop(world);
    let mut world = World::open(folder.path()).await;
    assert_eq!(world.trials.in_memory().len(), 2);
    assert_eq!(world.trials.history(&other).unwrap(), open);
    let told = world.trials.history(&trial).unwrap();
    assert_eq!(
        (&told.links, &told.queries, told.window_until),
        (&before.links, &before.queries, before.window_until)
    );

    world.trials.put_away(&world.journal, at(16 * HOUR_S)).await.unwrap();
    assert!(world.trials.history(&trial).is_some(), "as long as its source may matter");
    world.trials.put_away(&world.journal, at(17 * HOUR_S)).await.unwrap();
    let counts = world.trials.counts();
    assert_eq!((counts.open, counts.kept, counts.past), (1, 1, 1));
    assert!(world.trials.history(&trial).is_none());
    let as_it_was = |read: Option<mailassay::sending::history::History>| {
        let read = read.unwrap();
        assert_eq!(judge(&catalogue, &Pace::default(), &read), verdict);
        assert_eq!(
            (&read.links, &read.queries, &read.fetches),
            (&before.links, &before.queries, &before.fetches)
        );
        assert_eq!((&read.ended, &read.delivery), (&before.ended, &before.delivery));
    };
    as_it_was(world.trials.read(&trial, world.journal.reader()).await.unwrap());

    let (_, late) = world.send(at(17 * HOUR_S + 1), &jane).await;
    assert_eq!(late.as_ref(), Some(&trial), "a late retry opens no other trial");
    world.journal.close().await;
    drop(world);

    let mut world = World::open(folder.path()).await;
    assert_eq!(world.trials.in_memory(), [other], "a restart takes in what is open");
    as_it_was(world.trials.read(&trial, world.journal.reader()).await.unwrap());
    let (_, late) = world.send(at(17 * HOUR_S + 2), &jane).await;
    assert_eq!(late, Some(trial), "nor does one after a restart");
    world.journal.close().await;
}

/// F9, F10: neither what ended nor one old trial keeps anything in memory; the journal has it all.
#[tokio::test]
async fn an_old_trial_keeps_nothing_that_came_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let mut told = Vec::new();
    for n in 0..50 {
        let source = format!("192.0.2.{n}");
        told.push(world.whole_trial(n, &mail(&source, &format!("{n}@example.net"), &format!("{n}@x"))).await);
    }
    for n in 0..500 {
        let link = world.connect(at(30 * DAY_S + n), "203.0.113.9").await;
        world.close(at(30 * DAY_S + n), link).await;
        world.query(at(30 * DAY_S + n), "203.0.113.53", "MX", "et.example.org").await;
    }
    let now = at(60 * DAY_S);
    world.trials.put_away(&world.journal, now).await.unwrap();
    world.trials.forget_past(now);
    let counts = world.trials.counts();
    assert_eq!(
        (counts.open, counts.kept, counts.past, counts.links, counts.fetches),
        (0, 0, 0, 0, 0),
        "{counts:?}"
    );
    assert_eq!(world.trials.read_all(world.journal.reader()).await.unwrap().len(), told.len());
    // Two months later his Message-ID may come again: it is another mail.
    let (_, anew) = world.send(now, &mail("192.0.2.1", "1@example.net", "1@x")).await;
    assert!(anew.is_some_and(|anew| !told.contains(&anew)));
    world.journal.close().await;
}

/// Told trials that are long leave memory before their time, where there are more links than are remembered.
#[tokio::test]
async fn told_trials_leave_memory_where_their_links_are_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::limited(folder.path(), few(|limits| limits.links_max = 20)).await;
    for n in 0..5_u32 {
        let (source, path) = (format!("192.0.2.{n}"), format!("{n}@example.net"));
        world.whole_trial(n, &mail(&source, &path, &format!("{n}@x"))).await;
    }
    world.trials.put_away(&world.journal, at(700)).await.unwrap();
    assert_eq!(world.trials.counts().kept, 5, "fifteen links are few");
    for n in 5..8_u32 {
        let (source, path) = (format!("192.0.2.{n}"), format!("{n}@example.net"));
        world.whole_trial(n, &mail(&source, &path, &format!("{n}@x"))).await;
    }
    world.trials.put_away(&world.journal, at(701)).await.unwrap();
    let counts = world.trials.counts();
    assert_eq!((counts.kept, counts.past), (0, 8));
    assert!(counts.links <= 20, "{counts:?}");
}

/// F11: of a trial whose first mail the journal does not have any more, a restart makes no new one.
#[tokio::test]
async fn a_part_of_a_trial_is_no_trial() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let (_, trial) = world.send(at(0), &jane).await;
    world.send(at(300), &jane).await;
    world.end(at(600), trial.as_ref().unwrap()).await;
    let (_, open) =
        world.send(at(90 * DAY_S), &mail("203.0.113.1", "joe@example.com", "1@example.com")).await;
    world.journal.close().await;
    drop(world);
    // As a journal was left by versions that deleted row by row.
    let deleted = database::delete_before(&folder.path().join("journal.sqlite"), at(299)).await;
    assert!(deleted > 0, "something was deleted");

    let world = World::open(folder.path()).await;
    assert_eq!(world.trials.in_memory(), [open.unwrap()]);
    assert_eq!(world.trials.take(at(90 * DAY_S)).len(), 1, "nothing else is looked at");
    world.journal.close().await;
}

/// The journal as whoever has its file may change it.
mod database {
    use std::path::Path;

    use mailassay::shared::time::Timestamp;
    use sqlx::{ConnectOptions, Connection};

    /// The number that a statement gives.
    pub(super) async fn count(path: &Path, statement: &'static str) -> i64 {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = options.connect().await.unwrap();
        let count = sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        count
    }

    pub(super) async fn delete_before(path: &Path, until: Timestamp) -> u64 {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = options.connect().await.unwrap();
        let deleted = sqlx::query("DELETE FROM observations WHERE at < ?1")
            .bind(until.as_microsecond())
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        deleted.rows_affected()
    }
}

/// Who follows a trial is told of what concerns it, and of nothing else.
#[tokio::test]
async fn who_follows_a_trial_hears_of_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let (_, trial) = world.send(at(0), &jane).await;
    let trial = trial.unwrap();
    let mut followed = world.trials.follow(&trial).unwrap();
    followed.borrow_and_update();
    world.send(at(1), &mail("203.0.113.1", "joe@example.com", "1@example.com")).await;
    assert!(!followed.has_changed().unwrap(), "another's mail");
    world.send(at(2), &jane).await;
    assert!(followed.has_changed().unwrap(), "its own");
    let seen = *followed.borrow_and_update();
    assert!(seen > Seq(0));
    followed.borrow_and_update();
    let link = world.connect(at(3), "192.0.2.1").await;
    assert!(followed.has_changed().unwrap(), "a link that begins");
    world.close(at(3), link).await;
    followed.borrow_and_update();
    world.end(at(3), &trial).await;
    assert!(followed.has_changed().unwrap(), "its end");
    world.journal.close().await;
}

/// What a sender fetched up to a day before its mail is known after a restart, too: else its silence in the trial would
/// say that it does not practise MTA-STS.
#[tokio::test]
async fn a_restart_knows_who_fetched_a_policy_the_day_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    world.query(at(0), "198.51.100.53", "TXT", "_mta-sts.et.example.org").await;
    world.query(at(0), "198.51.100.53", "A", "mta-sts.et.example.org").await;
    world.fetch(at(1), "192.0.2.1").await;
    let link = world.connect(at(20 * HOUR_S - 60), "203.0.113.1").await;
    world.close(at(20 * HOUR_S - 60), link).await;
    world.trials.put_away(&world.journal, at(20 * HOUR_S)).await.unwrap();
    world.journal.close().await;
    drop(world);

    let mut world = World::open(folder.path()).await;
    world.query(at(20 * HOUR_S), "198.51.100.53", "MX", "et.example.org").await;
    let (_, trial) =
        world.send(at(20 * HOUR_S + 1), &mail("192.0.2.1", "jane@example.net", "1@example.net")).await;
    let history = world.trials.history(&trial.unwrap()).unwrap();
    assert_eq!(history.policy_known_from, Some(at(1)));
    assert_eq!((history.fetches.len(), history.earlier_policy_queries.len()), (1, 1));
    assert!(history.fetches_complete && history.queries_complete);
    world.journal.close().await;
}
