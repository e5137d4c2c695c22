//! Answers are kept for their TTL, as they came; and so many are fetched at once.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::op::Message;
use hickory_proto::rr::RData;

use tokio::sync::Semaphore;

use super::{Failure, Question, Upstream};
use crate::evidence::scan::ExtendedError;
use crate::trial::{Timestamp, after};

/// Keeps answers for their TTL, at most for a given time.
pub(super) struct Cached {
    pub(super) upstream: Box<dyn Upstream>,
    pub(super) ttl_max_s: u32,
    pub(super) entries_max: usize,
    pub(super) octets_max: usize,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) entries: Mutex<Entries>,
    pub(super) slots: Semaphore,
}

/// What is kept.
#[derive(Default)]
pub(super) struct Entries {
    answers: HashMap<Question, (Timestamp, Vec<u8>)>,
    octets: usize,
}

impl Entries {
    fn remove(&mut self, question: &Question) {
        if let Some((_, old)) = self.answers.remove(question) {
            self.octets -= old.len();
        }
    }

    fn retain(&mut self, is_kept: impl Fn(Timestamp) -> bool) {
        self.answers.retain(|_, (until, _)| is_kept(*until));
        self.octets = self.answers.values().map(|(_, answer)| answer.len()).sum();
    }
}

impl Upstream for Cached {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + '_>> {
        Box::pin(async move {
            let now = (self.clock)();
            if let Some(kept) = self.kept(&question, now) {
                return Ok(kept);
            }
            let slot = self.slots.acquire().await;
            let answer = self.upstream.ask(question.clone()).await?;
            drop(slot);
            let ttl_s = Message::from_vec(&answer).map_or(0, |message| ttl_s(&message)).min(self.ttl_max_s);
            if ttl_s > 0 {
                self.keep(question, after(now, ttl_s), answer.clone(), now);
            }
            Ok(answer)
        })
    }

    fn distrust(&self, question: &Question, times: usize) -> Vec<Question> {
        let again = self.upstream.distrust(question, times);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        again.iter().for_each(|question| entries.remove(question));
        again
    }

    fn explain(&self, question: Question) -> Pin<Box<dyn Future<Output = Vec<ExtendedError>> + Send + '_>> {
        self.upstream.explain(question)
    }
}

impl Cached {
    fn kept(&self, question: &Question, now: Timestamp) -> Option<Vec<u8>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.answers.get(question).filter(|(until, _)| *until > now).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, question: Question, until: Timestamp, answer: Vec<u8>, now: Timestamp) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let added = answer.len();
        if added > self.octets_max {
            return;
        }
        entries.remove(&question);
        let is_full = |entries: &Entries| {
            entries.answers.len() >= self.entries_max || entries.octets + added > self.octets_max
        };
        if is_full(&entries) {
            entries.retain(|until| until > now);
        }
        if is_full(&entries) {
            entries.retain(|_| false);
        }
        entries.octets += added;
        entries.answers.insert(question, (until, answer));
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

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{Name, RecordType};

    use super::*;

    struct Nobody;

    impl Upstream for Nobody {
        fn ask(&self, _: Question) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + '_>> {
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    #[test]
    fn large_answers_do_not_fill_it() {
        let cached = Cached {
            upstream: Box::new(Nobody),
            ttl_max_s: 60,
            entries_max: 10,
            octets_max: 100,
            clock: Arc::new(|| Timestamp::UNIX_EPOCH),
            entries: Mutex::default(),
            slots: Semaphore::new(1),
        };
        let now = Timestamp::UNIX_EPOCH;
        let question = |n: usize| Question {
            name: Name::from_ascii(format!("n{n}.test.")).expect("a name"),
            rtype: RecordType::A,
        };
        let keep = |n: usize, octets: usize| cached.keep(question(n), after(now, 60), vec![0; octets], now);
        let kept = || (0..9).filter(|n| cached.kept(&question(*n), now).is_some()).collect::<Vec<_>>();
        keep(0, 40);
        keep(1, 40);
        keep(1, 50);
        assert_eq!(kept(), [0, 1]);
        keep(2, 101);
        assert_eq!(kept(), [0, 1]);
        keep(3, 11);
        assert_eq!(kept(), [3]);
        cached.keep(question(4), now, vec![0; 80], now);
        keep(5, 80);
        assert_eq!(kept(), [3, 5]);
    }
}
