//! What is made of a trial: its page, its files, and what it says beside another. Pure.

use std::sync::Arc;

use crate::program::reply::{VerdictMail, compose};
use crate::program::report::redact::document;
use crate::program::report::{self, Account, half_of};
use crate::program::seal::{SealKey, SealedDocument};
use crate::program::site::{Comparison, Difference, Document, Format, Report, Stage, Step, StepKind};
use crate::receiving::grades::Receiving;
use crate::receiving::report::Half;
use crate::sending::history::{History, SenderDomain, Seq};
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;
use crate::sending::verdict::{Reported, judge, judge_cases, labels_of};
use crate::shared::domain_name::registrable_domain;
use crate::shared::evidence::scan::Evidence;
use crate::shared::text::{self, Body, Language};
use crate::shared::time::Timestamp;

use super::kept::{Basis, Page};

/// Everything that is known of a trial.
pub(super) struct Making {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
    pub(super) settings: report::Settings,
    pub(super) from: String,
    pub(super) now: Timestamp,
    pub(super) history: History,
    pub(super) evidence: Option<Evidence>,
    /// What files to be handed on are signed with.
    pub(super) seal: Arc<SealKey>,
}

/// What a result says, to be set beside another.
pub(super) struct Told {
    /// The organisational domain of its sender, if somebody vouches for it.
    sender: Option<String>,
    opened: Timestamp,
    has_ended: bool,
    /// What was looked at, and what was found.
    lines: Vec<(String, String)>,
}

impl Making {
    fn with<T>(&self, tell: impl FnOnce(Account<'_>) -> T) -> T {
        let verdict = judge(&self.catalogue, &self.pace, &self.history);
        let receiving = self.evidence.as_ref().map(|evidence| Receiving::of(evidence, evidence.to));
        let receiving = half_of(&self.history, &self.settings, receiving.as_ref());
        let (catalogue, history, now) = (&*self.catalogue, &self.history, self.now);
        let cases = &judge_cases(catalogue, &self.pace, history);
        tell(Account { catalogue, pace: &self.pace, history, verdict: &verdict, cases, receiving, now })
    }

    /// The page in `language`, or in that of the mail, with what TLS reports about the trial are worth.
    pub(super) fn report(
        &self,
        language: Option<Language>,
        reported: &Reported,
        before: Option<&Page>,
    ) -> (Report, Basis) {
        let report = self.with(|account| {
            let language = language.unwrap_or_else(|| account.language());
            let mut page = text::Page::whole(account, language, &self.settings);
            // Only what carries a label of the trial can be told to be about it.
            if self.history.ended.is_some() && !labels_of(&self.history).is_empty() {
                let wish = format!("{}/r/{}/postscript", self.settings.site_url, self.history.id);
                page.sections.extend(report::postscript(reported, &wish, language));
            }
            let stage = match (&self.history.ended, account.receiving) {
                (None, _) => Stage::Running,
                // A scan that never came would have been told with the verdict.
                (Some(_), Half::Running) if self.history.delivery.is_none() => Stage::Answered,
                (Some(_), _) => Stage::Finished,
            };
            let runs = stage == Stage::Running;
            Report {
                title: page.subject.clone(),
                html: if runs { String::new() } else { page.fragment() },
                language,
                stage,
                about: page.about.clone(),
                steps: if runs { self.steps(account, language, before) } else { Vec::new() },
                awaited: if runs { report::awaited(account, &self.settings, language) } else { Vec::new() },
            }
        });
        (report, self.basis(self.history.last))
    }

    /// What the steps up to `last` rest on.
    fn basis(&self, last: Seq) -> Basis {
        let history = &self.history;
        let links = history.links.iter().map(|attributed| attributed.link.first);
        let questions = history.queries.iter().chain(&history.earlier_policy_queries).map(|asked| asked.seq);
        let seqs = links.chain(questions).chain(history.fetches.iter().map(|fetch| fetch.seq));
        Basis { last, attributed: seqs.filter(|seq| *seq <= last).count() }
    }

    /// The steps so far. What the page had before is not judged again: a step says what was known then, and is only told
    /// anew where it went on. But what came earlier may turn out only now to belong to the trial, or to another.
    fn steps(&self, account: Account<'_>, language: Language, before: Option<&Page>) -> Vec<Step> {
        let holds = |page: &&Page| self.basis(page.basis.last) == page.basis;
        let Some(before) = before.filter(holds) else {
            let told = report::steps(account, &self.settings, language).into_iter().map(step);
            return in_order(told.collect());
        };
        let known: Vec<&Step> =
            before.report.steps.iter().filter(|step| step.kind != StepKind::Silence).collect();
        let told = report::steps_after(account, &self.settings, language, before.basis.last);
        let told: Vec<Step> = told.into_iter().map(step).collect();
        let is_anew = |old: &Step| told.iter().any(|new| (new.kind, new.number) == (old.kind, old.number));
        let kept = known.into_iter().filter(|old| !is_anew(old)).cloned();
        in_order(kept.chain(told.iter().cloned()).collect())
    }

    /// The verdict as a file, once the trial has ended.
    pub(super) fn document(&self, format: Format) -> Document {
        if self.history.ended.is_none() {
            return Document::NotYet;
        }
        self.with(|account| match format {
            Format::Json => {
                let signed = SealedDocument::sign(&self.seal, document(account, &self.settings), self.now);
                Document::Whole(report::json_text(&signed.json()).into_bytes())
            }
            Format::Mail => {
                let letter = VerdictMail {
                    from: &self.from,
                    to: None,
                    origin: self.catalogue.origin(),
                    trial: &self.history.id,
                    in_reply_to: None,
                    reply_to: &[],
                    objection: None,
                    now: self.now,
                };
                let value = report::json_for_sender(account, &self.settings);
                let page = text::Page::new(account, account.language(), &self.settings);
                compose(&page, &report::json_compact(&value), &letter)
                    .map_or(Document::Unknown, Document::Whole)
            }
        })
    }

    /// What is set beside another result.
    pub(super) fn told(&self, language: Language) -> Told {
        let sender = SenderDomain::of(&self.history).filter(|sender| sender.vouched);
        let sender = sender.map(|sender| registrable_domain(&sender.domain).unwrap_or(sender.domain));
        let lines = self.with(|account| {
            let page = text::Page::whole(account, language, &self.settings);
            let mut lines = vec![(String::new(), page.subject.clone())];
            for section in &page.sections {
                if let Body::Practices(practices) = &section.body {
                    let practices = practices.practices.iter();
                    lines.extend(practices.map(|practice| (practice.label.clone(), practice.result.clone())));
                }
            }
            lines
        });
        let has_ended = self.history.ended.is_some();
        Told { sender, opened: self.history.opened, has_ended, lines }
    }
}

/// By their beginning, as on an axis of time; what did not happen is said last.
fn in_order(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by_key(|step| (step.kind == StepKind::Silence, step.at, step.seq));
    steps
}

/// A step as the site shows it.
fn step(told: report::ToldStep) -> Step {
    let kind = match told.kind {
        report::StepKind::Link => StepKind::Link,
        report::StepKind::Question => StepKind::Question,
        report::StepKind::Fetch => StepKind::Fetch,
        report::StepKind::Silence => StepKind::Silence,
    };
    let report::ToldStep { id: seq, kind: _, number, at, tone, did, seen, follows } = told;
    Step { seq, kind, number, at, tone, did, seen, follows }
}

/// Two results side by side, where they are of one sender.
pub(super) fn compared(before: Told, now: Told) -> Comparison {
    if !before.has_ended || !now.has_ended {
        return Comparison::NotYet;
    }
    if before.sender.is_none() || before.sender != now.sender {
        return Comparison::OtherSender;
    }
    let of_before = |what: &str| {
        let same = before.lines.iter().find(|(label, _)| label == what);
        same.map_or_else(|| "–".to_owned(), |(_, result)| result.clone())
    };
    let lines = now.lines.into_iter().map(|(what, now)| Difference { before: of_before(&what), what, now });
    Comparison::Both { times: [before.opened, now.opened], lines: lines.collect() }
}
