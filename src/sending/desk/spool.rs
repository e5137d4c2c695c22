//! The operator's mail on its way elsewhere: kept first, then handed on.
//!
//! A hand-over takes as long as the other side likes, and the sender's dot must not wait for it: who is told "later"
//! sends again what may have been handed on, and who is dropped amid DATA does, too. So a mail is taken over when it is
//! on disk, and goes on from there, also after a restart.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::sending::journal::Maildir;
use crate::shared::time::{Timestamp, after, before};

use super::operator::{NotDelivered, OperatorMail, OperatorMaildir, OperatorMessage, without_return_path};

/// How many mails may wait to be handed on; beyond it senders are told to come later.
const WAITING_MAX: usize = 10_000;
/// How many mails one look takes up.
const TAKEN_UP_MAX: usize = 100;
/// After so many failures in a row the other side is left alone for a while.
const FAILURES_MAX: usize = 3;
/// How long a mail is left alone after a failure, at first and at most, in seconds; each time twice as long.
const RETRY_FIRST_S: u32 = 60;
const RETRY_MOST_S: u32 = 14_400;
/// How long the other side is left alone at most, in seconds: new mail waits for it, too.
const REST_MOST_S: u32 = 900;
/// How long a mail is tried, in seconds: five days (RFC 5321 §4.5.4.1).
const TRIED_S: u32 = 5 * 86_400;
/// The longest sleep, in seconds: after it the clock is read again, so that a jump of it holds up no mail.
const SLEEP_S_MAX: u64 = 60;
/// How long a hand-over may go on when the service stops, in seconds. One that is cut may have gone out.
const DRAIN_S: u64 = 10;
/// How many mails that nobody took are kept for the operator to read, how many octets of them, and how long, in seconds.
const ASIDE_MAX: usize = 1_000;
const ASIDE_OCTETS_MAX: u64 = 1 << 30;
const ASIDE_S: u32 = 90 * 86_400;

/// Why a mail was not handed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotForwarded {
    /// Whether another attempt is in vain.
    pub lasting: bool,
    /// In the words of the peer or the system.
    pub reason: String,
}

/// Whoever takes the operator's mail on.
pub trait Onward: Send + Sync {
    /// Hands a whole message over.
    fn forward<'a>(
        &'a self,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), NotForwarded>> + Send + 'a>>;
}

/// The operator's mail in a maildir, each until somebody else has taken it. What is refused for good, or for five days,
/// stays there, in `cur`, for the operator to read: the latest [`ASIDE_MAX`] for [`ASIDE_S`].
pub struct OperatorSpool {
    maildir: Maildir,
    onward: Arc<dyn Onward>,
    waiting: AtomicUsize,
    attempts: Mutex<Attempts>,
    woken: Notify,
}

/// What was tried since the start; a restart tries all anew.
#[derive(Default)]
struct Attempts {
    /// Those that failed, by the name of the mail.
    of: HashMap<String, Attempt>,
    /// Up to when the other side is left alone, and for how long it will be next time.
    rest: Option<(Timestamp, u32)>,
}

#[derive(Clone, Copy)]
struct Attempt {
    first: Timestamp,
    next: Timestamp,
    /// How long to wait after the next failure, in seconds.
    retry_s: u32,
    /// What is left to do with its file, where it must not be handed on again.
    settled: Option<Settled>,
}

/// What a mail that is not to be handed on any more came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    Taken,
    Refused,
}

/// What one attempt came to.
enum Attempted {
    /// The mail does not wait any more.
    Gone,
    /// It is put off for a reason of this host's.
    PutOff,
    /// It is put off by the other side.
    NotTaken,
}

impl OperatorSpool {
    /// A spool in `maildir`, with what waited there before.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn open(maildir: Maildir, onward: Arc<dyn Onward>) -> std::io::Result<Self> {
        let waiting = AtomicUsize::new(maildir.fresh(WAITING_MAX)?.len());
        Ok(Self { maildir, onward, waiting, attempts: Mutex::default(), woken: Notify::new() })
    }

    /// Hands on what comes, until `stop`. `clock` tells the time.
    pub async fn run(&self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>, stop: CancellationToken) {
        self.trim_aside(clock());
        while !stop.is_cancelled() {
            let next = self.hand_on(clock(), &stop).await;
            let until_next = next.map_or(SLEEP_S_MAX * 1_000, |next| {
                u64::try_from(next.duration_since(clock()).as_millis()).unwrap_or(0)
            });
            let sleep = tokio::time::sleep(Duration::from_millis(until_next.min(SLEEP_S_MAX * 1_000)));
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep => {}
                () = self.woken.notified() => {}
            }
        }
    }

    /// Hands on what waits and is to be tried at `now`; when to look again, none if nothing is left.
    pub async fn hand_on(&self, now: Timestamp, stop: &CancellationToken) -> Option<Timestamp> {
        if let Some(until) = self.attempts.lock().rests_until(now) {
            return Some(until);
        }
        let names = match self.maildir.fresh(WAITING_MAX) {
            Ok(names) => names,
            Err(error) => {
                tracing::error!(%error, "the operator's mail cannot be read; see `operator_mail.maildir`");
                return Some(after(now, RETRY_FIRST_S));
            }
        };
        // Whoever reads the folder may have taken some out.
        self.waiting.store(names.len(), Ordering::Relaxed);
        let due = self.attempts.lock().due(&names, now);
        let mut failures = 0;
        for name in due.iter().take(TAKEN_UP_MAX) {
            let drained = async {
                stop.cancelled().await;
                tokio::time::sleep(Duration::from_secs(DRAIN_S)).await;
            };
            let attempted = tokio::select! {
                attempted = self.hand_on_one(name, now) => attempted,
                () = drained => return Some(now),
            };
            match attempted {
                Attempted::Gone => failures = 0,
                Attempted::PutOff => {}
                Attempted::NotTaken => failures += 1,
            }
            if stop.is_cancelled() {
                return Some(now);
            }
            if failures >= FAILURES_MAX {
                return Some(self.attempts.lock().rest(now));
            }
        }
        if due.len() > TAKEN_UP_MAX { Some(now) } else { self.attempts.lock().next() }
    }

    /// Tries one mail, or what is left to do with its file.
    async fn hand_on_one(&self, name: &str, now: Timestamp) -> Attempted {
        let settled = self.attempts.lock().of.get(name).and_then(|attempt| attempt.settled);
        let settled = match settled {
            Some(settled) => settled,
            None => match self.forward(name, now).await {
                Ok(settled) => settled,
                Err(attempted) => return attempted,
            },
        };
        let done = match settled {
            Settled::Taken => self.maildir.remove(name),
            Settled::Refused => self.maildir.set_aside(name),
        };
        if let Err(error) = done {
            tracing::error!(
                name, %error,
                "a mail to the operator that is done with cannot be moved out of `new` of `operator_mail.maildir`, and \
                 would be handed on again after a restart; this is tried again"
            );
            self.attempts.lock().failed(name, now, Some(settled));
            return Attempted::PutOff;
        }
        self.is_gone(name);
        if settled == Settled::Refused {
            self.trim_aside(now);
        }
        Attempted::Gone
    }

    /// Hands one mail over; what is to become of its file, or else what the attempt came to.
    async fn forward(&self, name: &str, now: Timestamp) -> Result<Settled, Attempted> {
        let message = match self.maildir.read(name) {
            Ok(message) => without_return_path(&message),
            Err(error) => {
                tracing::error!(name, %error, "a mail to the operator cannot be read; it is tried again");
                self.attempts.lock().failed(name, now, None);
                return Err(Attempted::PutOff);
            }
        };
        let (reason, since) = match self.onward.forward(&message).await {
            Ok(()) => {
                self.attempts.lock().rest = None;
                return Ok(Settled::Taken);
            }
            Err(NotForwarded { lasting: true, reason }) => (reason, None),
            Err(NotForwarded { lasting: false, reason }) => {
                let first = self.attempts.lock().failed(name, now, None);
                (reason, Some(came_at(name).unwrap_or(first)))
            }
        };
        if since.is_some_and(|since| since > before(now, TRIED_S)) {
            tracing::warn!(name, reason, "a mail to the operator could not be handed on; it is tried again");
            return Err(Attempted::NotTaken);
        }
        tracing::error!(
            name,
            reason,
            "a mail to the operator was refused for good, or for five days, and goes to `cur` of \
                 `operator_mail.maildir`; read it there"
        );
        Ok(Settled::Refused)
    }

    /// A mail waits no more.
    fn is_gone(&self, name: &str) {
        self.attempts.lock().of.remove(name);
        // A look counts anew what is on disk, so that one more may be missing from the count already.
        let less = |waiting: usize| Some(waiting.saturating_sub(1));
        let _ = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Removes the oldest of what nobody took, beyond what is kept.
    fn trim_aside(&self, now: Timestamp) {
        let removed = self.maildir.aside().and_then(|aside| {
            let horizon = before(now, ASIDE_S);
            let (mut kept, mut octets, mut removed) = (0, 0_u64, 0_usize);
            for (name, size) in aside.iter().rev() {
                (kept, octets) = (kept + 1, octets.saturating_add(*size));
                let is_old = came_at(name).is_some_and(|at| at < horizon);
                if is_old || kept > ASIDE_MAX || octets > ASIDE_OCTETS_MAX {
                    self.maildir.remove_aside(name)?;
                    removed += 1;
                }
            }
            Ok(removed)
        });
        match removed {
            Ok(0) => {}
            Ok(removed) => tracing::warn!(
                removed,
                "the oldest mails to the operator that nobody took were removed from `cur` of `operator_mail.maildir`"
            ),
            Err(error) => tracing::error!(%error, "`cur` of `operator_mail.maildir` cannot be emptied"),
        }
    }
}

impl Attempts {
    /// Those to be tried at `now`, the ones that failed least first, so that a few that nobody takes do not stand before
    /// all others.
    fn due(&mut self, names: &[String], now: Timestamp) -> Vec<String> {
        self.of.retain(|name, _| names.binary_search(name).is_ok());
        let mut due: Vec<_> = names
            .iter()
            .filter_map(|name| match self.of.get(name) {
                None => Some((0, name.clone())),
                Some(attempt) if is_over(attempt.next, now) => Some((attempt.retry_s, name.clone())),
                Some(_) => None,
            })
            .collect();
        due.sort();
        due.into_iter().map(|(_, name)| name).collect()
    }

    /// A mail is put off; when it was first.
    fn failed(&mut self, name: &str, now: Timestamp, settled: Option<Settled>) -> Timestamp {
        let new = Attempt { first: now, next: now, retry_s: RETRY_FIRST_S, settled };
        let attempt = self.of.entry(name.to_owned()).or_insert(new);
        attempt.next = after(now, attempt.retry_s);
        attempt.retry_s = attempt.retry_s.saturating_mul(2).min(RETRY_MOST_S);
        attempt.settled = settled;
        attempt.first
    }

    /// When the first is to be tried again.
    fn next(&self) -> Option<Timestamp> {
        self.of.values().map(|attempt| attempt.next).min()
    }

    /// The other side is left alone; until when.
    fn rest(&mut self, now: Timestamp) -> Timestamp {
        let rest_s = self.rest.map_or(RETRY_FIRST_S, |(_, next_s)| next_s);
        let until = after(now, rest_s);
        self.rest = Some((until, rest_s.saturating_mul(2).min(REST_MOST_S)));
        until
    }

    fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.rest.map(|(until, _)| until).filter(|until| !is_over(*until, now))
    }
}

/// Whether a time to wait for is over; also where the clock was set back, so that nothing waits for a time that is far.
fn is_over(until: Timestamp, now: Timestamp) -> bool {
    until <= now || until > after(now, RETRY_MOST_S)
}

/// When a mail came, as the desk names it: the seconds since 1970 first.
fn came_at(name: &str) -> Option<Timestamp> {
    name.split('.').next()?.parse().ok().and_then(|second| Timestamp::from_second(second).ok())
}

impl OperatorMail for OperatorSpool {
    fn deliver(
        &self,
        message: OperatorMessage,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + '_>> {
        Box::pin(async move {
            // Before the file is there: whoever hands it on at once counts it out.
            let more = |waiting: usize| (waiting < WAITING_MAX).then_some(waiting + 1);
            if self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
                return Err(NotDelivered("too many wait to be handed on".to_owned()));
            }
            let name = message.name.clone();
            let delivered = OperatorMaildir(self.maildir.clone()).deliver(message).await;
            match &delivered {
                Ok(()) => self.woken.notify_one(),
                Err(_) => self.is_gone(&name),
            }
            delivered
        })
    }
}
