//! Our upstream as the validator asks it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use parking_lot::Mutex;

use domain::base::Message as Wire;
use domain::net::client::request::{ComposeRequest, Error, GetResponse, RequestMessage, SendRequest};
use hickory_proto::op::Message;
use tokio_util::bytes::Bytes;

use super::delegation::Delegation;
use super::signatures::{for_validator, is_empty, reduced};
use super::work::Work;
use crate::shared::dns::{Question, Upstream, failed};
use crate::shared::evidence::scan::NameFailure;
use crate::shared::time::Timestamp;

/// What came of the validator's questions.
#[derive(Default)]
pub(super) struct Fetched {
    /// Which DS or DNSKEY records could not be had, and why.
    pub(super) missing: Option<String>,
    pub(super) delegations: Vec<Delegation>,
}

/// Lets the validator ask our upstream.
pub(super) struct Adapter {
    pub(super) upstream: Arc<dyn Upstream>,
    pub(super) work: Arc<Work>,
    pub(super) now: Timestamp,
    pub(super) fetched: Arc<Mutex<Fetched>>,
}

impl SendRequest<RequestMessage<Vec<u8>>> for Adapter {
    fn send_request(&self, request: RequestMessage<Vec<u8>>) -> Box<dyn GetResponse + Send + Sync> {
        Box::new(Fetch {
            request: request.to_vec().unwrap_or_default(),
            upstream: Arc::clone(&self.upstream),
            work: Arc::clone(&self.work),
            now: self.now,
            fetched: Arc::clone(&self.fetched),
        })
    }
}

/// One DS or DNSKEY fetch.
struct Fetch {
    request: Vec<u8>,
    upstream: Arc<dyn Upstream>,
    work: Arc<Work>,
    now: Timestamp,
    fetched: Arc<Mutex<Fetched>>,
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch").finish_non_exhaustive()
    }
}

impl Fetch {
    fn notes(&self, note: impl FnOnce(&mut Fetched)) {
        note(&mut self.fetched.lock());
    }
}

impl GetResponse for Fetch {
    fn get_response(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<Wire<Bytes>, Error>> + Send + Sync + '_>> {
        Box::pin(async {
            let request = Message::from_vec(&self.request).map_err(|_| Error::MessageParseError)?;
            let query = request.queries.first().ok_or(Error::FormError)?;
            let question = Question { name: query.name().to_lowercase(), rtype: query.query_type() };
            let upstream = Arc::clone(&self.upstream);
            let asked = question.clone();
            // A task of its own, because this future must be `Sync` and the upstream's need not be.
            let fetched = tokio::spawn(async move { upstream.ask(asked).await }).await;
            let fetched = fetched.map_err(|_| Error::NoTransportAvailable)?;
            let missed = |failure: NameFailure| {
                self.notes(|fetched| {
                    fetched.missing.get_or_insert_with(|| format!("{question}: {failure}"));
                });
                Error::NoTransportAvailable
            };
            let octets = fetched.map_err(missed)?;
            let answer = Message::from_vec(&octets).map_err(|_| Error::ShortMessage)?;
            // Nothing at all is no answer to a question for keys: it is what filters and captive networks say.
            if is_empty(&answer) {
                return Err(missed(failed("the answer is empty")));
            }
            // The validator takes whatever DNSKEY or DS records it finds first.
            let answer = reduced(&answer, &question);
            self.work.admit(&answer).map_err(|_| Error::NoTransportAvailable)?;
            if let Some(delegation) = Delegation::of(&question, &answer) {
                self.notes(|fetched| fetched.delegations.push(delegation));
            }
            let octets = for_validator(&answer, self.now).to_vec().map_err(|_| Error::ShortMessage)?;
            Wire::from_octets(Bytes::from(octets)).map_err(|_| Error::ShortMessage)
        })
    }
}
