//! Trials that are deleted because somebody who has the address wants it.

use mailassay::sending::trials::Erased;

use super::*;

/// Nothing of it is shown or kept but what tells its late copies from new mail; what it shared with another stays that
/// one's.
#[tokio::test]
async fn a_deleted_trial_leaves_nothing_and_takes_nothing_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::open(folder.path()).await;
    let jane = mail("192.0.2.1", "jane@example.net", "1@example.net");
    let joe = mail("192.0.2.1", "joe@example.com", "1@example.com");
    let trial = world.whole_trial(0, &jane).await;
    let shared = world.connect(at(610), "192.0.2.1").await;
    world.transaction(at(610), shared, 0, &jane).await;
    world.transaction(at(611), shared, 1, &joe).await;
    world.close(at(612), shared).await;
    let other = world.trials.trial_of(shared, 1).unwrap();
    assert!(other != trial && world.trials.trial_of(shared, 0) == Some(trial.clone()));

    let erase = async |world: &World, trial: &TrialId| {
        world.trials.erase(trial, &world.journal, at(700)).await.unwrap()
    };
    assert_eq!(erase(&world, &other).await, Erased::NotYet, "it still runs");
    assert_eq!(erase(&world, &TrialId::new(b"x", LinkId(1), 0)).await, Erased::Unknown);
    let mut followed = world.trials.follow(&trial).unwrap();
    followed.borrow_and_update();
    assert_eq!(erase(&world, &trial).await, Erased::Erased);
    assert!(followed.has_changed().is_err(), "who follows learns of it");
    assert_eq!(erase(&world, &trial).await, Erased::Unknown, "as if it had never been");

    for _ in 0..2 {
        assert!(world.trials.read(&trial, world.journal.reader()).await.unwrap().is_none());
        let history = world.trials.history(&other).unwrap();
        assert_eq!(history.transactions().count(), 1, "the other one has its mail");
        let all = world.trials.read_all(world.journal.reader()).await.unwrap();
        assert_eq!(all.iter().map(|history| &history.id).collect::<Vec<_>>(), [&other]);
        world.trials.put_away(&world.journal, at(701)).await.unwrap();
        let (_, late) = world.send(at(702), &jane).await;
        assert_eq!(late.as_ref(), Some(&trial), "a late copy opens no other trial");
        assert_eq!(erase(&world, &trial).await, Erased::Unknown, "nor does it bring the page back");
        world.journal.close().await;
        drop(world);
        world = World::open(folder.path()).await;
    }
    let of_trial = "SELECT count(*) FROM observations WHERE fact LIKE '%1@example.net%'";
    assert_eq!(
        database::count(&folder.path().join("journal.sqlite"), of_trial).await,
        2,
        "the late copies alone"
    );
    world.journal.expire(at(11 * DAY_S)).await.unwrap();
    let known = database::count(&folder.path().join("journal.sqlite"), "SELECT count(*) FROM trials").await;
    assert_eq!(known, 0, "what told late copies is forgotten, too");
    world.journal.close().await;
}
