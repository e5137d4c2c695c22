//! How right reports are, for the table of reporters. Each is looked at when it came, and again when its trials have ended.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::{DAY_S, NotLooked, ReportCare, reported};
use crate::program::archive::ReportScoreRow;
use crate::program::providers::{SCORES_KEPT_DAYS, joined, score};
use crate::sending::history::{NotRecorded, Noted, ReportReceived, Seq};
use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, TrialId};
use crate::shared::time::{Timestamp, before};

/// For how long after it came a report is looked at, in seconds: until its trial has ended.
const LOOKED_AT_S: u32 = 3 * DAY_S;
/// How many trials are waited for that have not ended yet; of others a report counts as it was when it came.
const WAITED_FOR_MAX: usize = 2_000;
/// How many reports of one of them.
const WAITING_MAX: usize = 50;
/// How many reports are looked at together, and so are in memory.
const TOGETHER_MAX: usize = 64;

/// What was looked at, and what is to be looked at again. After a start all of [`LOOKED_AT_S`] is.
#[derive(Default)]
pub(super) struct Looked {
    /// The last that was looked at when it came.
    until: Option<Seq>,
    /// Trials that had not ended, the reports about each, and when they came.
    waiting: BTreeMap<TrialId, BTreeMap<Seq, Timestamp>>,
}

impl Looked {
    /// Remembers that a report is about a trial that has not ended.
    fn wait(&mut self, trial: &TrialId, seq: Seq, at: Timestamp) {
        if !self.waiting.contains_key(trial) && self.waiting.len() >= WAITED_FOR_MAX {
            return;
        }
        let reports = self.waiting.entry(trial.clone()).or_default();
        if reports.len() < WAITING_MAX {
            reports.insert(seq, at);
        }
    }

    /// The reports about trials that have ended since, which are waited for no more; nor are those that came before a time.
    fn ended(&mut self, since: Timestamp, has_ended: impl Fn(&TrialId) -> bool) -> Vec<Seq> {
        let mut again = BTreeSet::new();
        self.waiting.retain(|trial, reports| {
            reports.retain(|_, at| *at >= since);
            let ended = has_ended(trial);
            again.extend(reports.keys().copied().filter(|_| ended));
            !ended && !reports.is_empty()
        });
        again.into_iter().collect()
    }
}

impl ReportCare {
    /// Keeps what the reports are worth that came since the last look, and those whose trials ended since.
    pub(super) async fn score(&self, looked: &mut Looked, now: Timestamp) -> Result<(), NotLooked> {
        let (reader, since) = (self.journal.reader(), before(now, LOOKED_AT_S));
        // One that is not in memory ended long ago.
        let has_ended = |trial: &TrialId| self.trials.has_ended(trial) || self.trials.extent(trial).is_none();
        for seqs in looked.ended(since, has_ended).chunks(TOGETHER_MAX) {
            let reports = reader.reports_at(seqs).await?;
            self.score_all(looked, &reports).await?;
        }
        loop {
            let reports = reader.vouched_reports(looked.until.unwrap_or(Seq(0)), since).await?;
            let Some(last) = reports.last() else { break };
            for together in reports.chunks(TOGETHER_MAX) {
                self.score_all(looked, together).await?;
            }
            looked.until = Some(last.seq);
        }
        self.archive.expire_report_scores(before(now, SCORES_KEPT_DAYS * DAY_S)).await?;
        Ok(())
    }

    async fn score_all(
        &self,
        looked: &mut Looked,
        reports: &[Noted<ReportReceived>],
    ) -> Result<(), NotLooked> {
        let mut trials: BTreeMap<TrialId, BTreeMap<Seq, Timestamp>> = BTreeMap::new();
        for noted in reports {
            for trial in self.trials_of(noted).await? {
                trials.entry(trial).or_default().insert(noted.seq, noted.at);
            }
        }
        let mut rows: BTreeMap<i64, ReportScoreRow> = BTreeMap::new();
        for (trial, seqs) in &trials {
            let reader = self.journal.reader();
            let Some(history) = self.trials.read(trial, reader).await? else { continue };
            if history.ended.is_none() {
                seqs.iter().for_each(|(seq, at)| looked.wait(trial, *seq, *at));
            }
            // All about the trial: one that came twice counts once.
            let about = reported(&self.catalogue, &self.addresses, reader, &history).await?;
            let these = about.reports.iter().filter(|finding| seqs.contains_key(&finding.seq));
            for row in these.filter_map(score) {
                // A report about several trials has a part in each of them.
                match rows.entry(row.seq) {
                    Entry::Occupied(mut known) => *known.get_mut() = joined(known.get(), &row),
                    Entry::Vacant(place) => drop(place.insert(row)),
                }
            }
        }
        let rows: Vec<ReportScoreRow> = rows.into_values().collect();
        self.archive.keep_report_scores(&rows).await?;
        Ok(())
    }

    /// The trials whose labels a report names. Those of the pool are nobody's for ever: who had them then is in the journal.
    async fn trials_of(&self, noted: &Noted<ReportReceived>) -> Result<BTreeSet<TrialId>, NotRecorded> {
        let Some(report) = noted.what.report() else { return Ok(BTreeSet::new()) };
        let named = report.policies.iter().filter_map(|policy| {
            let (case, name) = self.catalogue.read_name(policy.policy_domain.as_deref()?)?;
            Some((name.label?, case.id.clone()))
        });
        let labels: BTreeSet<(Label, CaseId)> = named.collect();
        let mut trials = BTreeSet::new();
        for (label, case) in labels {
            let until = report.end.unwrap_or(noted.at);
            if let Some(root) = self.journal.reader().root_of(&label, until).await? {
                trials.insert(TrialId::of_label(&self.secret, &root));
            }
            // Who used the label again began another trial.
            trials.extend(self.trials.trial_of_label(&case, &label).filter(|_| !label.is_of_pool()));
        }
        Ok(trials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn a_report_is_looked_at_again_when_its_trial_has_ended_and_no_more() {
        let trial = |number: u32| {
            TrialId::of_label(b"secret", &format!("k3f9a{number:05}").parse().expect("a label"))
        };
        let mut looked = Looked::default();
        looked.wait(&trial(1), Seq(5), at(10));
        looked.wait(&trial(1), Seq(3), at(5));
        looked.wait(&trial(2), Seq(5), at(10));
        assert!(looked.ended(at(0), |_| false).is_empty());
        assert_eq!(looked.ended(at(0), |of| *of == trial(1)), [Seq(3), Seq(5)]);
        assert!(looked.ended(at(0), |of| *of == trial(1)).is_empty());
        assert!(looked.ended(at(11), |_| true).is_empty(), "it came too long ago");
        for number in 0..3_000 {
            (0..100).for_each(|seq| looked.wait(&trial(number), Seq(seq), at(10)));
        }
        assert_eq!(looked.waiting.len(), WAITED_FOR_MAX);
        assert!(looked.waiting.values().all(|reports| reports.len() == WAITING_MAX));
    }
}
