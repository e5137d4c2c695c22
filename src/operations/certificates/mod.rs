//! Certificates of a public CA, by ACME (RFC 8555): ordered, renewed and replaced without anybody's doing.
//!
//! Names are proved by DNS-01 in our own zones. The plan is pure: from how far each lineage is, and now, to the next step.
//! The key of a lineage stays over renewals, and is changed as RFC 7671 §8.1 wants it: the TLSA record of the next one is
//! served for two TTLs before it is shown. Whatever fails is tried again, later each time, and the old certificate serves
//! on.

mod answer;
mod ca;
mod failure;
mod https;
mod order;
mod plan;
mod renewal;
mod settings;

use crate::sending::identities::View;
use crate::shared::time::Timestamp;

pub use answer::Answer;
pub use renewal::{Follow, Parts, Renewal};
pub use settings::Settings;

/// From when on the certificate of a lineage is renewed, where TLSA records have a TTL of `tlsa_ttl_s` seconds.
pub fn renewed_from(settings: &Settings, view: &View, tlsa_ttl_s: u32) -> Timestamp {
    plan::due_at(view, rules(settings, tlsa_ttl_s))
}

/// From when on the next key of a lineage may be shown; none while there is none, or no certificate for it as it is wanted.
pub fn shown_from(settings: &Settings, view: &View, tlsa_ttl_s: u32) -> Option<Timestamp> {
    plan::switch_at(view, rules(settings, tlsa_ttl_s))
}

/// How long a TLSA record is served before its key is shown, in seconds.
pub fn ahead_s(tlsa_ttl_s: u32) -> u32 {
    plan::ahead_s(tlsa_ttl_s)
}

fn rules(settings: &Settings, ttl_s: u32) -> plan::Rules<'_> {
    plan::Rules { directory: settings.directory_url(), profile: settings.profile.as_deref(), ttl_s }
}
