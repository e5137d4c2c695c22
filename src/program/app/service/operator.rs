//! Where the operator's mail goes.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use crate::program::config::{self, Settings};
use crate::program::reply::Relay;
use crate::sending::desk::{NotForwarded, Onward, OperatorMail, OperatorMaildir, OperatorSpool};
use crate::sending::journal::Maildir;

use crate::program::app::error::StartError;

/// Hands the operator's mail to a smarthost. It goes with the null reverse-path: SPF of the original one would not vouch
/// for us.
pub(super) struct Forwarder {
    pub(super) relay: Relay,
    pub(super) to: String,
}

impl Onward for Forwarder {
    fn forward<'a>(
        &'a self,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), NotForwarded>> + Send + 'a>> {
        Box::pin(async move {
            let sent = self.relay.send(None, std::slice::from_ref(&self.to), message).await;
            sent.map_err(|error| NotForwarded { lasting: error.lasting, reason: error.reason })
        })
    }
}

/// Where the operator's mail goes.
pub(super) struct ToOperator {
    pub(super) mail: Arc<dyn OperatorMail>,
    /// What is to be run where it goes on from here.
    pub(super) spool: Option<Arc<OperatorSpool>>,
}

fn no_place(place: &Path) -> impl Fn(io::Error) -> StartError {
    let place = place.to_owned();
    move |source| StartError::OperatorMail { source, place: place.clone() }
}

/// Opens the place for the operator's mail.
pub(super) fn operator_mail(settings: &Settings) -> Result<ToOperator, StartError> {
    let config::OperatorMail { maildir: place, forward_to } = &settings.operator_mail;
    let maildir = || Maildir::open(place).map_err(no_place(place));
    let Some(to) = forward_to else {
        return Ok(ToOperator { mail: Arc::new(OperatorMaildir(maildir()?)), spool: None });
    };
    let reply = &settings.reply;
    let relay = Relay::open(&reply.smarthost, &settings.origin, reply.hand_over_timeout_s)?;
    let onward = Arc::new(Forwarder { relay, to: to.clone() });
    let spool = Arc::new(OperatorSpool::open(maildir()?, onward).map_err(no_place(place))?);
    Ok(ToOperator { mail: spool.clone(), spool: Some(spool) })
}
