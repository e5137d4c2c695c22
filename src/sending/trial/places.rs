//! How many connections there may be at a time, so that neither one address nor one network takes all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;

use super::site_of;

/// How many places there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacesMax {
    /// How many there are for everybody together.
    pub all: usize,
    /// For one IPv4 address or IPv6 /64: whoever has one IPv6 address has a /64 of them.
    pub per_address: usize,
    /// For one network, a /24 or in IPv6 a /48.
    pub per_network: usize,
}

/// Counts connections by address, by network and in all. Only concurrency counts here, not the rate.
#[derive(Clone, Debug)]
pub struct Places {
    max: PlacesMax,
    taken: Arc<Mutex<Taken>>,
}

/// The places that are taken.
#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// By address and by network: an entry stands for at least one connection, and each connection is in two of them, so
    /// there are at most twice as many as connections.
    of: HashMap<IpNet, usize>,
}

/// A place within; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    places: Places,
    /// What it is counted under beside all.
    keys: Vec<IpNet>,
}

impl Places {
    /// So many places, all free.
    pub fn new(max: PlacesMax) -> Self {
        Self { max, taken: Arc::default() }
    }

    /// A place for a connection from `address`, if there is one.
    pub fn enter(&self, address: IpAddr) -> Option<Place> {
        let keys @ [here, network] = keys(address);
        let mut taken = self.taken.lock();
        let at = |key: &IpNet| taken.of.get(key).copied().unwrap_or(0);
        let PlacesMax { all, per_address, per_network } = self.max;
        if taken.all >= all || at(&here) >= per_address || at(&network) >= per_network {
            return None;
        }
        taken.all += 1;
        keys.iter().for_each(|key| *taken.of.entry(*key).or_default() += 1);
        Some(Place { places: self.clone(), keys: keys.into() })
    }

    /// A place for a connection that stands for many clients, such as a proxy's.
    pub fn enter_in_all(&self) -> Option<Place> {
        let mut taken = self.taken.lock();
        if taken.all >= self.max.all {
            return None;
        }
        taken.all += 1;
        Some(Place { places: self.clone(), keys: Vec::new() })
    }

    /// Whether there is no place for anybody.
    pub fn is_full(&self) -> bool {
        self.taken.lock().all >= self.max.all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        taken.all = taken.all.saturating_sub(1);
        for key in &self.keys {
            match taken.of.get_mut(key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(taken.of.remove(key)),
            }
        }
    }
}

/// The address and its network.
fn keys(address: IpAddr) -> [IpNet; 2] {
    let address = address.to_canonical();
    let length = if address.is_ipv6() { 64 } else { 32 };
    [IpNet::new_assert(address, length).trunc(), site_of(address)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(per_address: usize, per_network: usize, all: usize) -> Places {
        Places::new(PlacesMax { all, per_address, per_network })
    }

    #[test]
    fn a_network_has_more_places_than_an_address_and_less_than_all() {
        let places = places(2, 3, 9);
        let enter = |address: &str| places.enter(address.parse().expect("an address"));
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
        let taken = places.taken.lock();
        assert!(taken.all == 0 && taken.of.is_empty(), "nothing is left of connections that ended");
    }

    #[test]
    fn places_are_few_per_address_and_in_all() {
        let places = places(2, 3, 3);
        let enter = |address: &str| places.enter(address.parse().expect("an address"));
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

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let places = places(2, 9, 9);
        let enter = |address: &str| places.enter(address.parse().expect("an address"));
        let _two = [enter("192.0.2.1").expect("a place"), enter("::ffff:192.0.2.1").expect("a place")];
        assert!(enter("192.0.2.1").is_none(), "the address has its own");
        assert!(enter("192.0.2.2").is_some());
    }
}
