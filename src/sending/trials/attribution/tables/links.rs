//! The links that are remembered, by source and by time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::sending::history::Link;
use crate::sending::trial::{LinkId, TrialId};
use crate::sending::trials::labels::Key;
use crate::sending::trials::limits::TooMany;
use crate::sending::trials::source_book::GroupId;
use crate::shared::time::Timestamp;

/// Whose a transaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sending::trials) enum Owner {
    Trial(TrialId),
    /// Nobody's: it would have opened one trial too many.
    Nobody(TooMany),
}

/// A link with what is known of it.
#[derive(Clone, Debug)]
pub(in crate::sending::trials) struct SeenLink {
    pub(in crate::sending::trials) link: Arc<Link>,
    pub(in crate::sending::trials) group: Option<GroupId>,
    /// Whose its transactions are, by their number.
    pub(in crate::sending::trials) owners: Vec<(u16, Owner)>,
    /// What its server name in TLS names a trial by.
    pub(in crate::sending::trials) key: Option<Key>,
}

impl SeenLink {
    /// The trials that its transactions belong to.
    pub(in crate::sending::trials) fn trials(&self) -> impl Iterator<Item = &TrialId> {
        self.owners.iter().filter_map(|(_, owner)| match owner {
            Owner::Trial(trial) => Some(trial),
            Owner::Nobody(_) => None,
        })
    }

    /// Whether a transaction of it is a trial's.
    pub(in crate::sending::trials) fn is_of(&self, number: u16, trial: &TrialId) -> bool {
        self.owners.iter().any(|(n, owner)| *n == number && *owner == Owner::Trial(trial.clone()))
    }
}

/// The links that are remembered.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct LinkTable {
    kept: BTreeMap<LinkId, SeenLink>,
    by_time: BTreeSet<(Timestamp, LinkId)>,
    of_group: HashMap<GroupId, BTreeSet<(Timestamp, LinkId)>>,
    /// Those whose server name in TLS carries a label.
    of_key: HashMap<Key, BTreeSet<(Timestamp, LinkId)>>,
    /// The last that was looked at to be forgotten, if others behind it were not.
    looked_to: Option<(Timestamp, LinkId)>,
    /// The last of each node that was opened, whether or not it is remembered.
    last: BTreeMap<u16, LinkId>,
    /// The time up to which some without mail are missing.
    lost_until: Timestamp,
}

impl LinkTable {
    pub(in crate::sending::trials) fn open(&mut self, link: Link) {
        let id = link.id;
        self.skip_to(id);
        self.by_time.insert((link.opened, id));
        let seen = SeenLink { link: Arc::new(link), group: None, owners: Vec::new(), key: None };
        self.kept.insert(id, seen);
    }

    pub(in crate::sending::trials) fn get(&self, id: LinkId) -> Option<&SeenLink> {
        self.kept.get(&id)
    }

    pub(in crate::sending::trials) fn get_mut(&mut self, id: LinkId) -> Option<&mut SeenLink> {
        self.kept.get_mut(&id)
    }

    pub(in crate::sending::trials) fn last_of(&self, node: u16) -> Option<LinkId> {
        self.last.get(&node).copied()
    }

    /// Links of its node up to this one exist, though they are not remembered.
    pub(in crate::sending::trials) fn skip_to(&mut self, last: LinkId) {
        let known = self.last.entry(last.node()).or_insert(last);
        *known = (*known).max(last);
    }

    pub(in crate::sending::trials) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Some without mail up to a time are missing.
    pub(in crate::sending::trials) fn lost(&mut self, until: Timestamp) {
        self.lost_until = self.lost_until.max(until);
    }

    /// Whether none without mail is missing from `from` on.
    pub(in crate::sending::trials) fn is_complete_from(&self, from: Timestamp) -> bool {
        self.lost_until < from
    }

    /// Puts a link into a group, and out of the one that it was in.
    pub(in crate::sending::trials) fn join(&mut self, id: LinkId, group: GroupId) {
        let Some(kept) = self.kept.get_mut(&id) else { return };
        let place = (kept.link.opened, id);
        if let Some(former) = kept.group.replace(group).filter(|former| *former != group) {
            self.leave(former, place);
        }
        self.of_group.entry(group).or_default().insert(place);
    }

    /// A link names a trial by a label.
    pub(in crate::sending::trials) fn name(&mut self, id: LinkId, key: Key) {
        let Some(kept) = self.kept.get_mut(&id).filter(|kept| kept.key.is_none()) else { return };
        kept.key = Some(key.clone());
        let place = (kept.link.opened, id);
        self.of_key.entry(key).or_default().insert(place);
    }

    /// The links that name a trial so, by their opening.
    pub(in crate::sending::trials) fn of_key(&self, key: &Key) -> impl Iterator<Item = &SeenLink> {
        self.of_key.get(key).into_iter().flatten().filter_map(|(_, id)| self.kept.get(id))
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
    pub(in crate::sending::trials) fn of_group(
        &self,
        group: GroupId,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = &SeenLink> {
        let links = self.of_group.get(&group).into_iter();
        let range = (from, LinkId(0))..=(until, LinkId(u64::MAX));
        links.flat_map(move |links| links.range(range.clone())).filter_map(|(_, id)| self.kept.get(id))
    }

    pub(in crate::sending::trials) fn remove(&mut self, id: LinkId) {
        let Some(kept) = self.kept.remove(&id) else { return };
        let place = (kept.link.opened, id);
        self.by_time.remove(&place);
        if let Some(group) = kept.group {
            self.leave(group, place);
        }
        if let Some(key) = kept.key
            && let Some(links) = self.of_key.get_mut(&key)
        {
            links.remove(&place);
            if links.is_empty() {
                self.of_key.remove(&key);
            }
        }
    }

    /// Forgets links older than `horizon`, and the oldest beyond `max`, except those that `is_wanted`. At most
    /// `looked_at_max` are looked at; the next call goes on behind them, so that many that are wanted keep none for long
    /// that is not.
    pub(in crate::sending::trials) fn keep(
        &mut self,
        (horizon, max): (Timestamp, usize),
        looked_at_max: usize,
        is_wanted: impl Fn(&SeenLink) -> bool,
    ) {
        let mut beyond = self.kept.len().saturating_sub(max);
        let mut old = Vec::new();
        let (mut looked_to, mut before_this) = (None, self.looked_to);
        let behind = (self.looked_to.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        for (looked_at, place) in self.by_time.range(behind).enumerate() {
            let (opened, id) = place;
            if looked_at >= looked_at_max {
                looked_to = before_this;
                break;
            }
            before_this = Some(*place);
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
        self.looked_to = looked_to;
        old.into_iter().for_each(|id| self.remove(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::history::{Fact, Observation, Seq};

    fn link(second: u64) -> Link {
        let at = Timestamp::from_second(second.cast_signed()).expect("an instant");
        let source = "192.0.2.1:25".parse().expect("an address");
        let fact =
            Fact::LinkOpened { link: LinkId(second), source, local: source, persona: None, entrance: None };
        Link::open(&Observation { seq: Seq(1), at, fact }).expect("a link")
    }

    #[test]
    fn many_that_are_wanted_keep_none_that_is_not() {
        let mut book = LinkTable::default();
        (1..=100).for_each(|second| book.open(link(second)));
        let is_wanted = |kept: &SeenLink| kept.link.id <= LinkId(50);
        // Ten at a time: the wanted ones alone are more.
        (0..20).for_each(|_| book.keep((Timestamp::MIN, 60), 10, is_wanted));
        assert_eq!(book.len(), 60);
        assert!((1..=50).all(|second| book.get(LinkId(second)).is_some()), "who is wanted stays");
        assert!((91..=100).all(|second| book.get(LinkId(second)).is_some()), "the latest stay");
        assert!(!book.is_complete_from(Timestamp::UNIX_EPOCH), "some are missing");
    }
}
