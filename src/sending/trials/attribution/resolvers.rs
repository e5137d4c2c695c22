//! Whose a resolver is: which of those that asked for names of the suite asked for a trial, and what they asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::Place;
use crate::sending::trial::{Network, TrialId};
use crate::sending::trials::archive::Claims;
use crate::sending::trials::ties::Ties;
use crate::shared::time::{Timestamp, after};

use super::Attribution;
use super::cases::Names;
use super::few::{Few, joined, spans};
use super::rivals::RIVALS_MAX;
use super::tables::Trial;

/// From so many networks on, a trial's resolver is one of many addresses, as public ones are: each question may come
/// from another, and none can be told from a stranger's.
const RESOLVER_NETWORKS_FEW: usize = 3;

/// What comes in this part of the lead before a link comes just before it; a second at least, since else no question
/// does but the last.
const JUST_BEFORE_SHARE: u32 = 8;

/// How long before a link what comes just before it comes, in seconds.
fn just_before_s(lead_s: u32) -> u32 {
    (lead_s / JUST_BEFORE_SHARE).max(1)
}

/// A resolver that led to less than this part of the links that another led to is a stranger's.
const LED_SHARE: usize = 3;

/// A trial's resolver is surely its own where it led to so many times as many of its links as any other.
const STANDS_OUT_FACTOR: usize = 2;

/// How many trials are asked whether a resolver is theirs, too; where there are more, it is.
const SHARERS_MAX: usize = 32;

/// How many of a trial's resolvers are compared with those of others; what further ones asked counts as disputed.
const COMPARED_MAX: usize = 8;

/// How many links of other trials' sources are compared for one trial; where there are more, all may have been for them. Each
/// costs a look at the questions before it.
const LINKS_COMPARED_MAX: usize = 1_000;

/// Whether another trial may be led to us by a resolver in this time. A forger, for whom nothing vouches, comes when he
/// likes, and no resolver leads to him.
fn may_be_led(ties: &Ties, from: Timestamp) -> bool {
    !ties.domains.is_empty() && ties.has_message && ties.is_active(from, Timestamp::MAX)
}

impl Attribution {
    /// The questions that the trial's resolvers asked. Where its resolver is one of many addresses, everybody's who asked
    /// shortly before a link of it.
    pub(super) fn claim_questions(
        &self,
        names: Names,
        claims: &mut Claims,
        (ours, opened): (&BTreeSet<Network>, &[Timestamp]),
        (kept_from, from): (Timestamp, Timestamp),
        max: usize,
    ) {
        let mut questions = Few::new(max);
        let mut earlier = Few::new(max);
        for resolver in ours {
            let of_kind = self.questions_for(names);
            questions.extend(of_kind.of_network(resolver, from));
            earlier.extend(of_kind.for_policy_of_network(resolver, kept_from, from));
        }
        if self.is_of_many_addresses(names, opened) {
            for (from, until) in spans(opened, self.pace.lookup_lead_s, from) {
                questions.extend(self.questions_for(names).between(from, until));
            }
            earlier.extend(self.questions_for(names).for_policy(kept_from, from));
        }
        let beyond = questions.beyond + earlier.beyond;
        claims.beyond.questions = claims.beyond.questions.saturating_add(beyond);
        // What is not among the first may be among the rest.
        claims.queries_complete &= beyond == 0;
        claims.queries.extend(questions.places);
        claims.earlier_policy_queries.extend(earlier.places);
    }

    /// Which of the claimed questions for MX records may have been asked for others: by a resolver that is not the trial's, or
    /// that led to another trial's link soon after.
    pub(super) fn dispute_questions(
        &self,
        id: &TrialId,
        claims: &mut Claims,
        ours: &BTreeSet<Network>,
        from: Timestamp,
    ) {
        let mut asked: BTreeMap<Network, Vec<Place>> = BTreeMap::new();
        for place in &claims.queries {
            if let Some(query) = self.questions.get(place).filter(|query| query.what.rtype == "MX") {
                asked.entry(Network::of(query.what.source.ip())).or_default().push(*place);
            }
        }
        let mut links_left = LINKS_COMPARED_MAX;
        let mut compared = 0;
        for (resolver, places) in asked {
            let lead_s = self.pace.lookup_lead_s;
            let soon: Vec<_> = places.iter().map(|(at, _)| (*at, after(*at, lead_s))).collect();
            compared += usize::from(ours.contains(&resolver));
            let led = match ours.contains(&resolver) && compared <= COMPARED_MAX {
                true => self.led_for_others(resolver, id, (from, &soon), &mut links_left),
                false => None,
            };
            let is_disputed = |(asked, soon): (Timestamp, Timestamp)| {
                led.as_ref()
                    .is_none_or(|led| led.iter().any(|(from, until)| *from <= soon && asked <= *until))
            };
            let disputed = places.iter().zip(&soon).filter(|(_, span)| is_disputed(**span));
            claims.disputed_queries.extend(disputed.map(|((_, seq), _)| *seq));
        }
    }

    /// When a resolver led to links of other trials in these spans of time; of a past one all of its time. None where there
    /// are more than `links_left` to look at.
    fn led_for_others(
        &self,
        resolver: Network,
        id: &TrialId,
        (from, spans): (Timestamp, &[(Timestamp, Timestamp)]),
        links_left: &mut usize,
    ) -> Option<Vec<(Timestamp, Timestamp)>> {
        let spans = joined(spans);
        let mut led = Vec::new();
        let mut compared = 0;
        for (looked_at, other) in self.trials.led_by(resolver).enumerate() {
            if looked_at >= RIVALS_MAX || compared >= SHARERS_MAX {
                return None;
            }
            let Some(ties) = self.trials.near_ties(other).filter(|_| other != id) else { continue };
            if !may_be_led(ties, from) {
                continue;
            }
            compared += 1;
            let Some(trial) = self.trials.get(other) else {
                led.push((ties.claims_from, ties.until().unwrap_or(Timestamp::MAX)));
                continue;
            };
            for (begin, end) in &spans {
                // With mail and without: what is left is looked up, too.
                let groups = trial.groups.iter();
                for kept in groups.flat_map(|group| self.links.of_group(*group, *begin, *end)) {
                    *links_left = links_left.checked_sub(1)?;
                    let opened = kept.link.opened;
                    // Where so many asked before it, who led there may not be seen.
                    if !self.is_lead_seen_through(Names::Fixed, opened)
                        || self.led_to(Names::Fixed, opened).contains(&resolver)
                    {
                        led.push((opened, opened));
                    }
                }
            }
        }
        Some(led)
    }

    /// Whether the absence of a question or a visit means anything for a trial: none is missing that its resolvers or its
    /// sources may have made. Where it has no resolver of its own, or one of many addresses, anybody's may be its own.
    pub(super) fn claim_silence(
        &self,
        names: Names,
        claims: &mut Claims,
        trial: &Trial,
        (ours, opened): (&BTreeSet<Network>, &[Timestamp]),
        kept_from: Timestamp,
    ) {
        let told_apart = !ours.is_empty() && !self.is_of_many_addresses(names, opened);
        let sources = trial.ties.sources.iter().map(|source| Network::of(source.address));
        let visitors: BTreeSet<_> = sources.chain(ours.iter().copied()).collect();
        claims.queries_complete &=
            self.questions_for(names).is_complete_from(kept_from, told_apart.then_some(ours))
                && opened.iter().all(|opened| self.is_lead_seen_through(names, *opened));
        claims.fetches_complete &=
            self.fetches_of(names).is_complete_from(kept_from, told_apart.then_some(&visitors));
    }

    /// Whether all that asked before a link opened at a time were looked at.
    fn is_lead_seen_through(&self, names: Names, opened: Timestamp) -> bool {
        let lead_s = self.pace.lookup_lead_s;
        self.questions_for(names).is_lead_seen_through(opened, lead_s, just_before_s(lead_s))
    }

    /// The networks of the resolvers that led to a link opened at a time.
    pub(super) fn led_to(&self, names: Names, opened: Timestamp) -> BTreeSet<Network> {
        let lead_s = self.pace.lookup_lead_s;
        self.questions_for(names).led_to(opened, lead_s, just_before_s(lead_s))
    }

    /// The networks of the resolvers that led to links opened at these times: that asked last, or just before, for the
    /// suite's MX records or for the address of a host of it. Others ask at other times: whoever led to far fewer links
    /// is not the sender's.
    ///
    /// The one that led to most of them stands before all, unless another led to more than half as many: on a busy day
    /// somebody's questions come before many a link that they are not for.
    pub(super) fn resolvers_of(
        &self,
        names: Names,
        opened: &[Timestamp],
    ) -> (Option<Network>, BTreeSet<Network>) {
        let mut led: BTreeMap<Network, usize> = BTreeMap::new();
        for opened in opened {
            for network in self.led_to(names, *opened) {
                *led.entry(network).or_default() += 1;
            }
        }
        let most = led.iter().max_by_key(|(_, links)| **links).map(|(network, links)| (*network, *links));
        let (first, most) = most.map_or((None, 0), |(network, links)| (Some(network), links));
        let stands_out = |first: &Network| {
            led.iter().all(|(network, links)| network == first || links * STANDS_OUT_FACTOR <= most)
        };
        let main = first.filter(stands_out);
        let ours = led.into_iter().filter(|(_, links)| links * LED_SHARE >= most).map(|(network, _)| network);
        (main, ours.collect())
    }

    /// Whether a resolver led others to us, too.
    pub(super) fn leads_others(&self, names: Names, main: Network, id: &TrialId, from: Timestamp) -> bool {
        let mut asked = 0;
        for (looked_at, other) in self.trials.led_by(main).enumerate() {
            if looked_at >= RIVALS_MAX {
                return true;
            }
            let Some(ties) = self.trials.near_ties(other).filter(|_| other != id) else { continue };
            if !may_be_led(ties, from) {
                continue;
            }
            asked += 1;
            let leads = match self.trials.get(other) {
                Some(trial) => self.resolvers_of(names, &self.opened(names, &trial.links)).1.contains(&main),
                // What is past knows but the resolvers that were its own.
                None => true,
            };
            if leads || asked >= SHARERS_MAX {
                return true;
            }
        }
        false
    }

    /// The resolvers of a trial, as they stay known when it is past.
    pub(super) fn own_resolvers_of(&self, trial: &Trial) -> BTreeSet<Network> {
        let of = |names| self.resolvers_of(names, &self.opened(names, &trial.links)).1;
        of(Names::Fixed).into_iter().chain(of(Names::Ruled)).collect()
    }

    /// Whether the trial's resolver is one of many addresses, as public ones are: of those that asked just before its
    /// links, none asked for both an MX record and an address, as a resolver of one address does.
    fn is_of_many_addresses(&self, names: Names, opened: &[Timestamp]) -> bool {
        let just_before_s = just_before_s(self.pace.lookup_lead_s);
        let mut asked: BTreeMap<Network, (bool, bool)> = BTreeMap::new();
        for opened in opened {
            for (network, query) in self.questions_for(names).asked_just_before(*opened, just_before_s) {
                let (mx, address) = asked.entry(network).or_default();
                *mx |= query.rtype == "MX";
                *address |= matches!(query.rtype.as_str(), "A" | "AAAA");
            }
        }
        asked.len() >= RESOLVER_NETWORKS_FEW && !asked.values().any(|(mx, address)| *mx && *address)
    }
}
