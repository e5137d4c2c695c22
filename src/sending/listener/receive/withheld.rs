//! Since when sources are known at the entrance where STARTTLS is withheld.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;

use crate::sending::trial::Network;
use crate::shared::time::{Timestamp, after};

/// For how long STARTTLS is withheld from a source, from its first EHLO, in seconds: longer than the retry that many
/// senders wait for.
const WITHHELD_S: u32 = 310;
/// When a source is new again, in seconds from its first EHLO: by then its trial is over.
const FORGOTTEN_S: u32 = 14_400;
/// How many sources are known. Whoever is one too many is offered none, as on his first call.
const SOURCES_MAX: usize = 10_000;

/// When each source said its first EHLO.
#[derive(Debug, Default)]
pub(super) struct Withheld(Mutex<HashMap<Network, Timestamp>>);

impl Withheld {
    /// Whether STARTTLS is withheld from a source that says EHLO at `now`, perhaps for the first time.
    pub(super) fn is_withheld(&self, source: IpAddr, now: Timestamp) -> bool {
        let mut first = self.0.lock();
        if first.len() >= SOURCES_MAX {
            first.retain(|_, first| now < after(*first, FORGOTTEN_S));
        }
        let is_full = first.len() >= SOURCES_MAX;
        let source = Network::of(source);
        match first.get_mut(&source) {
            Some(first) if now < after(*first, FORGOTTEN_S) => now < after(*first, WITHHELD_S),
            Some(first) => {
                *first = now;
                true
            }
            None => {
                if !is_full {
                    first.insert(source, now);
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn starttls_comes_back_after_the_usual_retry_and_a_source_is_new_again_after_its_trial() {
        let (withheld, source) = (Withheld::default(), "192.0.2.1".parse().expect("an address"));
        let at = |s| withheld.is_withheld(source, second(s));
        assert_eq!([0, 300, 309, 310, 14_399].map(at), [true, true, true, false, false]);
        assert_eq!([14_400, 14_709, 14_710].map(at), [true, true, false]);
        assert!(
            withheld.is_withheld("192.0.3.1".parse().expect("an address"), second(400)),
            "another source"
        );
    }

    #[test]
    fn no_more_sources_are_known_than_there_may_be() {
        let withheld = Withheld::default();
        for n in 0..=SOURCES_MAX as u32 {
            assert!(withheld.is_withheld(std::net::Ipv4Addr::from(n << 8).into(), second(0)));
        }
        assert_eq!(withheld.0.lock().len(), SOURCES_MAX);
        assert!(
            withheld.is_withheld([203, 0, 113, 1].into(), second(i64::from(FORGOTTEN_S))),
            "there is room again"
        );
        assert_eq!(withheld.0.lock().len(), 1);
    }
}
