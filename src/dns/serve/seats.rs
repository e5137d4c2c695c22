//! Who is connected over TCP, so that neither one address nor one network takes all places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

use super::ServerSettings;

/// The places of all sockets together.
#[derive(Default)]
pub(super) struct Seats {
    taken: Mutex<Taken>,
}

/// How many connections there are: in all, and of each address and network, whose prefixes differ in length.
#[derive(Default)]
struct Taken {
    all: usize,
    of: HashMap<IpNet, usize>,
}

/// One TCP connection, counted while this lives.
pub(super) struct Seat {
    seats: Arc<Seats>,
    keys: [IpNet; 2],
}

impl Seat {
    /// None: there is no place left, for anybody or for this address or network.
    pub(super) fn take(seats: &Arc<Seats>, address: IpAddr, settings: &ServerSettings) -> Option<Self> {
        let address = address.to_canonical();
        let prefixes = if address.is_ipv6() { [64, 48] } else { [32, 24] };
        let keys = prefixes.map(|prefix| IpNet::new_assert(address, prefix).trunc());
        let most = [settings.tcp_connections_per_address_max, settings.tcp_connections_per_network_max];
        let mut taken = seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let has = |key: &IpNet| taken.of.get(key).copied().unwrap_or(0);
        let full = taken.all >= settings.tcp_connections_max
            || keys.iter().zip(most).any(|(key, most)| has(key) >= most);
        if full {
            return None;
        }
        taken.all += 1;
        for key in keys {
            *taken.of.entry(key).or_default() += 1;
        }
        Some(Self { seats: Arc::clone(seats), keys })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        for key in self.keys {
            if let Some(count) = taken.of.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    taken.of.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_an_address_nor_a_network_takes_all() {
        let settings = ServerSettings {
            tcp_connections_max: 5,
            tcp_connections_per_address_max: 2,
            tcp_connections_per_network_max: 3,
            ..ServerSettings::default()
        };
        let seats = Arc::new(Seats::default());
        let take = |address: &str| Seat::take(&seats, address.parse().expect("an address"), &settings);
        let mut held = Vec::new();
        for (address, sits) in [
            ("192.0.2.1", true),
            ("::ffff:192.0.2.1", true),
            ("192.0.2.1", false),
            ("192.0.2.2", true),
            ("192.0.2.3", false),
            ("2001:db8:0:1::1", true),
            ("2001:db8:0:2::1", true),
            ("2001:db8:1::1", false),
        ] {
            let seat = take(address);
            assert_eq!(seat.is_some(), sits, "{address}");
            held.extend(seat);
        }
        held.remove(0);
        held.extend(take("2001:db8:0:1::2"));
        assert_eq!(held.len(), 5);
        assert!(take("192.0.2.9").is_none(), "all are taken");
        drop(held);
        let taken = seats.taken.lock().expect("no panic");
        assert_eq!((taken.all, taken.of.len()), (0, 0));
    }
}
