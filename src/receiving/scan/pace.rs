//! When to take which step: one connection at a time into a network, a few networks at a time, every address its
//! first step before any its second, and back-offs where a server limits us.
//!
//! Pure: instants come as milliseconds since the scan began, and waits go out.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::settings::Settings;
use crate::shared::dial::destination;

/// The network that a limiter is taken to cover: a /24 or a /48.
pub fn limiter_group(ip: IpAddr) -> IpNet {
    match destination(ip) {
        IpAddr::V4(ip) => Ipv4Net::new_assert(ip, 24).trunc().into(),
        IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 48).trunc().into(),
    }
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Take the next step of this member.
    Go(usize),
    /// Nothing until then, in milliseconds since the beginning, unless a connection ends before.
    Until(u64),
    /// Connections are under way, and nothing else can be done before one ends.
    Busy,
    /// Every member is done.
    Done,
}

#[derive(Clone, Debug)]
struct Member {
    group: IpNet,
    steps: u32,
    state: MemberState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemberState {
    /// Not yet to be asked: another scan is at it.
    Absent,
    Ready,
    UnderWay,
    Done,
}

#[derive(Clone, Debug, Default)]
struct Group {
    under_way: bool,
    /// How often it limited us.
    limits: usize,
    not_before_ms: u64,
    /// Its words, once the back-offs are used up.
    closed: Option<String>,
}

/// The addresses of a scan and the networks they are in.
#[derive(Clone, Debug)]
pub struct Pacer<'s> {
    settings: &'s Settings,
    members: Vec<Member>,
    groups: BTreeMap<IpNet, Group>,
}

impl<'s> Pacer<'s> {
    /// The pace for these addresses; each is a member by its place, and absent at first.
    pub fn new(settings: &'s Settings, addresses: &[IpAddr]) -> Self {
        let member = |ip: &IpAddr| Member { group: limiter_group(*ip), steps: 0, state: MemberState::Absent };
        let members: Vec<Member> = addresses.iter().map(member).collect();
        let groups = members.iter().map(|member| (member.group, Group::default())).collect();
        Self { settings, members, groups }
    }

    /// A member may be asked from now on.
    pub fn ready(&mut self, member: usize) {
        self.set(member, MemberState::Ready);
    }

    /// A member needs nothing more.
    pub fn done(&mut self, member: usize) {
        self.set(member, MemberState::Done);
    }

    fn set(&mut self, member: usize, state: MemberState) {
        if let Some(member) = self.members.get_mut(member) {
            member.state = state;
        }
    }

    /// What to do at `now_ms`. A member that is told to go counts as under way until [`Self::ended`].
    pub fn turn(&mut self, now_ms: u64) -> Turn {
        let under_way = self.groups.values().filter(|group| group.under_way).count();
        let mut wait: Option<u64> = None;
        let mut next: Option<usize> = None;
        for (place, member) in self.members.iter().enumerate() {
            let group = &self.groups[&member.group];
            if member.state != MemberState::Ready || group.under_way {
                continue;
            }
            if group.not_before_ms > now_ms {
                wait = Some(wait.map_or(group.not_before_ms, |other| other.min(group.not_before_ms)));
            } else if next.is_none_or(|other| member.steps < self.members[other].steps) {
                next = Some(place);
            }
        }
        if under_way < self.settings.groups_at_once_max
            && let Some(place) = next
        {
            self.begin(place, now_ms);
            return Turn::Go(place);
        }
        let open = |member: &Member| {
            matches!(member.state, MemberState::Absent | MemberState::UnderWay | MemberState::Ready)
        };
        match wait {
            Some(until) => Turn::Until(until),
            None if self.members.iter().any(open) => Turn::Busy,
            None => Turn::Done,
        }
    }

    fn begin(&mut self, place: usize, now_ms: u64) {
        let member = &mut self.members[place];
        member.state = MemberState::UnderWay;
        member.steps += 1;
        let group = self.groups.entry(member.group).or_default();
        group.under_way = true;
        if group.limits > 0 {
            let spacing_ms = 60_000 / u64::from(self.settings.limited_per_minute_max.max(1));
            group.not_before_ms = now_ms + spacing_ms;
        }
    }

    /// A member's connection has ended.
    pub fn ended(&mut self, member: usize) {
        let Some(member) = self.members.get_mut(member) else { return };
        if member.state == MemberState::UnderWay {
            member.state = MemberState::Ready;
        }
        if let Some(group) = self.groups.get_mut(&member.group) {
            group.under_way = false;
        }
    }

    /// The server said, in these words, that it takes no more for now. Gives the seconds that its network is left
    /// alone; none: the back-offs are used up, and nothing in it is asked again.
    pub fn limited(&mut self, member: usize, now_ms: u64, reason: &str) -> Option<u32> {
        let member = self.members.get_mut(member)?;
        // The step was not taken.
        member.steps = member.steps.saturating_sub(1);
        let group = self.groups.get_mut(&member.group)?;
        let back_off_s = self.settings.back_off_s.get(group.limits).copied();
        group.limits += 1;
        match back_off_s {
            Some(seconds) => group.not_before_ms = now_ms + u64::from(seconds) * 1000,
            None => group.closed = Some(reason.to_owned()),
        }
        back_off_s
    }

    /// Nothing in the member's network is asked again.
    pub fn close(&mut self, member: usize, reason: &str) {
        let group = self.members.get(member).and_then(|member| self.groups.get_mut(&member.group));
        if let Some(group) = group {
            group.closed = Some(reason.to_owned());
        }
    }

    /// Why a member's network is not asked again, if it is not.
    pub fn closed(&self, member: usize) -> Option<&str> {
        let member = self.members.get(member)?;
        self.groups.get(&member.group)?.closed.as_deref()
    }
}
