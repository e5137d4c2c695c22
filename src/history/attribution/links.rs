//! The links that are remembered, by source and by time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::trial::{LinkId, Timestamp, TrialId};

use super::super::Link;
use super::super::limits::TooMany;
use super::super::source_book::GroupId;

/// Whose a transaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Trial(TrialId),
    /// Nobody's: it would have opened one trial too many.
    Nobody(TooMany),
}

/// A link with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) link: Arc<Link>,
    pub(super) group: Option<GroupId>,
    /// Whose its transactions are, by their number.
    pub(super) owners: Vec<(u16, Owner)>,
}

impl Kept {
    /// The trials that its transactions belong to.
    pub(super) fn trials(&self) -> impl Iterator<Item = &TrialId> {
        self.owners.iter().filter_map(|(_, owner)| match owner {
            Owner::Trial(trial) => Some(trial),
            Owner::Nobody(_) => None,
        })
    }

    /// Whether a transaction of it is a trial's.
    pub(super) fn is_of(&self, number: u16, trial: &TrialId) -> bool {
        self.owners.iter().any(|(n, owner)| *n == number && *owner == Owner::Trial(trial.clone()))
    }
}

/// The links that are remembered.
#[derive(Debug, Default)]
pub(super) struct LinkBook {
    kept: BTreeMap<LinkId, Kept>,
    by_time: BTreeSet<(Timestamp, LinkId)>,
    of_group: HashMap<GroupId, BTreeSet<(Timestamp, LinkId)>>,
    /// The last that was opened, whether or not it is remembered.
    last: Option<LinkId>,
    /// The time up to which some without mail are missing.
    lost_until: Timestamp,
}

impl LinkBook {
    pub(super) fn open(&mut self, link: Link) {
        let id = link.id;
        self.last = self.last.max(Some(id));
        self.by_time.insert((link.opened, id));
        self.kept.insert(id, Kept { link: Arc::new(link), group: None, owners: Vec::new() });
    }

    pub(super) fn get(&self, id: LinkId) -> Option<&Kept> {
        self.kept.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: LinkId) -> Option<&mut Kept> {
        self.kept.get_mut(&id)
    }

    pub(super) fn last(&self) -> Option<LinkId> {
        self.last
    }

    /// Links up to this one exist, though they are not remembered.
    pub(super) fn skip_to(&mut self, last: LinkId) {
        self.last = self.last.max(Some(last));
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Some without mail up to a time are missing.
    pub(super) fn lost(&mut self, until: Timestamp) {
        self.lost_until = self.lost_until.max(until);
    }

    /// Whether none without mail is missing from `from` on.
    pub(super) fn is_complete_from(&self, from: Timestamp) -> bool {
        self.lost_until < from
    }

    /// Puts a link into a group, and out of the one that it was in.
    pub(super) fn join(&mut self, id: LinkId, group: GroupId) {
        let Some(kept) = self.kept.get_mut(&id) else { return };
        let place = (kept.link.opened, id);
        if let Some(former) = kept.group.replace(group).filter(|former| *former != group) {
            self.leave(former, place);
        }
        self.of_group.entry(group).or_default().insert(place);
    }

    fn leave(&mut self, group: GroupId, place: (Timestamp, LinkId)) {
        if let Some(links) = self.of_group.get_mut(&group) {
            links.remove(&place);
            if links.is_empty() {
                self.of_group.remove(&group);
            }
        }
    }

    /// The links of a group that were opened between two times.
    pub(super) fn of_group(
        &self,
        group: GroupId,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = &Kept> {
        let links = self.of_group.get(&group).into_iter();
        let range = (from, LinkId(0))..=(until, LinkId(u64::MAX));
        links.flat_map(move |links| links.range(range.clone())).filter_map(|(_, id)| self.kept.get(id))
    }

    pub(super) fn remove(&mut self, id: LinkId) {
        let Some(kept) = self.kept.remove(&id) else { return };
        let place = (kept.link.opened, id);
        self.by_time.remove(&place);
        if let Some(group) = kept.group {
            self.leave(group, place);
        }
    }

    /// Forgets links older than `horizon`, and the oldest beyond `max`, except those that `is_wanted`. At most
    /// `looked_at_max` are looked at.
    pub(super) fn keep(
        &mut self,
        (horizon, max): (Timestamp, usize),
        looked_at_max: usize,
        is_wanted: impl Fn(&Kept) -> bool,
    ) {
        let mut beyond = self.kept.len().saturating_sub(max);
        let mut old = Vec::new();
        for (opened, id) in self.by_time.iter().take(looked_at_max) {
            if *opened >= horizon && beyond == 0 {
                break;
            }
            if self.kept.get(id).is_some_and(&is_wanted) {
                continue;
            }
            if *opened >= horizon {
                self.lost_until = self.lost_until.max(*opened);
            }
            beyond = beyond.saturating_sub(1);
            old.push(*id);
        }
        old.into_iter().for_each(|id| self.remove(id));
    }
}
