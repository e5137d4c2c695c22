//! How many connections an operator sees at a time: whatever scans are under way, two. Who has time may have whole addresses
//! go in, of which two at a time are visited at an operator: so each comes to an end, however many wait.
//!
//! An operator's network is known by two signs: the network of the address, and the operator of the host's name, whose
//! servers may stand in many networks. A connection takes a place of both, always in this order, so that none waits for
//! another in a ring; first those of this process, then those that others share, which are not kept from them by who still
//! stands in a queue here.

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
    /// Of connections.
    places: Arc<Semaphore>,
    /// Of whole addresses.
    visits: Arc<Semaphore>,
    waiting: usize,
}

/// An operator or a network, and how many connections and addresses wait for a place there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub operator: String,
    pub waiting: usize,
}

/// Places in a network and at its operator. Others of this process come to them only when other processes could have: fields
/// are dropped in their order.
struct Passes {
    _among_all: [Option<Held>; 2],
    _here: [OwnedSemaphorePermit; 2],
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

    async fn enter(&self, call: &Call) -> Passes {
        let (network, operator) = self.signs(call);
        let places = |queued: &Queued| Arc::clone(&queued.places);
        let here = [self.place_here(&network, places).await, self.place_here(&operator, places).await];
        let among_all = [self.place_among_all(&network).await, self.place_among_all(&operator).await];
        Passes { _among_all: among_all, _here: here }
    }

    fn signs(&self, call: &Call) -> (Sign, Sign) {
        (Sign::Network(limiter_group(call.ip)), self.operators.sign(&call.host))
    }

    async fn place_here(&self, sign: &Sign, of: fn(&Queued) -> Arc<Semaphore>) -> OwnedSemaphorePermit {
        let (places, _waiting) = self.queue(sign, of);
        places.acquire_owned().await.expect("nobody closes it")
    }

    async fn place_among_all(&self, sign: &Sign) -> Option<Held> {
        let places = self.places.as_ref()?;
        let (_, _waiting) = self.queue(sign, |queued| Arc::clone(&queued.places));
        Some(places.take(sign, self.at_once_max).await)
    }

    /// Stands in a queue, and gives the places that this process has there.
    fn queue<'a>(
        &'a self,
        sign: &'a Sign,
        of: fn(&Queued) -> Arc<Semaphore>,
    ) -> (Arc<Semaphore>, Waiting<'a>) {
        let mut queues = self.queues.lock();
        if queues.len() >= QUEUES_MAX {
            let is_had = |places: &Arc<Semaphore>| Arc::strong_count(places) > 1;
            queues.retain(|_, queued| queued.waiting > 0 || is_had(&queued.places) || is_had(&queued.visits));
        }
        let places = || Arc::new(Semaphore::new(usize::from(self.at_once_max)));
        let fresh = || Queued { places: places(), visits: places(), waiting: 0 };
        let queued = queues.entry(sign.clone()).or_insert_with(fresh);
        queued.waiting += 1;
        (of(queued), Waiting { turnstile: self, sign })
    }
}

impl Calls for Turnstile {
    fn visit<'a>(&'a self, call: &'a Call) -> Calling<'a, Held> {
        Box::pin(async move {
            let (network, operator) = self.signs(call);
            let visits = |queued: &Queued| Arc::clone(&queued.visits);
            let here = [self.place_here(&network, visits).await, self.place_here(&operator, visits).await];
            Box::new(here) as Held
        })
    }

    fn turn<'a>(&'a self, call: &'a Call) -> Calling<'a, Held> {
        Box::pin(async move { Box::new(self.enter(call).await) as Held })
    }

    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        self.calls.first(call)
    }

    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Answered> {
        self.calls.ask(call, question)
    }
}
