//! What became of each sample, and whether it is right.

use std::io;
use std::path::{Path, PathBuf};

use mail_parser::MessageParser;

use crate::program::demo::{Reception, Sample, World};
use crate::receiving::grades::{Grade, Letter, OWN, Receiving};
use crate::sending::deliver::Habit;
use crate::sending::history::{History, TrialEnd, VerdictDelivery};
use crate::sending::journal::Maildir;
use crate::sending::trial::{Pace, TrialId};
use crate::sending::verdict::{FindingResult, Judgement, Mechanism, judge};

use super::error::DemoError;
use super::progress::Display;
use crate::program::app::parts::{self, PartError};
use crate::program::app::service::Service;

/// What a verdict is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// It says what the sample is, and how its domain receives.
    Right,
    /// Nothing of it is wrong, but something could not be told in the time that the demo takes.
    NotInTime,
    /// It says what is not so, or never could say what is.
    Wrong,
}

/// What became of a sample.
pub(super) struct SampleOutcome {
    pub(super) sample: Sample,
    trial: Option<Trial>,
    /// How many hosts it called.
    pub(super) calls: usize,
    /// How its domain receives, and the grade that the scan gave.
    pub(super) reception: Option<(Reception, Option<Letter>)>,
}

/// What is known of a sample's trial.
struct Trial {
    id: TrialId,
    judgement: Judgement,
    end: Option<TrialEnd>,
    /// From its first connection to the verdict, in seconds.
    took_s: Option<f64>,
    /// Whether the verdict's mail was withheld or lost.
    unsent: bool,
    page: Option<PathBuf>,
}

impl SampleOutcome {
    /// What the verdict is worth.
    pub(super) fn told(&self) -> Worth {
        let Some(trial) = &self.trial else { return Worth::NotInTime };
        let candidates = &trial.judgement.candidates;
        let told = |right: bool, open: bool| match (right, open) {
            (true, _) => Worth::Right,
            (false, true) => Worth::NotInTime,
            (false, false) => Worth::Wrong,
        };
        let possible = candidates.contains(&self.sample.term);
        let term = told(candidates.len() == 1 && possible, possible && trial.end != Some(TrialEnd::Settled));
        let mail = told(trial.page.is_some(), !trial.unsent);
        let grade = match self.reception {
            Some((reception, grade)) => told(grade == Some(reception.grade), grade.is_none()),
            None => Worth::Right,
        };
        let proof = told(self.untrue().is_none(), false);
        term.max(mail).max(grade).max(proof)
    }

    /// What the verdict says of a mechanism although it is not so.
    pub(super) fn untrue(&self) -> Option<(FindingResult, Mechanism)> {
        let Sample { model, habit, .. } = &self.sample;
        let findings = &self.trial.as_ref()?.judgement.findings;
        let untrue = |(result, mechanism): &(FindingResult, Mechanism)| match result {
            FindingResult::Practised => habit.practises(model, *mechanism) == Some(false),
            FindingResult::Broken => !Habit::has(model, *mechanism),
            FindingResult::NotPractised | FindingResult::Inconclusive => false,
        };
        findings.iter().map(|finding| (finding.result, finding.mechanism)).find(untrue)
    }

    /// The verdict's term, or what stands in its place.
    pub(super) fn verdict(&self) -> &'static str {
        match self.trial.as_ref().map(|trial| &trial.judgement.candidates[..]) {
            None => "no trial",
            Some([]) => "contradiction",
            Some([term]) => term.name(),
            Some(_) => "open",
        }
    }

    /// The terms that were not told apart.
    pub(super) fn open(&self) -> Option<String> {
        let candidates = self.trial.as_ref().map(|trial| &trial.judgement.candidates)?;
        let names: Vec<_> = candidates.iter().map(|term| term.name()).collect();
        (names.len() > 1).then(|| names.join(" or "))
    }

    /// How long it took, in seconds.
    pub(super) fn took_s(&self) -> Option<f64> {
        self.trial.as_ref().and_then(|trial| trial.took_s)
    }

    pub(super) fn id(&self) -> Option<&TrialId> {
        self.trial.as_ref().map(|trial| &trial.id)
    }

    /// The verdict as a file for browsers; its mail lies beside it.
    pub(super) fn page(&self) -> Option<&Path> {
        self.trial.as_ref().and_then(|trial| trial.page.as_deref())
    }
}

/// Compares, and takes each verdict mail into `out`.
pub(super) async fn collect(
    world: &World,
    service: &Service,
    pace: &Pace,
    display: &Display,
    out: &Path,
) -> Result<Vec<SampleOutcome>, DemoError> {
    let catalogue = parts::catalogue(&world.settings()).map_err(PartError::from)?;
    let histories = service.histories().await;
    let mut outcomes = Vec::new();
    for sample in &world.samples {
        let history = of_sample(&histories, sample);
        let trial = match history {
            Some(history) => Some(Trial {
                id: history.id.clone(),
                judgement: judge(&catalogue, pace, history).overall,
                end: history.ended.as_ref().map(|ended| ended.what),
                took_s: took_s(history),
                unsent: history.delivery.is_some() && !is_sent(history),
                page: take_mail(world, history, sample, out)?,
            }),
            None => None,
        };
        let mut outcome =
            SampleOutcome { sample: sample.clone(), trial, calls: display.calls(sample), reception: None };
        if world.hosts_of(&sample.domain()).is_some() {
            let evidence = match history {
                Some(history) => service.evidence(history).await,
                None => None,
            };
            let grade = evidence.and_then(|evidence| letter(&Receiving::of(&evidence, evidence.to)));
            outcome.reception = Some((Reception::of(sample), grade));
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn letter(receiving: &Receiving<'_>) -> Option<Letter> {
    match &receiving.ratings.of(OWN)?.grade {
        Grade::Mailassay(own) => own.letter,
        _ => None,
    }
}

/// The trial of a sample.
pub(super) fn of_sample<'a>(histories: &'a [History], sample: &Sample) -> Option<&'a History> {
    let domain = sample.domain();
    histories.iter().find(|history| history.reverse_paths().iter().any(|path| path.domain == domain))
}

fn took_s(history: &History) -> Option<f64> {
    let (ended, began) = (history.ended.as_ref()?.at, history.links.first()?.link.opened);
    Some(ended.duration_since(began).as_secs_f64())
}

fn is_sent(history: &History) -> bool {
    matches!(history.delivery.as_ref().map(|noted| &noted.what), Some(VerdictDelivery::Sent { .. }))
}

/// Copies the mail of a verdict to `out`, with its HTML beside it, which any browser shows.
fn take_mail(
    world: &World,
    history: &History,
    sample: &Sample,
    out: &Path,
) -> Result<Option<PathBuf>, DemoError> {
    if !is_sent(history) {
        return Ok(None);
    }
    let folder = world.folder.join("verdicts");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| DemoError::File { path, source }
    };
    let maildir = Maildir::open(&folder).map_err(failed(&folder))?;
    let Some(found) = maildir.find(&format!("{}.verdict", history.id)).map_err(failed(&folder))? else {
        return Ok(None);
    };
    let (mail, page) = (out.join(format!("{}.eml", sample.name)), out.join(format!("{}.html", sample.name)));
    let octets = std::fs::read(&found).map_err(failed(&found))?;
    std::fs::write(&mail, &octets).map_err(failed(&mail))?;
    let html = MessageParser::default().parse(&octets).and_then(|mail| Some(mail.body_html(0)?.into_owned()));
    std::fs::write(&page, html.unwrap_or_default()).map_err(failed(&page))?;
    Ok(Some(page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::app::demo::show;
    use crate::program::demo::{Played, samples};
    use crate::sending::verdict::{Finding, Reason, Term};

    fn outcome(
        sample: Sample,
        candidates: &[Term],
        end: Option<TrialEnd>,
        practised: &[Mechanism],
    ) -> SampleOutcome {
        let finding = |mechanism: &Mechanism| Finding {
            mechanism: *mechanism,
            result: FindingResult::Practised,
            reason: Reason::Silence,
            evidence: Vec::new(),
        };
        let judgement = Judgement {
            candidates: candidates.to_vec(),
            per_destination: Vec::new(),
            findings: practised.iter().map(finding).collect(),
            contradiction: None,
        };
        let reception = Reception::of(&sample);
        let trial = Trial {
            id: "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().expect("an identity"),
            judgement,
            end,
            took_s: Some(123.4),
            unsent: false,
            page: Some(PathBuf::from("demo-out/x.html")),
        };
        SampleOutcome {
            sample,
            trial: Some(trial),
            calls: 999,
            reception: Some((reception, Some(reception.grade))),
        }
    }

    fn sample(name: &str) -> Sample {
        samples(Played::Classic, true).into_iter().find(|sample| sample.name == name).expect("a sample")
    }

    #[test]
    fn what_is_not_told_in_time_is_not_wrong() {
        use TrialEnd::{Expired, Settled};
        let (dane, both) = (Term::Dane, Term::DaneMtaSts);
        for (candidates, end, practised, told) in [
            (&[dane][..], Some(Settled), Mechanism::Dane, Worth::Right),
            (&[dane], Some(Settled), Mechanism::MtaSts, Worth::Wrong),
            (&[dane, both], Some(Expired), Mechanism::Dane, Worth::NotInTime),
            (&[dane, both], None, Mechanism::Dane, Worth::NotInTime),
            (&[dane, both], None, Mechanism::MtaSts, Worth::Wrong),
            (&[dane, both], Some(Settled), Mechanism::Dane, Worth::Wrong),
            (&[both], None, Mechanism::Dane, Worth::Wrong),
            (&[], Some(Expired), Mechanism::Dane, Worth::Wrong),
        ] {
            let outcome = outcome(sample("dane-fetches"), candidates, end, &[practised]);
            assert_eq!(outcome.told(), told, "{candidates:?} {end:?} {practised:?}");
        }
        let right = || outcome(sample("dane"), &[dane], Some(Settled), &[]);
        let without = |outcome: SampleOutcome, unsent| {
            let trial = outcome.trial.map(|trial| Trial { page: None, unsent, ..trial });
            SampleOutcome { trial, ..outcome }
        };
        assert_eq!(without(right(), false).told(), Worth::NotInTime);
        assert_eq!(without(right(), true).told(), Worth::Wrong);
        assert_eq!(SampleOutcome { trial: None, ..right() }.told(), Worth::NotInTime);
        let graded = |letter| right().reception.map(|(reception, _)| (reception, letter));
        assert_eq!(SampleOutcome { reception: graded(None), ..right() }.told(), Worth::NotInTime);
        assert_eq!(SampleOutcome { reception: graded(Some(Letter::F)), ..right() }.told(), Worth::Wrong);
    }

    #[test]
    fn the_table_fits_80_columns() {
        let wide = |sample| outcome(sample, &[Term::DaneMtaSts], Some(TrialEnd::Settled), &[]);
        let mut outcomes: Vec<_> = samples(Played::Classic, true).into_iter().map(wide).collect();
        outcomes.push(outcome(sample("may"), &[], None, &[Mechanism::CertificateChecking]));
        outcomes.push(outcome(sample("may"), &[Term::May, Term::Encrypt], None, &[]));
        for line in show::table(&outcomes).lines().chain(show::conclusion(&outcomes).lines()) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
