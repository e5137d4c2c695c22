//! `zone` and `certs`: what the operator publishes or hands on.

use std::sync::Arc;

use super::CommandError;
use crate::app::parts::{self, PartError};
use crate::config::Settings;
use crate::dns::Authority;
use crate::trial::Timestamp;

/// The zones as they are at `now`; keys and certificates are made where there are none.
fn authority(settings: &Settings, now: Timestamp) -> Result<Authority, PartError> {
    let catalogue = Arc::new(parts::catalogue(settings)?);
    let identities = parts::identities(settings, &catalogue, now)?;
    let dkim = parts::dkim_key(settings)?;
    Ok(parts::authority(settings, &catalogue, &identities, &dkim, now)?)
}

/// The DS records for the parents.
pub(super) fn ds(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let lines = authority(settings, now)?.ds().map_err(PartError::from)?;
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// What the parent needs, then every zone with its signatures.
pub(super) fn print(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let authority = authority(settings, now)?;
    let mut text = format!(
        "; What {} serves at {now}. The order of MX records, the serial and signatures change by themselves.\n\
         ;\n; The parent needs the zone's NS records with the addresses of name servers below it, and:\n",
        settings.origin
    );
    for line in authority.ds().map_err(PartError::from)? {
        text += &format!("; {line}\n");
    }
    text += ";\n; The same key as a trust anchor, for resolvers in a lab:\n";
    for line in authority.trust_anchors() {
        text += &format!("; {line}\n");
    }
    text += "\n";
    Ok(text + &authority.print())
}

/// The root of the private CA.
pub(super) fn ca(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let catalogue = parts::catalogue(settings).map_err(PartError::from)?;
    let identities = parts::identities(settings, &catalogue, now).map_err(PartError::from)?;
    let root = identities.ca_root_pem().map(str::to_owned);
    root.ok_or_else(|| {
        let why = "there is no private CA: `tls.source` is \"files\", whose roots your CA publishes";
        CommandError::Unfit(why.to_owned())
    })
}
