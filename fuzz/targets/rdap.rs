//! RDAP: answers and the files that say who gives them (`scan::networks`).
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use libfuzzer_sys::fuzz_target;
use mailassay::receiving::networks::{Bootstrap, rdap_network, rdap_registrar};

fuzz_target!(|text: &str| {
    if let Some(network) = rdap_network(text) {
        network
            .range
            .iter()
            .for_each(|(first, last)| assert!(first <= last && first.is_ipv4() == last.is_ipv4()));
        let kept = [network.name, network.organisation, network.country];
        assert!(kept.iter().flatten().all(|text| is_kept(text)), "{kept:?}");
    }
    if let Ok(registrar) = rdap_registrar(text) {
        assert!(registrar.is_none_or(|name| is_kept(&name)));
    }
    if let Ok(bootstrap) = Bootstrap::parse(&[text]) {
        let found = [
            bootstrap.of_domain("a.example.org"),
            bootstrap.of_address(IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8))),
        ];
        for service in found.into_iter().flatten() {
            assert!(bootstrap.names(&service.host));
            assert!(service.path.starts_with('/') && service.path.ends_with('/'), "{service:?}");
        }
    }
});

/// What strangers name is shown on pages and in mails.
fn is_kept(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control)
}
