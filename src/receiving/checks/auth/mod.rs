//! What the domain publishes so that others cannot send in its name.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    dmarc Dmarc,
    dmarc_policy DmarcPolicy,
    dmarc_tags DmarcTags,
    dmarc_reports DmarcReports,
    dkim DkimGuess,
    dkim_signature DkimSignature,
    spf Spf,
    spf_policy SpfPolicy,
    spf_void_lookups SpfVoid,
    bimi Bimi,
}
