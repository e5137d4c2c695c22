//! The scanner, made of the settings of `[scan]`.

use std::net::IpAddr;
use std::sync::Arc;

use crate::program::config::Scan;
use crate::receiving::names::{Names, NamesSettings};
use crate::receiving::networks::{Networks, Tools};
use crate::receiving::probe::Randomness;
use crate::receiving::scan::{
    PaceSettings, PlanSettings, Ports, Scanner, SessionSettings, Sessions, Settings, SharedSettings,
};
use crate::sending::authority::Authority;
use crate::shared::evidence::scan::RootsUsed;
use crate::shared::tls::client::{Roots, RootsError};

use super::Clock;
use super::parts::{PartError, scan_resolver};

/// The scanner that `scan` describes; `own_zones` are those that this program serves. `draw` gives the random octets of hellos.
pub fn scanner(
    scan: &Scan,
    own_zones: Option<&Arc<Authority>>,
    clock: &Clock,
    draw: impl Fn() -> [u8; 32] + Send + Sync + 'static,
) -> Result<Scanner, PartError> {
    let resolver = Arc::new(scan_resolver(scan, own_zones, clock)?);
    let https_roots = roots(scan.https_roots.as_deref())?;
    let names = Names {
        lookup: Arc::clone(&resolver) as _,
        dial: scan.dial.clone(),
        roots: https_roots.clone(),
        clock: Arc::clone(clock),
        settings: NamesSettings::default(),
    };
    let tools =
        Tools { lookup: resolver, dial: scan.dial.clone(), roots: https_roots, clock: Arc::clone(clock) };
    let calls = Sessions {
        dial: scan.dial.clone(),
        settings: SessionSettings { greeting_s: scan.greeting_s, ..SessionSettings::default() },
        randomness: Randomness::new(draw),
    };
    let ports = Ports {
        names,
        networks: Networks::new(scan.networks.clone(), tools),
        calls: Arc::new(calls),
        roots: roots(scan.mx_roots.as_deref())?,
        clock: Arc::clone(clock),
    };
    Ok(Scanner::new(settings(scan), ports))
}

/// The root servers, by which IPv6 is tried: those that are asked, or those of the public DNS.
pub(super) fn root_servers(scan: &Scan) -> Vec<IpAddr> {
    scan.resolver.servers.roots()
}

fn settings(scan: &Scan) -> Settings {
    Settings {
        scan_s: scan.scan_s,
        scans_at_once_max: scan.scans_at_once_max,
        exclude: scan.exclude.clone(),
        roots: if scan.mx_roots.is_some() { RootsUsed::Own } else { RootsUsed::Public },
        root_servers: root_servers(scan),
        pace: PaceSettings {
            groups_at_once_max: scan.groups_at_once_max,
            back_off_s: scan.back_off_s.clone(),
            limited_per_minute_max: scan.limited_per_minute_max,
        },
        plan: PlanSettings::default(),
        shared: SharedSettings {
            cache_s: scan.cache_s,
            per_address_day_max: scan.per_address_day_max,
            per_network_day_max: scan.per_network_day_max,
            ..SharedSettings::default()
        },
    }
}

fn roots(file: Option<&std::path::Path>) -> Result<Roots, RootsError> {
    match file {
        Some(path) => Roots::read(path),
        None => Ok(Roots::mozilla()),
    }
}
