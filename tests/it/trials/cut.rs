//! What goes by age, or to make room, and what is said of what is left.

use crate::journal::database;

use super::*;

/// A page outlives the questions that it shows: where they are gone, nobody is said to have asked nothing.
#[tokio::test]
async fn questions_that_went_by_age_are_no_silence() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let trial = world.whole_trial(0, &mail("192.0.2.1", "jane@example.net", "1@example.net")).await;
    world.trials.put_away(&world.journal, at(2 * DAY_S)).await.unwrap();
    let read = async |world: &World| {
        world.trials.read(&trial, world.journal.reader()).await.unwrap().expect("is kept")
    };
    let whole = read(&world).await;
    assert!(whole.queries.len() == 2 && whole.queries_complete && whole.fetches_complete);
    world.journal.expire(at(31 * DAY_S)).await.unwrap();
    let later = read(&world).await;
    assert!(later.queries.is_empty() && !later.queries_complete, "an absence means nothing now");
    assert!(later.fetches == whole.fetches && later.fetches_complete, "visits are kept longer");
    assert_eq!(later.links, whole.links);
}

/// From nine tenths of its size on the journal lets the oldest go, and never refuses a fact while there is something that
/// may go: first questions, then trials as a whole; each trial that is there is whole, or says what is missing.
#[tokio::test]
async fn the_oldest_goes_to_make_room_and_questions_go_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::sized(folder.path(), 1).await;
    let mut trials: Vec<TrialId> = Vec::new();
    let mut saw_questions_go_first = false;
    for day in 0..45 {
        let source = format!("192.0.{}.1", day + 3);
        let path = format!("jane@{day}.example.net");
        let trial = world.whole_trial(day * DAY_S, &mail(&source, &path, &path)).await;
        // What belongs to nobody, of the same time; and questions of the whole world.
        let link = world.connect(at(day * DAY_S + 60_000), "203.0.113.1").await;
        for _ in 0..4 {
            let offer = Offer { starttls: false, phase: Phase::A };
            let name = "x".repeat(5_000);
            let greeted = Fact::Greeted { link, name, helo: false, tls: false, offer };
            world.journal.note(at(day * DAY_S + 60_001), greeted);
        }
        for n in 0..20 {
            let asked = queried("203.0.113.53", "A", &format!("{n}.{}", "x".repeat(200)));
            world.journal.note(at(day * DAY_S + 60_002), Fact::Queried(asked));
        }
        world.close(at(day * DAY_S + 60_003), link).await;
        world.trials.put_away(&world.journal, at(day * DAY_S + 80_000)).await.unwrap();
        trials.push(trial);
        let mut kept = Vec::new();
        for trial in &trials {
            kept.push(world.trials.read(trial, world.journal.reader()).await.unwrap());
        }
        for history in kept.iter().flatten() {
            let mails = history.links.iter().filter(|link| !link.link.transactions.is_empty()).count();
            assert_eq!((mails, history.links.len()), (2, 3), "never half a trial");
            assert_eq!(history.queries_complete, history.queries.len() == 2);
            assert_eq!(history.fetches_complete, history.fetches.len() == 1);
        }
        let first = kept.iter().position(Option::is_some).expect("the last is kept");
        assert!(kept[first..].iter().all(Option::is_some), "the oldest goes first");
        let cut = kept.iter().flatten().filter(|history| !history.queries_complete).count();
        saw_questions_go_first |= first == 0 && cut > 0;
        assert!(kept.last().unwrap().as_ref().unwrap().queries_complete, "the latest is whole");
        assert_eq!((world.journal.dropped_facts(), world.journal.trouble()), (0, None));
    }
    assert!(saw_questions_go_first);
    assert!(world.trials.read(&trials[0], world.journal.reader()).await.unwrap().is_none(), "45 do not fit");
    let inspection = world.journal.reader().inspect().await.unwrap();
    assert!(inspection.is_whole() && inspection.used_octets < 1 << 20, "{inspection:?}");
}

/// Where results of the last days had to go, a late copy of their mail opens no other trial after a restart; what that is known
/// by goes by age.
#[tokio::test]
async fn a_result_that_made_room_is_known_to_late_copies_until_no_queue_has_any() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let mut world = World::sized(folder.path(), 1).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let trial = world.whole_trial(0, &jane).await;
    world.trials.put_away(&world.journal, at(15_000)).await.unwrap();
    let mut begins = 0;
    while world.trials.read(&trial, world.journal.reader()).await.unwrap().is_some() {
        begins += 16_000;
        assert!(begins < 9 * DAY_S, "it goes to make room");
        let path = format!("jane@{begins}.example.org");
        let source = format!("192.0.{}.1", begins / 16_000 + 3);
        world.whole_trial(begins, &mail(&source, &path, &path)).await;
        let link = world.connect(at(begins + 10_000), "203.0.113.1").await;
        for _ in 0..4 {
            let offer = Offer { starttls: false, phase: Phase::A };
            let name = "x".repeat(5_000);
            let greeted = Fact::Greeted { link, name, helo: false, tls: false, offer };
            world.journal.note(at(begins + 10_001), greeted);
        }
        world.close(at(begins + 10_002), link).await;
        world.trials.put_away(&world.journal, at(begins + 15_000)).await.unwrap();
    }
    let known = world.trials.counts().past;
    let emptied = "SELECT count(*) FROM trials WHERE record = ''";
    assert!(database::count(&path, emptied).await > 0, "it ended not long ago");
    world.journal.close().await;
    drop(world);
    let mut world = World::sized(folder.path(), 1).await;
    assert_eq!(world.trials.counts().past, known, "a restart knows as many");
    let (_, late) = world.send(at(begins + 16_000), &jane).await;
    assert_eq!(late.as_ref(), Some(&trial), "a late copy opens no other trial");
    assert!(world.trials.read(&trial, world.journal.reader()).await.unwrap().is_none(), "nor a page");
    world.journal.expire(at(begins + 11 * DAY_S)).await.unwrap();
    assert_eq!(database::count(&path, emptied).await, 0, "nothing of it stays for ever");
    world.journal.close().await;
}

/// Whoever asks our DNS without end takes the place of questions, and of no result.
#[tokio::test]
async fn a_flood_of_questions_takes_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::sized(folder.path(), 1).await;
    let mut trials = Vec::new();
    for n in 0..5 {
        let source = format!("192.0.{}.1", n + 3);
        trials.push(
            world.whole_trial(n * 1_000, &mail(&source, &format!("jane@{n}.example.net"), &source)).await,
        );
    }
    world.trials.put_away(&world.journal, at(DAY_S)).await.unwrap();
    let mut before = Vec::new();
    for trial in &trials {
        before.extend(world.trials.read(trial, world.journal.reader()).await.unwrap());
    }
    assert!(before.len() == 5 && before.iter().any(|history| !history.queries.is_empty()));
    for round in 0..20 {
        for n in 0..200 {
            let asked = queried("203.0.113.53", "A", &format!("{n}.{round}.{}.example.org", "x".repeat(100)));
            world.journal.note(at(DAY_S + round), Fact::Queried(asked));
        }
        let link = world.connect(at(DAY_S + round), "192.0.2.1").await;
        world.close(at(DAY_S + round), link).await;
    }
    assert_eq!((world.journal.dropped_facts(), world.journal.trouble()), (0, None));
    for (trial, before) in trials.iter().zip(before) {
        let after = world.trials.read(trial, world.journal.reader()).await.unwrap().expect("is kept");
        assert_eq!(after.links, before.links);
        assert!(after.queries.is_empty(), "{:?}", after.queries);
        assert_eq!(after.queries_complete, before.queries_complete && before.queries.is_empty());
    }
    let kinds = world.journal.reader().inspect().await.unwrap().kinds;
    assert!(kinds["queried"] < 4_000 && kinds["queries-lost"] > 0, "{kinds:?}");
}

/// Earlier versions deleted row by row. What is left of such a trial opens none: no verdict is due 90 days later.
#[tokio::test]
async fn half_a_trial_is_no_trial_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let trial = world.whole_trial(0, &jane).await;
    let recent = world.send(at(90 * DAY_S), &mail("192.0.2.2", "joe@example.com", "2@example.com")).await.1;
    world.journal.close().await;
    drop(world);
    // Its first mail and its end are gone; the second mail is as one that opens a trial.
    let gone = "DELETE FROM observations WHERE seq < (SELECT max(seq) FROM observations WHERE link = 3 \
                AND kind = 'link-opened') OR kind IN ('trial-ended', 'verdict-handled')";
    database(&path, gone).await;
    let world = World::open(folder.path()).await;
    assert_eq!(world.trials.in_memory(), Vec::from_iter(recent), "no ghost of it comes back");
    assert!(world.trials.read(&trial, world.journal.reader()).await.unwrap().is_none());
    let due = world.trials.take(at(90 * DAY_S + 60));
    assert_eq!(due.len(), 1, "but for the one that runs nothing is to be looked at: {due:?}");
    assert_eq!(world.trials.unscanned(at(0), 10).len(), 0);
    assert!(world.journal.claim_due(at(91 * DAY_S)).await.unwrap().is_none());
}
