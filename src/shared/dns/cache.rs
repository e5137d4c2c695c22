//! Answers are kept for their TTL, as they came; and so many are fetched at once.

use std::sync::Arc;

use hickory_proto::op::Message;
use hickory_proto::rr::RData;
use parking_lot::Mutex;

use tokio::sync::Semaphore;

use super::kept::Kept;
use super::lookup::Asking;
use super::{Question, Upstream};
use crate::shared::evidence::scan::{ExtendedError, NameFailure};
use crate::shared::time::{Timestamp, after};

/// Keeps answers for their TTL, at most for a given time.
pub(super) struct Cached {
    pub(super) upstream: Box<dyn Upstream>,
    pub(super) ttl_max_s: u32,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) answers: Mutex<Kept<Question, Vec<u8>>>,
    pub(super) slots: Semaphore,
}

impl Upstream for Cached {
    fn ask(&self, question: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>> {
        Box::pin(async move {
            let now = (self.clock)();
            if let Some(kept) = self.answers.lock().get(&question, now) {
                return Ok(kept);
            }
            let slot = self.slots.acquire().await;
            let answer = self.upstream.ask(question.clone()).await?;
            drop(slot);
            let ttl_s = Message::from_vec(&answer).map_or(0, |message| ttl_s(&message)).min(self.ttl_max_s);
            self.answers.lock().put(question, answer.clone(), answer.len(), after(now, ttl_s), now);
            Ok(answer)
        })
    }

    fn distrust(&self, question: &Question, times: usize) -> Vec<Question> {
        let again = self.upstream.distrust(question, times);
        let mut answers = self.answers.lock();
        again.iter().for_each(|question| answers.remove(question));
        again
    }

    fn explain(&self, question: Question) -> Asking<'_, Vec<ExtendedError>> {
        self.upstream.explain(question)
    }
}

impl Cached {}

/// The lowest TTL of the answer's records; for a denial also the SOA's minimum (RFC 2308 §5).
fn ttl_s(message: &Message) -> u32 {
    let lives = message.answers.iter().chain(&message.authorities).map(|record| match &record.data {
        RData::SOA(soa) => record.ttl.min(soa.minimum),
        _ => record.ttl,
    });
    lives.min().unwrap_or_default()
}
