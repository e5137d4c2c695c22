//! The register: what the operator says of providers, what is known of them, and what of that is public.
//!
//! Nothing becomes public but by [`Register::publish`], and that wants the provider to have been told. What is public is
//! read as it was written then, so that no page judges anything.

mod change;
mod describe;
mod error;
mod evidence;
mod publish;
mod view;

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::program::archive::{Archive, ProviderRecord};
use crate::sending::persona::Catalogue;
use crate::shared::time::Timestamp;

use super::provider::Provider;
use super::row::Row;
use super::settings::Settings;

pub use change::{Cause, Change, ChangeKind};
pub use error::RegisterError;
pub use evidence::Added;
pub use view::{HallEntry, Published};

/// How many changes the feed has.
pub const CHANGES_MAX: usize = 100;
/// How many replies and corrections of one provider are shown.
const SAID_MAX: usize = 1_000;

/// The register of providers.
pub struct Register {
    archive: Arc<Archive>,
    catalogue: Arc<Catalogue>,
    settings: ArcSwap<Settings>,
}

/// All that is kept of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub provider: Provider,
    pub added: Timestamp,
    /// What is public of it.
    pub published: Option<Published>,
    /// When it was taken back, if it is not public again.
    pub retracted: Option<Timestamp>,
    /// On which days it was told what is to be published, the newest first.
    pub told: Vec<Timestamp>,
    /// What it says, the newest first.
    pub replies: Vec<Dated>,
    /// What was corrected, and why it was taken back, the newest first.
    pub corrections: Vec<Dated>,
}

/// Something that was said on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    pub at: Timestamp,
    pub text: String,
}

impl Register {
    /// A register that is kept in `archive`.
    pub fn new(archive: Arc<Archive>, catalogue: Arc<Catalogue>, settings: Settings) -> Self {
        Self { archive, catalogue, settings: ArcSwap::from_pointee(settings) }
    }

    /// The manners of publishing, as they are now.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// Publishes by these manners from now on.
    pub fn set(&self, settings: Settings) {
        self.settings.store(Arc::new(settings));
    }

    /// The personas and cases that rows are judged by.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Says a row as JSON, as the archive keeps it.
    fn written(row: &Row) -> Result<String, RegisterError> {
        serde_json::to_string(row).map_err(RegisterError::Unwritable)
    }
}

/// The description that a record holds.
fn described(record: &ProviderRecord) -> Result<Provider, RegisterError> {
    serde_json::from_str(&record.document)
        .map_err(|source| RegisterError::Unreadable { name: record.name.clone(), source })
}
