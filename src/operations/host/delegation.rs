//! How the world finds a zone: what the servers of its parent say, and what its own name servers answer.

use std::net::IpAddr;

use futures_util::future::join_all;

use crate::shared::dns::records::{NS, SOA};
use crate::shared::dns::{Direct, DirectLookup, Lookup, Over, RData, RecordType, Referral, Resolver};
use crate::shared::evidence::Security;

/// How many addresses of a parent's servers are asked.
const PARENT_ADDRESSES_MAX: usize = 8;
/// How many addresses of the zone's own name servers are asked.
const OWN_ADDRESSES_MAX: usize = 16;

/// What the parent says of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The zone above, without the final dot; the root is empty.
    pub parent: String,
    /// What each of its servers says, or why it says nothing.
    pub told: Vec<(IpAddr, Result<Referral, String>)>,
    /// The DS records, as they stand in a zone file, in lower case and in order.
    pub ds: Vec<String>,
    /// The state of the DS records or of their denial.
    pub ds_security: Security,
}

/// Asks the servers of the parent of `zone`, each for what it says by itself.
///
/// # Errors
///
/// If the parent or its servers cannot be looked up.
pub async fn delegation(lookup: &Resolver, zone: &str) -> Result<Delegation, String> {
    let zone = zone.trim_end_matches('.');
    let above = zone.split_once('.').map_or(".", |(_, above)| above);
    let response = lookup.ask(above, SOA.code()).await;
    response.looked.known()?;
    let parent = response.zone.ok_or_else(|| format!("which zone {zone} lies in is not known"))?;
    let apex = if parent.is_empty() { "." } else { &parent };
    let servers = NS.of(lookup.ask(apex, NS.code()).await.looked).known()?;
    let mut addresses = Vec::new();
    for server in servers.records().iter().take(PARENT_ADDRESSES_MAX) {
        // One whose name cannot be looked up is as good as none.
        addresses.extend(lookup.addresses(server).await.records());
    }
    addresses.sort();
    addresses.dedup();
    addresses.truncate(PARENT_ADDRESSES_MAX);
    let asking = addresses.iter().map(async |address| (*address, lookup.referral(*address, zone).await));
    let told = join_all(asking).await;
    let ds = lookup.ask(zone, RecordType::DS).await.looked.known()?;
    let mut records: Vec<String> =
        ds.records().iter().map(|data| data.to_string().to_ascii_lowercase()).collect();
    records.sort();
    Ok(Delegation { ds_security: ds.weakest(), parent, told, ds: records })
}

/// What a name server answers when it is asked for the SOA of its zone: its serial, or what is wrong.
pub type Serial = Result<u32, String>;

/// A name server of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServer {
    pub name: String,
    /// Its addresses, each with its answers over UDP and over TCP; or why they are not known.
    pub addresses: Result<Vec<(IpAddr, Serial, Serial)>, String>,
}

/// Asks each of the `names` at each of its addresses for the SOA of `zone`. `lookup` finds them as others do.
pub async fn name_servers(lookup: &Resolver, zone: &str, names: &[String]) -> Vec<NameServer> {
    let mut room = OWN_ADDRESSES_MAX;
    let mut found = Vec::new();
    for name in names {
        let addresses = match lookup.addresses(name).await.known() {
            Ok(looked) => {
                let chosen: Vec<IpAddr> = looked.records().iter().take(room).copied().collect();
                room -= chosen.len();
                Ok(join_all(chosen.into_iter().map(|address| asked(lookup, zone, address))).await)
            }
            Err(why) => Err(why),
        };
        found.push(NameServer { name: name.clone(), addresses });
    }
    found
}

async fn asked(lookup: &Resolver, zone: &str, address: IpAddr) -> (IpAddr, Serial, Serial) {
    let ask = |over| lookup.ask_server(address, over, zone, RecordType::SOA);
    let (udp, tcp) = tokio::join!(ask(Over::Udp), ask(Over::Tcp));
    (address, serial(udp), serial(tcp))
}

fn serial(said: Direct) -> Serial {
    match said {
        Direct::Records(records) => {
            let serial = records.iter().find_map(|data| match data {
                RData::SOA(soa) => Some(soa.serial),
                _ => None,
            });
            serial.ok_or_else(|| "it has no such zone".to_owned())
        }
        Direct::Cut => Err("its answer is cut".to_owned()),
        Direct::Other(what) | Direct::Silent(what) | Direct::Forbidden(what) => Err(what),
    }
}
