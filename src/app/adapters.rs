//! What one room asks of another that it may not import: small ports, answered here.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use crate::desk::{Agenda, NotDelivered, OperatorMail, OperatorMessage};
use crate::evidence::scan::Evidence;
use crate::history::{Fact, History, Observation, SelfChecked};
use crate::journal::{Follower, Journal, Reader, lock};
use crate::persona::Catalogue;
use crate::reply::{Relay, Trials};
use crate::report::{self, Account, Half, Page};
use crate::trial::{Pace, Timestamp, TrialId};
use crate::verdict::receiving::grade::Receiving;
use crate::verdict::sending::judge;
use crate::web::{Health, Html, Results};

use super::Clock;

/// The last self-check, as the journal has it.
#[derive(Default)]
pub(super) struct LastSelfCheck(Mutex<Option<(Timestamp, SelfChecked)>>);

impl Follower for LastSelfCheck {
    fn committed(&self, observation: &Observation) {
        if let Fact::SelfChecked(checked) = &observation.fact {
            *lock(&self.0) = Some((observation.at, checked.clone()));
        }
    }
}

impl Health for LastSelfCheck {
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)> {
        lock(&self.0).clone()
    }
}

/// The open and ended trials, for the reply mailer and the site.
pub(super) struct KnownTrials {
    pub(super) agenda: Arc<Agenda>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
    pub(super) report: report::Settings,
    pub(super) journal: Arc<Journal>,
    pub(super) clock: Clock,
}

impl KnownTrials {
    /// Every trial, in the order of their opening.
    pub(super) fn all(&self) -> Vec<History> {
        let fold = lock(self.agenda.fold());
        fold.all_trials().iter().filter_map(|trial| fold.history(trial)).collect()
    }
}

impl Trials for KnownTrials {
    fn history(&self, trial: &TrialId) -> Option<History> {
        lock(self.agenda.fold()).history(trial)
    }
}

impl Results for KnownTrials {
    fn page<'a>(&'a self, trial: &'a TrialId) -> Pin<Box<dyn Future<Output = Option<Html>> + Send + 'a>> {
        Box::pin(async move {
            let history = self.history(trial)?;
            let verdict = judge(&self.catalogue, &self.pace, &history);
            let (catalogue, now) = (&*self.catalogue, (self.clock)());
            let evidence = evidence(self.journal.reader(), &history).await;
            let receiving = evidence.as_ref().map(|evidence| Receiving::of(evidence, evidence.to));
            let receiving = Half::of(&history, &self.report, receiving.as_ref());
            let account = Account { catalogue, history: &history, verdict: &verdict, receiving, now };
            Some(Html(Page::whole(account, account.language(), &self.report).html()))
        })
    }
}

/// What the scan of a trial's sender saw; none while there is none, and where the journal cannot be read.
pub(super) async fn evidence(reader: &Reader, history: &History) -> Option<Evidence> {
    let scan = history.scan.as_ref()?;
    reader.evidence(scan.seq).await.unwrap_or_else(|error| {
        tracing::error!(trial = history.id.log_name(), %error, "the evidence of a scan could not be read");
        None
    })
}

/// The operator's mail, on its way to an address elsewhere. It goes with the null reverse-path: SPF of the
/// original one would not vouch for us.
pub(super) struct Forwarder {
    pub(super) relay: Relay,
    pub(super) to: String,
}

impl OperatorMail for Forwarder {
    fn deliver(
        &self,
        message: OperatorMessage,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + '_>> {
        Box::pin(async move {
            let sent = self.relay.send(None, std::slice::from_ref(&self.to), &message.message).await;
            sent.map_err(|error| NotDelivered(error.to_string()))
        })
    }
}
