//! How many links there may be at a time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts links by address and in all. Only concurrency counts, never the rate.
#[derive(Debug)]
pub(super) struct Gate {
    per_address_max: u32,
    max: u32,
    open: Mutex<HashMap<IpAddr, u32>>,
}

/// A place within; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Permit {
    gate: Arc<Gate>,
    key: IpAddr,
}

impl Gate {
    pub(super) fn new(per_address_max: u32, max: u32) -> Self {
        Self { per_address_max, max, open: Mutex::new(HashMap::new()) }
    }

    /// A place for a link from `address`, if there is one.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Permit> {
        let key = key(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // The table has at most `max` entries, since an entry stands for at least one link.
        let all: u32 = open.values().sum();
        let here = open.get(&key).copied().unwrap_or(0);
        if all >= self.max || here >= self.per_address_max {
            return None;
        }
        open.insert(key, here + 1);
        Some(Permit { gate: self.clone(), key })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.key)),
        }
    }
}

/// Whoever has one IPv6 address has a /64 of them.
fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_few_per_address_and_in_all() {
        let gate = Arc::new(Gate::new(2, 3));
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
