//! Route origin validation (RFC 6811).

use ipnet::IpNet;

use crate::shared::evidence::scan::Rpki;

use super::routes::ByPrefix;

/// A validated ROA payload: who may announce a prefix, and how finely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vrp {
    pub prefix: IpNet,
    /// The longest prefix within it that may be announced.
    pub length_max: u8,
    /// Who may; 0 is nobody (RFC 6483 §4).
    pub asn: u32,
}

/// All payloads of a validator: how finely each prefix may be announced, and by whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vrps(ByPrefix<(u8, u32)>);

impl FromIterator<Vrp> for Vrps {
    fn from_iter<I: IntoIterator<Item = Vrp>>(payloads: I) -> Self {
        let mut vrps = Self::default();
        payloads.into_iter().for_each(|payload| vrps.insert(payload));
        vrps
    }
}

impl Vrps {
    /// Adds a payload. The same one twice is one.
    pub fn insert(&mut self, Vrp { prefix, length_max, asn }: Vrp) {
        self.0.insert(prefix.trunc(), (length_max, asn));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `asn` may announce `prefix` (RFC 6811 §2).
    pub fn validity(&self, prefix: IpNet, asn: u32) -> Rpki {
        let mut covering = self.0.covering(prefix).peekable();
        if covering.peek().is_none() {
            return Rpki::NotFound;
        }
        let matches = |(length_max, by)| by != 0 && by == asn && prefix.prefix_len() <= length_max;
        if covering.any(matches) { Rpki::Valid } else { Rpki::Invalid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_is_valid_invalid_or_not_found() {
        let vrp = |prefix: &str, length_max, asn| Vrp { prefix: prefix.parse().unwrap(), length_max, asn };
        let vrps: Vrps = [
            vrp("192.0.2.0/24", 24, 64500),
            vrp("198.51.0.0/16", 20, 64500),
            vrp("198.51.96.0/20", 24, 64501),
            vrp("203.0.113.0/24", 24, 0),
            vrp("2001:db8::/32", 48, 64500),
        ]
        .into_iter()
        .collect();
        for (prefix, asn, validity) in [
            ("192.0.2.0/24", 64500, Rpki::Valid),
            ("192.0.2.0/24", 64501, Rpki::Invalid),
            ("192.0.2.0/25", 64500, Rpki::Invalid),
            ("192.0.0.0/16", 64500, Rpki::NotFound),
            ("198.51.100.0/24", 64500, Rpki::Invalid),
            ("198.51.100.0/24", 64501, Rpki::Valid),
            ("203.0.113.0/24", 0, Rpki::Invalid),
            ("2001:db8:1::/48", 64500, Rpki::Valid),
            ("2001:db8:1::/49", 64500, Rpki::Invalid),
            ("2001:db9::/32", 64500, Rpki::NotFound),
        ] {
            assert_eq!(vrps.validity(prefix.parse().unwrap(), asn), validity, "{prefix} AS{asn}");
        }
    }
}
