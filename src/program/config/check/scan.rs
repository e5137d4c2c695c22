//! What cannot be in `[scan]`.

use super::names::is_domain;
use crate::program::config::document::Document;
use crate::receiving::scan::Settings;

/// Refuses values of `[scan]` that cannot be.
pub(super) fn values(document: &Document<'_>, scan: &Settings) {
    let networks = &scan.networks;
    let is_place = |place: &String| {
        place
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
    };
    let no_place = networks.rtr.as_ref().filter(|place| !is_place(place));
    let no_zone = networks.origin_zone.as_ref().filter(|zone| !is_domain(zone, true));
    let literal = |helo: &&String| helo.starts_with("[") && helo.ends_with("]");
    let helo = Some(&scan.helo).filter(|_| document.is_set("scan.helo"));
    let no_name = helo.filter(|helo| !literal(helo) && !is_domain(helo, true));
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
        (scan.back_off_s.len() > 8)
            .then(|| ("back_off_s", "nobody is asked again so often; write at most 8 waits".to_owned())),
        scan.world
            .root_hints
            .as_ref()
            .filter(|hints| hints.is_empty())
            .map(|_| ("world.root_hints", "this is empty; list root servers, or take it out".to_owned())),
    ];
    for (key, problem) in faults.into_iter().flatten() {
        document.refuse(&format!("scan.{key}"), problem);
    }
}
