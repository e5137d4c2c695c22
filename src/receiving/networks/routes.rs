//! Which autonomous systems announce an address: files in the format of the RISwhois dumps
//! (`AS<TAB>prefix<TAB>peers`), as RIPE's Routing Information Service publishes them, plain or compressed.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Routes that fewer peers see are not globally visible; internet.nl draws the line here, too.
const PEERS_MIN: u32 = 10;
/// Longer prefixes are not globally routed.
const V4_BITS_MAX: u8 = 24;
const V6_BITS_MAX: u8 = 48;
/// How many routes are kept; the whole table has about 1.3 million.
const ROUTES_MAX: usize = 4_000_000;
/// The longest line, in octets. An AS set has many numbers.
const LINE_OCTETS_MAX: u64 = 4_096;
/// The largest file, when unpacked, in octets.
const FILE_OCTETS_MAX: u64 = 1 << 30;

/// A route: prefix, its length, and who announces it. Prefixes are in the high bits of `P`; those of IPv6 have at most
/// 48, so that 64 hold them.
type Route<P> = (u8, P, u32);

/// The routing table, sorted by length and prefix: 12 octets for a route of IPv4, 16 for one of IPv6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    v4: Vec<Route<u32>>,
    v6: Vec<Route<u64>>,
}

/// Why a file gives no routes.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}; name files such as riswhoisdump.IPv4.gz")]
pub struct RoutesError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: String,
}

impl Routes {
    /// Reads `files`, all as one table.
    ///
    /// # Errors
    /// A file that cannot be read, or that has no line of the format.
    pub fn read(files: &[PathBuf]) -> Result<Self, RoutesError> {
        let mut routes = Self::default();
        for path in files {
            let unfit = |reason: String| RoutesError { path: path.clone(), reason };
            let file = File::open(path).map_err(|error| unfit(error.to_string()))?;
            let before = routes.len();
            let packed = path.extension().is_some_and(|extension| extension == "gz");
            let read =
                if packed { routes.add(MultiGzDecoder::new(BufReader::new(file))) } else { routes.add(file) };
            read.map_err(|error| unfit(error.to_string()))?;
            if routes.len() == before {
                return Err(unfit("it holds no route that ten peers see".to_owned()));
            }
        }
        routes.sort();
        Ok(routes)
    }

    /// Takes in the lines of one file. What is no route, as comments, is passed over.
    fn add(&mut self, file: impl Read) -> std::io::Result<()> {
        let mut file = BufReader::with_capacity(1 << 16, file.take(FILE_OCTETS_MAX));
        let mut line = Vec::new();
        while self.len() < ROUTES_MAX {
            line.clear();
            if (&mut file).take(LINE_OCTETS_MAX).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.last() != Some(&b'\n') && line.len() as u64 == LINE_OCTETS_MAX {
                file.skip_until(b'\n')?;
                continue;
            }
            if let Some((asn, net)) = std::str::from_utf8(&line).ok().and_then(route) {
                match net {
                    IpNet::V4(net) => self.v4.push((net.prefix_len(), u32::from(net.network()), asn)),
                    IpNet::V6(net) => {
                        self.v6.push((net.prefix_len(), (u128::from(net.network()) >> 64) as u64, asn));
                    }
                }
            }
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.v4.sort_unstable();
        self.v4.dedup();
        self.v4.shrink_to_fit();
        self.v6.sort_unstable();
        self.v6.dedup();
        self.v6.shrink_to_fit();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there are routes of the family of `address`: the dumps are a file for each.
    pub fn has(&self, address: IpAddr) -> bool {
        if address.to_canonical().is_ipv4() { !self.v4.is_empty() } else { !self.v6.is_empty() }
    }

    /// The longest prefix that `address` lies in, and who announces it; none: it is not routed.
    pub fn of(&self, address: IpAddr) -> Option<(IpNet, Vec<u32>)> {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let (bits, prefix, asns) = longest(&self.v4, V4_BITS_MAX, |bits| {
                    u32::from(address) & u32::MAX.checked_shl(u32::from(32 - bits)).unwrap_or(0)
                })?;
                Some((Ipv4Net::new(Ipv4Addr::from(prefix), bits).ok()?.into(), asns))
            }
            IpAddr::V6(address) => {
                let high = (u128::from(address) >> 64) as u64;
                let (bits, prefix, asns) = longest(&self.v6, V6_BITS_MAX, |bits| {
                    high & u64::MAX.checked_shl(u32::from(64 - bits)).unwrap_or(0)
                })?;
                Some((Ipv6Net::new(Ipv6Addr::from(u128::from(prefix) << 64), bits).ok()?.into(), asns))
            }
        }
    }
}

/// The longest match, its announcers sorted; `masked` gives the address' prefix of a length.
fn longest<P: Ord + Copy>(
    routes: &[Route<P>],
    bits_max: u8,
    masked: impl Fn(u8) -> P,
) -> Option<(u8, P, Vec<u32>)> {
    (1..=bits_max).rev().find_map(|bits| {
        let prefix = masked(bits);
        let first = routes.partition_point(|(other, at, _)| (*other, *at) < (bits, prefix));
        let same = routes[first..].iter().take_while(|(other, at, _)| (*other, *at) == (bits, prefix));
        let asns: Vec<u32> = same.map(|(_, _, asn)| *asn).collect();
        (!asns.is_empty()).then_some((bits, prefix, asns))
    })
}

/// One line. Routes of AS sets (`{1,2}`) have no single origin (RFC 6811 §2) and are left out.
fn route(line: &str) -> Option<(u32, IpNet)> {
    let mut fields = line.trim_end().split('\t');
    let asn: u32 = fields.next()?.trim().parse().ok()?;
    let net: IpNet = fields.next()?.trim().parse().ok()?;
    let peers: u32 = fields.next()?.trim().parse().ok()?;
    let bits_max = if net.addr().is_ipv4() { V4_BITS_MAX } else { V6_BITS_MAX };
    let fits = peers >= PEERS_MIN && (1..=bits_max).contains(&net.prefix_len());
    fits.then_some((asn, net.trunc()))
}

/// What tells one version of the files from another.
pub(super) type Versions = Vec<Option<(SystemTime, u64)>>;

/// The present versions of `files`.
pub(super) fn versions(files: &[PathBuf]) -> Versions {
    let version = |path: &PathBuf| {
        let metadata = Path::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(version).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const DUMP: &str = "% a comment\n\n64500\t192.0.2.0/24\t300\n64501\t192.0.2.0/24\t12\n64502\t192.0.0.0/16\t200\n\
        64503\t192.0.2.0/25\t300\n64504\t198.51.100.0/24\t9\n{64505,64506}\t203.0.113.0/24\t50\n64507\t0.0.0.0/0\t99\n\
        64508\t2001:db8::/32\t40\n64509\t2001:db8:1::/48\t40\n64510\t2001:db8:1:1::/64\t40\n64511\tnonsense\t40\n";

    fn routes() -> Routes {
        let mut routes = Routes::default();
        routes.add(DUMP.as_bytes()).unwrap();
        routes.sort();
        routes
    }

    fn of(routes: &Routes, address: &str) -> Option<(String, Vec<u32>)> {
        routes.of(address.parse().unwrap()).map(|(net, asns)| (net.to_string(), asns))
    }

    #[test]
    fn the_longest_prefix_that_ten_peers_see_counts() {
        let routes = routes();
        assert_eq!(routes.len(), 5);
        assert_eq!(of(&routes, "192.0.2.1"), Some(("192.0.2.0/24".to_owned(), vec![64500, 64501])));
        assert_eq!(of(&routes, "::ffff:192.0.3.1"), Some(("192.0.0.0/16".to_owned(), vec![64502])));
        assert_eq!(of(&routes, "2001:db8:1:1::1"), Some(("2001:db8:1::/48".to_owned(), vec![64509])));
        assert_eq!(of(&routes, "2001:db8:ffff::1"), Some(("2001:db8::/32".to_owned(), vec![64508])));
        for unrouted in ["198.51.100.1", "203.0.113.1", "8.8.8.8", "2001:db9::1"] {
            assert_eq!(of(&routes, unrouted), None, "{unrouted}");
        }
    }

    #[test]
    fn files_are_read_packed_and_plain() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("v4"), folder.path().join("v6.gz"));
        std::fs::write(&plain, DUMP).unwrap();
        let file = File::create(&packed).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packer.write_all(DUMP.as_bytes()).unwrap();
        packer.finish().unwrap();
        assert_eq!(Routes::read(&[plain.clone(), packed]).unwrap(), routes());
        std::fs::write(&plain, "no route\n").unwrap();
        let error = Routes::read(&[plain]).unwrap_err().to_string();
        assert!(
            error.ends_with("it holds no route that ten peers see; name files such as riswhoisdump.IPv4.gz")
        );
    }

    /// 1.05 million routes of IPv4 and 230 000 of IPv6, which is the whole table, take 16 MiB.
    #[test]
    fn a_route_is_small() {
        assert_eq!((size_of::<Route<u32>>(), size_of::<Route<u64>>()), (12, 16));
    }

    #[test]
    fn lines_without_end_are_passed_over() {
        let mut routes = Routes::default();
        let endless = "x".repeat(3 * LINE_OCTETS_MAX as usize);
        routes.add(format!("{endless}\n64500\t192.0.2.0/24\t300").as_bytes()).unwrap();
        routes.sort();
        assert_eq!(of(&routes, "192.0.2.1").map(|(_, asns)| asns), Some(vec![64500]));
    }
}
