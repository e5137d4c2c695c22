//! What a journal writes at most, and what it says of the rest.

use mailassay::sending::history::{
    ContactsLost, FetchesLost, PolicyFetched, ReportCame, ReportReading, ReportReceived, SelfCheck,
    SelfChecked,
};

use super::*;

on_both! {
    visits_to_the_policy_host_have_a_cap_of_their_own,
    what_a_full_queue_drops_is_said_to_be_missing,
    a_day_writes_no_more_than_it_may,
    one_site_writes_no_more_than_its_share_of_a_day,
    tls_reports_have_a_share_of_a_day_and_take_nothing_from_mail,
}

fn fetched(n: u16) -> Fact {
    Fact::PolicyFetched(PolicyFetched {
        source: ([192, 0, 2, 1], n).into(),
        sni: None,
        path: Some("/.well-known/mta-sts.txt".to_owned()),
        status: Some(200),
        user_agent: None,
        alert: None,
    })
}

fn opened(link: u64) -> Fact {
    let (source, local) = (([192, 0, 2, 1], 40_000).into(), ([192, 0, 2, 25], 25).into());
    Fact::LinkOpened { link: LinkId(link), source, local, persona: None, entrance: None }
}

fn checked() -> Fact {
    let green = || SelfCheck::Green;
    Fact::SelfChecked(SelfChecked {
        dns: green(),
        certificates: green(),
        policy_host: green(),
        unseen: Vec::new(),
        cases: Default::default(),
        unlooked: Default::default(),
    })
}

fn lost_links(until: Timestamp, count: u64) -> Fact {
    Fact::ContactsLost(ContactsLost { network: None, until, count })
}

async fn visits_to_the_policy_host_have_a_cap_of_their_own(place: Place) {
    let settings = Settings { fetches_rows: 100, ..place.settings() };
    let (journal, _told) = open(settings.clone()).await;
    journal.note(start(), queried("et.example.org"));
    (0..400).for_each(|n| journal.note(start(), fetched(n)));
    journal.commit(start(), irregular(1)).await.expect("noted");
    let facts = place.stored().await;
    let lost = Fact::FetchesLost(FetchesLost { network: None, until: start(), why: Lost::Deleted });
    assert_eq!(facts.len(), 103, "the newest hundred, and what is no visit");
    assert_eq!(facts[..2], [queried("et.example.org"), fetched(300)], "no question went");
    assert_eq!(facts.last(), Some(&lost));
}

async fn what_a_full_queue_drops_is_said_to_be_missing(place: Place) {
    let settings = Settings { queue_facts: 8, ..place.settings() };
    let (journal, told) = open(settings).await;
    // No await in between: the writer, on the same thread, cannot take anything out.
    (0..20).for_each(|n| journal.note(start(), fetched(n)));
    (0..20).for_each(|link| journal.note(start(), opened(link)));
    assert_eq!(journal.dropped_facts(), 16 + 16);
    journal.commit(start(), irregular(99)).await.expect("noted");
    let fetches = Fact::FetchesLost(FetchesLost { network: None, until: start(), why: Lost::Dropped });
    assert_eq!(told.facts()[..2], [fetches, lost_links(start(), 16)]);
    assert_eq!(told.facts().len(), 11);
    // Said once, and of the next ones anew.
    journal.commit(after(start(), 2), irregular(99)).await.expect("noted");
    assert_eq!(told.facts().len(), 12);
}

/// Beyond what a day may write nothing of strangers is written, mail is refused, and the service's own facts are there.
async fn a_day_writes_no_more_than_it_may(place: Place) {
    let settings = Settings { day_mib: Some(1), ..place.settings() };
    let (journal, told) = open(settings.clone()).await;
    assert_eq!(journal.take_operators(start(), [192, 0, 2, 1].into(), 600_000), Ok(()));
    assert!(journal.take_operators(start(), [198, 51, 100, 1].into(), 1).is_err(), "a quarter at most");
    (0..8_000).for_each(|link| journal.note(start(), irregular(link)));
    journal.commit(start(), checked()).await.expect("our own");
    let NotRecorded(why) =
        journal.receive(start(), received(1, "a@b.example"), None).await.expect_err("spent");
    assert!(why.contains("journal.day_mib"), "{why}");
    let written = told.facts().iter().filter(|fact| **fact != checked()).count();
    assert!((3_500..7_000).contains(&written), "{written} of 8,000 rows were written");
    let later = after(start(), 60);
    (0..3).for_each(|link| journal.note(later, opened(link)));
    journal.note(later, queried("et.example.org"));
    journal.commit(later, checked()).await.expect("our own");
    let facts = told.facts();
    assert!(facts.contains(&queried("et.example.org")), "questions are capped otherwise");
    assert!(facts.contains(&lost_links(later, 3)), "links are counted");
    journal.close().await;

    // A restart does not begin the day anew; midnight does.
    let (journal, _told) = open(settings).await;
    assert!(journal.commit(later, irregular(1)).await.is_err());
    journal.commit(after(start(), 86_400), irregular(1)).await.expect("another day");
}

/// Whoever has spent the share of one site is put off, and nobody else; that is said of its network alone.
async fn one_site_writes_no_more_than_its_share_of_a_day(place: Place) {
    let settings = Settings { day_mib: Some(1), group_facts: 16, ..place.settings() };
    let (journal, told) = open(settings).await;
    let from = |link: u64, source: [u8; 4]| Fact::LinkOpened {
        link: LinkId(link),
        source: (source, 40_000).into(),
        local: ([192, 0, 2, 25], 25).into(),
        persona: None,
        entrance: None,
    };
    journal.commit(start(), from(1, [198, 51, 100, 1])).await.expect("noted");
    journal.commit(start(), from(2, [203, 0, 113, 1])).await.expect("noted");
    (0..4_000).for_each(|_| journal.note(start(), irregular(1)));
    let NotRecorded(why) =
        journal.receive(start(), received(1, "a@b.example"), None).await.expect_err("spent");
    assert!(why.contains("198.51.100.0/24"), "{why}");
    journal.receive(start(), received(2, "c@d.example"), None).await.expect("another site");
    // Neither another address of the site nor another link helps.
    let later = after(start(), 60);
    (10..13).for_each(|link| journal.note(later, from(link, [198, 51, 100, 77])));
    journal.commit(later, irregular(10)).await.expect_err("spent");
    journal.commit(later, irregular(2)).await.expect("another site");
    let facts = told.facts();
    let octets: usize = facts.iter().filter(|fact| **fact == irregular(1)).count() * 160;
    assert!((200_000..320_000).contains(&octets), "about a quarter: {octets}");
    let network = Some("198.51.100.0/24".parse().expect("a network"));
    let lost = facts.iter().filter_map(|fact| match fact {
        Fact::ContactsLost(lost) => Some(lost.clone()),
        _ => None,
    });
    let lost: Vec<_> = lost.collect();
    assert!(lost.iter().all(|lost| lost.network == network), "{lost:?}");
    assert_eq!(lost.last(), Some(&ContactsLost { network, until: later, count: 3 }));
    journal.commit(after(start(), 86_400), irregular(1)).await.expect("another day");
}

fn reported(source: [u8; 4]) -> Fact {
    let reading = ReportReading::Unread { why: "x".repeat(1_000) };
    Fact::ReportReceived(Box::new(ReportReceived {
        came: ReportCame::Https { source: source.into() },
        reading,
    }))
}

/// Whoever sends TLS reports without end is put off, then all others' reports, and nobody's mail.
async fn tls_reports_have_a_share_of_a_day_and_take_nothing_from_mail(place: Place) {
    let settings = Settings { day_mib: Some(1), ..place.settings() };
    let (journal, told) = open(settings.clone()).await;
    let mut of_a_site = 0;
    while journal.commit(start(), reported([192, 0, 2, of_a_site])).await.is_ok() {
        of_a_site += 1;
        assert!(of_a_site < 20, "a site has an eighth of what is for reports");
    }
    assert!(of_a_site > 5, "{of_a_site}");
    assert!(!journal.would_take(start(), &reported([192, 0, 2, 200])));
    assert!(journal.would_take(start(), &reported([198, 51, 100, 1])), "others are not concerned");
    let mut of_all = 0;
    while journal.commit(start(), reported([10, of_all, 0, 1])).await.is_ok() {
        of_all += 1;
        assert!(of_all < 100, "a sixteenth of the day is for reports");
    }
    assert!(of_all > 40, "{of_all}");
    // Two thirds of a day, and all of it is there for mail.
    (0..3_500).for_each(|link| journal.note(start(), irregular(link)));
    journal.receive(start(), received(1, "a@b.example"), None).await.expect("mail is not concerned");
    assert!(
        !told.facts().iter().any(|fact| matches!(fact, Fact::ContactsLost(_))),
        "and nobody's links are lost"
    );
    journal.close().await;

    // A restart does not begin the day anew; midnight does.
    let (journal, _told) = open(settings).await;
    assert!(journal.commit(start(), reported([192, 0, 2, 1])).await.is_err());
    journal.commit(after(start(), 86_400), reported([192, 0, 2, 1])).await.expect("another day");
}
