//! The second half of a verdict: how well the sender's own domain receives.

use std::net::IpAddr;

use super::advice::{self, Urgency};
use super::checks::sentences::key;
use super::checks::{group_key, groups, rated, sentences_of, tone, worst, worst_of};
use super::{OWN, Telling, checks, results, scores, tables, unmeasured};
use crate::receiving::checks::{Category, Check};
use crate::receiving::grades::Receiving;
use crate::receiving::profiles::Status;
use crate::shared::text::{Body, Findings, Found, Section, Step, Tone, Words, clean};
use crate::shared::time::Timestamp;

/// How many checks that share a reason a group's line names.
const TITLES_TOLD_MAX: usize = 4;

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
    fn telling(self, told: Told<'a>) -> Option<Telling<'a>> {
        let Told { words, senders, now } = told;
        match self {
            Self::Scanned(receiving) => Some(Telling { receiving, profile: OWN, senders, now, words }),
            Self::NotScanned | Self::Running => None,
        }
    }

    /// Whether there is something to tell.
    pub fn is_scanned(self) -> bool {
        matches!(self, Self::Scanned(_))
    }
}

/// How it is told.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The texts of the language.
    pub words: &'static Words,
    /// Addresses from which mail of the domain was seen to come.
    pub senders: &'a [IpAddr],
    pub now: Timestamp,
}

/// One sentence beside the answer on sending.
pub fn sentence(half: Half<'_>, told: Told<'_>) -> Option<String> {
    let telling = half.telling(told)?;
    let mut sentence = results::grade_sentence(telling, "receiving-answer");
    // To sign is a matter of sending.
    let better = advice::advised(telling).iter().filter(|one| one.check != Check::DkimSignature).count();
    if matches!(results::grade_key(telling), "a-plus" | "a") && better > 0 {
        let better = told.words.tell("receiving-better", &[("count", better.into())]);
        sentence = format!("{sentence} {better}");
    }
    Some(sentence)
}

/// The short section, with at most so many failures of each group.
pub fn section(half: Half<'_>, told: Told<'_>, failures_max: usize) -> Section {
    let words = told.words;
    let title = words.say("receiving-title");
    let Some(telling) = half.telling(told) else {
        let intro = words.say(match half {
            Half::Running => "receiving-running-intro",
            _ => "receiving-none-intro",
        });
        return Section { title, intro, body: Body::Nothing, detailed: false };
    };
    let evidence = telling.receiving.evidence;
    let blanks = [("domain", clean(&evidence.domain).into()), ("day", words.moment(evidence.to).into())];
    let intro = [vec![words.tell("receiving-scanned-intro", &blanks)], results::meaning(telling)].concat();
    let mut findings = Findings { found: vec![results::brief(telling)], ..Findings::default() };
    let (mut well, mut nothing) = (Vec::new(), Vec::new());
    for category in groups() {
        let name = || words.say(&group_key(category));
        match worst_of(telling, category) {
            None => {}
            Some(Status::Passed | Status::Info) => well.push(name()),
            Some(Status::NotApplicable | Status::NotScored) => nothing.push(name()),
            Some(status) => findings.found.push(line(telling, category, status, failures_max)),
        }
    }
    for (tone, id, names) in
        [(Tone::Good, "receiving-well", well), (Tone::Info, "receiving-nothing", nothing)]
    {
        if !names.is_empty() {
            findings.besides.push((tone, words.tell(id, &[("list", names.join("; ").into())])));
        }
    }
    Section { title, intro: intro.join(" "), body: Body::Findings(findings), detailed: false }
}

/// All tables, for the page.
pub fn details(half: Half<'_>, told: Told<'_>) -> Vec<Section> {
    let Some(telling) = half.telling(told) else { return Vec::new() };
    let mut sections = vec![results::profiles(telling)];
    sections.extend(scores::categories(telling));
    sections.extend(checks::sections(telling));
    sections.extend(tables::sections(telling));
    sections.push(unmeasured::section(telling));
    for section in &mut sections {
        section.detailed = true;
        section.title = format!("{}: {}", told.words.say("receiving-title"), section.title);
    }
    sections
}

/// Steps for "What to do", and how urgent each is. To sign is a matter of sending, and is said there.
pub fn steps(half: Half<'_>, told: Told<'_>) -> Vec<(Urgency, Step)> {
    let Some(telling) = half.telling(told) else { return Vec::new() };
    advice::steps(telling, |check| check != Check::DkimSignature)
}

/// The first of these steps as a request to whoever runs the servers.
pub fn asked(half: Half<'_>, told: Told<'_>) -> Option<String> {
    advice::asked(half.telling(told)?, |check| check != Check::DkimSignature)
}

/// A group with what failed in it.
fn line(telling: Telling<'_>, category: Category, status: Status, failures_max: usize) -> Found {
    let words = telling.words;
    let result = words.say(match status {
        Status::Failed => "recv-verdict-failed",
        Status::Recommendation => "recv-verdict-recommendation",
        Status::Inconclusive if nothing_measured(telling, category) => "recv-level-inconclusive",
        Status::Inconclusive => "recv-verdict-inconclusive",
        Status::Passed => "recv-verdict-passed",
        Status::Info => "recv-verdict-info",
        Status::NotApplicable | Status::NotScored => "recv-level-not-applicable",
    });
    let mut sentences = failures(telling, category);
    // Of what could not be found out, one reason is enough.
    let most = if status == Status::Inconclusive { failures_max.min(1) } else { failures_max };
    let more = sentences.len().saturating_sub(most);
    sentences.truncate(most);
    if more > 0 && most > 0 {
        sentences.push(words.tell("receiving-group-more", &[("count", more.into())]));
    }
    let title = words.say(&group_key(category));
    Found { tone: tone(status), title, result, sentences, ..Found::default() }
}

/// Whether all that applies in a group is open.
fn nothing_measured(telling: Telling<'_>, category: Category) -> bool {
    let mut worst =
        checks::of_group(telling, category).filter_map(|check| Some(worst(telling, check)?.status()));
    worst.all(|status| matches!(status, Status::Inconclusive | Status::NotApplicable | Status::NotScored))
}

/// What failed in a group or can be better, then what is open, with the checks that share a reason in one sentence.
fn failures(telling: Telling<'_>, category: Category) -> Vec<String> {
    let words = telling.words;
    let mut failed: Vec<(u8, String)> = Vec::new();
    let mut open: Vec<(String, Vec<String>)> = Vec::new();
    for check in checks::of_group(telling, category) {
        let Some(status) = worst(telling, check).map(|rated| rated.status()) else { continue };
        let mut findings = rated(telling, check);
        findings.retain(|(_, rated)| rated.status() == status);
        let sentences = || sentences_of(telling, check, &findings).join(" ");
        match status {
            Status::Failed | Status::Recommendation => failed.push((status.rank(), sentences())),
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
