//! What is remembered of sources: when STARTTLS was first withheld from one, and what it refused since.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;

use crate::trial::{Network, Pace, Source, Timestamp, TrialId, after};

/// What the offer to a source follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceRecord {
    /// When the source's latest window opened: its first EHLO, or the first after a trial asked for the window
    /// once more. None: a source that is not remembered.
    pub window_from: Option<Timestamp>,
    /// Whether its next EHLO opens the window once more.
    pub reopens: bool,
    /// How many links without SNI it has refused since it is remembered.
    pub no_sni_refused: u32,
    /// When it did so first and last.
    pub no_sni_refusals: Option<(Timestamp, Timestamp)>,
}

/// Sources that are taken for one: an address, or a network whose senders name no domain. It has a window and a
/// phase.
#[derive(Clone, Debug)]
struct Group {
    /// Since when it is remembered: its first EHLO, or the latest trial that began on it.
    remembered_from: Timestamp,
    record: SourceRecord,
    /// The trial that the present window belongs to.
    claimed_by: Option<TrialId>,
    /// Whether a link in the present window went without STARTTLS.
    withheld: bool,
    /// The first group with the same domain in EHLO, from which it took over window and phase when it was new: a
    /// pool sends each attempt from another address. Never the reverse, since anybody can give a name in EHLO: what a
    /// stranger does under a sender's name changes nothing for addresses that are known.
    root: Option<GroupId>,
}

impl Group {
    fn new(at: Timestamp) -> Self {
        let record = SourceRecord { window_from: Some(at), ..SourceRecord::default() };
        Self { remembered_from: at, record, claimed_by: None, withheld: false, root: None }
    }

    fn is_remembered(&self, pace: &Pace, now: Timestamp) -> bool {
        now < after(self.remembered_from, pace.patience_s)
    }
}

/// How many groups that named a domain are remembered with the first of them.
const FOLLOWERS_MAX: usize = 64;

/// A group's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(u64);

/// All sources.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceBook {
    groups: HashMap<GroupId, Group>,
    next: u64,
    by_address: HashMap<IpAddr, GroupId>,
    /// The group that named a domain first.
    by_domain: HashMap<String, GroupId>,
    /// Only sources whose EHLO named no domain: neighbours that name different ones are different senders.
    by_network: HashMap<Network, GroupId>,
    /// The groups that took over from a root, the latest ones.
    followers: HashMap<GroupId, VecDeque<GroupId>>,
}

impl SourceBook {
    /// The group of a source: by address, else by network where no domain is known.
    pub(super) fn group_of(&self, source: &Source) -> Option<GroupId> {
        let by_network = || {
            let network = source.domain.is_none().then(|| Network::of(source.address))?;
            self.by_network.get(&network)
        };
        self.by_address.get(&source.address).or_else(by_network).copied()
    }

    /// The group whose window and phase a new source of a domain takes over.
    fn root_of(&self, source: &Source, pace: &Pace, now: Timestamp) -> Option<(GroupId, &Group)> {
        let id = self.by_domain.get(source.domain.as_ref()?)?;
        let group = self.groups.get(id).filter(|group| group.is_remembered(pace, now))?;
        Some((*id, group))
    }

    /// The record of a source; what is older than patience is forgotten.
    pub(super) fn record(&self, source: &Source, pace: &Pace, now: Timestamp) -> SourceRecord {
        let own = self.group_of(source).and_then(|id| self.groups.get(&id));
        match own {
            Some(group) if group.is_remembered(pace, now) => {
                let mut record = group.record;
                record.reopens |=
                    group.root.and_then(|id| self.groups.get(&id)).is_some_and(|root| root.record.reopens);
                record
            }
            Some(_) => SourceRecord::default(),
            None => self.root_of(source, pace, now).map(|(_, root)| root.record).unwrap_or_default(),
        }
    }

    /// Takes note of an EHLO in clear.
    pub(super) fn greeted(&mut self, source: &Source, pace: &Pace, at: Timestamp, withheld: bool) -> GroupId {
        let id = self.group_of(source).unwrap_or_else(|| {
            self.next += 1;
            GroupId(self.next)
        });
        self.by_address.insert(source.address, id);
        if !self.groups.contains_key(&id) {
            let inherited =
                self.root_of(source, pace, at).map(|(id, root)| Group { root: Some(id), ..root.clone() });
            if let Some(root) = inherited.as_ref().and_then(|group| group.root) {
                let followers = self.followers.entry(root).or_default();
                followers.push_back(id);
                if followers.len() > FOLLOWERS_MAX {
                    followers.pop_front();
                }
            }
            self.groups.insert(id, inherited.unwrap_or_else(|| Group::new(at)));
        }
        match &source.domain {
            Some(domain) => {
                let groups = &self.groups;
                let first = self.by_domain.entry(domain.clone()).or_insert(id);
                if groups.get(first).is_none_or(|group| !group.is_remembered(pace, at)) {
                    *first = id;
                }
            }
            None => drop(self.by_network.entry(Network::of(source.address)).or_insert(id)),
        }
        // The phase begins anew with a window, too: else only the first trial of a source could tell who checks
        // certificates.
        let once_more = SourceRecord { window_from: Some(at), ..SourceRecord::default() };
        let root = self.groups.get(&id).and_then(|group| group.root);
        let mut reopens = false;
        if let Some(root) = root.and_then(|root| self.groups.get_mut(&root)) {
            root.withheld |= withheld;
            reopens = root.record.reopens;
            if reopens {
                root.record = once_more;
            }
        }
        let group = self.groups.entry(id).or_insert_with(|| Group::new(at));
        if !group.is_remembered(pace, at) {
            *group = Group::new(at);
        } else if group.record.reopens || reopens {
            group.record = once_more;
        }
        group.withheld |= withheld;
        id
    }

    /// Takes note of a refused link without SNI.
    pub(super) fn refused_without_sni(&mut self, id: GroupId, at: Timestamp) {
        let root = self.groups.get(&id).and_then(|group| group.root);
        for id in [Some(id), root].into_iter().flatten() {
            if let Some(group) = self.groups.get_mut(&id) {
                let record = &mut group.record;
                record.no_sni_refused = record.no_sni_refused.saturating_add(1);
                let first = record.no_sni_refusals.map_or(at, |(first, _)| first);
                record.no_sni_refusals = Some((first, at));
            }
        }
    }

    /// The groups whose EHLO named the same domain as this one: other nodes of its sender, or strangers.
    pub(super) fn kin_of(&self, id: GroupId) -> impl Iterator<Item = GroupId> {
        let root = self.groups.get(&id).and_then(|group| group.root).unwrap_or(id);
        let followers = self.followers.get(&root).into_iter().flatten().copied();
        [root].into_iter().chain(followers).filter(move |other| *other != id)
    }

    /// The trial that the group's present window belongs to.
    pub(super) fn owner(&self, id: GroupId) -> Option<&TrialId> {
        self.groups.get(&id)?.claimed_by.as_ref()
    }

    /// Lets a trial that began on the group claim its window. If the window was over and belongs to another
    /// trial, or nobody met it, the next EHLO opens it once more: of the group, and of its whole domain if the mail is
    /// `vouched` for. With a trial of the same server that is still open (`shares`) it shares the window. Returns the
    /// start of the claimed window.
    pub(super) fn claim(
        &mut self,
        id: GroupId,
        (trial, began): (&TrialId, Timestamp),
        pace: &Pace,
        vouched: bool,
        shares: bool,
    ) -> Option<Timestamp> {
        let group = self.groups.get_mut(&id)?;
        // As long as a trial may last, its source is remembered.
        group.remembered_from = group.remembered_from.max(began);
        let window_from = group.record.window_from?;
        let over = began >= after(window_from, pace.window_s);
        let anothers = group.claimed_by.as_ref().is_some_and(|owner| owner != trial);
        if group.claimed_by.is_none() && (group.withheld || !over) {
            group.claimed_by = Some(trial.clone());
            return Some(window_from);
        }
        if anothers && shares {
            return Some(window_from);
        }
        if over && (anothers || !group.withheld) {
            group.record.reopens = true;
            group.claimed_by = Some(trial.clone());
            let root = group.root.filter(|_| vouched);
            if let Some(root) = root.and_then(|root| self.groups.get_mut(&root)) {
                root.record.reopens = true;
                root.claimed_by = Some(trial.clone());
                root.remembered_from = root.remembered_from.max(began);
            }
            return None;
        }
        (!over).then_some(window_from)
    }

    /// Until when the group's window lasts; the end of time while it is yet to open once more.
    pub(super) fn window_until(&self, id: GroupId, pace: &Pace) -> Timestamp {
        let root = self.groups.get(&id).and_then(|group| self.groups.get(&group.root?));
        match self.groups.get(&id).map(|group| group.record) {
            Some(record) if record.reopens || root.is_some_and(|root| root.record.reopens) => Timestamp::MAX,
            Some(SourceRecord { window_from: Some(from), .. }) => after(from, pace.window_s),
            _ => Timestamp::MIN,
        }
    }

    /// Forgets the groups that are remembered since before `horizon` and that `wanted` does not name.
    pub(super) fn forget(&mut self, horizon: Timestamp, wanted: &BTreeSet<GroupId>) {
        self.groups.retain(|id, group| group.remembered_from >= horizon || wanted.contains(id));
        let groups = &self.groups;
        self.by_address.retain(|_, id| groups.contains_key(id));
        self.by_domain.retain(|_, id| groups.contains_key(id));
        self.by_network.retain(|_, id| groups.contains_key(id));
        self.followers.retain(|id, _| groups.contains_key(id));
    }
}
