//! Certificates of a public CA: who orders them, and who shows what came.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Assembly;
use crate::operations::certificates::{Parts, Renewal};
use crate::program::app::error::StartError;
use crate::program::app::parts::{self, OwnKeys, PartError};
use crate::program::config::Settings;
use crate::sending::authority::Authority;
use crate::sending::identities::Identities;
use crate::sending::journal::{Lease, Task};
use crate::sending::persona::Catalogue;
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

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

impl Assembly {
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
            authority: Arc::clone(&self.authority),
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
