//! How far a survey is, and what is waited for.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::Instant;

use super::row::{Extent, Row, Why};
use crate::receiving::places::Queue;
use crate::receiving::request::{Progress, Step};
use crate::receiving::scan::limiter_group;
use crate::shared::text::clean_to;

/// Over how long the rate is measured, in seconds.
const RATE_S: u64 = 60;
/// How many waits are told.
const WAITS_MAX: usize = 5;
/// For how many of them, at least, those who are left alone come first, where there are any.
const BACK_OFFS_TOLD_MIN: usize = 2;
/// How long the words of a server may be that are told, in characters.
const WORDS_CHARS_MAX: usize = 60;

/// How far a survey is.
#[derive(Debug)]
pub struct Board {
    state: Mutex<State>,
    of: u64,
    before: u64,
}

#[derive(Debug)]
struct State {
    done: u64,
    /// How many are measured by whomever, as the store has it.
    of_all: u64,
    under_way: usize,
    connections: u64,
    not_measured: BTreeMap<&'static str, u64>,
    given_back: BTreeMap<&'static str, u64>,
    extents: Extents,
    /// When how many were done.
    marks: VecDeque<(Instant, u64)>,
    /// Which networks are left alone until when, and in which words they asked for it.
    back_offs: BTreeMap<String, (Instant, String)>,
}

/// How many domains of this run were measured how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extents {
    pub measured: u64,
    pub in_part: u64,
    pub not_at_all: u64,
    pub nothing_to_measure: u64,
}

/// Something that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// An operator or a network.
    #[serde(rename = "for")]
    pub whom: String,
    /// How many connections wait for their turn there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<usize>,
    /// How long it is left alone, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Why, in the server's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How far it is at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// How many domains are done: measured, or found not to be measurable, be it by earlier runs.
    pub done: u64,
    pub of: u64,
    /// How many of them earlier runs did.
    pub before: u64,
    pub under_way: usize,
    /// How many a second, over the last minute; none: none ended yet.
    pub per_second: Option<f64>,
    /// How long it will take at that rate, in seconds.
    pub remaining_s: Option<u64>,
    /// The connections that this run made.
    pub connections: u64,
    /// How many of this run could not be measured, or have nothing to measure, and why.
    pub not_measured: BTreeMap<&'static str, u64>,
    /// How many this run gave back, for reasons that lie here: they are not done.
    pub given_back: BTreeMap<&'static str, u64>,
    /// How far those were measured that this run did.
    pub in_this_run: Extents,
    /// What is waited for, the most first.
    pub waits: Vec<Wait>,
}

impl Board {
    /// A survey of so many domains, of which earlier runs measured some.
    pub fn new(of: u64, before: u64) -> Self {
        let state = State {
            done: 0,
            of_all: before,
            under_way: 0,
            connections: 0,
            not_measured: BTreeMap::new(),
            given_back: BTreeMap::new(),
            extents: Extents::default(),
            marks: VecDeque::from([(Instant::now(), before)]),
            back_offs: BTreeMap::new(),
        };
        Self { state: Mutex::new(state), of, before }
    }

    pub(super) fn begins(&self) {
        self.state.lock().under_way += 1;
    }

    /// A domain is done.
    pub(super) fn ended(&self, row: &Row) {
        let mut state = self.state.lock();
        state.done += 1;
        state.connections += u64::from(row.connections);
        let extents = &mut state.extents;
        *match row.extent() {
            Extent::Whole => &mut extents.measured,
            Extent::Part => &mut extents.in_part,
            Extent::Not => &mut extents.not_at_all,
            Extent::Nothing => &mut extents.nothing_to_measure,
        } += 1;
        if let Some(why) = row.why {
            *state.not_measured.entry(why.name()).or_default() += 1;
        }
    }

    /// A domain is given back.
    pub(super) fn put_off(&self, why: Why) {
        *self.state.lock().given_back.entry(why.name()).or_default() += 1;
    }

    /// One that was given back is measured after all.
    pub(super) fn taken_up(&self, why: Why) {
        let given_back = &mut self.state.lock().given_back;
        if let Some(count) = given_back.get_mut(why.name()) {
            *count -= 1;
        }
        given_back.retain(|_, count| *count > 0);
    }

    /// A domain is no longer under way; so many connections were made that it did not come to tell of.
    pub(super) fn left(&self, connections: u32) {
        let mut state = self.state.lock();
        state.under_way = state.under_way.saturating_sub(1);
        state.connections += u64::from(connections);
    }

    /// How many domains the store has measured, by whichever worker.
    pub fn of_all(&self, ended: u64) {
        self.state.lock().of_all = ended;
    }

    /// How far it is now, with the queues of a turnstile.
    pub fn snapshot(&self, queues: &[Queue]) -> Snapshot {
        let now = Instant::now();
        let mut state = self.state.lock();
        let done = (self.before + state.done).max(state.of_all).min(self.of);
        state.marks.push_back((now, done));
        let old = |(at, _): &(Instant, u64)| now - *at > Duration::from_secs(RATE_S);
        while state.marks.len() > 2 && state.marks.get(1).is_some_and(old) {
            state.marks.pop_front();
        }
        state.back_offs.retain(|_, (until, _)| *until > now);
        let (from, earlier) = state.marks.front().copied().unwrap_or((now, 0));
        let (seconds, ended) = ((now - from).as_secs_f64(), done.saturating_sub(earlier));
        let per_second = (ended > 0 && seconds > 0.0).then(|| ended as f64 / seconds);
        let left = self.of.saturating_sub(done);
        let remaining_s = match (left, per_second) {
            (0, _) => Some(0),
            (_, rate) => rate.map(|rate| (left as f64 / rate).ceil() as u64),
        };
        let apart = state.back_offs.len().min(BACK_OFFS_TOLD_MIN);
        let back_offs = state.back_offs.iter().map(|(network, (until, why))| Wait {
            whom: network.clone(),
            connections: None,
            seconds: Some((*until - now).as_secs() + 1),
            why: Some(why.clone()),
        });
        let queued = queues.iter().map(|queue| Wait {
            whom: queue.operator.clone(),
            connections: Some(queue.waiting),
            seconds: None,
            why: None,
        });
        Snapshot {
            done,
            of: self.of,
            before: self.before,
            under_way: state.under_way,
            per_second,
            remaining_s,
            connections: state.connections,
            not_measured: state.not_measured.clone(),
            given_back: state.given_back.clone(),
            in_this_run: state.extents,
            // Who is left alone is told beside the queues, however many there are.
            waits: queued.take(WAITS_MAX - apart).chain(back_offs).take(WAITS_MAX).collect(),
        }
    }

    fn backs_off(&self, ip: IpAddr, seconds: u32, why: &str) {
        let until = Instant::now() + Duration::from_secs(u64::from(seconds));
        let why = clean_to(why, WORDS_CHARS_MAX);
        self.state.lock().back_offs.insert(limiter_group(ip).to_string(), (until, why));
    }
}

impl Progress for Board {
    fn step(&self, step: Step) {
        if let Step::Waiting { ip, seconds, why } = step {
            self.backs_off(ip, seconds, &why);
        }
    }
}

impl Snapshot {
    /// Two lines of at most so many columns.
    pub fn lines(&self, columns: usize) -> [String; 2] {
        let share = (self.done * 100).checked_div(self.of).unwrap_or(100);
        let rate = self.per_second.map_or("no rate yet".to_owned(), |rate| format!("{rate:.1}/s"));
        let left = self.remaining_s.map_or(String::new(), |seconds| format!(", {} left", span(seconds)));
        let nothing = |why: &str| Why::ALL.iter().any(|known| known.name() == why && known.has_nothing());
        let unmeasured = self.not_measured.iter().filter(|(why, _)| !nothing(why));
        let unmeasured: u64 = unmeasured.map(|(_, count)| count).sum();
        let first = format!(
            "{} of {} ({share} %), {rate}{left}; not measured here: {unmeasured}",
            self.done, self.of
        );
        let waits: Vec<String> = self.waits.iter().map(Wait::words).collect();
        let waits = if waits.is_empty() { "nobody".to_owned() } else { waits.join(", ") };
        let second = format!("{} under way; waits for {waits}", self.under_way);
        [first, second].map(|line| line.chars().take(columns).collect())
    }
}

impl Wait {
    fn words(&self) -> String {
        match (self.connections, self.seconds, &self.why) {
            (Some(connections), ..) => format!("{} ({connections})", self.whom),
            (None, Some(seconds), Some(why)) => format!("{} ({seconds} s: {why})", self.whom),
            _ => self.whom.clone(),
        }
    }
}

/// A span of time in the two largest units.
fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
