//! What the routes of the site share.

use std::sync::Arc;

use crate::sending::persona::Catalogue;
use crate::sending::trial::Places;
use crate::sending::web::Settings;

use super::port::{Health, Results};
use super::watch::Hub;

/// What a site is made of.
pub struct Parts {
    pub catalogue: Arc<Catalogue>,
    pub results: Arc<dyn Results>,
    pub health: Arc<dyn Health>,
    pub settings: Settings,
    /// Its public address, without a final slash.
    pub url: String,
}

/// The site: pages for whoever tests, and what they are made of.
pub struct Site {
    pub(super) parts: Parts,
    /// Places for connections.
    pub(super) places: Places,
    /// Places for pages that follow a trial.
    pub(super) stream_places: Places,
    pub(super) hub: Arc<Hub>,
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        let (places, stream_places) = (parts.settings.places(), parts.settings.stream_places());
        let hub = Hub::new(Arc::clone(&parts.results), parts.settings.streams_per_trial_max);
        Self { parts, places, stream_places, hub: Arc::new(hub) }
    }
}
