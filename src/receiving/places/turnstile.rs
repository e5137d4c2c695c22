//! How many connections an operator sees at a time: whatever scans are under way, two.
//!
//! An operator's network is known by two signs: the network of the address, and the operator of the host's name, whose
//! servers may stand in many networks. A connection takes a place of both, always in this order, so that none waits for
//! another in a ring.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::operators::Operators;
use super::port::{Places, Sign};
use crate::receiving::scan::{Answered, Call, Calling, Calls, First, Held, limiter_group};
use crate::shared::evidence::scan::Question;

/// Above how many queues those that nobody stands in are removed.
const QUEUES_MAX: usize = 1024;

/// Calls, of which only so many go to an operator at a time.
pub struct Turnstile {
    calls: Arc<dyn Calls>,
    operators: Operators,
    at_once_max: u8,
    /// What other processes take part in.
    places: Option<Arc<dyn Places>>,
    queues: Mutex<HashMap<Sign, Queued>>,
}

struct Queued {
    places: Arc<Semaphore>,
    waiting: usize,
}

/// An operator or a network, and how many connections wait for a place there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub operator: String,
    pub waiting: usize,
}

/// A place at an operator or in a network. Others of this process come to it only when other processes could have.
struct Pass {
    _among_all: Option<Held>,
    _here: OwnedSemaphorePermit,
}

/// A place in a queue, until it is given up or served.
struct Waiting<'a> {
    turnstile: &'a Turnstile,
    sign: &'a Sign,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(queued) = self.turnstile.queues.lock().get_mut(self.sign) {
            queued.waiting = queued.waiting.saturating_sub(1);
        }
    }
}

impl Turnstile {
    /// Lets `at_once_max` of `calls` go to an operator at a time.
    pub fn new(calls: Arc<dyn Calls>, operators: Operators, at_once_max: u8) -> Self {
        Self { calls, operators, at_once_max: at_once_max.max(1), places: None, queues: Mutex::default() }
    }

    /// The same together with other processes.
    pub fn among(self, places: Option<Arc<dyn Places>>) -> Self {
        Self { places, ..self }
    }

    /// Who is waited for, the longest queue first.
    pub fn queues(&self) -> Vec<Queue> {
        let queues = self.queues.lock();
        let waited = queues.iter().filter(|(_, queued)| queued.waiting > 0);
        let mut waited: Vec<Queue> = waited
            .map(|(sign, queued)| Queue { operator: sign.to_string(), waiting: queued.waiting })
            .collect();
        waited.sort_by(|one, other| {
            other.waiting.cmp(&one.waiting).then_with(|| one.operator.cmp(&other.operator))
        });
        waited
    }

    async fn enter(&self, call: &Call) -> [Pass; 2] {
        let network = Sign::Network(limiter_group(call.ip));
        let operator = Sign::Operator(self.operators.of(&call.host));
        [self.place(&network).await, self.place(&operator).await]
    }

    async fn place(&self, sign: &Sign) -> Pass {
        let places = {
            let mut queues = self.queues.lock();
            if queues.len() >= QUEUES_MAX {
                queues.retain(|_, queued| queued.waiting > 0 || Arc::strong_count(&queued.places) > 1);
            }
            let fresh =
                || Queued { places: Arc::new(Semaphore::new(usize::from(self.at_once_max))), waiting: 0 };
            let queued = queues.entry(sign.clone()).or_insert_with(fresh);
            queued.waiting += 1;
            Arc::clone(&queued.places)
        };
        let _waiting = Waiting { turnstile: self, sign };
        let here = places.acquire_owned().await.expect("nobody closes it");
        let among_all = match &self.places {
            Some(places) => Some(places.take(sign, self.at_once_max).await),
            None => None,
        };
        Pass { _among_all: among_all, _here: here }
    }
}

impl Calls for Turnstile {
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        Box::pin(async move {
            let _places = self.enter(call).await;
            self.calls.first(call).await
        })
    }

    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Answered> {
        Box::pin(async move {
            let _places = self.enter(call).await;
            self.calls.ask(call, question).await
        })
    }
}
