//! Writes the configuration and the zone, where there are none.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::super::config_check::{Line, Teller};
use super::super::ending::{CommandError, shown};
use super::answers::Answers;
use super::texts;
use crate::program::app::system_clock;
use crate::program::config::{self, Settings};
use crate::shared::keyfile::{Who, folder_of, write_whole};

/// Everybody may read them: they hold no secret. Their folder is its owner's alone.
const MODE: u32 = 0o644;

/// Why nothing can be set up at `config`: what root writes into its own folder no service may use.
pub(super) fn obstacle(config: &Path) -> Option<String> {
    let this = Who::this();
    let folder = folder_of(config);
    if !this.is_root() || config.exists() {
        return None;
    }
    // In tests and containers root serves itself, from a folder that it has made.
    let owner = folder.exists().then(|| Who::owns(folder).ok()).flatten();
    let folder = shown(folder);
    owner.is_none().then(|| {
        format!(
            "folder: {folder} is not there. Make it, for a user of the service's own, and come back: `useradd --system \
             --user-group --home-dir {folder} --shell /usr/sbin/nologin mailassay` and `install -d -o mailassay -g \
             mailassay -m 700 {folder}`"
        )
    })
}

/// That the service would run as root, where all of it is root's.
pub(super) fn of_root(file: &Path) -> Option<Line> {
    let folder = file.parent()?;
    let is_roots = Who::this().is_root() && Who::owns(folder).is_ok_and(|owner| owner.is_root());
    is_roots.then(|| {
        Line::warning(format!(
            "folder: {folder} belongs to root, so that the service would run as root: fit for a container alone; elsewhere \
             give it to a user of the service's own: `chown -R mailassay:mailassay {folder}`",
            folder = shown(folder)
        ))
    })
}

/// Writes zone and configuration. Neither is left behind where they do not fit.
pub(super) fn write(file: &Path, answers: &Answers, teller: &mut Teller) -> Result<Settings, CommandError> {
    let day = today();
    let zone = file.with_file_name(texts::ZONE_FILE);
    let had_zone = zone.exists();
    write_zone(&zone, &answers.origin, &answers.addresses, &day, teller)?;
    let text = texts::config(answers, &day);
    let settings = config::parse(file, &text).inspect_err(|_| {
        if !had_zone {
            let _ = std::fs::remove_file(&zone);
        }
    })?;
    put(file, &text)?;
    teller.tell(&Line::good(format!("configuration: wrote {}", shown(file))))?;
    Ok(settings)
}

/// Writes the zone file that a configuration names, where that alone is missing.
pub(super) fn complete(file: &Path, teller: &mut Teller) -> Result<(), CommandError> {
    let read = std::fs::read_to_string(file).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let Some((origin, addresses, zone)) = read.as_ref().and_then(|table| named(table, file)) else {
        // Whoever reads the configuration next says what is wrong with it.
        return Ok(());
    };
    write_zone(&zone, &origin, &addresses, &today(), teller)
}

/// Origin, addresses and zone file of a configuration, if it has all three.
fn named(table: &toml::Table, file: &Path) -> Option<(String, Vec<IpAddr>, PathBuf)> {
    let origin = table.get("origin")?.as_str()?.to_owned();
    let addresses = table.get("addresses")?.get("shared")?.as_array()?;
    let addresses: Option<Vec<IpAddr>> = addresses.iter().map(|text| text.as_str()?.parse().ok()).collect();
    let zone = table.get("zone")?.get("file")?.as_str()?;
    Some((origin, addresses.filter(|all| !all.is_empty())?, file.parent()?.join(zone)))
}

fn write_zone(
    zone: &Path,
    origin: &str,
    addresses: &[IpAddr],
    day: &str,
    teller: &mut Teller,
) -> Result<(), CommandError> {
    let said = match zone.exists() {
        true => format!("zone file: {} is there and stays as it is", shown(zone)),
        false => {
            put(zone, &texts::zone(origin, addresses, day))?;
            format!("zone file: wrote {}", shown(zone))
        }
    };
    Ok(teller.tell(&Line::good(said))?)
}

pub(super) fn put(path: &Path, text: &str) -> Result<(), CommandError> {
    write_whole(path, text.as_bytes(), MODE)
        .map_err(|error| CommandError::Unfit(format!("{}: {error}", shown(path))))
}

fn today() -> String {
    system_clock()().strftime("%Y-%m-%d").to_string()
}
