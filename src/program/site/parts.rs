//! What a site is made of.

use std::sync::Arc;

use crate::program::rights::Objections;
use crate::sending::persona::Catalogue;
use crate::sending::trial::Places;
use crate::sending::web::Settings;
use crate::shared::time::Timestamp;

use super::live::Hub;
use super::operator::Notices;
use super::port::{Health, Results};

/// What a site is made of.
pub struct Parts {
    pub catalogue: Arc<Catalogue>,
    pub results: Arc<dyn Results>,
    pub health: Arc<dyn Health>,
    pub settings: Settings,
    /// Who wants no mail of ours.
    pub objections: Arc<Objections>,
    pub notices: Notices,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Its public address, without a final slash.
    pub url: String,
}

/// The parts of the site, and the places for its connections. Every route asks it.
pub struct Site {
    pub(super) parts: Parts,
    pub(super) places: Places,
    /// Pages that follow a trial.
    pub(super) hub: Arc<Hub>,
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        let places = parts.settings.places();
        let hub = Arc::new(Hub::new(Arc::clone(&parts.results), &parts.settings));
        Self { parts, places, hub }
    }
}
