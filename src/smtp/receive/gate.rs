//! How many links there may be at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

use super::super::rules::Settings;
use crate::trial::site_of;

/// Counts links by address, by network and in all. Only concurrency counts here, not the rate.
///
/// The limit in all is the one on handshakes in flight, too. A lower limit on these would let links that stall
/// in their handshake, which cost nothing, lock out senders that do not.
#[derive(Debug)]
pub(super) struct Gate {
    per_address_max: u32,
    per_network_max: u32,
    max: u32,
    open: Mutex<Open>,
}

/// The links that are open.
#[derive(Debug, Default)]
struct Open {
    all: u32,
    /// By address and by network: an entry stands for at least one link, and each link is in two of them, so there
    /// are at most twice as many as links.
    of: HashMap<IpNet, u32>,
}

/// A place within; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Permit {
    gate: Arc<Gate>,
    keys: [IpNet; 2],
}

impl Gate {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            per_address_max: settings.links_per_address_max,
            per_network_max: settings.links_per_network_max,
            max: settings.links_max,
            open: Mutex::default(),
        }
    }

    /// A place for a link from `address`, if there is one.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Permit> {
        let keys @ [here, network] = keys(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |key: &IpNet| open.of.get(key).copied().unwrap_or(0);
        if open.all >= self.max || at(&here) >= self.per_address_max || at(&network) >= self.per_network_max {
            return None;
        }
        open.all += 1;
        keys.iter().for_each(|key| *open.of.entry(*key).or_default() += 1);
        Some(Permit { gate: self.clone(), keys })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        for key in &self.keys {
            match open.of.get_mut(key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(open.of.remove(key)),
            }
        }
    }
}

/// The address and its network. Whoever has one IPv6 address has a /64 of them, and a site has a /48.
fn keys(address: IpAddr) -> [IpNet; 2] {
    let address = address.to_canonical();
    let length = if address.is_ipv6() { 64 } else { 32 };
    [IpNet::new_assert(address, length).trunc(), site_of(address)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(per_address_max: u32, per_network_max: u32, max: u32) -> Arc<Gate> {
        let limits = Settings {
            links_per_address_max: per_address_max,
            links_per_network_max: per_network_max,
            links_max: max,
            ..Settings::default()
        };
        Arc::new(Gate::new(&limits))
    }

    #[test]
    fn a_network_has_more_places_than_an_address_and_less_than_all() {
        let gate = gate(2, 3, 9);
        let enter = |address: &str| gate.enter(address.parse().expect("an address"));
        for networks in [
            ["192.0.2.1", "192.0.2.2", "192.0.2.254", "192.0.3.1"],
            ["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1", "2001:db8:2::1"],
        ] {
            let [one, two, three, elsewhere] = networks;
            let _places = [enter(one).expect("a place"), enter(two).expect("a place")];
            let last = enter(two).expect("the network's last place");
            assert!(enter(three).is_none(), "the network is full");
            let _other = enter(elsewhere).expect("a place in another network");
            drop(last);
            let _again = enter(three).expect("a place that was given back");
        }
        let open = gate.open.lock().expect("the table");
        assert!(open.all == 0 && open.of.is_empty(), "nothing is left of links that ended");
    }

    #[test]
    fn places_are_few_per_address_and_in_all() {
        let gate = gate(2, 3, 3);
        let enter = |address: &str| gate.enter(address.parse().expect("an address"));
        let one = enter("2001:db8::1").expect("a place");
        let _two = enter("2001:db8::2").expect("a place");
        assert!(enter("2001:db8::3").is_none(), "the /64 is full");
        let three = enter("192.0.2.1").expect("a place for others");
        assert!(enter("192.0.2.2").is_none(), "all is full");
        drop(three);
        drop(one);
        let _again = enter("2001:db8::3").expect("a place that was given back");
        let _four = enter("::ffff:192.0.2.1").expect("a place");
        assert!(enter("192.0.2.9").is_none(), "all is full again");
    }
}
