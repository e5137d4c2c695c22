//! Claims of verdicts among nodes: they are over by the database's clock, and who lost one records nothing.

use mailassay::sending::history::{TrialEnd, TrialEnded, VerdictDelivery, VerdictHandled};
use mailassay::sending::journal::OutboxState;
use mailassay::sending::trial::{Mailbox, TrialId};
use mailassay::shared::time::after;

use super::*;
use crate::postgres::Server;

/// A verdict that is due.
async fn owed(node: &Node, place: u64) -> TrialId {
    let trial = TrialId::new(&SECRET, node.link(place), 0);
    let ended = TrialEnded { trial: trial.clone(), end: TrialEnd::Settled };
    node.journal.end_trial(at(), ended, at()).await.unwrap();
    trial
}

/// Lets so much time pass since all claims.
async fn pass(address: &Address, seconds: i64) {
    let mut connection = address.connect().await.unwrap();
    sqlx::query("UPDATE journal.outbox SET claimed_at = claimed_at - $1, claimed_until = claimed_until - $1")
        .bind(seconds * 1_000_000)
        .execute(&mut connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_claim_is_over_by_the_clock_of_the_database_whatever_a_node_s_own_says() {
    let Some(server) = Server::shared("claims and clocks") else { return };
    let address = server.address("clocks");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    let trial = owed(&one, 1).await;
    let claimed = one.journal.claim_due_for(at(), 900).await.unwrap().expect("due");
    assert_eq!((claimed.trial, claimed.attempts, claimed.was_claimed), (trial.clone(), 1, false));
    for hours in [1, 24, 24 * 365] {
        let ahead = after(at(), hours * 3_600);
        assert!(!other.journal.reader().is_due(ahead).await.unwrap(), "its clock is {hours} h ahead");
        assert_eq!(other.journal.claim_due_for(ahead, 900).await, Ok(None), "its clock is {hours} h ahead");
    }
    pass(&address, 901).await;
    assert!(other.journal.reader().is_due(at()).await.unwrap());
    let taken = other.journal.claim_due_for(at(), 900).await.unwrap().expect("its time is over");
    assert_eq!((taken.trial, taken.attempts, taken.was_claimed), (trial, 2, true));
    assert_eq!(one.journal.claim_due_for(at(), 900).await, Ok(None), "it is the other's now");
}

#[tokio::test]
async fn who_lost_a_claim_neither_puts_it_off_nor_closes_it_nor_counts_it() {
    let Some(server) = Server::shared("lost claims") else { return };
    let address = server.address("lost_claims");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    let trial = owed(&one, 1).await;
    let lost = one.journal.claim_due_for(at(), 900).await.unwrap().expect("due");
    // The node stands still for longer than its claim, and the other takes it over.
    pass(&address, 901).await;
    let taken = other.journal.claim_due_for(at(), 900).await.unwrap().expect("its time is over");
    let to = Mailbox::new(&SECRET, "jane@example.net");
    let sent = VerdictDelivery::Sent { to: to.redacted.clone(), by: "mx".to_owned() };
    let handled = VerdictHandled { trial: trial.clone(), delivery: sent, judged_to: None };
    let state = async || one.journal.reader().outbox_entry(&trial).await.unwrap().unwrap();

    assert!(!one.journal.retry_at(at(), &trial, lost.attempts, after(at(), 60), "no route").await.unwrap());
    assert_eq!((state().await.state, state().await.attempts), (OutboxState::Claimed, 2));
    let closed = one.journal.handled(at(), lost.attempts, handled.clone(), Some(&to), vec![]).await.unwrap();
    assert_eq!((closed, state().await.state), (None, OutboxState::Claimed));
    let is_handled = |fact: &Fact| matches!(fact, Fact::VerdictHandled(_));
    one.commit(2).await;
    assert!(!one.told.0.lock().iter().any(|observation| is_handled(&observation.fact)));
    assert_eq!(one.journal.reader().mailed(&to, at()).await.unwrap().all, 0);
    assert!(!one.journal.reader().holds(&trial, lost.attempts, at()).await.unwrap());

    assert!(other.journal.reader().holds(&trial, taken.attempts, at()).await.unwrap());
    let closed = other.journal.handled(at(), taken.attempts, handled, Some(&to), vec![]).await.unwrap();
    assert!(closed.is_some(), "who has it closes it");
    assert_eq!(state().await.state, OutboxState::Done);
    assert_eq!(other.journal.reader().mailed(&to, after(at(), 1)).await.unwrap().all, 1);
    assert!(!other.journal.retry_at(at(), &trial, taken.attempts, at(), "no route").await.unwrap());
    assert_eq!(state().await.state, OutboxState::Done, "what is closed stays so");
}
