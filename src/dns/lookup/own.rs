//! The zones that this program serves itself: it need not ask the net for what it says there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{LowerName, RecordType};

use super::exchange::to_authority;
use super::{Failure, Question, Upstream};
use crate::dns::serve::told;
use crate::dns::zone::Authority;
use crate::evidence::scan::ExtendedError;

/// Answers from memory what lies in zones of our own, and asks others for all else: before the service runs, and
/// where its own addresses must not be called.
pub(super) struct OwnZones {
    pub(super) authority: Arc<Authority>,
    pub(super) beyond: Box<dyn Upstream>,
}

impl OwnZones {
    /// What our own server would say with authority. None: the name is not ours, or delegated to others.
    fn known(&self, question: &Question) -> Option<Vec<u8>> {
        let zones = self.authority.zones();
        // A DS set is the parent's (RFC 4035 §3.1.4.1): of a zone whose parent is others' ours says that there is none.
        if question.rtype == RecordType::DS {
            zones.holding(&LowerName::from(&question.name), true)?;
        }
        let query = to_authority(question, true).to_vec().ok()?;
        let octets = told(&zones, &query)?;
        let answer = Message::from_vec(&octets).ok()?.metadata;
        let is_answer = matches!(answer.response_code, ResponseCode::NoError | ResponseCode::NXDomain);
        (answer.authoritative && is_answer).then_some(octets)
    }
}

impl Upstream for OwnZones {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + '_>> {
        Box::pin(async move {
            match self.known(&question) {
                Some(answer) => Ok(answer),
                None => self.beyond.ask(question).await,
            }
        })
    }

    fn distrust(&self, question: &Question, times: usize) -> Vec<Question> {
        self.beyond.distrust(question, times)
    }

    fn explain(&self, question: Question) -> Pin<Box<dyn Future<Output = Vec<ExtendedError>> + Send + '_>> {
        self.beyond.explain(question)
    }
}
