//! Whether the parent says what it should: name servers, their addresses, and the keys.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::super::config_check::Line;
use crate::operations::host::Delegation;
use crate::sending::authority::{Authority, ZoneError};
use crate::shared::dns::Referral;
use crate::shared::evidence::Security;
use crate::shared::text::clean;

/// What the parent should say of a zone. Names are in lower case without the final dot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::program::app::command) struct Wanted {
    pub(in crate::program::app::command) zone: String,
    pub(in crate::program::app::command) servers: Vec<String>,
    /// The addresses of those name servers that lie in the zone itself.
    pub(in crate::program::app::command) glue: Vec<(String, IpAddr)>,
    /// The data of its DS records, in lower case.
    pub(in crate::program::app::command) ds: Vec<String>,
    /// The data of the DNSKEY records that these follow from.
    pub(in crate::program::app::command) keys: Vec<String>,
}

impl Wanted {
    /// What the parent of `zone` should say, as our own zones have it.
    pub(in crate::program::app::command) fn of(authority: &Authority, zone: &str) -> Result<Self, ZoneError> {
        Ok(Self::read(zone, &[authority.delegations(), authority.ds()?, authority.trust_anchors()].concat()))
    }

    /// Reads lines as they stand in a zone file: owner, TTL, class, type, data.
    fn read(zone: &str, lines: &[String]) -> Self {
        let zone = plain(zone);
        let mut wanted = Self { zone, ..Self::default() };
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [owner, _, _, rtype, data @ ..] = &words[..] else { continue };
            let (owner, all) = (plain(owner), data.join(" "));
            let is_apex = owner == wanted.zone;
            match *rtype {
                "NS" if is_apex => wanted.servers.push(plain(&all)),
                "DS" if is_apex => wanted.ds.push(all.to_ascii_lowercase()),
                "DNSKEY" if is_apex => wanted.keys.push(all),
                "A" | "AAAA" => wanted.glue.extend(all.parse().ok().map(|address| (owner, address))),
                _ => {}
            }
        }
        // Further zones of a lab have name servers, too.
        let Self { servers, glue, .. } = &mut wanted;
        glue.retain(|(name, _)| servers.contains(name));
        servers.sort();
        servers.dedup();
        glue.sort();
        glue.dedup();
        wanted
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// What is to be said of what the parent says.
pub(in crate::program::app::command) fn told(wanted: &Wanted, seen: &Delegation) -> Vec<Line> {
    let mut lines = name_servers(wanted, seen);
    lines.push(keys(wanted, seen));
    lines
}

fn name_servers(wanted: &Wanted, seen: &Delegation) -> Vec<Line> {
    let parent = shown(&seen.parent);
    let zone = &wanted.zone;
    let said: Vec<(&IpAddr, &Referral)> =
        seen.told.iter().filter_map(|(server, told)| Some((server, told.as_ref().ok()?))).collect();
    if said.is_empty() {
        let why = seen.told.iter().filter_map(|(server, told)| Some((server, told.as_ref().err()?)));
        let why: Vec<String> = why.map(|(server, why)| format!("{server}: {}", clean(why))).collect();
        let why = if why.is_empty() { "they have no addresses".to_owned() } else { why.join("; ") };
        return vec![Line::open(&format!("delegation: no server of {parent} could be asked ({why})"))];
    }
    let mut faults: Vec<(String, Vec<&IpAddr>)> = Vec::new();
    for (server, referral) in &said {
        for fault in differences(wanted, referral, &parent) {
            match faults.iter_mut().find(|(known, _)| *known == fault) {
                Some((_, servers)) => servers.push(server),
                None => faults.push((fault, vec![server])),
            }
        }
    }
    if faults.is_empty() {
        let servers = wanted.servers.join(", ");
        return vec![Line::good(format!("delegation: {parent} leads to {servers}, at the right addresses"))];
    }
    let line = |(fault, servers): (String, Vec<&IpAddr>)| {
        if servers.len() == said.len() {
            return Line::bad(format!("delegation of {zone}: {fault}"));
        }
        let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
        Line::warning(format!(
            "delegation of {zone}: {fault}; so say some servers of {parent} alone, which may be late: {}",
            servers.join(", ")
        ))
    };
    faults.into_iter().map(line).collect()
}

/// What a referral lacks or has too much.
fn differences(wanted: &Wanted, referral: &Referral, parent: &str) -> Vec<String> {
    let names = |servers: &[String]| servers.iter().cloned().collect::<BTreeSet<_>>();
    let (should, is) = (names(&wanted.servers), names(&referral.servers));
    if is.is_empty() {
        return vec![format!(
            "{parent} delegates it to nobody yet; enter there what `mailassay setup` prints"
        )];
    }
    let listed = |names: Vec<&String>| names.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
    let mut found = Vec::new();
    let missing: Vec<&String> = should.difference(&is).collect();
    if !missing.is_empty() {
        found.push(format!("{parent} does not name {}; enter it as a name server", listed(missing)));
    }
    let strange: Vec<&String> = is.difference(&should).collect();
    if !strange.is_empty() {
        found.push(format!(
            "{parent} names {}, which the zone does not; take it out there, or write it as NS into the zone file",
            listed(strange)
        ));
    }
    for name in should.intersection(&is) {
        let of = |glue: &[(String, IpAddr)]| {
            let own = glue.iter().filter(|(owner, _)| owner == name).map(|(_, address)| *address);
            own.collect::<BTreeSet<IpAddr>>()
        };
        let (should, is) = (of(&wanted.glue), of(&referral.glue));
        // RFC 9471 §3: all glue of a name server that lies in the zone belongs into the referral.
        if should != is && !should.is_empty() {
            let listed = |addresses: &BTreeSet<IpAddr>| {
                addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            };
            let is = if is.is_empty() { "no address".to_owned() } else { listed(&is) };
            found.push(format!(
                "{parent} has {is} for {name}, not {}; enter it as the address of the name server (glue)",
                listed(&should)
            ));
        }
    }
    found
}

/// Whether the parent vouches for our key.
fn keys(wanted: &Wanted, seen: &Delegation) -> Line {
    let parent = shown(&seen.parent);
    let compact = |data: &str| {
        // The digest may be written in pieces.
        let mut words = data.split_whitespace();
        let head: Vec<&str> = words.by_ref().take(3).collect();
        format!("{} {}", head.join(" "), words.collect::<String>())
    };
    let ours: BTreeSet<String> = wanted.ds.iter().map(|data| compact(data)).collect();
    let theirs: BTreeSet<String> = seen.ds.iter().map(|data| compact(data)).collect();
    let tags = |all: &BTreeSet<String>| {
        all.iter()
            .map(|data| clean(data.split(' ').next().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if theirs.is_empty() {
        return Line::bad(format!(
            "DS: {parent} has none of {}, so that DANE cannot be tested; enter there what `mailassay setup` prints",
            wanted.zone
        ));
    }
    if ours.is_disjoint(&theirs) {
        return Line::bad(format!(
            "DS: {parent} names the key {}, and ours is {}: whoever validates finds nothing of the zone; enter ours there, \
             or put the keys back that the DS is of (`zone.keys`, from the backup)",
            tags(&theirs),
            tags(&ours)
        ));
    }
    match seen.ds_security {
        Security::Secure => {
            let others: BTreeSet<String> = theirs.difference(&ours).cloned().collect();
            let others = match others.is_empty() {
                true => String::new(),
                false => format!("; it names {}, too, which are no keys of this service", tags(&others)),
            };
            let known: BTreeSet<String> = theirs.intersection(&ours).cloned().collect();
            Line::good(format!("DS: {parent} vouches for the key {}{others}", tags(&known)))
        }
        Security::Insecure => Line::bad(format!(
            "DS: {parent} names our key, and is not signed itself: nobody can validate the zone; take an origin below a \
             signed zone"
        )),
        Security::Bogus | Security::Indeterminate => {
            Line::bad(format!("DS: what {parent} says of our key does not validate"))
        }
    }
}

fn shown(parent: &str) -> String {
    if parent.is_empty() { "the root".to_owned() } else { clean(parent) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::text::Tone;

    fn wanted() -> Wanted {
        let lines = [
            "test.example. 3600 IN NS ns1.test.example.",
            "ns1.test.example. 3600 IN A 192.0.2.25",
            "ns1.test.example. 3600 IN AAAA 2001:db8::25",
            "test.example. 3600 IN DS 4711 13 2 ABCD EF",
            "test.example. 3600 IN DNSKEY 257 3 13 AwEA",
            "other.lab. 3600 IN NS ns.other.lab.",
            "ns.other.lab. 3600 IN A 192.0.2.99",
        ];
        Wanted::read("Test.Example.", &lines.map(str::to_owned))
    }

    fn server(number: u8, servers: &[&str], glue: &[(&str, &str)]) -> (IpAddr, Result<Referral, String>) {
        let glue = glue.iter().map(|(name, address)| ((*name).to_owned(), address.parse().unwrap()));
        let servers = servers.iter().map(|name| (*name).to_owned()).collect();
        ([198, 51, 100, number].into(), Ok(Referral { servers, glue: glue.collect() }))
    }

    fn said(
        told_by: Vec<(IpAddr, Result<Referral, String>)>,
        ds: &[&str],
        ds_security: Security,
    ) -> Vec<(Tone, String)> {
        let ds = ds.iter().map(|data| (*data).to_owned()).collect();
        let seen = Delegation { parent: "example".to_owned(), told: told_by, ds, ds_security };
        told(&wanted(), &seen).into_iter().map(|line| (line.tone, line.text)).collect()
    }

    const BOTH: [(&str, &str); 2] =
        [("ns1.test.example", "192.0.2.25"), ("ns1.test.example", "2001:db8::25")];

    #[test]
    fn a_parent_that_says_all_of_it_is_right() {
        let right = || server(1, &["ns1.test.example"], &BOTH);
        let lines = said(vec![right(), right()], &["4711 13 2 abcdef"], Security::Secure);
        assert!(lines.iter().all(|(tone, _)| *tone == Tone::Good), "{lines:?}");
        assert!(lines[1].1.contains("vouches for the key 4711"), "{lines:?}");
        let older = said(vec![right()], &["1 13 2 aa", "4711 13 2 abcdef"], Security::Secure);
        assert!(older[1].0 == Tone::Good && older[1].1.contains("it names 1, too"), "{older:?}");
    }

    #[test]
    fn what_is_missing_at_the_parent_is_named() {
        let lines = said(vec![server(1, &[], &[])], &[], Security::Secure);
        assert!(lines[0].0 == Tone::Bad && lines[0].1.contains("delegates it to nobody yet"), "{lines:?}");
        assert!(lines[1].0 == Tone::Bad && lines[1].1.contains("has none of test.example"), "{lines:?}");
        let lines =
            said(vec![server(1, &["ns1.test.example"], &BOTH[..1])], &["7 13 2 00"], Security::Secure);
        assert!(
            lines[0].1.contains("has 192.0.2.25 for ns1.test.example, not 192.0.2.25, 2001:db8::25"),
            "{lines:?}"
        );
        assert!(
            lines[1].0 == Tone::Bad && lines[1].1.contains("names the key 7, and ours is 4711"),
            "{lines:?}"
        );
        let lines =
            said(vec![server(1, &["ns.old.example"], &[])], &["4711 13 2 abcdef"], Security::Insecure);
        assert!(lines[0].1.contains("does not name ns1.test.example"), "{lines:?}");
        assert!(lines[1].1.contains("names ns.old.example, which the zone does not"), "{lines:?}");
        assert!(lines[2].1.contains("is not signed itself"), "{lines:?}");
    }

    #[test]
    fn servers_of_the_parent_that_are_late_are_named() {
        let told = vec![server(1, &["ns1.test.example"], &BOTH), server(2, &[], &[])];
        let lines = said(told, &["4711 13 2 abcdef"], Security::Secure);
        assert!(lines[0].0 == Tone::Warning && lines[0].1.ends_with("198.51.100.2"), "{lines:?}");
        let silent = ([198, 51, 100, 3].into(), Err("no answer in time".to_owned()));
        let lines = said(vec![silent], &["4711 13 2 abcdef"], Security::Secure);
        assert!(
            lines[0].0 == Tone::Info && lines[0].1.contains("198.51.100.3: no answer in time"),
            "{lines:?}"
        );
    }
}
