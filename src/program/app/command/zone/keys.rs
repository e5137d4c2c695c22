//! The stages of DNSSEC keys, and the roll of a key-signing key.

use std::fmt::Write;

use super::{authority, served};
use crate::operations::delegation::{self, Seen};
use crate::program::app::clock::Clock;
use crate::program::app::command::ending::CommandError;
use crate::program::app::parts::{self, PartError};
use crate::program::config::Settings;
use crate::sending::authority::{KeyFolder, KeyRow, Next, Role, Stage};
use crate::shared::keyfile::Keeping;
use crate::shared::time::Timestamp;

/// The keys of each zone, as the service has them.
pub(in crate::program::app::command) fn stages(
    settings: &Settings,
    now: Timestamp,
) -> Result<String, CommandError> {
    let authority = served(settings, now)?;
    let mut text = String::new();
    for (zone, keys) in authority.keys() {
        let _ = writeln!(text, "{zone}");
        for key in &keys {
            let _ = writeln!(text, "{}", line(key));
        }
    }
    for announced in authority.announced() {
        let _ = write!(
            text,
            "\nThe parent of {} is to have the DS record of the key {} alone:\n{}",
            announced.zone,
            announced.tag,
            ds_of(&authority.ds().map_err(PartError::from)?, &announced.zone)
        );
    }
    Ok(text)
}

fn line(key: &KeyRow) -> String {
    let role = match key.role {
        Role::Ksk => "KSK",
        Role::Zsk => "ZSK",
    };
    let stage = match key.stage {
        Stage::Published => "published",
        Stage::Announced => "announced",
        Stage::Active => "active",
        Stage::Retired => "retired",
    };
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let next = match key.next {
        Next::Successor(at) => format!("the next one comes on {}", day(at)),
        Next::Signs(at) => format!("signs from {}", day(at)),
        Next::Announced(at) => format!("its DS is wanted from {}", day(at)),
        Next::Parent => "the parent needs its DS".to_owned(),
        Next::Removed(at) => format!("is removed on {}", day(at)),
        Next::Stays => String::new(),
    };
    let line = format!("  {role} {:<5} {stage:<9} since {}  {next}", key.tag, day(key.since));
    line.trim_end().to_owned()
}

/// The lines of a zone.
fn ds_of(lines: &[String], zone: &str) -> String {
    let of = |line: &&String| line.split_whitespace().next() == Some(zone);
    lines.iter().filter(of).map(|line| format!("{line}\n")).collect()
}

/// Begins a roll.
pub(in crate::program::app::command) fn roll_ksk(
    settings: &Settings,
    zone: Option<String>,
    now: Timestamp,
) -> Result<String, CommandError> {
    let zone = zone.unwrap_or_else(|| settings.origin.clone());
    let tag = KeyFolder::new(&settings.zone.authority.keys).roll_ksk(&zone, now).map_err(PartError::from)?;
    let next = authority(settings, &Keeping::nothing(), now)?;
    let keys = next.keys();
    let announced = keys.iter().flat_map(|(_, keys)| keys).find_map(|key| match key.next {
        Next::Announced(at) if key.tag == tag => Some(at.strftime("%Y-%m-%d").to_string()),
        _ => None,
    });
    let when = announced.unwrap_or_else(|| "a while".to_owned());
    Ok(format!(
        "The key {tag} joins those of {zone}\n\
         within the hour, if the service runs. Change nothing at the parent yet.\n\
         On {when}, when every cache has the new key, CDS and CDNSKEY name it\n\
         (parents that read them do the rest), and `mailassay zone ds` prints its DS\n\
         record, which is to take the place of the old one. The service looks for it,\n\
         and then removes the old key by itself; `mailassay zone keys` says how far\n\
         it is.\n"
    ))
}

/// Goes on with a roll, if the parent has what it is to have.
pub(in crate::program::app::command) async fn ds_seen(
    settings: &Settings,
    zone: Option<String>,
    unchecked: bool,
    clock: Clock,
) -> Result<String, CommandError> {
    let zone = zone.unwrap_or_else(|| settings.origin.clone());
    if !unchecked {
        let authority = served(settings, clock())?;
        let is_meant =
            |name: &str| name.trim_end_matches('.').eq_ignore_ascii_case(zone.trim_end_matches('.'));
        if let Some(announced) = authority.announced().iter().find(|announced| is_meant(&announced.zone)) {
            let resolver = parts::resolver(settings, &authority, clock.clone()).map_err(PartError::from)?;
            let seen = delegation::seen(&resolver, announced).await;
            if seen != Seen::Alone {
                let told = delegation::told(announced, &seen);
                return Err(CommandError::Unfit(format!("{told}; caches may keep old ones for a while")));
            }
        }
    }
    let tag = KeyFolder::new(&settings.zone.authority.keys)
        .parent_has_ds(&zone, clock())
        .map_err(PartError::from)?;
    Ok(format!("The key {tag} is in use; the old one is removed when no cache has its DS record.\n"))
}
