//! The DNS questions and the fetches of the policy that fit the trial, numbered as evidence cites them, and what
//! was not counted.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use crate::program::report::account::{Account, Settings};
use crate::sending::history::{Noted, PolicyFetched, Queried, Seq};
use crate::sending::trial::Source;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use super::super::link::LinkOutcome;
use super::telling::Telling;
use crate::shared::text::{Body, Line, Lines, Section, clean, clean_to};

/// How many lines each log shows on the page; the JSON has them all.
const LINES_MAX: usize = 100;

/// How many lines a mail shows of each.
const CITED_MAX: usize = 8;

/// How many lines there are of what was not counted.
const OTHERS_MAX: usize = 10;

/// How much of a name is shown, in characters: DNS has no longer ones.
const NAME_CHARS_MAX: usize = 253;

/// An entry of a log with the observations that it stands for.
pub(super) struct Entry {
    at: Timestamp,
    pub(super) text: String,
    pub(super) seqs: Vec<Seq>,
    /// How a question was answered.
    pub(super) rcode: String,
    pub(super) about: About,
}

impl Entry {
    /// The first of its observations, and when it was.
    pub(super) fn begun(&self) -> (Seq, Timestamp) {
        (self.seqs.first().copied().unwrap_or(Seq(0)), self.at)
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Where mail goes.
    Route,
    Tlsa,
    /// Whether there is an MTA-STS policy.
    PolicyRecord,
    Policy,
    Other,
}

impl About {
    fn of(asked: &Queried) -> Self {
        match asked.rtype.as_str() {
            _ if asked.is_for_mta_sts() => Self::PolicyRecord,
            "TLSA" => Self::Tlsa,
            "MX" | "A" | "AAAA" => Self::Route,
            _ => Self::Other,
        }
    }

    /// The text on what follows from such a question.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Route => "step-follows-route",
            Self::Tlsa => "step-follows-tlsa",
            Self::PolicyRecord => "step-follows-policy-record",
            Self::Policy => "step-follows-fetch",
            Self::Other => "step-follows-other",
        }
    }
}

/// The questions by resolvers that asked for the servers of the trial, equal ones joined.
pub(super) fn asked(telling: &Telling<'_>) -> Vec<Entry> {
    let history = telling.account.history;
    let resolvers = resolvers(telling);
    let mut entries: Vec<Entry> = Vec::new();
    for noted in history.earlier_policy_queries.iter().chain(&history.queries) {
        if !resolvers.contains(&noted.what.source.ip().to_canonical()) {
            continue;
        }
        let text = query(telling, noted);
        match entries.iter_mut().find(|known| known.text == text) {
            Some(known) => known.seqs.push(noted.seq),
            None => entries.push(Entry {
                at: noted.at,
                text,
                seqs: vec![noted.seq],
                rcode: clean(&noted.what.rcode),
                about: About::of(&noted.what),
            }),
        }
    }
    entries
}

/// Whose questions are shown: resolvers that looked up where a mail to the test goes, those at an address of the
/// sender, and those that a finding rests on. Others have nothing to do with who reads this.
fn resolvers(telling: &Telling<'_>) -> BTreeSet<IpAddr> {
    let history = telling.account.history;
    let cited = telling.cited();
    let queries = history.earlier_policy_queries.iter().chain(&history.queries);
    let shown = queries.filter(|noted| {
        let address = noted.what.source.ip().to_canonical();
        noted.what.rtype == "MX" || cited.contains(&noted.seq) || is_own(telling, address)
    });
    shown.map(|noted| noted.what.source.ip().to_canonical()).collect()
}

/// Whose addresses somebody who tested may see.
pub(in crate::program::report) struct Seen {
    resolvers: BTreeSet<IpAddr>,
    own: Vec<Source>,
}

impl Seen {
    /// By the trial of `account`.
    pub(in crate::program::report) fn of(account: Account<'_>, settings: &Settings) -> Self {
        let telling = Telling { account, settings, words: crate::program::report::words::of(Language::En) };
        Self { resolvers: resolvers(&telling), own: account.history.sources() }
    }

    /// Whether the questions of a resolver are shown.
    pub(in crate::program::report) fn shows(&self, resolver: IpAddr) -> bool {
        self.resolvers.contains(&resolver.to_canonical())
    }

    /// An address as it is shown.
    pub(in crate::program::report) fn place(&self, address: IpAddr) -> String {
        place_of(&self.own, address)
    }
}

/// Whether an address is the sender's or in its network.
fn is_own(telling: &Telling<'_>, address: IpAddr) -> bool {
    is_of(&telling.account.history.sources(), address)
}

fn is_of(sources: &[Source], address: IpAddr) -> bool {
    let other = Source::new(address, None);
    sources.iter().any(|source| source.tie(&other).is_some())
}

/// An address of the sender, or the network of a stranger's: a whole address is nobody else's business.
fn place(telling: &Telling<'_>, address: IpAddr) -> String {
    place_of(&telling.account.history.sources(), address)
}

fn place_of(own: &[Source], address: IpAddr) -> String {
    if is_of(own, address) {
        return address.to_string();
    }
    match address {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

fn query(telling: &Telling<'_>, noted: &Noted<Arc<Queried>>) -> String {
    let asked = &noted.what;
    let flags = if asked.dnssec_ok { " DO" } else { "" };
    let rcode = if asked.rcode == "NOERROR" { String::new() } else { format!(" {}", clean(&asked.rcode)) };
    format!(
        "{} {}{flags}{rcode} ({})",
        clean(&asked.rtype),
        clean_to(&asked.name, NAME_CHARS_MAX),
        place(telling, asked.source.ip().to_canonical())
    )
}

/// The fetches of the policy.
pub(super) fn fetched(telling: &Telling<'_>) -> Vec<Entry> {
    let entry = |noted: &Noted<Arc<PolicyFetched>>| Entry {
        at: noted.at,
        text: fetch(telling, noted),
        seqs: vec![noted.seq],
        rcode: String::new(),
        about: About::Policy,
    };
    telling.account.history.fetches.iter().map(entry).collect()
}

fn fetch(telling: &Telling<'_>, noted: &Noted<Arc<PolicyFetched>>) -> String {
    let visit = &noted.what;
    let asked = match (&visit.path, visit.status) {
        (Some(path), Some(status)) => format!("GET {} {status}", clean(path)),
        (Some(path), None) => format!("GET {}", clean(path)),
        (None, _) => telling.words.say("fetch-none"),
    };
    let sni = visit.sni.as_ref().map_or_else(
        || telling.words.say("sni-none"),
        |name| format!("SNI {}", clean_to(name, NAME_CHARS_MAX)),
    );
    let alert = visit.alert.map(|alert| format!(", alert {}", alert.0)).unwrap_or_default();
    let agent = visit.user_agent.as_ref().map(|agent| format!(", {}", clean(agent))).unwrap_or_default();
    format!("{asked} ({}, {sni}{alert}{agent})", place(telling, visit.address()))
}

/// The logs of a page: all, folded away, and whether some are missing.
pub(super) fn whole(telling: &Telling<'_>) -> Vec<Section> {
    let section = |name: &str, entries: Vec<Entry>, complete: bool| {
        let count = entries.len();
        let mut lines: Vec<Line> =
            entries.iter().take(LINES_MAX).enumerate().map(|(n, entry)| line(n, entry)).collect();
        if count > LINES_MAX {
            let text = telling.words.tell("log-more", &[("count", (count - LINES_MAX).into())]);
            lines.push(Line { numbers: String::new(), time: String::new(), text, tone: None });
        }
        if !complete {
            let text =
                elsewhere(telling, name).unwrap_or_else(|| telling.words.say(&format!("{name}-missing")));
            lines.push(Line { numbers: String::new(), time: String::new(), text, tone: None });
        }
        let more = telling.words.tell("log-summary", &[("count", count.into())]);
        let lines = Lines { in_text: lines.len(), lines, more, more_in_text: String::new() };
        (count > 0 || !complete).then(|| telling.section(name, Body::Folded(lines)))
    };
    let history = telling.account.history;
    let queries = section("queries", asked(telling), history.queries_complete);
    let fetches = section("fetches", fetched(telling), history.fetches_complete);
    [queries, fetches].into_iter().flatten().collect()
}

/// That other name servers were asked, too, if they may have been.
fn elsewhere(telling: &Telling<'_>, name: &str) -> Option<String> {
    let servers = telling.account.history.unseen_name_servers();
    let servers: Vec<_> = servers.into_iter().map(|server| clean_to(server, NAME_CHARS_MAX)).collect();
    let told = || telling.words.tell("queries-elsewhere", &[("servers", servers.join(", ").into())]);
    (name == "queries" && !servers.is_empty()).then(told)
}

/// The logs of a mail: what findings rest on, as HTML only.
pub(super) fn cited(telling: &Telling<'_>) -> Vec<Section> {
    let cited = telling.cited();
    let section = |name: &str, entries: Vec<Entry>| {
        let entries = entries.iter().enumerate();
        let of_findings = entries.filter(|(_, entry)| entry.seqs.iter().any(|seq| cited.contains(seq)));
        let mut lines: Vec<Line> = of_findings.map(|(n, entry)| line(n, entry)).collect();
        let left = lines.len().saturating_sub(CITED_MAX);
        lines.truncate(CITED_MAX);
        let more =
            if left > 0 { telling.words.tell("log-more", &[("count", left.into())]) } else { String::new() };
        if let Some(text) = elsewhere(telling, name) {
            lines.push(Line { numbers: String::new(), time: String::new(), text, tone: None });
        }
        let empty = lines.is_empty();
        let lines = Lines { in_text: lines.len(), lines, more_in_text: more.clone(), more };
        let mut section = telling.section(name, Body::Lines(lines));
        section.intro = telling.words.say(&format!("{name}-cited-intro"));
        section.detailed = true;
        (!empty).then_some(section)
    };
    [section("queries", asked(telling)), section("fetches", fetched(telling))].into_iter().flatten().collect()
}

fn line(n: usize, entry: &Entry) -> Line {
    let text = match entry.seqs.len() {
        1 => entry.text.clone(),
        count => format!("{} ×{count}", entry.text),
    };
    Line {
        numbers: (n + 1).to_string(),
        time: entry.at.strftime("%m-%d %H:%M:%S").to_string(),
        text,
        tone: None,
    }
}

/// What weighs nothing: links of strangers that named the mail, and how many questions of others there were.
pub(super) fn others(telling: &Telling<'_>) -> Option<Section> {
    let words = telling.words;
    let history = telling.account.history;
    let link = |link: &Arc<crate::sending::history::Link>| {
        let outcome = words.say(&format!("outcome-{}", LinkOutcome::of(link).name()));
        let blanks = [("outcome", outcome.into()), ("network", place(telling, link.address()).into())];
        Line {
            numbers: String::new(),
            time: link.opened.strftime("%m-%d %H:%M:%S").to_string(),
            text: words.tell("others-link", &blanks),
            tone: None,
        }
    };
    let plain = |text: String| Line { numbers: String::new(), time: String::new(), text, tone: None };
    let shown: BTreeSet<Seq> = asked(telling).into_iter().flat_map(|entry| entry.seqs).collect();
    let queries = history.earlier_policy_queries.iter().chain(&history.queries);
    let unshown = queries.filter(|noted| !shown.contains(&noted.seq)).count();
    let mut lines: Vec<Line> = history.strangers.iter().map(link).collect();
    // One line is kept for what is left out, one for the questions.
    let room = OTHERS_MAX - 2;
    if lines.len() > room {
        let left = lines.len() - room;
        lines.truncate(room);
        lines.push(plain(words.tell("log-more", &[("count", left.into())])));
    }
    if unshown > 0 {
        lines.push(plain(words.tell("others-queries", &[("count", unshown.into())])));
    }
    if lines.is_empty() {
        return None;
    }
    let lines = Lines { in_text: lines.len(), lines, more: String::new(), more_in_text: String::new() };
    let mut section = telling.section("others", Body::Lines(lines));
    section.detailed = true;
    Some(section)
}
