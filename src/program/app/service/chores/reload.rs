//! What the service takes from a configuration that is read again, while sessions go on.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, futures::Notified};

use crate::program::config::Settings;
use crate::program::providers::Register;
use crate::program::site::Own;

/// What can be exchanged while the service runs.
pub(in crate::program::app::service) struct Exchangeable {
    pub(in crate::program::app::service) register: Arc<Register>,
    /// What the operator adds to the site.
    pub(in crate::program::app::service) own: Arc<ArcSwap<Own>>,
    certificates: Notify,
}

impl Exchangeable {
    pub(in crate::program::app::service) fn new(register: Register, settings: &Settings) -> Self {
        let own = Arc::new(ArcSwap::from_pointee(settings.own.clone()));
        Self { register: Arc::new(register), own, certificates: Notify::new() }
    }

    /// Takes what can be taken at once. Files with certificates are read by whoever looks after them.
    pub(in crate::program::app::service) fn take(&self, settings: &Settings) {
        self.register.set(settings.providers.clone());
        self.own.store(Arc::new(settings.own.clone()));
        self.certificates.notify_one();
    }

    /// Waits until certificates are to be looked at out of turn.
    pub(in crate::program::app::service) fn certificates(&self) -> Notified<'_> {
        self.certificates.notified()
    }
}
