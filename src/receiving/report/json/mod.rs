//! How a domain receives, as JSON that other tools rely on; `docs/document.md` says what it holds. Fields may be added;
//! none is renamed under the same version of [`CHECK_SCHEMA`].
//!
//! What is not known is `null`. Times are RFC 3339, code points `"0xC02F"`, versions `"TLS1.2"`.

mod findings;
mod grades;
mod names;
mod servers;

use serde_json::{Map, Value, json};

use crate::receiving::grades::Receiving;

/// The form of a check in JSON, and its version.
pub const CHECK_SCHEMA: &str = "mailassay-check/1";

/// The JSON of `mailassay check --json`, and the part `receiving` of a verdict. `why` gives the English sentence of the
/// finding at a place of the list.
pub(super) fn json(receiving: &Receiving<'_>, why: impl Fn(usize) -> String) -> Value {
    let evidence = receiving.evidence;
    let profiles: Map<String, Value> = receiving
        .ratings
        .profiles
        .iter()
        .map(|rating| (rating.profile.name.clone(), grades::rating(receiving, rating)))
        .collect();
    json!({
        "schema": CHECK_SCHEMA,
        "domain": evidence.domain,
        "from": evidence.from,
        "to": evidence.to,
        "depth": evidence.depth,
        "helo": evidence.helo,
        "connections": evidence.connections,
        "control": evidence.control,
        "registrar": evidence.registrar,
        "hall_of_fame": receiving.ratings.hall_of_fame(),
        "profiles": profiles,
        "era_changes": grades::changes(receiving),
        "findings": findings::all(receiving, why),
        "mx": servers::hosts(receiving),
        "certificates": servers::certificates(evidence),
        "name_servers": names::name_servers(evidence),
        "networks": names::networks(evidence),
        "mta_sts": names::mta_sts(evidence),
        "tlsrpt": names::tlsrpt(evidence),
        "aliases": names::aliases(evidence),
        "envelope": evidence.envelope.as_ref().map(names::envelope),
        "cuts": evidence.cuts,
        "cost": {
            "connections": evidence.cost.connections,
            "queries": evidence.cost.queries,
            "others": evidence.cost.others,
            "seconds": f64::from(u32::try_from(evidence.cost.milliseconds).unwrap_or(u32::MAX)) / 1000.0,
        },
    })
}

/// A code point as it is written: `"0xC02F"`.
fn code(point: u16) -> String {
    format!("0x{point:04X}")
}
