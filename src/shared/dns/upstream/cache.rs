//! Answers are kept for their TTL, as they came; and so many are fetched at once.

use std::sync::Arc;

use hickory_proto::op::Message;
use hickory_proto::rr::RData;
use parking_lot::Mutex;

use tokio::sync::Semaphore;

use super::Upstream;
use crate::shared::dns::lookup::Asking;
use crate::shared::dns::question::Question;
use crate::shared::dns::ttl_table::TtlTable;
use crate::shared::evidence::scan::{ExtendedError, NameFailure};
use crate::shared::time::{Timestamp, after};

/// Keeps answers for their TTL, at most for a given time.
pub(in crate::shared::dns) struct Cached {
    pub(in crate::shared::dns) upstream: Box<dyn Upstream>,
    pub(in crate::shared::dns) ttl_max_s: u32,
    pub(in crate::shared::dns) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub(in crate::shared::dns) answers: Mutex<TtlTable<Question, Vec<u8>>>,
    pub(in crate::shared::dns) slots: Semaphore,
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

    fn demote_source(&self, question: &Question, times: usize) -> Vec<Question> {
        let again = self.upstream.demote_source(question, times);
        let mut answers = self.answers.lock();
        again.iter().for_each(|question| answers.remove(question));
        again
    }

    fn explain(&self, question: Question) -> Asking<'_, Vec<ExtendedError>> {
        self.upstream.explain(question)
    }
}

/// The lowest TTL of the answer's records; for a denial also the SOA's minimum (RFC 2308 §5).
fn ttl_s(message: &Message) -> u32 {
    let lives = message.answers.iter().chain(&message.authorities).map(|record| match &record.data {
        RData::SOA(soa) => record.ttl.min(soa.minimum),
        _ => record.ttl,
    });
    lives.min().unwrap_or_default()
}
