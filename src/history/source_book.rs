//! What is remembered of sources: when STARTTLS was first withheld from one, and what it refused since.

use std::collections::{BTreeSet, HashMap};
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
}

/// A group of sources that are taken for one: it shares window and phase.
#[derive(Clone, Debug)]
struct Group {
    first_seen: Timestamp,
    record: SourceRecord,
    /// The trial that the present window belongs to.
    claimed_by: Option<TrialId>,
    /// Whether a link in the present window went without STARTTLS.
    withheld: bool,
}

impl Group {
    fn new(at: Timestamp) -> Self {
        let record = SourceRecord { window_from: Some(at), ..SourceRecord::default() };
        Self { first_seen: at, record, claimed_by: None, withheld: false }
    }
}

/// A group's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(u64);

/// All sources.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceBook {
    groups: HashMap<GroupId, Group>,
    next: u64,
    by_address: HashMap<IpAddr, GroupId>,
    by_domain: HashMap<String, GroupId>,
    /// Only sources whose EHLO named no domain: neighbours that name different ones are different senders.
    by_network: HashMap<Network, GroupId>,
}

impl SourceBook {
    /// The group of a source: by address, else by the domain of its EHLO name, else by network where no
    /// domain is known.
    pub(super) fn group_of(&self, source: &Source) -> Option<GroupId> {
        let by_domain = || self.by_domain.get(source.domain.as_ref()?);
        let by_network = || self.by_network.get(&Network::of(source.address));
        self.by_address.get(&source.address).or_else(by_domain).or_else(by_network).copied()
    }

    /// The record of a source; what is older than patience is forgotten.
    pub(super) fn record(&self, source: &Source, pace: &Pace, now: Timestamp) -> SourceRecord {
        let group = self.group_of(source).and_then(|id| self.groups.get(&id));
        match group {
            Some(group) if now < after(group.first_seen, pace.patience_s) => group.record,
            _ => SourceRecord::default(),
        }
    }

    /// Takes note of an EHLO in clear.
    pub(super) fn greeted(&mut self, source: &Source, pace: &Pace, at: Timestamp, withheld: bool) -> GroupId {
        let id = self.group_of(source).unwrap_or_else(|| {
            self.next += 1;
            GroupId(self.next)
        });
        self.by_address.insert(source.address, id);
        match &source.domain {
            Some(domain) => drop(self.by_domain.entry(domain.clone()).or_insert(id)),
            None => drop(self.by_network.entry(Network::of(source.address)).or_insert(id)),
        }
        let group = self.groups.entry(id).or_insert_with(|| Group::new(at));
        if at >= after(group.first_seen, pace.patience_s) {
            *group = Group::new(at);
        } else if group.record.reopens {
            // The phase begins anew, too: else only the first trial of a source could tell who checks certificates.
            group.record = SourceRecord { window_from: Some(at), reopens: false, no_sni_refused: 0 };
        }
        group.withheld |= withheld;
        id
    }

    /// Takes note of a refused link without SNI.
    pub(super) fn refused_without_sni(&mut self, id: GroupId) {
        if let Some(group) = self.groups.get_mut(&id) {
            group.record.no_sni_refused = group.record.no_sni_refused.saturating_add(1);
        }
    }

    /// Lets a trial that began on the group claim its window. If the window was over and belongs to another
    /// trial, or nobody met it, the next EHLO opens it once more. Returns the start of the claimed window.
    pub(super) fn claim(
        &mut self,
        id: GroupId,
        trial: &TrialId,
        pace: &Pace,
        began: Timestamp,
    ) -> Option<Timestamp> {
        let group = self.groups.get_mut(&id)?;
        let window_from = group.record.window_from?;
        let over = began >= after(window_from, pace.window_s);
        let anothers = group.claimed_by.as_ref().is_some_and(|owner| owner != trial);
        if group.claimed_by.is_none() && (group.withheld || !over) {
            group.claimed_by = Some(trial.clone());
            return Some(window_from);
        }
        if over && (anothers || !group.withheld) {
            group.record.reopens = true;
            group.claimed_by = Some(trial.clone());
            return None;
        }
        (!over).then_some(window_from)
    }

    /// Until when the group's window lasts; the end of time while it is yet to open once more.
    pub(super) fn window_until(&self, id: GroupId, pace: &Pace) -> Timestamp {
        match self.groups.get(&id).map(|group| group.record) {
            Some(record) if record.reopens => Timestamp::MAX,
            Some(SourceRecord { window_from: Some(from), .. }) => after(from, pace.window_s),
            _ => Timestamp::MIN,
        }
    }

    /// Forgets the groups that were first seen before `horizon` and that `wanted` does not name.
    pub(super) fn forget(&mut self, horizon: Timestamp, wanted: &BTreeSet<GroupId>) {
        self.groups.retain(|id, group| group.first_seen >= horizon || wanted.contains(id));
        let groups = &self.groups;
        self.by_address.retain(|_, id| groups.contains_key(id));
        self.by_domain.retain(|_, id| groups.contains_key(id));
        self.by_network.retain(|_, id| groups.contains_key(id));
    }
}
