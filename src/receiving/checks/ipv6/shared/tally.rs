//! How many addresses answer.

use std::net::IpAddr;

use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::{Unknown, Word};

/// What is known of a set of addresses.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::receiving::checks) struct Tally {
    /// So many answer.
    pub(in crate::receiving::checks) up: usize,
    /// So many do not.
    pub(in crate::receiving::checks) down: usize,
    /// Of at least one it is not known, and why.
    pub(in crate::receiving::checks) unknown: Option<Unknown>,
}

impl Tally {
    /// Notes one address, or why it is not known.
    pub(in crate::receiving::checks) fn note(&mut self, answers: Result<bool, Unknown>) {
        match answers {
            Ok(true) => self.up += 1,
            Ok(false) => self.down += 1,
            Err(why) => self.unknown = self.unknown.or(Some(why)),
        }
    }

    /// `all`, or what is known to be worse. One that answers and one that does not make `Partly`, whatever the
    /// others do; nothing else is said before all are known.
    pub(in crate::receiving::checks) fn said(self, all: Word) -> Said {
        match self {
            Self { up: 1.., down: 1.., .. } => Said::is(Word::Partly),
            Self { unknown: Some(why), .. } => Said::inconclusive(why),
            Self { down: 1.., .. } => Said::is(Word::Unreachable),
            Self { .. } => Said::is(all),
        }
    }
}

/// Whether an address is a real one of IPv6: those that are mapped from IPv4 are not (RFC 4291 §2.5.5.2), and no
/// host on the network has one.
pub(in crate::receiving::checks) fn ipv6(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{inconclusive, ip, is};

    #[test]
    fn all_is_said_only_of_all() {
        let unknown = Unknown::OutOfTime;
        for (answers, expected) in [
            (vec![Ok(true), Ok(true)], is(Word::All)),
            (vec![Ok(true), Ok(false)], is(Word::Partly)),
            (vec![Ok(true), Err(unknown), Ok(false)], is(Word::Partly)),
            (vec![Ok(true), Err(unknown)], inconclusive(unknown)),
            (vec![Ok(false), Err(unknown)], inconclusive(unknown)),
            (vec![Ok(false), Ok(false)], is(Word::Unreachable)),
        ] {
            let mut tally = Tally::default();
            answers.iter().for_each(|answer| tally.note(*answer));
            assert_eq!(tally.said(Word::All).measured(), &expected, "{answers:?}");
        }
    }

    #[test]
    fn mapped_addresses_are_no_ipv6() {
        for (text, expected) in [("2001:db8::1", true), ("::ffff:192.0.2.1", false), ("192.0.2.1", false)] {
            assert_eq!(ipv6(&ip(text)), expected, "{text}");
        }
    }
}
