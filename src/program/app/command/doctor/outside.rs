//! How a resolver elsewhere sees the tests: that of this host's network, which is another host than this one in most places.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use super::super::config_check::Line;
use crate::program::app::Clock;
use crate::sending::persona::Catalogue;
use crate::shared::dns::{Lookup, Resolver, ResolverSettings, Servers};
use crate::shared::evidence::Security;
use crate::shared::text::clean;

/// Where the system says whom it asks (resolv.conf(5)).
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// How many of them the system's own library asks (MAXNS).
const RESOLVERS_MAX: usize = 3;
const DNS_PORT: u16 = 53;

/// Asks each resolver of this host for the MX records of the tests.
pub(super) async fn look(own: &ResolverSettings, catalogue: &Catalogue, clock: Clock) -> Vec<Line> {
    let text = fs::read_to_string(RESOLV_CONF).unwrap_or_default();
    let resolvers = resolvers(&text);
    if resolvers.is_empty() {
        return vec![Line::open(&format!("from outside: {RESOLV_CONF} names no resolver to ask"))];
    }
    let (Servers::Recursor { trust_anchors, .. } | Servers::Forwarder { trust_anchors, .. }) = &own.servers;
    let mut lines = Vec::new();
    for resolver in resolvers {
        let addresses = vec![SocketAddr::new(resolver, DNS_PORT)];
        let servers = Servers::Forwarder { addresses, trust_anchors: trust_anchors.clone() };
        let settings = ResolverSettings { servers, cache_ttl_max_s: 0, ..own.clone() };
        lines.push(match Resolver::new(settings, clock.clone()) {
            Ok(lookup) => seen_by(resolver, &lookup, catalogue).await,
            Err(error) => Line::open(&format!("from outside: {resolver}: {error}")),
        });
    }
    lines
}

/// The resolvers that a resolv.conf names. One with a zone (`fe80::1%eth0`) is not asked.
fn resolvers(text: &str) -> Vec<IpAddr> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse().ok()).flatten()
    });
    lines.take(RESOLVERS_MAX).collect()
}

async fn seen_by(resolver: IpAddr, lookup: &Resolver, catalogue: &Catalogue) -> Line {
    let place = format!("from outside: the resolver {resolver}");
    let mut insecure = None;
    for case in catalogue.classic_cases() {
        let domain = catalogue.domain(case);
        let mx = lookup.mx(&domain).await;
        let state = mx.weakest();
        match mx.known() {
            Err(why) => {
                return Line::warning(format!(
                    "{place} does not find the tests: {}; it may remember an older answer, or not reach this host",
                    clean(&why)
                ));
            }
            Ok(mx) if mx.denied() => {
                return Line::warning(format!(
                    "{place} says that {domain} has no MX record; it may remember an older answer"
                ));
            }
            Ok(_) if state != Security::Secure => insecure = Some(domain),
            Ok(_) => {}
        }
    }
    match insecure {
        None => Line::good(format!("{place} finds the tests, with signatures that validate")),
        Some(domain) => Line::warning(format!(
            "{place} finds the tests, and what it says of {domain} does not validate: a sender behind such a resolver has \
             no DANE"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolvers_of_the_system_are_read() {
        let text = "# nameserver 192.0.2.1\nsearch lan\nnameserver 192.0.2.53\n nameserver\t2001:db8::53 \n\
                    nameserver fe80::1%eth0\noptions edns0\nnameserver 192.0.2.54\nnameserver 192.0.2.55\n";
        let expected =
            ["192.0.2.53", "2001:db8::53", "192.0.2.54"].map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(resolvers(text), expected);
        assert_eq!(resolvers(""), [] as [IpAddr; 0]);
    }
}
