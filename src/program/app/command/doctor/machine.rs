//! This host: its disks, its addresses, its clock.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use super::super::config_check::Line;
use crate::operations::host::{self, DiskRoom};
use crate::program::app::Clock;
use crate::program::config::Settings;
use crate::shared::dial;
use crate::shared::dns::Lookup;
use crate::shared::text::clean;

const MIB: u64 = 1024 * 1024;
/// With less free room than this nothing goes on for long, in MiB.
const FREE_MIB_LEAST: u64 = 256;
/// With less free room than this somebody should look, in MiB.
const FREE_MIB_LOW: u64 = 1024;
/// With fewer free files than this somebody should look.
const FREE_FILES_LOW: u64 = 1000;

/// Whether there is room for what the service writes.
pub(super) fn disks(settings: &Settings) -> Vec<Line> {
    let journal = &settings.journal.path;
    let is_octets = fs::metadata(journal).map_or(0, |found| found.len());
    let may_grow = u64::from(settings.journal.size_mib).saturating_mul(MIB).saturating_sub(is_octets);
    let mut known: Vec<DiskRoom> = Vec::new();
    let mut lines = Vec::new();
    for (path, may_grow) in [(journal, Some(may_grow)), (&settings.archive, None)] {
        match host::disk_room(path) {
            Ok(room) if known.contains(&room) => {}
            Ok(room) => {
                known.push(room);
                lines.push(roomy(path, room, may_grow));
            }
            Err(error) => lines.push(Line::open(&format!("disk: {}: {error}", path.display()))),
        }
    }
    lines
}

fn roomy(path: &Path, room: DiskRoom, may_grow: Option<u64>) -> Line {
    let free_mib = room.free_octets / MIB;
    let place = format!("disk: {free_mib} MiB are free where {} lies", path.display());
    if free_mib < FREE_MIB_LEAST {
        return Line::bad(format!(
            "{place}: when none are left, mail is put off; make room, or move the service's folder"
        ));
    }
    if let Some(files) = room.free_files.filter(|files| *files < FREE_FILES_LOW) {
        return Line::warning(format!("{place}, and only {files} more files fit; make room"));
    }
    if let Some(grow_mib) = may_grow.map(|octets| octets / MIB).filter(|grow_mib| *grow_mib > free_mib) {
        return Line::warning(format!(
            "{place}, and the journal may grow by {grow_mib} MiB; make room, or lower `journal.size_mib`"
        ));
    }
    match free_mib < FREE_MIB_LOW {
        true => Line::warning(format!("{place}; make room before mail is put off")),
        false => Line::good(place),
    }
}

/// Every address that is this service's, as far as is known: what it listens on, what it publishes, and what this host has.
pub(super) fn known(settings: &Settings) -> BTreeSet<IpAddr> {
    let published = &settings.zone.published;
    let personas = &settings.addresses;
    let of_personas = personas.own.values().chain(personas.entrances.values());
    let shown = of_personas.chain([&personas.shared]).flatten();
    let shown = shown.chain(&published.policy_host).chain(&published.site).copied();
    let bound = settings.listen.dns.iter().map(|address| address.ip());
    let bound = bound.chain(settings.dns.reached_at.iter().copied());
    let own = host::own_addresses().unwrap_or_default().into_iter().map(|own| own.address);
    shown.chain(bound).chain(own).filter(|address| !address.is_unspecified()).collect()
}

/// Whether this host has the addresses that it publishes.
pub(super) fn addresses(settings: &Settings) -> Vec<Line> {
    let own = match host::own_addresses() {
        Ok(own) => own,
        Err(error) => {
            return vec![Line::open(&format!("addresses: this host does not tell its own: {error}"))];
        }
    };
    let personas = &settings.addresses;
    let of_personas = personas.own.values().chain(personas.entrances.values());
    let shown = of_personas.chain([&personas.shared]).flatten();
    let shown: BTreeSet<IpAddr> = shown.copied().collect();
    let has = |address: &IpAddr| {
        // All of 127.0.0.0/8 is every host's, whichever of it an interface names.
        address.is_loopback() || own.iter().any(|own| own.address == *address)
    };
    let mut lines = vec![match shown.iter().filter(|address| !has(address)).collect::<Vec<_>>()[..] {
        [] => Line::good(format!("addresses: this host has all {} that it publishes", shown.len())),
        [first, ..] => Line::warning(format!(
            "addresses: this host does not have {first}, which it publishes: whatever translates addresses before it must \
             pass on TCP to ports 25, 53, 80 and 443, and UDP to port 53"
        )),
    }];
    if !shown.iter().any(IpAddr::is_ipv6) {
        lines.push(Line::open(
            "IPv6: the service publishes no such address, so that it sees senders by IPv4 alone",
        ));
    }
    lines
}

/// Who is asked for the time: whoever serves a policy to every mail server serves it to us.
const TIME_HOST: &str = "mta-sts.gmail.com";
const TIME_PATH: &str = "/.well-known/mta-sts.txt";
/// No further off than this it is the same, in seconds.
const SAME_S_MOST: i64 = 5;
/// Further off than this somebody should look, in seconds.
const OFF_S_LOW: i64 = 30;
/// Further off than this what we sign and what we are shown is not valid for others, in seconds.
const OFF_S_MOST: i64 = 300;

/// Whether the clock is right.
pub(super) async fn clock(dial: &dial::Settings, lookup: &impl Lookup, clock: Clock) -> Vec<Line> {
    let said = host::clock_of(dial, lookup, TIME_HOST, TIME_PATH).await;
    let now = clock();
    vec![match said {
        Ok(said) => right(now.as_second() - said.time.as_second(), &said.host),
        Err(why) => Line::open(&format!("clock: nobody could be asked for the time ({})", clean(&why))),
    }]
}

fn right(ahead_s: i64, host: &str) -> Line {
    let off_s = ahead_s.abs();
    let way = if ahead_s > 0 { "ahead of" } else { "behind" };
    let advice = "have it kept by systemd-timesyncd or chrony";
    match off_s {
        // The answer was under way, and tells whole seconds.
        _ if off_s <= SAME_S_MOST => Line::good(format!("clock: it is that of {host}")),
        _ if off_s <= OFF_S_LOW => Line::good(format!("clock: it is {off_s} s {way} that of {host}")),
        _ if off_s <= OFF_S_MOST => {
            Line::warning(format!("clock: it is {off_s} s {way} that of {host}; {advice}"))
        }
        _ => Line::bad(format!(
            "clock: it is {off_s} s {way} that of {host}: signatures and certificates count by it; {advice}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::text::Tone;

    #[test]
    fn a_disk_is_called_full_before_it_is() {
        let said = |free_mib: u64, free_files, grow_mib: Option<u64>| {
            let room = DiskRoom {
                free_octets: free_mib * MIB,
                whole_octets: 1 << 40,
                free_files,
                is_read_only: false,
            };
            roomy(Path::new("/j"), room, grow_mib.map(|mib| mib * MIB)).tone
        };
        assert_eq!(said(255, None, None), Tone::Bad);
        assert_eq!(said(256, None, None), Tone::Warning);
        assert_eq!(said(5000, Some(999), None), Tone::Warning);
        assert_eq!(said(5000, Some(1000), Some(5001)), Tone::Warning);
        assert_eq!(said(5000, Some(1000), Some(5000)), Tone::Good);
    }

    #[test]
    fn a_clock_may_be_off_by_the_time_of_an_answer_and_no_more() {
        for (ahead_s, tone) in [
            (0, Tone::Good),
            (-5, Tone::Good),
            (30, Tone::Good),
            (-31, Tone::Warning),
            (300, Tone::Warning),
            (-301, Tone::Bad),
            (i64::from(u32::MAX), Tone::Bad),
        ] {
            assert_eq!(right(ahead_s, "host.example").tone, tone, "{ahead_s}");
        }
        assert!(right(86_400, "x").text.contains("86400 s ahead of"));
        assert!(right(-86_400, "x").text.contains("86400 s behind"));
    }
}
