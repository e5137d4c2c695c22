//! The trials of a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::sending::trial::{Network, TrialId};

/// How many trials of one Message-ID or reverse-path are remembered.
pub(super) const NAMESAKES_MAX: usize = 32;

/// The trials of each key.
pub(super) type Index<K> = BTreeMap<K, BTreeSet<TrialId>>;

pub(super) fn add(index: &mut Index<Network>, network: Network, id: &TrialId) {
    index.entry(network).or_default().insert(id.clone());
}

pub(super) fn remove<K: Ord>(index: &mut Index<K>, key: &K, id: &TrialId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

pub(super) fn push<K: std::hash::Hash + Eq>(index: &mut HashMap<K, Vec<TrialId>>, key: K, id: &TrialId) {
    let ids = index.entry(key).or_default();
    if !ids.contains(id) {
        // Nearly always the only one.
        ids.reserve_exact(1);
        ids.push(id.clone());
        if ids.len() > NAMESAKES_MAX {
            ids.remove(0);
        }
    }
}

pub(super) fn pull<K: std::hash::Hash + Eq>(index: &mut HashMap<K, Vec<TrialId>>, key: &K, id: &TrialId) {
    if let Some(ids) = index.get_mut(key) {
        ids.retain(|other| other != id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
