//! The second half of a verdict: how well the sender's own domain receives.

use super::checks::{group_key, groups, rank, rated, sentences_of, tone, worst, worst_of};
use super::sentences::key;
use super::{OWN, Telling, advice, checks, hosts, results, servers, unmeasured};
use crate::history::{History, ToScan};
use crate::report::Settings;
use crate::report::clean::clean;
use crate::report::layout::{Body, Check, Section, Tone};
use crate::report::words::Words;
use crate::trial::Timestamp;
use crate::verdict::receiving::Category;
use crate::verdict::receiving::grade::Receiving;
use crate::verdict::receiving::profile::Status;

/// How many failures a group's line tells.
const FAILURES_TOLD_MAX: usize = 4;
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

/// The short section, which points to `url`.
pub(in crate::report) fn section(
    half: Half<'_>,
    words: &'static Words,
    now: Timestamp,
    url: &str,
) -> Section {
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
        ("url", url.to_owned().into()),
    ];
    let intro = [vec![words.tell("receiving-scanned-intro", &blanks)], results::answer(telling)].concat();
    let mut lines = vec![results::brief(telling)];
    lines.extend(groups().filter_map(|category| line(telling, category)));
    Section { title, intro: intro.join(" "), body: Body::Checks(lines), detailed: false }
}

/// All tables, for HTML.
pub(in crate::report) fn details(half: Half<'_>, words: &'static Words, now: Timestamp) -> Vec<Section> {
    let Some(telling) = half.telling(words, now) else { return Vec::new() };
    let mut sections = vec![results::profiles(telling), advice::section(telling)];
    sections.extend(results::categories(telling));
    sections.extend(checks::sections(telling));
    sections.extend(hosts::lindenberg(telling));
    sections.extend(hosts::luxsci(telling));
    sections.extend(servers::sections(telling));
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
    steps.into_iter().map(|todo| words.tell("advice-receiving", &[("todo", todo.into())])).collect()
}

/// A group with what failed in it.
fn line(telling: Telling<'_>, category: Category) -> Option<Check> {
    let worst_status = worst_of(telling, category)?;
    let words = telling.words;
    let result = words.say(match worst_status {
        Status::Passed => "recv-verdict-passed",
        Status::Failed => "recv-verdict-failed",
        Status::Recommendation => "recv-verdict-recommendation",
        Status::Info => "recv-verdict-info",
        Status::Inconclusive => "recv-verdict-inconclusive",
        Status::NotApplicable | Status::NotScored => "recv-level-not-applicable",
    });
    let tone = tone(worst_status);
    let told = matches!(tone, Tone::Bad | Tone::Warning | Tone::Inconclusive);
    let mut failures: Vec<(u8, String)> = Vec::new();
    let all = crate::verdict::receiving::Check::ALL.iter().copied();
    for check in all.filter(|check| told && check.category() == category) {
        let Some(of_check) = worst(telling, check).map(|rated| rated.status) else { continue };
        if !matches!(of_check, Status::Failed | Status::Recommendation | Status::Inconclusive) {
            continue;
        }
        let findings = rated(telling, check).into_iter().filter(|(_, rated)| rated.status == of_check);
        let sentences = sentences_of(telling, check, &findings.collect::<Vec<_>>()).join(" ");
        // A reason says nothing without the check that it is about; else the sentence does.
        let text = match of_check {
            Status::Inconclusive => format!("{}: {sentences}", words.say(&key(check, ""))),
            _ => sentences,
        };
        failures.push((rank(&of_check), text));
    }
    failures.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let more = failures.len().saturating_sub(FAILURES_TOLD_MAX);
    let mut how: Vec<String> = failures.into_iter().take(FAILURES_TOLD_MAX).map(|(_, text)| text).collect();
    if more > 0 {
        how.push(words.tell("receiving-group-more", &[("count", more.into())]));
    }
    Some(Check { tone, label: words.say(&group_key(category)), result, how: how.join(" ") })
}
