//! What a site is made of.

use std::sync::Arc;

use crate::sending::persona::Catalogue;
use crate::sending::trial::Places;
use crate::sending::web::Settings;

use super::port::{Health, Results};

/// What a site is made of.
pub struct Parts {
    pub catalogue: Arc<Catalogue>,
    pub results: Arc<dyn Results>,
    pub health: Arc<dyn Health>,
    pub settings: Settings,
}

/// The site: its parts, and the places for its connections. Every route asks it.
pub struct Site {
    pub(super) parts: Parts,
    pub(super) places: Places,
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        let places = parts.settings.places();
        Self { parts, places }
    }
}
