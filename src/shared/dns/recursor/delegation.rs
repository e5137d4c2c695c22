//! A zone's servers, as its parent names them.

use std::net::IpAddr;

use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

/// How many name servers of a zone are looked at. The root and the largest zones have 13.
pub(super) const NAME_SERVERS_MAX: usize = 16;
/// How many addresses of one name server are looked at.
pub(super) const SERVER_ADDRESSES_MAX: usize = 8;

/// A zone and its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delegation {
    /// The apex, in lower case.
    pub(super) zone: Name,
    /// At most [`NAME_SERVERS_MAX`].
    pub(super) servers: Vec<NameServer>,
    /// Whether the parent has DS records for it: then its answers come with signatures.
    pub(super) signed: bool,
}

/// A name server of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NameServer {
    /// Its name, in lower case; of a hint the root.
    pub(super) name: Name,
    /// The addresses that came with the delegation, at most [`SERVER_ADDRESSES_MAX`].
    pub(super) addresses: Vec<IpAddr>,
}

impl Delegation {
    /// The root, by its hints: whatever their names are.
    pub(super) fn hints(hints: &[IpAddr]) -> Self {
        let hint = |address: &IpAddr| NameServer { name: Name::root(), addresses: vec![*address] };
        Self { zone: Name::root(), servers: hints.iter().map(hint).collect(), signed: true }
    }

    /// What a parent says of the zone at `owner`: NS records, and addresses that come with them (RFC 1034 §5.3.3,
    /// "glue"). Of addresses only those are taken that lie below the zone which is `asked`: of others its servers
    /// know nothing, and may say what they like.
    pub(super) fn read<'a>(
        owner: &Name,
        asked: &Name,
        records: impl Iterator<Item = &'a Record> + Clone,
        glue: &[Record],
    ) -> Option<Self> {
        let here = records.filter(|record| record.name == *owner && record.dns_class == DNSClass::IN);
        let mut servers: Vec<NameServer> = Vec::new();
        for record in here.clone() {
            let RData::NS(target) = &record.data else { continue };
            let name = target.to_lowercase();
            if servers.len() < NAME_SERVERS_MAX && servers.iter().all(|server| server.name != name) {
                let addresses =
                    if asked.zone_of(&name) { addresses(&name, glue).collect() } else { Vec::new() };
                servers.push(NameServer { name, addresses });
            }
        }
        let signed = here.clone().any(|record| record.record_type() == RecordType::DS);
        (!servers.is_empty()).then(|| Self { zone: owner.to_lowercase(), servers, signed })
    }

    /// Whether another zone lies below this one.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        self.zone != other.zone && self.zone.zone_of(&other.zone)
    }

    /// All addresses that came with it, the first of every server first.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let mut all = Vec::new();
        for at in 0..SERVER_ADDRESSES_MAX {
            for address in self.servers.iter().filter_map(|server| server.addresses.get(at)) {
                if !all.contains(address) {
                    all.push(*address);
                }
            }
        }
        all
    }

    /// About how much memory it takes, in octets.
    pub(super) fn octets(&self) -> usize {
        let servers = self.servers.iter().map(|server| 64 + server.name.len() + 17 * server.addresses.len());
        64 + 2 * self.zone.len() + servers.sum::<usize>()
    }
}

/// The addresses of a host among records, families in turn, as they came.
fn addresses<'a>(host: &'a Name, records: &'a [Record]) -> impl Iterator<Item = IpAddr> + 'a {
    let owned = records.iter().filter(move |record| record.name == *host && record.dns_class == DNSClass::IN);
    owned.filter_map(|record| address(&record.data)).take(SERVER_ADDRESSES_MAX)
}

/// The address that a record is.
pub(super) fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, AAAA, NS};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("a name")
    }

    fn ns(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::NS(NS(name(target))))
    }

    #[test]
    fn only_so_many_addresses_of_a_server_are_looked_at() {
        let servers: Vec<Record> = (0..40).map(|n| ns("a.test.", &format!("ns{}.a.test.", n / 2))).collect();
        let mut glue: Vec<Record> = (0..40)
            .map(|n| Record::from_rdata(name("NS0.a.test."), 60, RData::A(A::new(192, 0, 2, n))))
            .collect();
        glue.push(Record::from_rdata(
            name("ns1.a.test."),
            60,
            RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        ));
        let read =
            Delegation::read(&name("a.test."), &name("test."), servers.iter(), &glue).expect("a delegation");
        assert_eq!(read.servers.len(), NAME_SERVERS_MAX);
        assert_eq!(read.addresses().len(), SERVER_ADDRESSES_MAX + 1);
        // The first of each before the second of any.
        assert_eq!(read.addresses()[1], "2001:db8::1".parse::<IpAddr>().expect("an address"));
        assert!(read.octets() > 16 * 64);
    }

    #[test]
    fn addresses_of_hosts_elsewhere_are_not_believed() {
        let servers = [ns("a.test.", "ns.bank.example."), ns("b.test.", "ns.b.test.")];
        let glue = [Record::from_rdata(name("ns.bank.example."), 60, RData::A(A::new(192, 0, 2, 1)))];
        let read =
            Delegation::read(&name("a.test."), &name("test."), servers.iter(), &glue).expect("a delegation");
        let expected = NameServer { name: name("ns.bank.example."), addresses: Vec::new() };
        assert_eq!(read.servers, [expected]);
        assert_eq!(Delegation::read(&name("c.test."), &name("test."), servers.iter(), &glue), None);
    }
}
