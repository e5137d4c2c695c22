//! Whether the zone's name servers answer, and whether we see the questions that they are asked.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::super::config_check::{Line, Running};
use super::Wanted;
use crate::operations::host::{NameServer, Serial, name_servers};
use crate::sending::persona::Catalogue;
use crate::shared::dns::records::NS;
use crate::shared::dns::{Lookup, Resolver};
use crate::shared::text::clean;

/// The zones whose name servers are looked at.
pub(super) struct Zones<'a> {
    pub(super) wanted: &'a Wanted,
    /// Those in which a test's names lie.
    pub(super) suite: &'a [String],
}

/// The zones in which the domains of tests lie, of all that are served here.
pub(super) fn suite_zones(served: &[String], catalogue: &Catalogue) -> Vec<String> {
    let served: Vec<&str> = served.iter().map(|zone| zone.trim_end_matches('.')).collect();
    let deepest = |domain: String| {
        let holding = served.iter().filter(|zone| {
            domain == **zone || domain.strip_suffix(**zone).is_some_and(|head| head.ends_with('.'))
        });
        holding.max_by_key(|zone| zone.len()).map(|zone| (*zone).to_owned())
    };
    let zones: BTreeSet<String> =
        catalogue.classic_cases().filter_map(|case| deepest(catalogue.domain(case))).collect();
    zones.into_iter().collect()
}

/// Asks all name servers. `own` knows what our zones say, `ours` are our addresses.
pub(super) async fn look(
    lookup: &Resolver,
    own: &Resolver,
    Zones { wanted, suite }: Zones<'_>,
    ours: &BTreeSet<IpAddr>,
    runs: Running,
) -> Vec<Line> {
    let seen = name_servers(lookup, &wanted.zone, &wanted.servers).await;
    let mut lines = told(&seen, ours, runs);
    // Of a service that runs the self-check has said it.
    for zone in suite.iter().filter(|_| runs != Running::Yes) {
        let named = NS.of(own.ask(zone, NS.code()).await.looked);
        let mut strangers = Vec::new();
        for name in named.records() {
            let addresses = own.addresses(name).await;
            strangers.extend(
                addresses
                    .records()
                    .iter()
                    .filter(|address| !ours.contains(*address))
                    .map(|address| format!("{} ({address})", clean(name))),
            );
        }
        lines.extend(unseen(zone, &strangers));
    }
    lines
}

/// That questions for the names of tests may go where we do not see them.
fn unseen(zone: &str, strangers: &[String]) -> Option<Line> {
    (!strangers.is_empty()).then(|| {
        Line::warning(format!(
            "name servers: tests lie in the zone {zone}, and {} answers for it, too: what it is asked is not seen here, so \
             that \"never asked\" proves nothing in any verdict; take its NS record out of that zone or, \
             if it is this host, list its address in `dns.reached_at`",
            strangers.join(", ")
        ))
    })
}

fn told(seen: &[NameServer], ours: &BTreeSet<IpAddr>, runs: Running) -> Vec<Line> {
    let mut lines = Vec::new();
    let own_serial = seen
        .iter()
        .flat_map(|server| server.addresses.as_deref().unwrap_or_default())
        .find_map(|(address, udp, _)| udp.as_ref().ok().filter(|_| ours.contains(address)));
    for NameServer { name, addresses } in seen {
        let answers = match addresses {
            Ok(answers) if answers.is_empty() => {
                lines.push(Line::bad(format!(
                    "name server {name}: others find no address of it; see what the parent says"
                )));
                continue;
            }
            Ok(answers) => answers,
            Err(why) => {
                lines.push(Line::bad(format!("name server {name}: {}", clean(why))));
                continue;
            }
        };
        for (address, udp, tcp) in answers {
            // Whoever does not run is told once that it does not.
            if ours.contains(address) && runs == Running::No {
                continue;
            }
            lines.push(answered(name, *address, (udp, tcp), own_serial.filter(|_| !ours.contains(address))));
        }
    }
    lines
}

fn answered(name: &str, address: IpAddr, (udp, tcp): (&Serial, &Serial), own: Option<&u32>) -> Line {
    let place = format!("name server {name} ({address})");
    match (udp, tcp) {
        (Ok(serial), Ok(_)) => match own.filter(|own| *own != serial) {
            None => Line::good(format!("{place}: it answers over UDP and TCP")),
            Some(own) => Line::warning(format!(
                "{place}: it has the serial {serial}, and this service {own}; look again in some minutes: if it stays \
                 behind, see whether it may transfer the zone and is notified"
            )),
        },
        (Err(why), Err(_)) => {
            Line::bad(format!("{place}: {}; is port 53 let in there, over UDP and TCP?", clean(why)))
        }
        (Ok(_), Err(why)) => Line::bad(format!(
            "{place}: over UDP it answers, over TCP not ({}): let in port 53 over TCP, too, or long answers are lost",
            clean(why)
        )),
        (Err(why), Ok(_)) => Line::bad(format!(
            "{place}: over TCP it answers, over UDP not ({}): let in port 53 over UDP",
            clean(why)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::persona::CatalogueFiles;
    use crate::shared::text::Tone;

    const OURS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 25));
    const THEIRS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 53));

    fn said(addresses: Vec<(IpAddr, Serial, Serial)>, runs: Running) -> Vec<(Tone, String)> {
        let seen = [NameServer { name: "ns1.test.example".to_owned(), addresses: Ok(addresses) }];
        let lines = told(&seen, &BTreeSet::from([OURS]), runs);
        lines.into_iter().map(|line| (line.tone, line.text)).collect()
    }

    #[test]
    fn each_way_to_a_name_server_is_looked_at() {
        let silent = || Err("no answer in time".to_owned());
        let lines = said(vec![(OURS, Ok(7), Ok(7)), (THEIRS, Ok(7), silent())], Running::Yes);
        assert_eq!(lines[0].0, Tone::Good);
        assert!(lines[1].0 == Tone::Bad && lines[1].1.contains("let in port 53 over TCP"), "{lines:?}");
        let lines = said(vec![(OURS, silent(), silent())], Running::Yes);
        assert!(lines[0].0 == Tone::Bad && lines[0].1.contains("is port 53 let in there"), "{lines:?}");
        assert_eq!(said(vec![(OURS, silent(), silent())], Running::No), []);
        let lines = said(vec![(OURS, Ok(7), Ok(7)), (THEIRS, Ok(6), Ok(6))], Running::Yes);
        assert!(
            lines[1].0 == Tone::Warning && lines[1].1.contains("serial 6, and this service 7"),
            "{lines:?}"
        );
    }

    #[test]
    fn tests_whose_questions_others_answer_are_warned_of() {
        let catalogue = CatalogueFiles::embedded().catalogue("test.example").unwrap();
        let served = ["test.example.", "none.test.example.", "example."].map(str::to_owned);
        assert_eq!(suite_zones(&served, &catalogue), ["test.example"]);
        let served = ["test.example.", "et.test.example."].map(str::to_owned);
        assert_eq!(suite_zones(&served, &catalogue), ["et.test.example", "test.example"]);
        assert_eq!(unseen("test.example", &[]), None);
        let line = unseen("test.example", &["ns2.example (198.51.100.53)".to_owned()]).unwrap();
        assert!(line.tone == Tone::Warning && line.text.contains("proves nothing"), "{}", line.text);
    }
}
