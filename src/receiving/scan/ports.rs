//! What a scan asks of the world.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::session::{Calls, SessionLimits, Sessions};
use super::settings::Settings;
use crate::receiving::names::{self, Names};
use crate::receiving::networks::{Networks, Tools};
use crate::receiving::probe::Randomness;
use crate::shared::dns::Resolver;
use crate::shared::tls::client::{Roots, RootsError};

/// What the scanner asks the world through.
pub struct Ports {
    pub names: Names,
    pub networks: Networks,
    /// Connections to mail servers.
    pub calls: Arc<dyn Calls>,
    /// The roots that certificates of MX hosts are measured by.
    pub roots: Roots,
    /// The root servers that are asked whether this host has IPv6.
    pub root_servers: Vec<IpAddr>,
    /// The time of day.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Ports {
    /// Those of the real world. `resolver` is one of [`Settings::resolver`]; `draw` gives the random octets of hellos.
    ///
    /// # Errors
    /// A file with roots cannot be read.
    pub fn of(
        settings: &Settings,
        resolver: Resolver,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        draw: impl Fn() -> [u8; 32] + Send + Sync + 'static,
    ) -> Result<Self, RootsError> {
        let (resolver, dial) = (Arc::new(resolver), &settings.dial);
        let https_roots = roots(settings.world.https_roots.as_deref())?;
        let names = Names {
            lookup: Arc::clone(&resolver) as _,
            dial: dial.clone(),
            roots: https_roots.clone(),
            clock: Arc::clone(&clock),
            settings: names::Settings::default(),
        };
        let tools =
            Tools { lookup: resolver, dial: dial.clone(), roots: https_roots, clock: Arc::clone(&clock) };
        let calls = Sessions {
            dial: dial.clone(),
            limits: SessionLimits { greeting_s: settings.greeting_s, ..SessionLimits::default() },
            randomness: Randomness::new(draw),
        };
        Ok(Self {
            names,
            networks: Networks::new(settings.networks.clone(), tools),
            calls: Arc::new(calls),
            roots: roots(settings.world.mx_roots.as_deref())?,
            root_servers: settings.resolver.servers.roots(),
            clock,
        })
    }
}

fn roots(file: Option<&Path>) -> Result<Roots, RootsError> {
    file.map_or_else(|| Ok(Roots::mozilla()), Roots::read)
}
