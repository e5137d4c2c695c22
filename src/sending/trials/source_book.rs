//! What is remembered of sources: when STARTTLS was first withheld from one, and what it refused since.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use crate::sending::history::SourceRecord;
use crate::sending::trial::{Pace, Source, TrialId};
use crate::shared::time::{Timestamp, after, before};

/// What is remembered of sources, for whoever projects the journal and for the listeners, who wait for nothing else.
#[derive(Clone, Debug)]
pub struct Sources(Arc<Mutex<SourceBook>>);

impl Sources {
    pub(super) fn new(pace: Pace) -> Self {
        Self(Arc::new(Mutex::new(SourceBook { pace, ..SourceBook::default() })))
    }

    /// The record of a source; what is older than patience is forgotten.
    pub fn record(&self, source: &Source, now: Timestamp) -> SourceRecord {
        self.book().record(source, now)
    }

    /// The book itself.
    pub(super) fn book(&self) -> MutexGuard<'_, SourceBook> {
        self.0.lock()
    }
}

/// An address with its window and phase.
#[derive(Clone, Debug)]
struct Group {
    address: IpAddr,
    /// The domains that it named in EHLO, the first ones.
    names: Vec<String>,
    /// Since when it is remembered: its first EHLO, or the latest trial that began on it.
    remembered_from: Timestamp,
    record: SourceRecord,
    /// The trial that the present window belongs to.
    claimed_by: Option<TrialId>,
    /// Whether a link was left without mail in the present window.
    left: bool,
    /// When it first came to an entrance of ruled cases since mail came from it there.
    entered_from: Option<Timestamp>,
}

impl Group {
    fn new(address: IpAddr, at: Timestamp) -> Self {
        let record = SourceRecord { window_from: Some(at), ..SourceRecord::default() };
        let (names, claimed_by, left, entered_from) = (Vec::new(), None, false, None);
        Self { address, names, remembered_from: at, record, claimed_by, left, entered_from }
    }

    /// One that came to an entrance of ruled cases, where there is no window.
    fn without_window(address: IpAddr, at: Timestamp) -> Self {
        Self { record: SourceRecord::default(), ..Self::new(address, at) }
    }

    fn has_no_window(&self) -> bool {
        self.record.window_from.is_none()
    }

    /// What is older than patience is forgotten, and so is a window that nobody left a link in and no trial claimed:
    /// a callout met it, or somebody who looked.
    fn is_remembered(&self, pace: &Pace, now: Timestamp) -> bool {
        let window_from = self.record.window_from.unwrap_or(Timestamp::MIN);
        let unused = self.claimed_by.is_none() && !self.left && now >= after(window_from, pace.window_s);
        now < after(self.remembered_from, pace.patience_s) && !unused
    }
}

/// How many groups are remembered by a domain that they named.
const NAMED_MAX: usize = 64;
/// How many domains are remembered that one address named.
const NAMES_MAX: usize = 16;
/// How many addresses are remembered; the oldest go first, and are new when they come again.
const GROUPS_MAX: usize = 100_000;

/// A group's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(u64);

#[derive(Clone, Debug, Default)]
pub(super) struct SourceBook {
    pace: Pace,
    /// By when they are remembered from.
    by_age: BTreeSet<(Timestamp, GroupId)>,
    groups: HashMap<GroupId, Group>,
    next: u64,
    by_address: HashMap<IpAddr, GroupId>,
    /// The group that named a domain first, and for whose mail SPF or DKIM vouched under that domain.
    by_domain: HashMap<String, GroupId>,
    /// The groups that named a domain, the latest ones.
    named: HashMap<String, VecDeque<GroupId>>,
}

impl SourceBook {
    /// The group of a source: that of its address. Neighbours in a network are strangers, as at a hoster.
    pub(super) fn group_of(&self, source: &Source) -> Option<GroupId> {
        self.by_address.get(&source.address).copied()
    }

    /// The group whose window and phase a new address of a domain takes over: a pool sends each attempt from another.
    /// Never the reverse, and only where mail was vouched for under the domain, since anybody can give a name in EHLO.
    fn root_of(&self, source: &Source, now: Timestamp) -> Option<&Group> {
        let id = self.by_domain.get(source.domain.as_ref()?)?;
        self.groups.get(id).filter(|group| group.is_remembered(&self.pace, now))
    }

    fn record(&self, source: &Source, now: Timestamp) -> SourceRecord {
        let own = self.group_of(source).and_then(|id| self.groups.get(&id));
        match own {
            Some(group) if group.is_remembered(&self.pace, now) => group.record,
            Some(group) if !group.has_no_window() => SourceRecord::default(),
            _ => self.root_of(source, now).map(|root| root.record).unwrap_or_default(),
        }
    }

    /// Takes note of an EHLO in clear.
    pub(super) fn greeted(&mut self, source: &Source, at: Timestamp) -> GroupId {
        let id = self.group_of(source).unwrap_or_else(|| {
            self.next += 1;
            GroupId(self.next)
        });
        self.by_address.insert(source.address, id);
        let own = self.groups.get(&id);
        let new = match own {
            Some(group) if group.is_remembered(&self.pace, at) => None,
            Some(group) if !group.has_no_window() => Some(Group::new(source.address, at)),
            _ => Some(match self.root_of(source, at) {
                Some(root) => Group { address: source.address, ..root.clone() },
                None => Group::new(source.address, at),
            }),
        };
        let (names, entered_from) =
            own.map(|group| (group.names.clone(), group.entered_from)).unwrap_or_default();
        let new = new.map(|group| Group { names, entered_from, ..group });
        if let Some(group) = new {
            self.put(id, group);
        }
        if let Some(group) = self.groups.get_mut(&id).filter(|group| group.record.reopens) {
            // The phase begins anew, too: else only the first trial of a source could tell who checks certificates.
            group.record = SourceRecord { window_from: Some(at), ..SourceRecord::default() };
            group.left = false;
        }
        if let Some(domain) = &source.domain {
            self.name(id, domain);
        }
        id
    }

    /// Takes note of an EHLO in clear at an entrance of ruled cases, where STARTTLS is withheld from nobody for a while.
    pub(super) fn entered(&mut self, source: &Source, at: Timestamp) -> GroupId {
        let id = self.group_of(source).unwrap_or_else(|| {
            self.next += 1;
            GroupId(self.next)
        });
        self.by_address.insert(source.address, id);
        if !self.groups.contains_key(&id) {
            self.put(id, Group::without_window(source.address, at));
        }
        if let Some(group) = self.groups.get_mut(&id) {
            group.entered_from.get_or_insert(at);
        }
        if let Some(domain) = &source.domain {
            self.name(id, domain);
        }
        id
    }

    /// Mail came at an entrance: since when the group came there, at most `within_s` seconds before.
    pub(super) fn mailed_at_entrance(
        &mut self,
        id: GroupId,
        began: Timestamp,
        within_s: u32,
    ) -> Option<Timestamp> {
        let from = self.groups.get_mut(&id)?.entered_from.take();
        from.map(|from| from.max(before(began, within_s)))
    }

    /// Puts a group in its place, and the oldest out where there are too many.
    fn put(&mut self, id: GroupId, group: Group) {
        self.by_age.insert((group.remembered_from, id));
        if let Some(before) = self.groups.insert(id, group) {
            let now = self.groups.get(&id).map(|group| group.remembered_from);
            if now != Some(before.remembered_from) {
                self.by_age.remove(&(before.remembered_from, id));
            }
        }
        if self.groups.len() > GROUPS_MAX
            && let Some((_, oldest)) = self.by_age.first().copied()
        {
            self.remove(oldest);
        }
    }

    fn remove(&mut self, id: GroupId) {
        let Some(group) = self.groups.remove(&id) else { return };
        self.by_age.remove(&(group.remembered_from, id));
        if self.by_address.get(&group.address) == Some(&id) {
            self.by_address.remove(&group.address);
        }
        for name in &group.names {
            if self.by_domain.get(name) == Some(&id) {
                self.by_domain.remove(name);
            }
            if let Some(named) = self.named.get_mut(name) {
                named.retain(|other| *other != id);
                if named.is_empty() {
                    self.named.remove(name);
                }
            }
        }
    }

    /// Remembers that a group named a domain in EHLO.
    fn name(&mut self, id: GroupId, domain: &str) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        if group.names.iter().any(|name| name == domain) || group.names.len() >= NAMES_MAX {
            return;
        }
        group.names.push(domain.to_owned());
        let named = self.named.entry(domain.to_owned()).or_default();
        named.push_back(id);
        if named.len() > NAMED_MAX {
            named.pop_front();
        }
    }

    /// Takes note of a link that was left without mail in the window.
    pub(super) fn left(&mut self, id: GroupId) {
        if let Some(group) = self.groups.get_mut(&id) {
            group.left = true;
        }
    }

    /// Takes note of a refused link without SNI.
    pub(super) fn refused_without_sni(&mut self, id: GroupId, at: Timestamp) {
        if let Some(group) = self.groups.get_mut(&id) {
            let record = &mut group.record;
            record.no_sni_refused = record.no_sni_refused.saturating_add(1);
            let first = record.no_sni_refusals.map_or(at, |(first, _)| first);
            record.no_sni_refusals = Some((first, at));
        }
    }

    /// Other groups whose EHLO named this domain: other nodes of its sender, or strangers.
    pub(super) fn named(&self, domain: &str) -> impl Iterator<Item = GroupId> {
        self.named.get(domain).into_iter().flatten().copied()
    }

    /// The trial that the group's present window belongs to.
    pub(super) fn owner(&self, id: GroupId) -> Option<&TrialId> {
        self.groups.get(&id)?.claimed_by.as_ref()
    }

    /// Lets a trial that began on the group of `source` claim its window. If the window was over and belongs to another
    /// trial, or nobody left a link in it, the next EHLO opens it once more. With a trial of the same server that is
    /// still open it shares the window (`shares`). Where the mail is vouched for under the domain of its EHLO, new
    /// addresses of that domain take over window and phase. Returns the start of the claimed window.
    pub(super) fn claim(
        &mut self,
        (id, source): (GroupId, &Source),
        (trial, began): (&TrialId, Timestamp),
        vouched: bool,
        shares: bool,
    ) -> Option<Timestamp> {
        let names = |group: &Group, domain: &String| group.names.contains(domain);
        if let Some(domain) = source.domain.as_ref().filter(|_| vouched)
            && self.groups.get(&id).is_some_and(|group| names(group, domain))
        {
            let (groups, pace) = (&self.groups, &self.pace);
            let first = self.by_domain.entry(domain.clone()).or_insert(id);
            if groups.get(first).is_none_or(|group| !group.is_remembered(pace, began)) {
                *first = id;
            }
        }
        let group = self.groups.get_mut(&id)?;
        // As long as a trial may last, its source is remembered.
        self.by_age.remove(&(group.remembered_from, id));
        group.remembered_from = group.remembered_from.max(began);
        self.by_age.insert((group.remembered_from, id));
        let window_from = group.record.window_from?;
        let over = began >= after(window_from, self.pace.window_s);
        let anothers = group.claimed_by.as_ref().is_some_and(|owner| owner != trial);
        if group.claimed_by.is_none() && (group.left || !over) {
            group.claimed_by = Some(trial.clone());
            return Some(window_from);
        }
        if anothers && shares {
            return Some(window_from);
        }
        if over && (anothers || group.claimed_by.is_none()) {
            group.record.reopens = true;
            group.claimed_by = Some(trial.clone());
            return None;
        }
        (!over).then_some(window_from)
    }

    /// Until when the group's window lasts; the end of time while it is yet to open once more.
    pub(super) fn window_until(&self, id: GroupId) -> Timestamp {
        match self.groups.get(&id).map(|group| group.record) {
            Some(record) if record.reopens => Timestamp::MAX,
            Some(SourceRecord { window_from: Some(from), .. }) => after(from, self.pace.window_s),
            _ => Timestamp::MIN,
        }
    }

    /// Forgets the groups that are remembered since before `horizon`, the oldest first and at most so many.
    pub(super) fn forget(&mut self, horizon: Timestamp, at_most: usize) {
        let old: Vec<_> = self.by_age.iter().take_while(|(from, _)| *from < horizon).take(at_most).collect();
        let old: Vec<_> = old.into_iter().map(|(_, id)| *id).collect();
        old.into_iter().for_each(|id| self.remove(id));
    }
}
