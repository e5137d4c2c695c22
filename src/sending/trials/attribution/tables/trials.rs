//! The trials that are remembered, and every way to find one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use ipnet::IpNet;

use crate::sending::history::{Beyond, Noted, Scan, Seq, TrialEnd, VerdictDelivery};
use crate::sending::trial::{AddressId, Label, LinkId, Network, Source, TrialId};
use crate::sending::trials::archive::Claims;
use crate::sending::trials::labels::{Labels, Spent};
use crate::sending::trials::limits::{Limits, TooMany};
use crate::sending::trials::source_book::GroupId;
use crate::sending::trials::ties::{Gone, Past, Ties};
use crate::shared::time::Timestamp;

use super::index::{Index, NAMESAKES_MAX, add, pull, push, remove};
use super::open::{Counted, OpenCounts};

/// A trial that is open, or ended a short while ago.
#[derive(Clone, Debug)]
pub(in crate::sending::trials) struct Trial {
    pub(in crate::sending::trials) ties: Ties,
    pub(in crate::sending::trials) ended: Option<Noted<TrialEnd>>,
    pub(in crate::sending::trials) scan: Option<Noted<Scan>>,
    pub(in crate::sending::trials) delivery: Option<Noted<VerdictDelivery>>,
    /// The last observation that the verdict rested on, once it was told.
    pub(in crate::sending::trials) judged_to: Option<Seq>,
    /// What it had a claim to when its verdict was told.
    pub(in crate::sending::trials) told: Option<Arc<Claims>>,
    pub(in crate::sending::trials) links: BTreeSet<LinkId>,
    /// Links that carried its mail only after its end, or that only a secret and the name in EHLO tie to it: shown, and no
    /// claim to anything.
    pub(in crate::sending::trials) late: BTreeSet<LinkId>,
    /// Links whose mail named its reverse-path or Message-ID and that nothing ties to it.
    pub(in crate::sending::trials) strangers: BTreeSet<LinkId>,
    pub(in crate::sending::trials) groups: BTreeSet<GroupId>,
    /// The groups whose window it asked for.
    pub(in crate::sending::trials) windows: BTreeSet<GroupId>,
    /// The networks of resolvers that led to its links.
    pub(in crate::sending::trials) led_by: BTreeSet<Network>,
    /// What was too much.
    pub(in crate::sending::trials) beyond: Beyond,
    /// The transaction that opened it.
    pub(in crate::sending::trials) opened_by: (LinkId, u16),
    /// What it is counted by while it is open.
    counted: Counted,
}

/// How many Message-IDs, reverse-paths and dates of one trial are remembered, each.
const NAMES_MAX: usize = 50;
/// How many networks of resolvers are remembered of one trial.
const LED_BY_MAX: usize = 64;
/// How many past trials are remembered; later mail of others opens a trial of its own.
const PAST_MAX: usize = 200_000;
/// How many free labels may lead to one trial.
const ROOTS_MAX: usize = 8;

/// The trials that are remembered.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct TrialTable {
    kept: BTreeMap<TrialId, Trial>,
    past: HashMap<TrialId, Gone>,
    /// Those that are past, as they came to be.
    past_in_order: VecDeque<TrialId>,
    /// Nearly always one trial each; senders that have nothing to do with each other may use the same, or a stranger
    /// a sender's.
    by_message_id: HashMap<String, Vec<TrialId>>,
    /// The open trials of each reverse-path, which strangers know, too.
    open_by_path: HashMap<AddressId, Vec<TrialId>>,
    /// The latest ended trials of each reverse-path, for retries that show no Message-ID.
    ended_by_path: HashMap<AddressId, Vec<TrialId>>,
    by_network: Index<Network>,
    by_resolver: Index<Network>,
    open_of_group: Index<GroupId>,
    open: BTreeSet<TrialId>,
    counts: OpenCounts,
    /// Ended, and nothing was scanned for them yet.
    unscanned: BTreeSet<TrialId>,
    /// Told, and still kept as a whole.
    told: BTreeSet<(Timestamp, TrialId)>,
    /// When those that are past were told, as long as their sources matter.
    past_by_time: BTreeSet<(Timestamp, TrialId)>,
    labels: Labels,
    spent: Spent,
}

impl TrialTable {
    /// Why no such trial may be opened; none if one may.
    pub(in crate::sending::trials) fn too_many(&self, limits: &Limits, counted: &Counted) -> Option<TooMany> {
        self.counts.too_many(limits, counted, self.open.len())
    }

    pub(in crate::sending::trials) fn open(
        &mut self,
        id: &TrialId,
        opened: Timestamp,
        opened_by: (LinkId, u16),
        counted: Counted,
    ) {
        self.counts.add(&counted);
        let trial = Trial {
            ties: Ties::new(opened),
            ended: None,
            scan: None,
            delivery: None,
            judged_to: None,
            told: None,
            links: BTreeSet::new(),
            late: BTreeSet::new(),
            strangers: BTreeSet::new(),
            groups: BTreeSet::new(),
            windows: BTreeSet::new(),
            led_by: BTreeSet::new(),
            beyond: Beyond::default(),
            opened_by,
            counted,
        };
        self.open.insert(id.clone());
        self.kept.insert(id.clone(), trial);
    }

    pub(in crate::sending::trials) fn get(&self, id: &TrialId) -> Option<&Trial> {
        self.kept.get(id)
    }

    /// To change what no index is made of.
    pub(in crate::sending::trials) fn get_mut(&mut self, id: &TrialId) -> Option<&mut Trial> {
        self.kept.get_mut(id)
    }

    /// What ties mail to a trial, whether it is kept or past.
    pub(in crate::sending::trials) fn ties(&self, id: &TrialId) -> Option<Cow<'_, Ties>> {
        if let Some(trial) = self.kept.get(id) {
            return Some(Cow::Borrowed(&trial.ties));
        }
        Some(match self.past.get(id)?.past()? {
            Cow::Borrowed(past) => Cow::Borrowed(&past.ties),
            Cow::Owned(past) => Cow::Owned(past.ties),
        })
    }

    /// The same of a trial that is found by where it came from, which is in memory as a whole.
    pub(in crate::sending::trials) fn near_ties(&self, id: &TrialId) -> Option<&Ties> {
        self.kept.get(id).map(|trial| &trial.ties).or_else(|| match self.past.get(id)? {
            Gone::Whole(past) => Some(&past.ties),
            Gone::Packed { .. } => None,
        })
    }

    pub(in crate::sending::trials) fn by_message_id(&self, message_id: &str) -> &[TrialId] {
        self.by_message_id.get(message_id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(in crate::sending::trials) fn open_by_path(&self, path: &AddressId) -> &[TrialId] {
        self.open_by_path.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    pub(in crate::sending::trials) fn ended_by_path(&self, path: &AddressId) -> &[TrialId] {
        self.ended_by_path.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// The trials with a source in a network.
    pub(in crate::sending::trials) fn in_network(&self, network: Network) -> impl Iterator<Item = &TrialId> {
        self.by_network.get(&network).into_iter().flatten()
    }

    /// The trials with a source in any of the networks that make up `site`.
    pub(in crate::sending::trials) fn in_site(&self, site: IpNet) -> impl Iterator<Item = &TrialId> {
        let networks = Network::of(site.network())..=Network::of(site.broadcast());
        self.by_network.range(networks).flat_map(|(_, trials)| trials)
    }

    /// The trials that a resolver of a network led to a link of.
    pub(in crate::sending::trials) fn led_by(&self, network: Network) -> impl Iterator<Item = &TrialId> {
        self.by_resolver.get(&network).into_iter().flatten()
    }

    /// The open trials of a group.
    pub(in crate::sending::trials) fn open_of_group(&self, group: GroupId) -> impl Iterator<Item = &TrialId> {
        self.open_of_group.get(&group).into_iter().flatten()
    }

    pub(in crate::sending::trials) fn all_open(&self) -> impl Iterator<Item = &TrialId> {
        self.open.iter()
    }

    pub(in crate::sending::trials) fn kept(&self) -> impl Iterator<Item = (&TrialId, &Trial)> {
        self.kept.iter()
    }

    pub(in crate::sending::trials) fn open_count(&self) -> usize {
        self.open.len()
    }

    pub(in crate::sending::trials) fn kept_count(&self) -> usize {
        self.kept.len()
    }

    pub(in crate::sending::trials) fn past_count(&self) -> usize {
        self.past.len()
    }

    /// A mail of the trial has this Message-ID. Of a trial with too many the first are remembered.
    pub(in crate::sending::trials) fn name_message(&mut self, id: &TrialId, message_id: &str) {
        let Some(trial) = self.kept.get_mut(id) else { return };
        let known = &mut trial.ties.message_ids;
        if known.len() < NAMES_MAX && known.insert(message_id.to_owned()) {
            push(&mut self.by_message_id, message_id.to_owned(), id);
        }
    }

    /// A mail of an open trial has this reverse-path.
    pub(in crate::sending::trials) fn name_path(&mut self, id: &TrialId, path: &AddressId) {
        let Some(trial) = self.kept.get_mut(id) else { return };
        let known = &mut trial.ties.paths;
        if known.len() < NAMES_MAX && known.insert(path.clone()) {
            self.make_room_of_path(path);
            push(&mut self.open_by_path, path.clone(), id);
        }
    }

    /// Whoever names a reverse-path of others in MAIL, and sends nothing, takes the place of nobody who did.
    fn make_room_of_path(&mut self, path: &AddressId) {
        let Some(ids) = self.open_by_path.get_mut(path).filter(|ids| ids.len() >= NAMESAKES_MAX) else {
            return;
        };
        let kept = &self.kept;
        let empty = |id: &TrialId| kept.get(id).is_none_or(|trial| !trial.ties.has_message);
        if let Some(at) = ids.iter().position(empty) {
            ids.remove(at);
        }
    }

    /// A mail of the trial has this Date.
    pub(in crate::sending::trials) fn name_date(&mut self, id: &TrialId, date: &str) {
        if let Some(known) = self.kept.get_mut(id).map(|trial| &mut trial.ties.dates)
            && known.len() < NAMES_MAX
        {
            known.insert(date.to_owned());
        }
    }

    /// A free label leads to a trial from now on.
    pub(in crate::sending::trials) fn bind(&mut self, id: &TrialId, root: &Label) {
        let Some(trial) = self.kept.get_mut(id) else { return };
        let known = &mut trial.ties.roots;
        if known.len() < ROOTS_MAX && known.insert(root.clone()) {
            self.labels.book().bind(root, id);
        }
    }

    /// The labels, which the trials that end and go are told to.
    pub(in crate::sending::trials) fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Sets the sources of a trial.
    pub(in crate::sending::trials) fn set_sources(&mut self, id: &TrialId, sources: Vec<Source>) {
        let Some(trial) = self.kept.get_mut(id) else { return };
        for source in &sources {
            add(&mut self.by_network, Network::of(source.address), id);
        }
        trial.ties.sources = sources;
    }

    /// These resolvers led to a link of the trial.
    pub(in crate::sending::trials) fn add_resolvers(&mut self, id: &TrialId, networks: BTreeSet<Network>) {
        let Some(trial) = self.kept.get_mut(id) else { return };
        for network in networks {
            if trial.led_by.len() < LED_BY_MAX && trial.led_by.insert(network) {
                add(&mut self.by_resolver, network, id);
            }
        }
    }

    /// An open trial has links of a group.
    pub(in crate::sending::trials) fn add_group(&mut self, id: &TrialId, group: GroupId) {
        if self.kept.get_mut(id).is_some_and(|trial| trial.groups.insert(group)) {
            self.open_of_group.entry(group).or_default().insert(id.clone());
        }
    }

    /// An open trial asks for the window of a group; whether for the first time.
    pub(in crate::sending::trials) fn ask_for_window(&mut self, id: &TrialId, group: GroupId) -> bool {
        self.kept.get_mut(id).is_some_and(|trial| trial.windows.insert(group))
    }

    /// A trial has ended; the first end counts.
    pub(in crate::sending::trials) fn end(&mut self, id: &TrialId, end: Noted<TrialEnd>) {
        let Some(trial) = self.kept.get_mut(id).filter(|trial| trial.ended.is_none()) else { return };
        trial.ties.ended = Some(end.at);
        trial.ties.roots.into_iter().for_each(|root| self.labels.book().end(root, end.at));
        trial.ended = Some(end);
        if trial.scan.is_none() {
            self.unscanned.insert(id.clone());
        }
        self.close(id);
        let Some(trial) = self.kept.get(id) else { return };
        for path in &trial.ties.paths {
            push(&mut self.ended_by_path, path.clone(), id);
        }
    }

    /// Takes an open trial out of what only open ones are in.
    fn close(&mut self, id: &TrialId) {
        let Some(trial) = self.kept.get(id).filter(|_| self.open.remove(id)) else { return };
        self.counts.remove(&trial.counted);
        for path in &trial.ties.paths {
            pull(&mut self.open_by_path, path, id);
        }
        for group in &trial.groups {
            remove(&mut self.open_of_group, group, id);
        }
    }

    /// The first scan counts: a verdict that went out stays what it was.
    pub(in crate::sending::trials) fn scanned(&mut self, id: &TrialId, scan: Noted<Scan>) {
        if let Some(trial) = self.kept.get_mut(id) {
            trial.scan.get_or_insert(scan);
            self.unscanned.remove(id);
        }
    }

    /// A trial's verdict was told.
    pub(in crate::sending::trials) fn tell(
        &mut self,
        id: &TrialId,
        delivery: Noted<VerdictDelivery>,
        judged_to: Seq,
        claims: Claims,
    ) {
        let Some(trial) = self.kept.get_mut(id) else { return };
        if let Some(before) = trial.ties.told.replace(delivery.at) {
            self.told.remove(&(before, id.clone()));
        }
        self.told.insert((delivery.at, id.clone()));
        trial.judged_to = Some(judged_to);
        trial.told = Some(Arc::new(claims));
        trial.delivery = Some(delivery);
    }

    /// The trials that ended at `since` or later, or whose verdict is not told yet, and for which nothing was scanned.
    pub(in crate::sending::trials) fn unscanned(&self, since: Timestamp) -> impl Iterator<Item = &TrialId> {
        let wanted = move |id: &&TrialId| {
            self.kept.get(*id).is_some_and(|trial| {
                trial.ended.as_ref().is_some_and(|ended| ended.at >= since || trial.delivery.is_none())
            })
        };
        self.unscanned.iter().filter(wanted)
    }

    /// The trials that were told before `horizon`, the oldest first.
    pub(in crate::sending::trials) fn told_before(
        &self,
        horizon: Timestamp,
    ) -> impl Iterator<Item = &TrialId> {
        self.told.iter().take_while(move |(at, _)| *at < horizon).map(|(_, id)| id)
    }

    /// Lets go of all of a told trial but what later mail may have to do with; gives the links that were its.
    pub(in crate::sending::trials) fn retire(&mut self, id: &TrialId, past: Past) -> BTreeSet<LinkId> {
        self.close(id);
        let Some(trial) = self.kept.remove(id) else { return BTreeSet::new() };
        self.unscanned.remove(id);
        if let Some(told) = trial.ties.told {
            self.told.remove(&(told, id.clone()));
            self.past_by_time.insert((told, id.clone()));
        }
        for network in trial.led_by.iter().filter(|network| !past.resolvers.contains(network)) {
            remove(&mut self.by_resolver, network, id);
        }
        self.remember(id.clone(), Gone::Whole(Box::new(past)));
        trial.links.into_iter().chain(trial.late).collect()
    }

    /// Takes in a past trial, as the journal has it; where it came from only if it was told at `horizon` or later, as
    /// [`Self::forget_sources`] has it.
    pub(in crate::sending::trials) fn resume(&mut self, id: TrialId, past: Past, horizon: Timestamp) {
        for root in &past.ties.roots {
            let mut book = self.labels.book();
            book.bind(root, &id);
            book.end(root, past.ties.ended.unwrap_or(Timestamp::MIN));
        }
        for message_id in &past.ties.message_ids {
            push(&mut self.by_message_id, message_id.clone(), &id);
        }
        if past.ties.told.is_some_and(|told| told < horizon) {
            self.remember(id, Gone::packed(past));
            return;
        }
        for path in &past.ties.paths {
            push(&mut self.ended_by_path, path.clone(), &id);
        }
        for source in &past.ties.sources {
            add(&mut self.by_network, Network::of(source.address), &id);
        }
        for network in &past.resolvers {
            add(&mut self.by_resolver, *network, &id);
        }
        if let Some(told) = past.ties.told {
            self.past_by_time.insert((told, id.clone()));
        }
        self.remember(id, Gone::Whole(Box::new(past)));
    }

    /// Adds a past trial; the oldest goes where there are too many.
    fn remember(&mut self, id: TrialId, past: Gone) {
        self.past.insert(id.clone(), past);
        self.past_in_order.push_back(id);
        while self.past_in_order.len() > PAST_MAX {
            let Some(oldest) = self.past_in_order.pop_front() else { return };
            self.forget(&oldest);
        }
    }

    /// Lets go of where past trials that were told before `horizon` came from: no link can be theirs any more, and no
    /// retry without a Message-ID.
    pub(in crate::sending::trials) fn forget_sources(&mut self, horizon: Timestamp, at_most: usize) {
        for _ in 0..at_most {
            let Some((told, id)) = self.past_by_time.first().cloned().filter(|(told, _)| *told < horizon)
            else {
                return;
            };
            self.past_by_time.remove(&(told, id.clone()));
            let Some(gone) = self.past.get_mut(&id) else { continue };
            let Some(past) = gone.past().map(Cow::into_owned) else { continue };
            for source in &past.ties.sources {
                remove(&mut self.by_network, &Network::of(source.address), &id);
            }
            for network in &past.resolvers {
                remove(&mut self.by_resolver, network, &id);
            }
            for path in &past.ties.paths {
                pull(&mut self.ended_by_path, path, &id);
            }
            *gone = Gone::packed(past);
        }
    }

    /// Whether the journal may have had a trial of this name that is forgotten.
    pub(in crate::sending::trials) fn is_spent(&self, id: &TrialId) -> bool {
        self.spent.contains(id)
    }

    /// The journal has a trial of this name, which is forgotten.
    pub(in crate::sending::trials) fn spend(&mut self, id: &TrialId) {
        self.spent.insert(id);
    }

    /// Lets go of trials altogether; no later mail is theirs.
    pub(in crate::sending::trials) fn forget(&mut self, id: &TrialId) {
        self.close(id);
        let trial = self.kept.remove(id);
        let gone = self.past.remove(id);
        let past = gone.as_ref().and_then(Gone::past);
        self.unscanned.remove(id);
        let (ties, resolvers): (_, Vec<Network>) = match (&trial, &past) {
            (Some(trial), _) => (&trial.ties, trial.led_by.iter().copied().collect()),
            (None, Some(past)) => (&past.ties, past.resolvers.into_iter().copied().collect()),
            (None, None) => return,
        };
        if let Some(told) = ties.told {
            self.told.remove(&(told, id.clone()));
            self.past_by_time.remove(&(told, id.clone()));
        }
        for root in &ties.roots {
            self.labels.book().forget(root, id);
            if ties.ended.is_some() {
                self.spent.insert(id);
            }
        }
        for message_id in &ties.message_ids {
            pull(&mut self.by_message_id, message_id, id);
        }
        for path in &ties.paths {
            pull(&mut self.ended_by_path, path, id);
        }
        for source in &ties.sources {
            remove(&mut self.by_network, &Network::of(source.address), id);
        }
        for network in resolvers {
            remove(&mut self.by_resolver, &network, id);
        }
    }

    /// The past trials that ended before `horizon`.
    pub(in crate::sending::trials) fn past_before(&self, horizon: Timestamp) -> Vec<TrialId> {
        let old = |past: &Gone| past.ended().is_some_and(|ended| ended < horizon);
        self.past.iter().filter(|(_, past)| old(past)).map(|(id, _)| id.clone()).collect()
    }
}
