//! A DNS zone that gives the origins of addresses, in the form of Team Cymru's: `23028 | 216.90.108.0/24 | US | …` at
//! the reversed address below `origin.` or `origin6.`.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::shared::dns::Lookup;

/// Longer prefixes are not globally routed.
const V4_BITS_MAX: u8 = 24;
const V6_BITS_MAX: u8 = 48;

/// The longest prefix of `address` that `zone` knows, and who announces it; none: it knows none.
///
/// # Errors
/// Why there is no answer.
pub(super) async fn ask(
    lookup: &dyn Lookup,
    zone: &str,
    address: IpAddr,
) -> Result<Option<(IpNet, Vec<u32>)>, String> {
    let name = name(zone, address);
    let answer = lookup.txt(&name).await.known()?;
    Ok(longest(answer.records(), address))
}

/// The reversed address below the zone: octets for IPv4, nibbles for IPv6, of which the routed half is enough.
fn name(zone: &str, address: IpAddr) -> String {
    let zone = zone.trim_matches('.');
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.origin.{zone}")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().take(8).flat_map(|octet| [octet >> 4, octet & 15]);
            let nibbles: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            let reversed: Vec<&str> = nibbles.iter().rev().map(String::as_str).collect();
            format!("{}.origin6.{zone}", reversed.join("."))
        }
    }
}

fn longest(records: &[String], address: IpAddr) -> Option<(IpNet, Vec<u32>)> {
    let routes: Vec<(IpNet, Vec<u32>)> = records.iter().filter_map(|record| route(record, address)).collect();
    let prefix = routes.iter().map(|(net, _)| *net).max_by_key(IpNet::prefix_len)?;
    let mut asns: Vec<u32> =
        routes.into_iter().filter(|(net, _)| *net == prefix).flat_map(|(_, asns)| asns).collect();
    asns.sort_unstable();
    asns.dedup();
    Some((prefix, asns))
}

fn route(record: &str, address: IpAddr) -> Option<(IpNet, Vec<u32>)> {
    let mut fields = record.split('|').map(str::trim);
    let asns: Vec<u32> = fields.next()?.split_whitespace().filter_map(|asn| asn.parse().ok()).collect();
    let net: IpNet = fields.next()?.parse().ok()?;
    let bits_max = if net.addr().is_ipv4() { V4_BITS_MAX } else { V6_BITS_MAX };
    let fits = !asns.is_empty() && net.contains(&address.to_canonical()) && net.prefix_len() <= bits_max;
    fits.then_some((net.trunc(), asns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_reversed() {
        let name = |address: &str| name("asn.example.", address.parse().unwrap());
        assert_eq!(name("192.0.2.1"), "1.2.0.192.origin.asn.example");
        assert_eq!(name("2001:db8::1"), "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.origin6.asn.example");
    }

    #[test]
    fn the_longest_prefix_counts() {
        let records: Vec<String> = [
            "64500 64499 | 192.0.2.0/24 | ZZ | ripencc | 2010-01-01",
            "64502 | 192.0.0.0/16 | ZZ | ripencc | 2010-01-01",
            "64503 | 198.51.100.0/24 | ZZ | ripencc |",
            "64504 | 192.0.2.0/25 | ZZ | ripencc |",
            "nonsense",
        ]
        .map(str::to_owned)
        .to_vec();
        let expected = ("192.0.2.0/24".parse().unwrap(), vec![64499, 64500]);
        assert_eq!(longest(&records, "192.0.2.9".parse().unwrap()), Some(expected));
        assert_eq!(longest(&records, "203.0.113.9".parse().unwrap()), None);
    }
}
