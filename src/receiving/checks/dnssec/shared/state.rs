//! The state of look-ups, as DNSSEC checks see it.

use crate::receiving::checks::lines::unknown;
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::{Unknown, Word};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{LookupResult, MxHost};

pub(in crate::receiving::checks) fn addresses(host: &MxHost) -> Result<Security, Unknown> {
    weakest([state(&host.a), state(&host.aaaa)])
}

/// The state of an answer with its aliases; a denial has one, too. An error: it is not known, and why.
pub(in crate::receiving::checks) fn state<T>(looked: &LookupResult<T>) -> Result<Security, Unknown> {
    match unknown(looked) {
        Some(Unknown::DnsBogus) => Ok(Security::Bogus),
        Some(why) => Err(why),
        None => Ok(looked.weakest()),
    }
}

/// The state of the name itself: of its alias, if it is one.
pub(in crate::receiving::checks) fn own_state<T>(looked: &LookupResult<T>) -> Result<Security, Unknown> {
    match looked.hops.first() {
        Some(hop) if hop.security != Security::Indeterminate => Ok(hop.security),
        _ => state(looked),
    }
}

/// The weakest of several. Bogus is as bad as it gets; short of that all have to be known.
fn weakest(states: impl IntoIterator<Item = Result<Security, Unknown>>) -> Result<Security, Unknown> {
    let (mut weakest, mut why_unknown) = (Security::Secure, None);
    for state in states {
        match state {
            Ok(Security::Bogus) => return Ok(Security::Bogus),
            Ok(Security::Insecure) => weakest = Security::Insecure,
            Ok(Security::Secure) => {}
            Ok(Security::Indeterminate) => why_unknown = why_unknown.or(Some(Unknown::DnsIndeterminate)),
            Err(why) => why_unknown = why_unknown.or(Some(why)),
        }
    }
    why_unknown.map_or(Ok(weakest), Err)
}

pub(in crate::receiving::checks) fn word(state: Result<Security, Unknown>) -> Said {
    match state {
        Ok(Security::Secure) => Said::is(Word::Secure),
        Ok(Security::Insecure) => Said::is(Word::Insecure),
        Ok(Security::Bogus) => Said::is(Word::Bogus),
        Ok(Security::Indeterminate) => Said::inconclusive(Unknown::DnsIndeterminate),
        Err(why) => Said::inconclusive(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bogus_is_known_by_one_and_secure_only_by_all() {
        use Security::{Bogus, Insecure, Secure};
        let failed = Err(Unknown::DnsFailed);
        for (states, expected) in [
            ([Ok(Secure), Ok(Secure)], Ok(Secure)),
            ([Ok(Insecure), Ok(Secure)], Ok(Insecure)),
            ([failed, Ok(Bogus)], Ok(Bogus)),
            ([Ok(Secure), failed], failed),
            ([failed, Ok(Insecure)], failed),
        ] {
            assert_eq!(weakest(states), expected);
        }
    }
}
