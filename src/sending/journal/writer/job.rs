//! What the writer is asked to do.

use tokio::sync::oneshot;

use crate::sending::history::{Fact, LabelsIssued, NotRecorded, Seq, VerdictDelivery, VerdictHandled};
use crate::sending::journal::archive::{self, PutAway};
use crate::sending::journal::database::{Connection, query};
use crate::sending::journal::outbox::{self, OutboxEntry};
use crate::sending::journal::replay::{self, Needed};
use crate::sending::trial::{AddressId, LinkId, Mailbox, TrialId};
use crate::shared::time::{Timestamp, before};

use super::Writer;
use super::day::Spent;
use super::rows::{Written, forget_addresses, insert, keep_address};

/// How long ago another node may have given out a label that this one has not heard of, in seconds, with what their clocks
/// differ.
const RACE_S: u32 = 10;

/// What the writer is asked to do.
pub(in crate::sending::journal) enum Order {
    /// Records a fact; with an address, keeps it for the fact's transaction.
    Note { fact: Fact, address: Option<(AddressId, String)> },
    /// Records a trial's end, once, and makes its verdict due.
    End { fact: Fact, trial: TrialId, due: Timestamp },
    /// Records a scan, and hastens the verdict that waited for it.
    Scanned { fact: Fact, trial: TrialId, due: Timestamp },
    /// Records what became of a verdict, counts it, and forgets the addresses of its transactions; nothing where the claim of
    /// this number is not the last.
    Handled { claim: u32, handled: VerdictHandled, to: Option<Mailbox>, forget: Vec<(LinkId, u16)> },
    /// Forgets addresses.
    Forget(Vec<(LinkId, u16)>),
    /// Claims a verdict that is due, for so long.
    Claim { for_s: u32 },
    /// Puts a verdict back until a later time; nothing where the claim of this number is not the last.
    Retry { trial: TrialId, claim: u32, until: Timestamp, error: String },
    /// Puts away a told trial.
    PutAway(Box<PutAway>),
    /// Deletes what there is of a trial that was put away, with its transactions.
    Erase { trial: TrialId, transactions: Vec<(LinkId, u16)> },
    /// Remembers from when on a start needs what was noted.
    NeededFrom(Needed),
    /// Deletes what is too old, a part of it.
    Expire,
}

/// What became of an order.
#[derive(Clone, Debug)]
pub(in crate::sending::journal) enum Outcome {
    Noted(Seq),
    Claimed(Option<OutboxEntry>),
    Expired {
        more: bool,
    },
    /// It is not written, since somebody else has claimed it meanwhile.
    Late,
    /// It is not written, since another node was first.
    Refused(&'static str),
    Done,
}

pub(in crate::sending::journal) type Answer = oneshot::Sender<Result<Outcome, NotRecorded>>;

/// An order with its time, and whoever waits for it.
pub(in crate::sending::journal) struct Job {
    pub(in crate::sending::journal) at: Timestamp,
    pub(in crate::sending::journal) order: Order,
    pub(in crate::sending::journal) answer: Option<Answer>,
}

impl Job {
    /// The trial that is to end.
    pub(super) fn ending(&self) -> Option<&TrialId> {
        match &self.order {
            Order::End { trial, .. } => Some(trial),
            _ => None,
        }
    }

    /// The fact that is to be noted, if that is all. Of labels it is looked first whether another node gave them out.
    pub(super) fn plain_note(&self) -> Option<(Timestamp, &Fact)> {
        match &self.order {
            Order::Note { fact: Fact::LabelsIssued(_), .. } => None,
            Order::Note { fact, address: None } => Some((self.at, fact)),
            _ => None,
        }
    }
}

pub(super) async fn obey(
    connection: &mut Connection,
    job: &Job,
    written: &mut Written,
) -> sqlx::Result<Outcome> {
    match &job.order {
        Order::Note { fact, address } => {
            if let (Fact::LabelsIssued(issued), true) = (fact, connection.is_server())
                && is_given_out(connection, issued, job.at).await?
            {
                return Ok(Outcome::Refused("another node has given out the same label at the same time"));
            }
            let seq = insert(connection, job.at, fact, written).await?;
            if let (Some((id, address)), Fact::Received(received)) = (address, fact) {
                keep_address(connection, (received.link, received.number), id, address, job.at).await?;
            }
            Ok(Outcome::Noted(seq))
        }
        Order::End { fact, trial, due } => {
            if !outbox::enqueue(connection, trial, *due).await? {
                return Ok(Outcome::Noted(Seq(outbox::end_of(connection, trial).await?)));
            }
            let seq = insert(connection, job.at, fact, written).await?;
            outbox::tie(connection, trial, seq.0).await?;
            Ok(Outcome::Noted(seq))
        }
        Order::Scanned { fact, trial, due } => {
            outbox::hasten(connection, trial, *due).await?;
            insert(connection, job.at, fact, written).await.map(Outcome::Noted)
        }
        Order::Handled { claim, handled, to, forget } => {
            let VerdictHandled { trial, delivery, .. } = handled;
            let failed = match delivery {
                VerdictDelivery::Failed { reason } => Some(reason.as_str()),
                _ => None,
            };
            if !outbox::close(connection, (trial, *claim), failed).await? {
                return Ok(Outcome::Late);
            }
            if let (Some(to), VerdictDelivery::Sent { .. }) = (to, delivery) {
                outbox::count(connection, to, job.at).await?;
            }
            forget_addresses(connection, forget).await?;
            let fact = Fact::VerdictHandled(handled.clone());
            insert(connection, job.at, &fact, written).await.map(Outcome::Noted)
        }
        Order::Forget(transactions) => {
            forget_addresses(connection, transactions).await.map(|()| Outcome::Done)
        }
        Order::Claim { for_s } => {
            outbox::claim(connection, job.at, *for_s, written.node).await.map(Outcome::Claimed)
        }
        Order::Retry { trial, claim, until, error } => {
            let put_back = outbox::retry(connection, (trial, *claim), *until, error).await?;
            Ok(if put_back { Outcome::Done } else { Outcome::Late })
        }
        Order::PutAway(away) => archive::put_away(connection, away).await.map(|()| Outcome::Done),
        Order::Erase { trial, transactions } => {
            archive::erase(connection, trial, transactions).await.map(|()| Outcome::Done)
        }
        Order::NeededFrom(from) => replay::needed_from(connection, *from).await.map(|()| Outcome::Done),
        Order::Expire => Ok(Outcome::Expired { more: false }),
    }
}

/// Whether another node has just given out a label of the pool that this one was to give out, and could not know. Else a
/// label rests for days.
async fn is_given_out(
    connection: &mut Connection,
    issued: &LabelsIssued,
    now: Timestamp,
) -> sqlx::Result<bool> {
    for label in issued.labels.values().filter(|label| label.is_of_pool()) {
        let given = query("SELECT 1 FROM leases WHERE label = $1 AND at > $2 AND root <> $3 LIMIT 1");
        let given = given.bind(label.as_str()).bind(before(now, RACE_S).as_microsecond());
        if given.bind(issued.label.as_str()).fetch_optional(connection).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Writer {
    /// What may be written of a group: beyond the limit of the day nothing of strangers, beyond that of a site nothing of
    /// its own.
    pub(super) fn turn_away(&self, group: Vec<Job>) -> Vec<Job> {
        let mut may = Vec::with_capacity(group.len());
        for job in group {
            let Order::Note { fact, .. } = &job.order else {
                may.push(job);
                continue;
            };
            let Some(spent) = self.day.spent(job.at, fact) else {
                may.push(job);
                continue;
            };
            if let Fact::LinkClosed(closed) = fact {
                self.day.forget(closed.link);
            }
            let why = match spent {
                Spent::Day => {
                    self.dropped.count(job.at, fact);
                    "as much was written today as journal.day_mib allows".to_owned()
                }
                Spent::Site(site) => {
                    self.dropped.count_of(job.at, site, fact);
                    format!("as much was written today for {site} as journal.day_mib allows one network")
                }
                Spent::Reports => {
                    self.dropped.count(job.at, fact);
                    "as many TLS reports came today as journal.day_mib allows".to_owned()
                }
            };
            answer(job, Err(NotRecorded(why)));
        }
        may
    }
}

pub(super) fn answer(job: Job, outcome: Result<Outcome, NotRecorded>) {
    let outcome = match outcome {
        Ok(Outcome::Refused(why)) => Err(NotRecorded(why.to_owned())),
        outcome => outcome,
    };
    if let Some(answer) = job.answer {
        // Whoever waited may be gone; what was written stays written.
        let _gone = answer.send(outcome);
    }
}
