//! The root of the public DNS.

use std::net::{IpAddr, SocketAddr};

/// The root zone's key-signing keys as DS records, from <https://data.iana.org/root-anchors/root-anchors.xml>.
pub(super) const TRUST_ANCHORS: &str = "\
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
";

/// The root servers `a` to `m`, each at both of its addresses, from
/// <https://www.internic.net/domain/named.root>. On a host that lacks a family the addresses of that one fail
/// at once, and the recursor goes on to the others.
pub(super) fn servers() -> Vec<SocketAddr> {
    let addresses = [
        ("198.41.0.4", "2001:503:ba3e::2:30"),
        ("170.247.170.2", "2801:1b8:10::b"),
        ("192.33.4.12", "2001:500:2::c"),
        ("199.7.91.13", "2001:500:2d::d"),
        ("192.203.230.10", "2001:500:a8::e"),
        ("192.5.5.241", "2001:500:2f::f"),
        ("192.112.36.4", "2001:500:12::d0d"),
        ("198.97.190.53", "2001:500:1::53"),
        ("192.36.148.17", "2001:7fe::53"),
        ("192.58.128.30", "2001:503:c27::2:30"),
        ("193.0.14.129", "2001:7fd::1"),
        ("199.7.83.42", "2001:500:9f::42"),
        ("202.12.27.33", "2001:dc3::35"),
    ];
    let address = |text: &str| text.parse::<IpAddr>().expect("an address as text");
    let both = addresses.iter().flat_map(|(v4, v6)| [address(v4), address(v6)]);
    both.map(|address| SocketAddr::new(address, 53)).collect()
}

#[cfg(test)]
mod tests {
    use hickory_proto::dnssec::rdata::DNSKEY;
    use hickory_proto::dnssec::{DigestType, TrustAnchors};
    use hickory_proto::rr::Name;

    use super::*;

    /// hickory-proto has the same keys as keys.
    #[test]
    fn the_anchors_are_the_digests_of_the_roots_keys() {
        assert_eq!(servers().iter().filter(|server| server.is_ipv4()).count(), 13);
        assert_eq!(servers().iter().filter(|server| server.is_ipv6()).count(), 13);
        let keys = TrustAnchors::default();
        let keys: Vec<DNSKEY> =
            (0..keys.len()).filter_map(|at| Some(DNSKEY::with_flags(257, keys.get(at)?.clone()))).collect();
        assert_eq!(keys.len(), TRUST_ANCHORS.lines().count());
        for key in keys {
            let digest = key.to_digest(&Name::root(), DigestType::SHA256).expect("SHA-256 is supported");
            let hex: String = digest.as_ref().iter().map(|octet| format!("{octet:02X}")).collect();
            let line = format!(". IN DS {} 8 2 {hex}", key.calculate_key_tag().expect("a key tag"));
            assert!(TRUST_ANCHORS.lines().any(|anchor| anchor == line), "{line}");
        }
    }
}
