//! Certificates of a public CA: who orders them, and who shows what came.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::operations::certificates::{Answer, Parts, Renewal};
use crate::program::app::error::StartError;
use crate::program::app::parts::{self, OwnKeys, PartError};
use crate::program::archive::{Answers, Common};
use crate::program::config::Settings;
use crate::sending::authority::Authority;
use crate::sending::identities::Identities;
use crate::sending::journal::{Lease, Task};
use crate::sending::persona::Catalogue;
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

/// How often it is looked whether the name servers of all nodes answer, and how long between, in milliseconds: longer than a
/// node that died counts as one.
const BEHIND_LOOKS_MAX: u32 = 100;
const BEHIND_LOOK_MS: u64 = 250;
/// After so many looks, one a second, a node says again that it answers.
const SAID_LOOKS: u64 = 4;

/// Shows other certificates where there are any, and lets the zones follow their keys. One at a time, so that the zones
/// never follow what is shown no more.
pub(super) struct Following {
    settings: Arc<Settings>,
    catalogue: Arc<Catalogue>,
    identities: Arc<Identities>,
    authority: Arc<Authority>,
    keys: OwnKeys,
    /// Whether the zones have yet to follow.
    is_behind: Mutex<bool>,
}

impl Following {
    /// Of all that is assembled.
    pub(super) fn new(assembly: &Assembly) -> Self {
        Self {
            settings: Arc::clone(&assembly.settings),
            catalogue: Arc::clone(&assembly.catalogue),
            identities: Arc::clone(&assembly.identities),
            authority: Arc::clone(&assembly.authority),
            keys: assembly.keys.clone(),
            is_behind: Mutex::new(false),
        }
    }

    /// Whether other certificates are shown from now on. After an error all is shown as before, and it is tried again with
    /// the next call.
    ///
    /// # Errors
    ///
    /// If certificates do not read or the zones cannot be made. The reason says what to do.
    pub(super) fn follow(&self, now: Timestamp) -> Result<bool, String> {
        let mut is_behind = self.is_behind.lock();
        let renewed = self.identities.renew(now);
        let renewed = renewed
            .map_err(|error| format!("certificates could not be renewed; the old ones stay: {error}"))?;
        *is_behind |= renewed;
        if *is_behind {
            let content = parts::content(&self.settings, &self.catalogue, &self.identities, &self.keys);
            let replaced = self.authority.replace(content, now);
            replaced.map_err(|error| format!("the zones could not follow the new certificates: {error}"))?;
            *is_behind = false;
        }
        Ok(renewed)
    }
}

/// Whoever has the name servers of all nodes answer a CA, and waits until they do.
struct Asking {
    common: Arc<Common>,
    node: String,
}

impl Asking {
    async fn have_answered(&self, answers: &Answers) -> Result<(), String> {
        let set = self.common.set_answers(answers).await;
        let version = set.map_err(|error| error.to_string())?;
        if answers.is_empty() {
            return Ok(());
        }
        let mut behind = Vec::new();
        for _ in 0..BEHIND_LOOKS_MAX {
            let found = self.common.behind_answers(version, &self.node).await;
            behind = found.map_err(|error| error.to_string())?;
            if behind.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(BEHIND_LOOK_MS)).await;
        }
        Err(format!(
            "the name servers of {} do not answer the CA's questions yet, and it may ask any of them; the CA was not asked to \
             look. See the log of these nodes",
            behind.join(", ")
        ))
    }
}

impl Assembly {
    /// Who has the CA's questions answered: by the zones here, or by those of all nodes.
    fn answer(&self) -> Answer {
        if let Some(common) = self.common.clone() {
            let asking = Arc::new(Asking { common, node: self.settings.journal.node.to_string() });
            return Arc::new(move |answers| {
                let asking = Arc::clone(&asking);
                Box::pin(async move { asking.have_answered(&answers).await })
            });
        }
        let (authority, clock) = (Arc::clone(&self.authority), Arc::clone(&self.clock));
        Arc::new(move |answers| {
            let answered = authority.answer_challenges(&answers, clock());
            Box::pin(std::future::ready(answered.map_err(|error| error.to_string())))
        })
    }

    /// Has the zones here answer a CA as all nodes are to, where they share that.
    pub(super) fn follow_answers(
        &self,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let common = self.common.clone().filter(|_| self.identities.pool().is_some());
        let (authority, clock) = (Arc::clone(&self.authority), Arc::clone(&self.clock));
        let node = self.settings.journal.node.to_string();
        async move {
            let Some(common) = common else { return stop.cancelled().await };
            let mut said = (None, 0);
            let following = async {
                for look in 0_u64.. {
                    // Where the database is away nobody can order either.
                    if let Ok((version, answers)) = common.answers().await {
                        match authority.answer_challenges(&answers, clock()) {
                            Ok(()) if said != (Some(version), look / SAID_LOOKS) => {
                                if common.follows_answers(&node, version).await.is_ok() {
                                    said = (Some(version), look / SAID_LOOKS);
                                }
                            }
                            Ok(()) => {}
                            Err(error) => {
                                tracing::error!(%error, "a CA cannot be answered here as by the other nodes")
                            }
                        }
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            };
            stop.run_until_cancelled(following).await;
        }
    }

    /// Who orders certificates of a public CA; none where they come from elsewhere.
    pub(super) fn renewal(&self, following: &Arc<Following>) -> Result<Option<Renewal>, StartError> {
        let Some(pool) = self.identities.pool() else { return Ok(None) };
        let settings = &self.settings.acme;
        let roots = match &settings.roots {
            Some(path) => Roots::read(path).map_err(PartError::from)?,
            None => Roots::mozilla(),
        };
        let (following, nodes) = (Arc::clone(following), Arc::clone(self.journal.nodes()));
        Ok(Some(Renewal::new(Parts {
            settings: settings.clone(),
            pool: Arc::clone(pool),
            answer: self.answer(),
            lookup: Arc::clone(&self.lookup),
            dial: self.settings.dial.clone(),
            roots,
            tlsa_ttl_s: self.settings.pace.mx_ttl_s(),
            clock: Arc::clone(&self.clock),
            follow: Arc::new(move |now| following.follow(now).map(drop)),
            is_ours: Arc::new(move || {
                let nodes = Arc::clone(&nodes);
                Box::pin(async move { nodes.holds(Task::Certificates).await })
            }),
        })))
    }
}
