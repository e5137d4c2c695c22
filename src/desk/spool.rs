//! The operator's mail on its way elsewhere: kept first, then handed on.
//!
//! A hand-over takes as long as the other side likes, and the sender's dot must not wait for it: who is told "later"
//! sends again what may have been handed on, and who is dropped amid DATA does, too. So a mail is taken over when it is
//! on disk, and goes on from there, also after a restart.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::journal::Maildir;

use super::operator::{NotDelivered, OperatorMail, OperatorMaildir, OperatorMessage, without_return_path};

/// How many mails may wait to be handed on; beyond it senders are told to come later.
const WAITING_MAX: usize = 10_000;
/// How many mails one look takes up.
const TAKEN_UP_MAX: usize = 100;
/// After so many failures in a row the other side is left alone for a while.
const FAILURES_MAX: usize = 3;
/// How long to wait after failures, at first and at most, in seconds; each time twice as long.
const RETRY_FIRST_S: u64 = 60;
const RETRY_MOST_S: u64 = 14_400;
/// How long a hand-over may go on when the service stops, in seconds. One that is cut may have gone out.
const DRAIN_S: u64 = 10;

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

/// The operator's mail in a maildir, each until somebody else has taken it. What is refused for good stays there, in
/// `cur`, for the operator to read.
pub struct OperatorSpool {
    maildir: Maildir,
    onward: Arc<dyn Onward>,
    waiting: AtomicUsize,
    woken: Notify,
}

impl OperatorSpool {
    /// A spool in `maildir`, with what waited there before.
    pub fn open(maildir: Maildir, onward: Arc<dyn Onward>) -> std::io::Result<Self> {
        let waiting = AtomicUsize::new(maildir.fresh(WAITING_MAX)?.len());
        Ok(Self { maildir, onward, waiting, woken: Notify::new() })
    }

    /// Hands on what comes, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let mut retry_s = RETRY_FIRST_S;
        while !stop.is_cancelled() {
            let next = match self.hand_on(&stop).await {
                true => {
                    retry_s = RETRY_FIRST_S;
                    stop.run_until_cancelled(self.woken.notified()).await
                }
                false => {
                    let pause = Duration::from_secs(retry_s);
                    retry_s = retry_s.saturating_mul(2).min(RETRY_MOST_S);
                    stop.run_until_cancelled(tokio::time::sleep(pause)).await
                }
            };
            if next.is_none() {
                return;
            }
        }
    }

    /// Hands on what waits; true if nothing is left.
    pub async fn hand_on(&self, stop: &CancellationToken) -> bool {
        let mut failures = 0;
        loop {
            let names = match self.maildir.fresh(TAKEN_UP_MAX) {
                Ok(names) => names,
                Err(error) => {
                    tracing::error!(%error, "the operator's mail cannot be read; see `operator_mail.maildir`");
                    return false;
                }
            };
            if names.is_empty() {
                return true;
            }
            for name in names {
                let drained = async {
                    stop.cancelled().await;
                    tokio::time::sleep(Duration::from_secs(DRAIN_S)).await;
                };
                let handed_on = tokio::select! {
                    handed_on = self.hand_on_one(&name) => handed_on,
                    () = drained => return false,
                };
                failures = if handed_on { 0 } else { failures + 1 };
                if failures >= FAILURES_MAX || stop.is_cancelled() {
                    return false;
                }
            }
            if failures > 0 {
                return false;
            }
        }
    }

    /// True if the mail does not wait any more.
    async fn hand_on_one(&self, name: &str) -> bool {
        let message = match self.maildir.read(name) {
            Ok(message) => without_return_path(&message),
            Err(error) => {
                tracing::error!(name, %error, "a mail to the operator cannot be read; it is tried again");
                return false;
            }
        };
        let done = match self.onward.forward(&message).await {
            Ok(()) => self.maildir.remove(name),
            Err(NotForwarded { lasting: true, reason }) => {
                tracing::error!(
                    name,
                    reason,
                    "a mail to the operator was refused for good and stays in `cur` of `operator_mail.maildir`; \
                     read it there"
                );
                self.maildir.set_aside(name)
            }
            Err(NotForwarded { lasting: false, reason }) => {
                tracing::warn!(
                    name,
                    reason,
                    "a mail to the operator could not be handed on; it is tried again"
                );
                return false;
            }
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        if let Err(error) = &done {
            tracing::error!(name, %error, "a mail to the operator was handed on and may be again: it cannot be removed");
        }
        done.is_ok()
    }
}

impl OperatorMail for OperatorSpool {
    fn deliver(
        &self,
        message: OperatorMessage,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + '_>> {
        Box::pin(async move {
            if self.waiting.load(Ordering::Relaxed) >= WAITING_MAX {
                return Err(NotDelivered("too many wait to be handed on".to_owned()));
            }
            OperatorMaildir(self.maildir.clone()).deliver(message).await?;
            self.waiting.fetch_add(1, Ordering::Relaxed);
            self.woken.notify_one();
            Ok(())
        })
    }
}
