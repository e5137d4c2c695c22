//! The name servers of a zone.

use std::net::IpAddr;

use futures_util::future::join_all;

use super::inquiry::Inquiry;
use crate::shared::dns::records::{A, AAAA};
use crate::shared::evidence::scan::{Evidence, LookupResult, NameServer};

/// The name servers of a zone and their addresses.
pub(super) async fn of_zone(inquiry: &Inquiry<'_>, zone: &str, ns: &LookupResult<String>) -> Vec<NameServer> {
    let mut listed = ns.records().to_vec();
    listed.sort();
    if listed.len() > Evidence::NAME_SERVERS_MAX {
        inquiry.cut(format!("name servers of {zone}"), Some(listed.len()), Evidence::NAME_SERVERS_MAX);
        listed.truncate(Evidence::NAME_SERVERS_MAX);
    }
    let asking = listed.into_iter().map(|name| async {
        let (a, aaaa) = tokio::join!(inquiry.look_up(&name, A), inquiry.look_up(&name, AAAA));
        NameServer { name, a, aaaa, reach: Vec::new() }
    });
    join_all(asking).await
}

/// Tries those addresses of the servers that are wanted, so many of each family.
pub(super) async fn reach(
    inquiry: &Inquiry<'_>,
    zone: &str,
    servers: &mut [NameServer],
    wanted: impl Fn(&IpAddr) -> bool + Copy,
) {
    let trying = servers.iter().map(|server| {
        let of_family = |looked: &LookupResult<IpAddr>| {
            let wanted: Vec<IpAddr> = looked.records().iter().copied().filter(wanted).collect();
            if wanted.len() > OF_FAMILY_MAX {
                inquiry.cut(
                    format!("{} of {}", looked.rtype, server.name),
                    Some(wanted.len()),
                    OF_FAMILY_MAX,
                );
            }
            wanted.into_iter().take(OF_FAMILY_MAX)
        };
        let addresses: Vec<IpAddr> = of_family(&server.a).chain(of_family(&server.aaaa)).collect();
        async move { join_all(addresses.into_iter().map(|address| inquiry.reach(address, zone))).await }
    });
    let reached = join_all(trying).await;
    for (server, reach) in servers.iter_mut().zip(reached) {
        server.reach = reach;
    }
}

/// How many addresses of each family of a name server are tried.
const OF_FAMILY_MAX: usize = Evidence::ADDRESSES_MAX / 2;
