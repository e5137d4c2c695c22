//! Handing a mail over.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

use crate::sending::deliver::{self, Mail, Sender};
use crate::sending::journal::Maildir;
use crate::shared::time::Timestamp;

use super::port::{Direct, HandOverError};
use super::relay::Relay;
use super::settings::{CarrierError, DeliveryWay, Settings};

/// What hands mails over.
pub(super) enum Carrier {
    Maildir(Maildir),
    Smarthost(Relay),
    Mx(Arc<dyn Direct>),
}

impl Carrier {
    /// What the settings say; `origin` is what we call ourselves.
    pub(super) fn open(
        settings: &Settings,
        origin: &str,
        direct: Option<Arc<dyn Direct>>,
    ) -> Result<Self, CarrierError> {
        match settings.delivery {
            DeliveryWay::Maildir => Maildir::open(&settings.maildir)
                .map(Self::Maildir)
                .map_err(|source| CarrierError::Maildir { path: settings.maildir.clone(), source }),
            DeliveryWay::Smarthost => {
                Relay::open(&settings.smarthost, origin, settings.hand_over_timeout_s).map(Self::Smarthost)
            }
            DeliveryWay::Mx => direct.map(Self::Mx).ok_or(CarrierError::NoDirect),
        }
    }

    /// The name in the journal.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Maildir(_) => "maildir",
            Self::Smarthost(_) => "smarthost",
            Self::Mx(_) => "mx",
        }
    }

    /// Hands over a mail, with the null reverse-path (RFC 3834 §3.3). A maildir takes one of each name.
    pub(super) async fn carry(
        &self,
        now: Timestamp,
        name: &str,
        to: &str,
        message: &[u8],
    ) -> Result<(), HandOverError> {
        match self {
            Self::Maildir(maildir) => {
                let (maildir, name, message) = (maildir.clone(), name.to_owned(), message.to_vec());
                let written = tokio::task::spawn_blocking(move || maildir.deliver(&name, &message)).await;
                let passing = |reason: String| HandOverError { lasting: false, reason };
                match written {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(passing(error.to_string())),
                    Err(error) => Err(passing(error.to_string())),
                }
            }
            Self::Smarthost(relay) => relay.send(None, &[to.to_owned()], message).await,
            Self::Mx(direct) => direct.deliver(now, to, message).await,
        }
    }
}

/// What is done until a moment; none where it is over. After it nothing more is done, not even what could go on at once when
/// a process that stood still goes on: then what is ready comes before a time that is over.
pub(super) async fn in_time<T>(until: Instant, doing: impl Future<Output = T>) -> Option<T> {
    let (mut doing, mut over) = (pin!(doing), pin!(sleep_until(until)));
    poll_fn(|context| {
        if Instant::now() >= until {
            return Poll::Ready(None);
        }
        if let Poll::Ready(done) = doing.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        over.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// The reference sender, with whatever model it has; [`crate::sending::deliver::OURS`] is the one that practises all.
impl Direct for Sender {
    fn deliver<'a>(
        &'a self,
        now: Timestamp,
        to: &'a str,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>> {
        Box::pin(async move {
            let mail = Mail { from: None, to, message };
            // Hosts of equal preference take turns from one attempt to the next.
            let seed = now.as_second().unsigned_abs();
            match self.attempt(&mail, seed, now).await.delivery {
                deliver::Delivery::Delivered => Ok(()),
                deliver::Delivery::Transient(reason) => Err(HandOverError { lasting: false, reason }),
                deliver::Delivery::Permanent(reason) => Err(HandOverError { lasting: true, reason }),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_stood_still_for_too_long_does_nothing_more() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let limit = Duration::from_secs(60);
        let began = Instant::now();
        let sent = std::cell::Cell::new(false);
        let doing = async {
            receiver.await.unwrap();
            sent.set(true);
        };
        let handing_over = in_time(began + limit, doing);
        // The answer is there, and so is the end of the time: as after SIGSTOP, both are seen at once.
        let standing = async {
            tokio::task::yield_now().await;
            sender.send(()).unwrap();
            tokio::time::advance(limit).await;
        };
        let (done, ()) = tokio::join!(handing_over, standing);
        assert_eq!((done, sent.get()), (None, false));
        assert_eq!(in_time(Instant::now() + limit, async { 1 }).await, Some(1));
        assert_eq!(in_time(Instant::now() + limit, std::future::pending::<()>()).await, None);
    }
}
