//! Where reports are wanted (RFC 9989 §4.6).

use crate::shared::policy::fields::{WSP, is_absolute};

/// Takes what has the form of an address; false if something has not.
pub(super) fn addresses(place: &mut Vec<String>, value: &str) -> bool {
    let mut all = true;
    for uri in value.split(',').map(|uri| uri.trim_matches(WSP)) {
        // RFC 7489 let a limit of size follow; RFC 9989 §4.6 has it ignored. `!` itself must be written `%21`.
        let uri = uri.split('!').next().unwrap_or_default();
        let scheme = uri.split(':').next().unwrap_or_default();
        let formed = is_absolute(uri)
            && uri.bytes().all(|octet| octet.is_ascii_graphic())
            && (!scheme.eq_ignore_ascii_case("mailto") || report_domain(uri).is_some());
        if formed {
            place.push(uri.to_owned());
        }
        all &= formed;
    }
    all
}

/// The domain that a report would go to.
pub(super) fn report_domain(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let domain = if scheme.eq_ignore_ascii_case("mailto") {
        let (local, domain) = rest.split('?').next()?.rsplit_once('@')?;
        if local.is_empty() { "" } else { domain }
    } else {
        let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
        authority.rsplit('@').next()?.split(':').next()?
    };
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
}
