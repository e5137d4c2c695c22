//! What is remembered for a time, within limits.

use std::collections::HashMap;
use std::hash::Hash;

use crate::shared::time::Timestamp;

/// A table whose entries end by themselves. When it is full and nothing in it has ended, it begins anew: what is
/// kept here saves questions, and nothing depends on it.
pub(super) struct TtlTable<K, V> {
    entries: HashMap<K, Entry<V>>,
    octets: usize,
    entries_max: usize,
    octets_max: usize,
}

struct Entry<V> {
    until: Timestamp,
    octets: usize,
    value: V,
}

impl<K: Eq + Hash, V: Clone> TtlTable<K, V> {
    /// So many entries, which together take so many octets by the word of those who put them here.
    pub(super) fn new(entries_max: usize, octets_max: usize) -> Self {
        Self { entries: HashMap::new(), octets: 0, entries_max, octets_max }
    }

    /// What is kept under a key, if it has not ended.
    pub(super) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        self.entries.get(key).filter(|entry| entry.until > now).map(|entry| entry.value.clone())
    }

    /// Keeps a value until a time.
    pub(super) fn put(&mut self, key: K, value: V, octets: usize, until: Timestamp, now: Timestamp) {
        self.remove(&key);
        if octets > self.octets_max || until <= now {
            return;
        }
        let is_full =
            |kept: &Self| kept.entries.len() >= kept.entries_max || kept.octets + octets > kept.octets_max;
        if is_full(self) {
            self.entries.retain(|_, entry| entry.until > now);
            self.octets = self.entries.values().map(|entry| entry.octets).sum();
        }
        if is_full(self) {
            self.entries.clear();
            self.octets = 0;
        }
        self.octets += octets;
        self.entries.insert(key, Entry { until, octets, value });
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.octets -= entry.octets;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::time::after;

    #[test]
    fn a_table_holds_no_more_than_it_may() {
        let now = Timestamp::UNIX_EPOCH;
        let mut kept: TtlTable<u32, u32> = TtlTable::new(3, 100);
        let held =
            |kept: &TtlTable<u32, u32>| (0..9).filter(|key| kept.get(key, now).is_some()).collect::<Vec<_>>();
        kept.put(0, 0, 101, after(now, 60), now);
        kept.put(1, 0, 1, now, now);
        assert_eq!(held(&kept), [0; 0]);
        (0..3).for_each(|key| kept.put(key, key, 30, after(now, 60), now));
        kept.put(2, 7, 40, after(now, 60), now);
        assert_eq!((held(&kept), kept.get(&2, now)), (vec![0, 1, 2], Some(7)));
        assert_eq!(kept.get(&2, after(now, 60)), None);
        // A fourth, and one that makes it too heavy: both begin anew.
        kept.put(3, 3, 10, after(now, 60), now);
        assert_eq!(held(&kept), [3]);
        kept.put(4, 4, 91, after(now, 60), now);
        assert_eq!(held(&kept), [4]);
        // What has ended goes first.
        kept.put(4, 4, 5, after(now, 10), now);
        kept.put(5, 5, 5, after(now, 60), now);
        kept.put(6, 6, 5, after(now, 60), now);
        kept.put(7, 7, 5, after(now, 60), after(now, 10));
        assert_eq!(held(&kept), [5, 6, 7]);
    }
}
