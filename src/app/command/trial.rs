//! `trial`: the verdicts, computed anew from the journal, also while the service runs.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{CommandError, Form, shown};
use crate::app::parts::{self, PartError};
use crate::config::Settings;
use crate::evidence::scan::Evidence;
use crate::history::Attribution;
use crate::journal::{self, Reader};
use crate::persona::Catalogue;
use crate::report::{self, Account, Half, Page, TrialRow, trial_row, trial_table};
use crate::trial::{Timestamp, TrialId};
use crate::verdict::receiving::grade::Receiving;
use crate::verdict::sending::judge;

/// The journal, folded.
struct Book {
    catalogue: Arc<Catalogue>,
    trials: Attribution,
    reader: Reader,
}

impl Book {
    async fn open(settings: &Settings) -> Result<Self, CommandError> {
        let path = &settings.journal.path;
        if !path.exists() {
            let why = format!("{}: there is no journal yet; `mailassay serve` makes it", shown(path));
            return Err(CommandError::Unfit(why));
        }
        let catalogue = Arc::new(parts::catalogue(settings).map_err(PartError::from)?);
        let reader = Reader::open(path).await?;
        let secret = reader.secret().await?.to_vec();
        let fold = Mutex::new(Attribution::new(Arc::clone(&catalogue), settings.pace.clone(), secret));
        reader.replay(&fold).await?;
        let trials = journal::lock(&fold).clone();
        Ok(Self { catalogue, trials, reader })
    }

    /// Tells of `trial` in the way of `tell`, with what the scan of its sender saw, if it is wanted; nothing where
    /// there is no such trial.
    fn tell<T>(
        &self,
        trial: &TrialId,
        evidence: Option<&Evidence>,
        settings: &Settings,
        now: Timestamp,
        tell: impl FnOnce(Account<'_>) -> T,
    ) -> Option<T> {
        let history = self.trials.history(trial)?;
        let verdict = judge(&self.catalogue, &settings.pace, &history);
        let receiving = evidence.map(|evidence| Receiving::of(evidence, evidence.to));
        Some(tell(Account {
            catalogue: &self.catalogue,
            history: &history,
            verdict: &verdict,
            receiving: Half::of(&history, &settings.report, receiving.as_ref()),
            now,
        }))
    }
}

/// All trials by the time they were opened, as a table or as a JSON array.
pub(super) async fn list(settings: &Settings, json: bool, now: Timestamp) -> Result<String, CommandError> {
    let book = Book::open(settings).await?;
    let trials = book.trials.all_trials();
    let rows: Vec<_> =
        trials.iter().filter_map(|trial| book.tell(trial, None, settings, now, trial_row)).collect();
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
    form: Form,
    now: Timestamp,
) -> Result<String, CommandError> {
    let trial: TrialId = id.parse().map_err(|error| CommandError::Unfit(format!("{error}")))?;
    let book = Book::open(settings).await?;
    let scan = book.trials.history(&trial).and_then(|history| history.scan);
    let evidence = match scan {
        Some(scan) => {
            book.reader.evidence(scan.seq).await.map_err(|error| CommandError::Unfit(error.to_string()))?
        }
        None => None,
    };
    let told = book.tell(&trial, evidence.as_ref(), settings, now, |account| {
        if form.json {
            return report::json_text(&report::json(account, &settings.report));
        }
        let page = Page::whole(account, account.language(), &settings.report);
        if form.html { page.html() } else { page.text() }
    });
    told.ok_or_else(|| {
        let why = format!("there is no trial {trial}; `mailassay trial list` shows those there are");
        CommandError::Unfit(why)
    })
}
