//! The name servers of the service's own zones: whoever else answers from them is asked questions that are not seen here.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{LowerName, Name, RData, RecordType};

use super::zone::{Authority, RrSet, Zones};

/// A name server of a zone in which questions are observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServer {
    /// Its name, without the final dot.
    pub host: String,
    /// Its addresses, as zones of ours have them. Empty: none of them knows the name.
    pub addresses: Vec<IpAddr>,
}

impl Authority {
    /// The name servers of the origin's zone and of those below it, each once.
    pub fn name_servers(&self) -> Vec<NameServer> {
        let zones = self.zones();
        let mut servers: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
        for zone in zones.all().filter(|zone| zones.observes(&Name::from(&zone.apex))) {
            let records = zone.get(&zone.apex, RecordType::NS).into_iter().flat_map(RrSet::iter);
            for record in records {
                let RData::NS(NS(host)) = &record.data else { continue };
                let mut name = host.to_lowercase();
                name.set_fqdn(false);
                servers.entry(name.to_ascii()).or_insert_with(|| addresses(&zones, &host.into()));
            }
        }
        servers.into_iter().map(|(host, addresses)| NameServer { host, addresses }).collect()
    }
}

/// The addresses of a host, as the deepest zone of ours has them that holds it.
fn addresses(zones: &Zones, host: &LowerName) -> Vec<IpAddr> {
    let Some(zone) = zones.holding(host, false) else { return Vec::new() };
    let sets = [RecordType::A, RecordType::AAAA].map(|rtype| zone.get(host, rtype));
    let records = sets.into_iter().flatten().flat_map(RrSet::iter);
    let address = |data: &RData| match data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    };
    records.filter_map(|record| address(&record.data)).collect()
}
