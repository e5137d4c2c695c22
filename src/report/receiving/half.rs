//! The second half of a verdict: how well the sender's own domain receives.

use super::checks::{group_key, groups, rank, rated, sentences_of, tone, worst, worst_of};
use super::sentences::key;
use super::{OWN, Telling, advice, checks, results, tables, unmeasured};
use crate::history::{History, ToScan};
use crate::report::Settings;
use crate::report::clean::clean;
use crate::report::layout::{Body, Found, Section};
use crate::report::words::Words;
use crate::trial::Timestamp;
use crate::verdict::receiving::Category;
use crate::verdict::receiving::grade::Receiving;
use crate::verdict::receiving::profile::Status;

/// How many failures a group's line tells.
const FAILURES_TOLD_MAX: usize = 4;
/// How many checks that share a reason a group's line names.
const TITLES_TOLD_MAX: usize = 4;
/// How many steps "What to do" takes from this half.
const STEPS_MAX: usize = 5;

/// How well the sender's own domain receives, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub enum Half<'a> {
    /// No scan was made.
    #[default]
    NotScanned,
    /// A scan was under way when the verdict was due.
    Running,
    /// This came of it.
    Scanned(&'a Receiving<'a>),
}

impl<'a> Half<'a> {
    /// That of a trial of which `receiving` is known.
    pub fn of(history: &History, settings: &Settings, receiving: Option<&'a Receiving<'a>>) -> Self {
        match receiving {
            Some(receiving) => Self::Scanned(receiving),
            // It begins when the trial ends.
            None if settings.scans && history.ended.is_some() && ToScan::of(history).is_some() => {
                Self::Running
            }
            None => Self::NotScanned,
        }
    }

    fn telling(self, words: &'static Words, now: Timestamp) -> Option<Telling<'a>> {
        match self {
            Self::Scanned(receiving) => Some(Telling { receiving, profile: OWN, now, words }),
            Self::NotScanned | Self::Running => None,
        }
    }
}

/// One sentence beside the answer on sending.
pub(in crate::report) fn sentence(half: Half<'_>, words: &'static Words, now: Timestamp) -> Option<String> {
    let telling = half.telling(words, now)?;
    let better = advice::advised(telling).len();
    let id = format!("receiving-answer-{}", results::grade_key(telling));
    let domain = clean(&telling.receiving.evidence.domain);
    Some(words.tell(&id, &[("domain", domain.into()), ("count", better.into())]))
}

/// The short section.
pub(in crate::report) fn section(half: Half<'_>, words: &'static Words, now: Timestamp) -> Section {
    let title = words.say("receiving-title");
    let Some(telling) = half.telling(words, now) else {
        let intro = words.say(match half {
            Half::Running => "receiving-running-intro",
            _ => "receiving-none-intro",
        });
        return Section { title, intro, body: Body::Nothing, detailed: false };
    };
    let evidence = telling.receiving.evidence;
    let blanks = [
        ("domain", clean(&evidence.domain).into()),
        ("day", evidence.to.strftime("%Y-%m-%d %H:%M UTC").to_string().into()),
    ];
    let intro = [vec![words.tell("receiving-scanned-intro", &blanks)], results::meaning(telling)].concat();
    let mut lines = vec![results::brief(telling)];
    lines.extend(groups().filter_map(|category| line(telling, category)));
    Section { title, intro: intro.join(" "), body: Body::Findings(lines), detailed: false }
}

/// All tables, for HTML.
pub(in crate::report) fn details(half: Half<'_>, words: &'static Words, now: Timestamp) -> Vec<Section> {
    let Some(telling) = half.telling(words, now) else { return Vec::new() };
    let mut sections = vec![results::profiles(telling), advice::section(telling)];
    sections.extend(results::categories(telling));
    sections.extend(checks::sections(telling));
    sections.extend(tables::sections(telling));
    sections.push(unmeasured::section(telling));
    for section in &mut sections {
        section.detailed = true;
        section.title = format!("{}: {}", words.say("receiving-title"), section.title);
    }
    sections
}

/// Steps for "What to do".
pub(in crate::report) fn steps(half: Half<'_>, words: &'static Words, now: Timestamp) -> Vec<String> {
    let Some(telling) = half.telling(words, now) else { return Vec::new() };
    let steps = advice::short(telling, STEPS_MAX);
    if steps.is_empty() {
        return vec![words.say("advice-receiving-nothing")];
    }
    let step = |(check, todo): (String, String)| {
        words.tell("advice-receiving", &[("check", check.into()), ("todo", todo.into())])
    };
    steps.into_iter().map(step).collect()
}

/// A group with what failed in it.
fn line(telling: Telling<'_>, category: Category) -> Option<Found> {
    let worst_status = worst_of(telling, category)?;
    let words = telling.words;
    let result = words.say(match worst_status {
        Status::Passed => "recv-verdict-passed",
        Status::Failed => "recv-verdict-failed",
        Status::Recommendation => "recv-verdict-recommendation",
        Status::Info => "recv-verdict-info",
        Status::Inconclusive if nothing_measured(telling, category) => "recv-level-inconclusive",
        Status::Inconclusive => "recv-verdict-inconclusive",
        Status::NotApplicable | Status::NotScored => "recv-level-not-applicable",
    });
    let mut sentences = failures(telling, category);
    let more = sentences.len().saturating_sub(FAILURES_TOLD_MAX);
    sentences.truncate(FAILURES_TOLD_MAX);
    if more > 0 {
        sentences.push(words.tell("receiving-group-more", &[("count", more.into())]));
    }
    let title = words.say(&group_key(category));
    Some(Found { tone: tone(worst_status), title, result, sentences, ..Found::default() })
}

/// Whether all that applies in a group is open.
fn nothing_measured(telling: Telling<'_>, category: Category) -> bool {
    let all = crate::verdict::receiving::Check::ALL.iter().filter(|check| check.category() == category);
    let mut worst = all.filter_map(|check| Some(worst(telling, *check)?.status));
    worst.all(|status| matches!(status, Status::Inconclusive | Status::NotApplicable | Status::NotScored))
}

/// What failed in a group or can be better, then what is open, with the checks that share a reason in one sentence.
fn failures(telling: Telling<'_>, category: Category) -> Vec<String> {
    let words = telling.words;
    let mut failed: Vec<(u8, String)> = Vec::new();
    let mut open: Vec<(String, Vec<String>)> = Vec::new();
    let all = crate::verdict::receiving::Check::ALL.iter().copied();
    for check in all.filter(|check| check.category() == category) {
        let Some(status) = worst(telling, check).map(|rated| rated.status) else { continue };
        let mut findings = rated(telling, check);
        findings.retain(|(_, rated)| rated.status == status);
        let sentences = || sentences_of(telling, check, &findings).join(" ");
        match status {
            Status::Failed | Status::Recommendation => failed.push((rank(&status), sentences())),
            Status::Inconclusive => {
                let (title, reason) = (words.say(&key(check, "")), sentences());
                match open.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, titles)) => titles.push(title),
                    None => open.push((reason, vec![title])),
                }
            }
            _ => {}
        }
    }
    failed.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let failed = failed.into_iter().map(|(_, sentences)| sentences);
    let open = open.into_iter().map(|(reason, titles)| {
        // Where nearly all of a group is open, its title says enough.
        if titles.len() > TITLES_TOLD_MAX { reason } else { format!("{}: {reason}", titles.join(", ")) }
    });
    failed.chain(open).collect()
}
