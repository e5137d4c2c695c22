//! `[scan]`: what follows from other tables.

use std::net::IpAddr;

use super::document::ConfigError;
use super::place::ConfigFolder;
use crate::receiving::networks::{self, Bootstrap, BootstrapSource};
use crate::receiving::scan::{ScannedWorld, Settings};
use crate::shared::{dial, dns};

/// What the other tables give.
pub(super) struct Given<'a> {
    pub(super) host: &'a str,
    pub(super) resolver: &'a dns::ResolverSettings,
    pub(super) dial: &'a dial::Settings,
    pub(super) own: Vec<IpAddr>,
}

/// The settings of scans.
pub(super) fn settings(
    place: &ConfigFolder<'_>,
    mut scan: Settings,
    given: Given<'_>,
) -> Result<Settings, ConfigError> {
    if !place.document.is_set("scan.helo") {
        given.host.clone_into(&mut scan.helo);
    }
    networks(place, &mut scan.networks)?;
    // Not looked for: a lab names the private CA's root, which is made at the first start.
    let roots = [
        ("scan.world.mx_roots", &mut scan.world.mx_roots),
        ("scan.world.https_roots", &mut scan.world.https_roots),
    ];
    for (key, roots) in roots {
        if let Some(roots) = roots {
            *roots = place.path(key, roots)?;
        }
    }
    scan.dial = scan.world.dial(given.dial);
    scan.dial.rules.own = given.own;
    let anchors = match &scan.world.trust_anchors_file {
        Some(path) => Some(place.text("scan.world.trust_anchors_file", path)?.1),
        None => None,
    };
    scan.resolver = scan.world.resolver(given.resolver, anchors, &scan.dial);
    // The rest has become the resolver and the dial, however much of it was written.
    let ScannedWorld { mx_roots, https_roots, .. } = scan.world;
    scan.world = ScannedWorld { mx_roots, https_roots, ..ScannedWorld::default() };
    Ok(scan)
}

fn networks(place: &ConfigFolder<'_>, networks: &mut networks::Settings) -> Result<(), ConfigError> {
    if let BootstrapSource::Folder(folder) = &mut networks.rdap_bootstrap {
        *folder = place.folder.join(&*folder);
        Bootstrap::read(folder).map_err(|problem| {
            let advice = "name a folder with dns.json, ipv4.json and ipv6.json, or an https:// URL";
            place.document.fault("scan.networks.rdap_bootstrap", format!("{problem}; {advice}"))
        })?;
    }
    for routes in &mut networks.routes {
        *routes = place.existing("scan.networks.routes", routes)?;
    }
    Ok(())
}
