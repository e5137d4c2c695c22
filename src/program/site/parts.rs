//! What a site is made of.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use crate::program::api::Api;
use crate::program::domains::Domains;
use crate::program::providers::Register;
use crate::program::rights::Objections;
use crate::sending::persona::{Addresses, Catalogue};
use crate::sending::trial::Places;
use crate::sending::web::{ReportHost, Settings};
use crate::shared::time::Timestamp;

use super::frame::rendered::Rendered;
use super::live::Hub;
use super::operator::Notices;
use super::own::{Own, OwnPage};
use super::port::{Health, Results};

/// How many results of checks are judged and written as pages at the same time: a core stays for the mail.
const CHECK_PAGES_AT_ONCE_MAX: usize = 1;
/// How many pages and exports of providers are made at the same time.
const PROVIDER_PAGES_AT_ONCE_MAX: usize = 1;

/// What pages about providers are made from.
pub struct ProviderPages {
    pub register: Arc<Register>,
    /// Where the site is, without a final slash.
    pub url: String,
}

/// What a site is made of.
pub struct Parts {
    pub catalogue: Arc<Catalogue>,
    /// Where the hosts of ruled cases are met.
    pub addresses: Addresses,
    pub results: Arc<dyn Results>,
    pub health: Arc<dyn Health>,
    /// What is published of providers; none: this site publishes nothing.
    pub providers: Option<Arc<ProviderPages>>,
    /// Checks of domains on request.
    pub domains: Arc<Domains>,
    /// The same for programs.
    pub api: Arc<Api>,
    /// Takes TLS reports; none: this site takes none.
    pub reports: Option<Arc<ReportHost>>,
    pub settings: Settings,
    /// Its public address, without a final slash.
    pub url: String,
    /// Who wants no mail of ours.
    pub objections: Arc<Objections>,
    pub notices: Notices,
    /// What the operator adds to it, as it was read last.
    pub own: Arc<ArcSwap<Own>>,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// The parts of the site, and the places for its connections. Every route asks it.
pub struct Site {
    pub(super) parts: Parts,
    pub(super) places: Places,
    /// Results of checks as they stand in pages.
    pub(super) check_pages: Rendered,
    /// Places for those who make one.
    pub(super) check_makers: Semaphore,
    /// Places for those who read what is published of providers.
    pub(super) provider_makers: Semaphore,
    /// Pages that follow a trial.
    pub(super) hub: Arc<Hub>,
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        let places = parts.settings.places();
        let hub = Arc::new(Hub::new(Arc::clone(&parts.results), &parts.settings));
        Self {
            parts,
            places,
            hub,
            check_pages: Rendered::default(),
            check_makers: Semaphore::new(CHECK_PAGES_AT_ONCE_MAX),
            provider_makers: Semaphore::new(PROVIDER_PAGES_AT_ONCE_MAX),
        }
    }

    /// Whether there is an imprint: the operator's text, or one that follows from who the operator is.
    pub(super) fn has_imprint(&self) -> bool {
        self.parts.notices.operator.has_imprint() || self.parts.own.load().has(OwnPage::Imprint)
    }
}
