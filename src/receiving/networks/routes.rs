//! Which autonomous systems announce an address: files in the format of the RISwhois dumps
//! (`AS<TAB>prefix<TAB>peers`), as RIPE's Routing Information Service publishes them, plain or compressed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use ipnet::IpNet;
use prefix_trie::joint::JointPrefixMap;

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

/// The routing table: who announces which prefix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routes(ByPrefix<u32>);

/// What is known of prefixes. Most have one value, which the trie holds; the others of a prefix are kept apart, so that
/// a prefix need not have a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ByPrefix<T> {
    firsts: JointPrefixMap<IpNet, T>,
    others: BTreeSet<(IpNet, T)>,
}

impl<T: Copy + Default + Ord> ByPrefix<T> {
    /// Adds a value of `prefix`, whose bits beyond its length are zero. The same one twice is one.
    pub(super) fn insert(&mut self, prefix: IpNet, value: T) {
        if *self.firsts.entry(prefix).or_insert(value) != value {
            self.others.insert((prefix, value));
        }
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.firsts.len() + self.others.len()
    }

    /// The values of every prefix that covers `prefix`, itself among them.
    pub(super) fn covering(&self, prefix: IpNet) -> impl Iterator<Item = T> {
        self.firsts.cover(&prefix).flat_map(|(prefix, first)| self.of(prefix, *first))
    }

    /// The longest prefix that covers `prefix`, and its values, sorted.
    fn longest(&self, prefix: IpNet) -> Option<(IpNet, Vec<T>)> {
        let (prefix, first) = self.firsts.get_lpm(&prefix)?;
        let mut values: Vec<T> = self.of(prefix, *first).collect();
        values.sort_unstable();
        Some((prefix, values))
    }

    fn of(&self, prefix: IpNet, first: T) -> impl Iterator<Item = T> {
        let others = self.others.range((prefix, T::default())..);
        let others = others.take_while(move |(at, _)| *at == prefix).map(|(_, value)| *value);
        std::iter::once(first).chain(others)
    }
}

/// Why a file gives no routes.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}; name files such as riswhoisdump.IPv4.gz")]
pub struct RoutesError {
    pub path: PathBuf,
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
            let packed = path.extension().is_some_and(|extension| extension == "gz");
            let read =
                if packed { routes.add(MultiGzDecoder::new(BufReader::new(file))) } else { routes.add(file) };
            if read.map_err(|error| unfit(error.to_string()))? == 0 {
                return Err(unfit("it holds no route that ten peers see".to_owned()));
            }
        }
        Ok(routes)
    }

    /// Takes in the lines of one file, and says how many are routes. What is none, as comments, is passed over.
    fn add(&mut self, file: impl Read) -> std::io::Result<usize> {
        let mut file = BufReader::with_capacity(1 << 16, file.take(FILE_OCTETS_MAX));
        let (mut line, mut taken) = (Vec::new(), 0);
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
                self.0.insert(net, asn);
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there are routes of the family of `address`: the dumps are a file for each.
    pub fn has(&self, address: IpAddr) -> bool {
        let routes = &self.0.firsts;
        if address.to_canonical().is_ipv4() { !routes.t1.is_empty() } else { !routes.t2.is_empty() }
    }

    /// The longest prefix that `address` lies in, and who announces it; none: it is not routed.
    pub fn of(&self, address: IpAddr) -> Option<(IpNet, Vec<u32>)> {
        self.0.longest(address.to_canonical().into())
    }
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

    use ipnet::{Ipv4Net, Ipv6Net};

    use super::*;

    const DUMP: &str = "% a comment\n\n64500\t192.0.2.0/24\t300\n64501\t192.0.2.0/24\t12\n64502\t192.0.0.0/16\t200\n\
        64503\t192.0.2.0/25\t300\n64504\t198.51.100.0/24\t9\n{64505,64506}\t203.0.113.0/24\t50\n64507\t0.0.0.0/0\t99\n\
        64508\t2001:db8::/32\t40\n64509\t2001:db8:1::/48\t40\n64510\t2001:db8:1:1::/64\t40\n64511\tnonsense\t40\n";

    fn routes() -> Routes {
        let mut routes = Routes::default();
        routes.add(DUMP.as_bytes()).unwrap();
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

    /// 1.05 million routes of IPv4 and 230 000 of IPv6, which is the whole table, take some 20 MiB. Here is a
    /// twentieth of it, each far from the next, which is the worst.
    #[test]
    fn a_route_is_small() {
        let mut routes = Routes::default();
        for number in 0..52_500_u32 {
            let net = Ipv4Net::new((0x0100_0000 + number * 0x1100).into(), 24).unwrap();
            routes.0.insert(net.trunc().into(), number);
        }
        for number in 0..11_500_u32 {
            let net = Ipv6Net::new((0x2001_u128 << 112 | u128::from(number * 7) << 80).into(), 48).unwrap();
            routes.0.insert(net.trunc().into(), number);
        }
        assert_eq!(routes.len(), 64_000);
        let octets = routes.0.firsts.t1.mem_size() + routes.0.firsts.t2.mem_size();
        assert!(octets <= 32 * routes.len(), "{octets}");
    }

    #[test]
    fn lines_without_end_are_passed_over() {
        let mut routes = Routes::default();
        let endless = "x".repeat(3 * LINE_OCTETS_MAX as usize);
        routes.add(format!("{endless}\n64500\t192.0.2.0/24\t300").as_bytes()).unwrap();
        assert_eq!(of(&routes, "192.0.2.1").map(|(_, asns)| asns), Some(vec![64500]));
    }
}
