//! `trial`: the verdicts, computed anew from the journal, also while the service runs.

mod begin;
mod replay;

use std::sync::Arc;

use serde_json::json;

use super::arguments::{ForOthers, OutputForm};
use super::ending::{CommandError, shown};
use crate::program::app::parts::{self, PartError};
use crate::program::config::Settings;
use crate::program::report::redact::{document, redacted};
use crate::program::report::{self, Account, TrialRow, half_of, trial_row, trial_table};
use crate::program::seal::{SealKey, SealedDocument};
use crate::receiving::grades::Receiving;
use crate::sending::history::{History, NotRecorded};
use crate::sending::journal::Reader;
use crate::sending::persona::Catalogue;
use crate::sending::trial::TrialId;
use crate::sending::trials::{Attribution, Trials};
use crate::sending::verdict::{judge, judge_cases};
use crate::shared::evidence::scan::Evidence;
use crate::shared::keyfile::Keeping;
use crate::shared::text::Page;
use crate::shared::time::Timestamp;

pub(super) use begin::BeginCommand;
pub(super) use replay::ReplayCommand;

/// The journal, projected.
pub(super) struct Book {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) trials: Arc<Trials>,
    pub(super) reader: Reader,
}

impl Book {
    /// Opens the journal, which must exist.
    pub(super) async fn open(settings: &Settings) -> Result<Self, CommandError> {
        let path = &settings.journal.path;
        if !settings.journal.is_there() {
            let why = format!("{}: there is no journal yet; `mailassay serve` makes it", shown(path));
            return Err(CommandError::Unfit(why));
        }
        let catalogue = Arc::new(parts::catalogue(settings).map_err(PartError::from)?);
        let reader = Reader::of(&settings.journal).await?;
        let secret = reader.secret().await?.to_vec();
        let (pace, limits) = (settings.pace.clone(), settings.trials.clone());
        let trials = Arc::new(Trials::new(Attribution::new(Arc::clone(&catalogue), pace, limits, secret)));
        reader.resume(Arc::<Trials>::clone(&trials)).await?;
        Ok(Self { catalogue, trials, reader })
    }

    /// Tells of a trial in the way of `tell`, with what the scan of its sender saw, if it is wanted.
    fn tell<T>(
        &self,
        history: &History,
        evidence: Option<&Evidence>,
        settings: &Settings,
        now: Timestamp,
        tell: impl FnOnce(Account<'_>) -> T,
    ) -> T {
        let verdict = judge(&self.catalogue, &settings.pace, history);
        let receiving = evidence.map(|evidence| Receiving::of(evidence, evidence.to));
        tell(Account {
            catalogue: &self.catalogue,
            history,
            verdict: &verdict,
            cases: &judge_cases(&self.catalogue, &settings.pace, history),
            pace: &settings.pace,
            receiving: half_of(history, &settings.report, receiving.as_ref()),
            now,
        })
    }
}

/// All trials by the time they were opened, as a table or as a JSON array.
pub(super) async fn list(settings: &Settings, json: bool, now: Timestamp) -> Result<String, CommandError> {
    let book = Book::open(settings).await?;
    let trials = book.trials.read_all(&book.reader).await.map_err(unread)?;
    let rows: Vec<_> =
        trials.iter().map(|history| book.tell(history, None, settings, now, trial_row)).collect();
    if !json {
        return Ok(trial_table(&rows));
    }
    let object = |row: &TrialRow| {
        json!({
            "id": row.id, "opened": row.opened, "state": row.state, "sender": row.sender,
            "connections": row.connections, "verdict": row.verdict,
        })
    };
    Ok(report::json_text(&rows.iter().map(object).collect()))
}

/// One trial's verdict.
pub(super) async fn show(
    settings: &Settings,
    id: &str,
    (form, others): (OutputForm, ForOthers),
    now: Timestamp,
) -> Result<String, CommandError> {
    let key = if others.signed { Some(kept_key(settings)?) } else { None };
    let trial: TrialId = id.parse().map_err(|error| CommandError::Unfit(format!("{error}")))?;
    let book = Book::open(settings).await?;
    let history = book.trials.read(&trial, &book.reader).await.map_err(unread)?;
    let history = history.ok_or_else(|| {
        let why = format!("there is no trial {trial}; `mailassay trial list` shows those there are");
        CommandError::Unfit(why)
    })?;
    if others.history {
        let redacted = redacted(&book.catalogue, &settings.pace, &history);
        let value = serde_json::to_value(&redacted).expect("a redacted history is JSON");
        return Ok(report::json_text(&value));
    }
    let evidence = match &history.scan {
        Some(scan) => book.reader.evidence(scan.seq).await.map_err(unread)?,
        None => None,
    };
    Ok(book.tell(&history, evidence.as_ref(), settings, now, |account| {
        if form.json {
            let value = match others.redacted || others.signed {
                true => document(account, &settings.report),
                false => report::json(account, &settings.report),
            };
            return report::json_text(&match &key {
                Some(key) => SealedDocument::sign(key, value, now).json(),
                None => value,
            });
        }
        let page = Page::whole(account, account.language(), &settings.report);
        if form.html { page.html() } else { page.text() }
    }))
}

/// The key that documents are signed with, if there is one: what is signed with a key that nobody publishes is no use to
/// anybody.
pub(super) fn kept_key(settings: &Settings) -> Result<SealKey, CommandError> {
    let keeping = Keeping::nothing();
    let key = parts::seal_key(settings, &keeping).map_err(PartError::from)?;
    match keeping.missing().first() {
        None => Ok(key),
        Some(path) => Err(CommandError::Unfit(format!(
            "{}: there is no such key yet; `mailassay serve` makes it at its first start, and `mailassay keys` without \
             serving",
            shown(path)
        ))),
    }
}

fn unread(error: NotRecorded) -> CommandError {
    CommandError::Unfit(error.to_string())
}
