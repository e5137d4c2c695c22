//! Whether the domain is signed and validates, and the state of its MX records.

use crate::receiving::checks::dnssec::shared::state::state;
use crate::receiving::checks::lines::{self, unknown_after};
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::{Inapplicable, Unknown};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{DomainNames, Evidence, KeyUpkeep};

/// How the domain stands, by its SOA, DS and DNSKEY.
pub(in crate::receiving::checks) enum Standing {
    /// A chain of trust reaches it.
    Secure,
    Bogus,
    /// The parent vouches for keys that validators do not support, and so for nothing (RFC 4035 §5.2).
    Unsupported,
    /// The parent vouches for keys that we do not support, and others do.
    BeyondUs,
    /// There are keys, and no chain of trust to them: the DS is missing, or the parent is not signed.
    Island,
    /// It is not signed.
    Unsigned,
}

pub(in crate::receiving::checks) fn standing(evidence: &Evidence) -> Result<Standing, Unknown> {
    let names = &evidence.names;
    let is_delegated = !names.ds.records().is_empty() && names.ds.weakest() == Security::Secure;
    let soa = match state(&names.soa) {
        Err(Unknown::DnsAlgorithm) if is_delegated => return Ok(Standing::BeyondUs),
        soa => soa?,
    };
    Ok(match soa {
        Security::Secure => Standing::Secure,
        Security::Bogus => Standing::Bogus,
        Security::Indeterminate => return Err(Unknown::DnsIndeterminate),
        Security::Insecure if names.ds.records().is_empty() && !names.ds.denied() => {
            return Err(unknown_after(&names.ds, &names.soa).unwrap_or(Unknown::Cut));
        }
        Security::Insecure if is_delegated => Standing::Unsupported,
        Security::Insecure if !names.keys.records().is_empty() => Standing::Island,
        Security::Insecure => Standing::Unsigned,
    })
}

pub(in crate::receiving::checks) fn seen(evidence: &Evidence) -> Vec<String> {
    let names = &evidence.names;
    [lines::of(&names.soa), lines::of(&names.ds), lines::of(&names.keys)].concat()
}

/// A registered name, else the number.
pub(in crate::receiving::checks) fn named(name: Option<&str>, number: u8) -> String {
    name.map_or_else(|| number.to_string(), str::to_owned)
}

/// What was asked of a zone with keys; otherwise what is to be said of the check.
pub(in crate::receiving::checks) fn upkeep(names: &DomainNames) -> Result<&KeyUpkeep, Said> {
    if let Some(why) = unknown_after(&names.keys, &names.soa) {
        return Err(Said::inconclusive(why));
    }
    if names.keys.records().is_empty() {
        return Err(Said::not_applicable(Inapplicable::Unsigned));
    }
    names.upkeep.as_ref().ok_or_else(|| Said::inconclusive(Unknown::NotAsked))
}
