//! The zones that this program serves itself: it need not ask the net for what it says there.

use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use super::Upstream;
use super::exchange::to_authority;
use crate::shared::dns::lookup::Asking;
use crate::shared::dns::question::Question;
use crate::shared::evidence::scan::{ExtendedError, NameFailure};

/// What this program serves itself.
pub trait KnownZones: Send + Sync {
    /// What its server would say to `query`, whole; none where it serves no zone that holds the name. With `of_parent`
    /// a zone that begins at the name does not count.
    fn told(&self, name: &Name, of_parent: bool, query: &[u8]) -> Option<Vec<u8>>;
}

/// Answers from memory what lies in zones of our own, and asks others for all else: before the service runs, and
/// where its own addresses must not be called.
pub(in crate::shared::dns) struct OwnZones {
    pub(in crate::shared::dns) known: Arc<dyn KnownZones>,
    pub(in crate::shared::dns) beyond: Box<dyn Upstream>,
}

impl OwnZones {
    /// What our own server would say with authority. None: the name is not ours, or delegated to others.
    fn known(&self, question: &Question) -> Option<Vec<u8>> {
        // A DS set is the parent's (RFC 4035 §3.1.4.1): of a zone whose parent is others' ours says that there is none.
        let of_parent = question.rtype == RecordType::DS;
        let query = to_authority(question, true).to_vec().ok()?;
        let octets = self.known.told(&question.name, of_parent, &query)?;
        let answer = Message::from_vec(&octets).ok()?.metadata;
        let is_answer = matches!(answer.response_code, ResponseCode::NoError | ResponseCode::NXDomain);
        (answer.authoritative && is_answer).then_some(octets)
    }
}

impl Upstream for OwnZones {
    fn ask(&self, question: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>> {
        Box::pin(async move {
            match self.known(&question) {
                Some(answer) => Ok(answer),
                None => self.beyond.ask(question).await,
            }
        })
    }

    fn demote_source(&self, question: &Question, times: usize) -> Vec<Question> {
        self.beyond.demote_source(question, times)
    }

    fn explain(&self, question: Question) -> Asking<'_, Vec<ExtendedError>> {
        self.beyond.explain(question)
    }
}
