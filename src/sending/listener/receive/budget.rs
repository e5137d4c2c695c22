//! How many octets of messages there may be in memory at a time, over all links.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;

use super::super::rules::Settings;
use crate::sending::trial::site_of;

/// What every link may hold of a message without asking, in octets: nearly every test mail is smaller. Whoever fills
/// the rest with large messages keeps no small one out; the limit on links bounds what these hold together.
const SMALL_OCTETS: usize = 32_768;

/// Octets of messages that are held, over all links and by network.
///
/// SIZE stays at what reports need, since it is announced before anybody knows whom a mail is for; so it is their sum
/// that is limited. Who keeps sending slowly what he never ends fills the share of his network, and no other.
#[derive(Debug)]
pub(super) struct Budget {
    message_octets_max: usize,
    per_network_octets_max: usize,
    octets_max: usize,
    held: Mutex<Held>,
}

/// What is held beyond what every link may hold.
#[derive(Debug, Default)]
struct Held {
    octets: usize,
    /// By network; an entry stands for a message that is being held, so there are no more than links.
    of_network: HashMap<IpNet, usize>,
}

/// What one link holds of its message; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Holding {
    budget: Arc<Budget>,
    network: IpNet,
    octets: usize,
}

impl Budget {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            message_octets_max: settings.message_octets_max as usize,
            per_network_octets_max: settings.messages_per_network_octets_max as usize,
            octets_max: settings.messages_octets_max as usize,
            held: Mutex::default(),
        }
    }

    /// What a link from `address` holds, which is nothing yet.
    pub(super) fn holding(self: &Arc<Self>, address: IpAddr) -> Holding {
        Holding { budget: Arc::clone(self), network: site_of(address), octets: 0 }
    }
}

impl Holding {
    /// Asks for room for a message of `octets`, and gives for how much there is room now: at least `octets`. None
    /// where nothing is left; what was held before stays so.
    pub(super) fn grow(&mut self, octets: usize) -> Option<usize> {
        let budget = &self.budget;
        let room = octets.checked_next_power_of_two()?.min(budget.message_octets_max).max(octets);
        if room <= SMALL_OCTETS {
            return Some(SMALL_OCTETS);
        }
        let more = room.saturating_sub(self.octets);
        let mut held = budget.held.lock();
        let of_network = held.of_network.get(&self.network).copied().unwrap_or(0);
        if held.octets + more > budget.octets_max || of_network + more > budget.per_network_octets_max {
            return None;
        }
        if more > 0 {
            held.octets += more;
            held.of_network.insert(self.network, of_network + more);
            self.octets += more;
        }
        Some(room)
    }

    /// Gives all back: the message is gone.
    pub(super) fn release(&mut self) {
        if self.octets == 0 {
            return;
        }
        let mut held = self.budget.held.lock();
        held.octets = held.octets.saturating_sub(self.octets);
        match held.of_network.get_mut(&self.network) {
            Some(octets) if *octets > self.octets => *octets -= self.octets,
            _ => drop(held.of_network.remove(&self.network)),
        }
        drop(held);
        self.octets = 0;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1_048_576;

    fn budget() -> Arc<Budget> {
        Arc::new(Budget::new(&Settings::default()))
    }

    fn holding(budget: &Arc<Budget>, address: &str) -> Holding {
        budget.holding(address.parse().expect("an address"))
    }

    /// Two hundred links of one network, each with a message of 10 MiB that it never ends: finding F7, which took
    /// 1,874 MB.
    #[test]
    fn slow_messages_hold_the_share_of_their_network_alone() {
        let budget = budget();
        let mut slow: Vec<_> = (0..200).map(|n| holding(&budget, &format!("192.0.2.{n}"))).collect();
        let mut refused = 0;
        for octets in (1..=160).map(|n| n * 65_536) {
            refused += slow
                .iter_mut()
                .filter_map(|link| link.grow(octets).is_none().then(|| link.release()))
                .count();
        }
        assert!(refused >= 199, "{refused} messages were refused");
        let held = budget.held.lock().octets;
        assert!(held <= 16 * MIB, "{held} octets are held by one network");
        for other in ["192.0.3.1", "2001:db8::1"] {
            let mut other = holding(&budget, other);
            assert_eq!(other.grow(10 * MIB), Some(10 * MIB), "another network has its share");
        }
    }

    /// However many networks fill all there is, a small message finds room.
    #[test]
    fn all_of_them_hold_no_more_than_the_budget_and_small_messages_pass() {
        let budget = budget();
        let mut links: Vec<_> = (0..100).map(|n| holding(&budget, &format!("10.0.{n}.1"))).collect();
        assert_eq!(links.iter_mut().filter_map(|link| link.grow(10 * MIB)).count(), 6);
        assert!(budget.held.lock().octets <= 64 * MIB);
        let mut small = holding(&budget, "203.0.113.1");
        assert_eq!(small.grow(20_000), Some(SMALL_OCTETS));
        assert_eq!(small.grow(SMALL_OCTETS + 1), Some(2 * SMALL_OCTETS), "there are some octets left");
        assert_eq!(small.grow(5 * MIB), None);
        links.clear();
        assert_eq!(small.grow(5 * MIB), Some(8 * MIB), "what was held comes back");
        drop(small);
        let held = budget.held.lock();
        assert!(held.octets == 0 && held.of_network.is_empty(), "nothing is left of messages that ended");
    }
}
