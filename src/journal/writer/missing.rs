//! What is missing from the journal, and what is to be noted of it, so that nobody takes an absence for silence.

use std::sync::Mutex;

use crate::history::{ContactsLost, Fact, FetchesLost, Lost, QueriesLost};
use crate::journal::lock;
use crate::trial::Timestamp;

/// What was dropped, as the handle and the writer know it.
#[derive(Default)]
pub(in crate::journal) struct Dropped(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    facts: u64,
    untold: Missing,
}

/// What was dropped and is not noted yet.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Missing {
    queries: bool,
    fetches: bool,
    /// Facts of links that are known otherwise.
    of_links: bool,
    /// Links.
    links: u64,
}

impl Dropped {
    /// How many facts were dropped.
    pub(in crate::journal) fn facts(&self) -> u64 {
        lock(&self.0).facts
    }

    /// Counts a fact that is not written.
    pub(in crate::journal) fn count(&self, fact: &Fact) {
        let mut counted = lock(&self.0);
        counted.facts += 1;
        let untold = &mut counted.untold;
        match fact {
            Fact::Queried(_) | Fact::QueriesLost(_) => untold.queries = true,
            Fact::PolicyFetched(_) | Fact::FetchesLost(_) => untold.fetches = true,
            Fact::LinkOpened { .. } => untold.links += 1,
            Fact::ContactsLost(lost) => untold.links += lost.count,
            fact => untold.of_links |= fact.link().is_some(),
        }
    }

    /// What was dropped since the last call.
    pub(super) fn take(&self) -> Missing {
        std::mem::take(&mut lock(&self.0).untold)
    }

    /// What was taken could not be noted.
    pub(super) fn put_back(&self, missing: Missing) {
        let untold = &mut lock(&self.0).untold;
        untold.queries |= missing.queries;
        untold.fetches |= missing.fetches;
        untold.of_links |= missing.of_links;
        untold.links += missing.links;
    }
}

impl Missing {
    /// The facts that say so; all of it came up to `until`.
    pub(super) fn facts(self, until: Timestamp) -> impl Iterator<Item = Fact> {
        let (network, why) = (None, Lost::Dropped);
        let queries = self.queries.then_some(Fact::QueriesLost(QueriesLost { network, until, why }));
        let fetches = self.fetches.then_some(Fact::FetchesLost(FetchesLost { network, until, why }));
        let any = self.of_links || self.links > 0;
        // Of a link without its end, or its mail, nothing can be said either.
        let count = self.links.max(1);
        let links = any.then_some(Fact::ContactsLost(ContactsLost { network: None, until, count }));
        queries.into_iter().chain(fetches).chain(links)
    }
}
