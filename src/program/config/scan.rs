//! `[scan]`: what follows from other tables, and what cannot be.

use std::net::IpAddr;

use super::derive::Place;
use super::document::{ConfigError, Document};
use crate::receiving::networks;
use crate::receiving::networks::{Bootstrap, BootstrapSource};
use crate::receiving::scan::Settings;
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
    place: &Place<'_>,
    mut scan: Settings,
    given: Given<'_>,
) -> Result<Settings, ConfigError> {
    if !place.document.is_set("scan.helo") {
        given.host.clone_into(&mut scan.helo);
    }
    networks(place, &mut scan.networks)?;
    // Not looked for: a lab names the private CA's root, which is made at the first start.
    for roots in [&mut scan.world.mx_roots, &mut scan.world.https_roots].into_iter().flatten() {
        *roots = place.folder.join(&*roots);
    }
    scan.dial = scan.world.dial(given.dial);
    scan.dial.rules.own = given.own;
    let anchors = match &scan.world.trust_anchors_file {
        Some(path) => Some(place.text("scan.world.trust_anchors_file", path)?.1),
        None => None,
    };
    scan.resolver = scan.world.resolver(given.resolver, anchors, &scan.dial);
    Ok(scan)
}

fn networks(place: &Place<'_>, networks: &mut networks::Settings) -> Result<(), ConfigError> {
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

/// Whether the values of `[scan]` can be.
pub(super) fn check(document: &Document<'_>, file: &Settings) -> Result<(), ConfigError> {
    let networks = &file.networks;
    let is_place = |place: &String| {
        place
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
    };
    let no_place = networks.rtr.as_ref().filter(|place| !is_place(place));
    let no_zone = networks.origin_zone.as_ref().filter(|zone| !super::check::is_domain(zone, true));
    let literal = |helo: &&String| helo.starts_with("[") && helo.ends_with("]");
    let helo = Some(&file.helo).filter(|_| document.is_set("scan.helo"));
    let no_name = helo.filter(|helo| !literal(helo) && !super::check::is_domain(helo, true));
    let faults = [
        no_place.map(|place| {
            ("networks.rtr", format!("`{place}` is no host and port; write \"127.0.0.1:3323\""))
        }),
        no_zone
            .map(|zone| ("networks.origin_zone", format!("`{zone}` is no zone; write \"asn.example.net\""))),
        no_name.map(|helo| {
            let advice = "write a host name, or an address in brackets";
            ("helo", format!("`{helo}` is no name to say in EHLO; {advice}"))
        }),
        (file.back_off_s.len() > 8)
            .then(|| ("back_off_s", "nobody is asked again so often; write at most 8 waits".to_owned())),
        file.world
            .root_hints
            .as_ref()
            .filter(|hints| hints.is_empty())
            .map(|_| ("world.root_hints", "this is empty; list root servers, or take it out".to_owned())),
    ];
    match faults.into_iter().flatten().next() {
        Some((key, problem)) => Err(document.fault(&format!("scan.{key}"), problem)),
        None => Ok(()),
    }
}
