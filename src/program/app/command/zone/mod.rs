//! `zone`, `certs` and `keys`: what the operator publishes or hands on. All but `keys`, `roll-ksk` and `ds-seen` write nothing.

mod keys;

use std::path::Path;
use std::sync::Arc;

use super::ending::{CommandError, shown};
use crate::program::app::parts::{self, PartError};
use crate::program::config::Settings;
use crate::sending::authority::Authority;
use crate::shared::keyfile::Keeping;
use crate::shared::text::clean;
use crate::shared::time::Timestamp;

pub(super) use keys::{ds_seen, roll_ksk, stages};

/// The zones as they are at `now`.
pub(super) fn authority(
    settings: &Settings,
    keeping: &Keeping,
    now: Timestamp,
) -> Result<Authority, PartError> {
    let catalogue = Arc::new(parts::catalogue(settings)?);
    let identities = parts::identities(settings, &catalogue, keeping, now)?;
    let keys = parts::own_keys(settings, keeping)?;
    Ok(parts::authority(settings, &catalogue, &identities, &keys, keeping, now)?)
}

/// The zones as they are served at `now`, with the keys that are there: what would follow from others is no use to
/// anybody.
fn served(settings: &Settings, now: Timestamp) -> Result<Authority, CommandError> {
    let keeping = Keeping::nothing();
    let authority = authority(settings, &keeping, now)?;
    all_there(&keeping, |_| true)?;
    Ok(authority)
}

/// Fails where a key is missing that is of matter.
fn all_there(keeping: &Keeping, matters: impl Fn(&Path) -> bool) -> Result<(), CommandError> {
    match keeping.missing().iter().find(|path| matters(path)) {
        None => Ok(()),
        Some(path) => Err(CommandError::Unfit(format!(
            "{}: there is no such key yet; `mailassay serve` makes it at its first start, and `mailassay keys` without \
             serving",
            shown(path)
        ))),
    }
}

/// The DS records for the parents.
pub(super) fn ds(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let keeping = Keeping::nothing();
    let authority = authority(settings, &keeping, now)?;
    let keys = &settings.zone.authority.keys;
    all_there(&keeping, |path| path.starts_with(keys))?;
    let lines = authority.ds().map_err(PartError::from)?;
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// All that the parents need: NS records, glue, DS records.
pub(super) fn parent(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let authority = served(settings, now)?;
    let lines = authority.delegations().into_iter().chain(authority.ds().map_err(PartError::from)?);
    Ok(lines.map(|line| line + "\n").collect())
}

/// What the parent needs, then every zone with its signatures.
pub(super) fn print(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let authority = served(settings, now)?;
    let mut text = format!(
        "; What {} serves at {now}. The order of MX records, the serial and signatures change by themselves.\n\
         ;\n; The parent needs:\n",
        settings.origin
    );
    for line in authority.delegations().into_iter().chain(authority.ds().map_err(PartError::from)?) {
        text += &format!("; {line}\n");
    }
    text += ";\n; The same key as a trust anchor, for resolvers in a lab:\n";
    for line in authority.trust_anchors() {
        text += &format!("; {line}\n");
    }
    text += "\n";
    Ok(text + &authority.print())
}

/// One zone with its signatures, and nothing beside it: a master file (RFC 1035 §5).
pub(super) fn print_one(settings: &Settings, zone: &str, now: Timestamp) -> Result<String, CommandError> {
    let authority = served(settings, now)?;
    authority.print_zone(zone).ok_or_else(|| {
        let zones = authority.zone_names().join(" ");
        CommandError::Unfit(format!("`{}` is no zone of this service; these are: {zones}", clean(zone)))
    })
}

/// The root of the private CA.
pub(super) fn ca(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    let keeping = Keeping::nothing();
    let catalogue = parts::catalogue(settings).map_err(PartError::from)?;
    let identities = parts::identities(settings, &catalogue, &keeping, now).map_err(PartError::from)?;
    let root = identities.ca_root_pem().map(str::to_owned);
    let root = root.ok_or_else(|| {
        let why =
            "there is no private CA: `tls.source` is \"files\" or \"acme\", whose roots your CA publishes";
        CommandError::Unfit(why.to_owned())
    })?;
    let is_root =
        |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ca-root."));
    all_there(&keeping, is_root)?;
    Ok(root)
}

/// Makes every key that is missing, as `serve` does, and names the folders in which they lie.
pub(super) fn keys(settings: &Settings, now: Timestamp) -> Result<String, CommandError> {
    authority(settings, &Keeping::in_files(), now)?;
    let places =
        [&settings.zone.authority.keys, &settings.tls.folder, &settings.dkim.key, &settings.seal.key];
    Ok(places.map(|place| format!("{}\n", shown(place))).concat())
}
