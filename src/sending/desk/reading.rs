//! Reading a test's message: its fields, and what its authentication gives.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::sending::desk::read;
use crate::sending::history::{MessageFacts, NotRecorded};
use crate::sending::listener::Transaction;
use crate::sending::persona::Catalogue;
use crate::shared::mailauth::{Authenticator, Envelope};

/// What is read where it came, in octets: that costs less than handing it on.
const SMALL_OCTETS_MAX: usize = 256 * 1024;
/// How many larger messages are read at a time. Most of that time their look-ups are waited for.
const LARGE_AT_ONCE_MAX: usize = 8;

/// Whoever reads messages.
#[derive(Clone)]
pub(super) struct Reading {
    authenticator: Arc<Authenticator>,
    catalogue: Arc<Catalogue>,
    /// The name of this host, which SPF macros may ask for.
    host: String,
    large: Arc<Semaphore>,
}

impl Reading {
    pub(super) fn new(authenticator: Arc<Authenticator>, catalogue: Arc<Catalogue>, host: String) -> Self {
        Self { authenticator, catalogue, host, large: Arc::new(Semaphore::new(LARGE_AT_ONCE_MAX)) }
    }

    /// What is kept of a message. A large one is parsed and hashed on a thread of its own, few at a time: at 10 MiB that
    /// takes a tenth of a second, in which the listeners would serve nobody.
    pub(super) async fn facts(
        &self,
        transaction: &Transaction,
        message: Vec<u8>,
    ) -> Result<MessageFacts, NotRecorded> {
        if message.len() <= SMALL_OCTETS_MAX {
            return Ok(self.read(transaction, &message).await);
        }
        let failed = |reason: String| NotRecorded(format!("a message could not be read: {reason}"));
        let place =
            Arc::clone(&self.large).acquire_owned().await.map_err(|error| failed(error.to_string()))?;
        let (reading, transaction) = (self.clone(), transaction.clone());
        let runtime = tokio::runtime::Handle::current();
        let read = tokio::task::spawn_blocking(move || {
            let facts = runtime.block_on(reading.read(&transaction, &message));
            drop(place);
            facts
        });
        read.await.map_err(|error| failed(error.to_string()))
    }

    async fn read(&self, transaction: &Transaction, message: &[u8]) -> MessageFacts {
        let reverse_path = transaction.reverse_path.as_deref();
        let envelope = Envelope {
            source: transaction.contact.source.ip(),
            ehlo: &transaction.contact.ehlo,
            host: &self.host,
            reverse_path,
        };
        let authentication = self.authenticator.verify(message, envelope).await;
        read(&self.catalogue, message, reverse_path, authentication)
    }
}
