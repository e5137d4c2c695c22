//! What the API is made of.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::program::archive::Archive;
use crate::program::domains::Domains;
use crate::program::providers::Register;
use crate::shared::time::Timestamp;

use super::documents::Documents;
use super::port::Verdicts;
use super::settings::Settings;

/// What the API is made of.
pub struct Parts {
    pub settings: Settings,
    pub archive: Arc<Archive>,
    pub domains: Arc<Domains>,
    pub verdicts: Arc<dyn Verdicts>,
    /// What is published of providers; none: this site publishes nothing.
    pub providers: Option<Arc<Register>>,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Draws identities of batches.
    pub draw: Box<dyn Fn() -> [u8; 16] + Send + Sync>,
}

/// The API: its parts, the documents that it keeps, and what wakes the worker of its batches.
pub struct Api {
    pub(super) parts: Parts,
    pub(super) documents: Documents,
    /// A batch is new, or was cancelled.
    pub(super) batches_changed: Notify,
}

impl Api {
    /// An API of these parts; [`Self::run`] does what users' batches want.
    pub fn new(parts: Parts) -> Self {
        Self { parts, documents: Documents::default(), batches_changed: Notify::new() }
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.parts.clock)()
    }
}
