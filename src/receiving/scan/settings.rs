//! How domains are scanned: the table `[scan]` of the configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;

use crate::receiving::networks;
use crate::shared::dial;
use crate::shared::dns::{ResolverSettings, Servers};

use super::plan::PlanLimits;

/// How domains are scanned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the service scans of its own accord; default: yes. A scan that somebody asks for is made all the same.
    pub enabled: bool,
    /// How long a verdict waits for the scan that it tells of, in seconds; default 180.
    pub verdict_wait_s: u32,
    /// The name that is said in EHLO.
    pub helo: String,
    /// How long one scan may take, in seconds; default 180.
    pub scan_s: u32,
    /// How many scans run at the same time; the rest wait. Default 100.
    pub scans_at_once_max: usize,
    /// To how many networks (/24, /48) a scan has connections at the same time; within one it has a single one.
    /// Default 4.
    pub groups_at_once_max: usize,
    /// How long a server's evidence is used again, in seconds; default 600.
    pub cache_s: u32,
    /// How long a greeting is awaited, in seconds; default 60: tarpits and postscreen make clients wait.
    pub greeting_s: u32,
    /// How long to wait after a server limited us, the first time and so on, in seconds; then its rest is inconclusive.
    /// Default 30, then 60.
    pub back_off_s: Vec<u32>,
    /// How many connections a network gets in a minute once a server in it limited us; default 20.
    pub limited_per_minute_max: u32,
    /// In how many scans of a day an address is connected to; default 20.
    pub per_address_day_max: u32,
    /// In how many scans of a day the addresses of a network (/24, /48) are connected to, all together; default 200.
    pub per_network_day_max: u32,
    /// Networks that are never connected to, whoever asked for it.
    pub exclude: Vec<IpNet>,
    /// Whom to ask about networks; default: nobody.
    pub networks: networks::Settings,
    /// Where the world is that is scanned.
    pub world: ScannedWorld,
    /// How names are looked up, by [`ScannedWorld::resolver`]; default: in the public DNS.
    #[serde(skip)]
    pub resolver: ResolverSettings,
    /// How servers are called, by [`ScannedWorld::dial`].
    #[serde(skip)]
    pub dial: dial::Settings,
    /// How much servers are asked.
    #[serde(skip)]
    pub plan: PlanLimits,
    /// Of how many servers evidence is kept; default 256.
    #[serde(skip)]
    pub cached_max: usize,
    /// Whether what an address showed under one host name counts for its other names, as far as it does not hang on the
    /// name; default: no. A survey has it so.
    #[serde(skip)]
    pub shares_addresses: bool,
    /// Whether each address waits for as long as others have their turn at its operator, and has [`Self::scan_s`] for its own
    /// connections; default: no, all of a scan has that time, and what it waits is part of it. A survey has it so.
    #[serde(skip)]
    pub is_patient: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let world = ScannedWorld::default();
        Self {
            enabled: true,
            verdict_wait_s: 180,
            helo: String::new(),
            scan_s: 180,
            scans_at_once_max: 100,
            groups_at_once_max: 4,
            cache_s: 600,
            greeting_s: 60,
            back_off_s: vec![30, 60],
            limited_per_minute_max: 20,
            per_address_day_max: 20,
            per_network_day_max: 200,
            exclude: Vec::new(),
            networks: networks::Settings::default(),
            resolver: ResolverSettings::default(),
            dial: world.dial(&dial::Settings::default()),
            world,
            plan: PlanLimits::default(),
            cached_max: 256,
            shares_addresses: false,
            is_patient: false,
        }
    }
}

/// Where the world is that is scanned: for labs, whose names, ports and roots are others than the Internet's. What is
/// not set is as the program has it for all that it does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScannedWorld {
    /// The root servers.
    pub root_hints: Option<Vec<SocketAddr>>,
    /// A file with the trust anchors of the root.
    pub trust_anchors_file: Option<PathBuf>,
    /// The port on which name servers are asked directly; default 53.
    pub dns_port: u16,
    /// The port of MX hosts.
    pub smtp_port: Option<u16>,
    /// The port of policy hosts.
    pub https_port: Option<u16>,
    /// The roots (PEM) that certificates of MX hosts are measured by; default: Mozilla's.
    pub mx_roots: Option<PathBuf>,
    /// The roots (PEM) that policy hosts and RDAP servers must lead to; default: Mozilla's.
    pub https_roots: Option<PathBuf>,
    /// Networks that may be called though they are not globally reachable.
    pub allowed: Option<Vec<IpNet>>,
    /// How long a connection may take to be established, in seconds; default 10.
    pub connect_timeout_s: u32,
}

impl Default for ScannedWorld {
    fn default() -> Self {
        Self {
            root_hints: None,
            trust_anchors_file: None,
            dns_port: 53,
            smtp_port: None,
            https_port: None,
            mx_roots: None,
            https_roots: None,
            allowed: None,
            connect_timeout_s: 10,
        }
    }
}

impl ScannedWorld {
    /// How its servers are called by a program that calls others as `given`.
    pub fn dial(&self, given: &dial::Settings) -> dial::Settings {
        let mut dial = given.clone();
        dial.smtp_port = self.smtp_port.unwrap_or(dial.smtp_port);
        dial.https_port = self.https_port.unwrap_or(dial.https_port);
        dial.rules.allowed = self.allowed.clone().unwrap_or(dial.rules.allowed);
        dial.connect_timeout_s = self.connect_timeout_s;
        dial
    }

    /// How its names are looked up by a program that looks up others as `given` and calls as `dial`. `trust_anchors` is
    /// the text of [`Self::trust_anchors_file`].
    pub fn resolver(
        &self,
        given: &ResolverSettings,
        trust_anchors: Option<String>,
        dial: &dial::Settings,
    ) -> ResolverSettings {
        let mut resolver = given.clone();
        resolver.rules = dial.rules.clone();
        resolver.name_server_port = self.dns_port;
        let (Servers::Recursor { trust_anchors: known, .. }
        | Servers::Forwarder { trust_anchors: known, .. }) = &mut resolver.servers;
        let trust_anchors = trust_anchors.unwrap_or_else(|| std::mem::take(known));
        match self.root_hints.clone() {
            Some(root_hints) => resolver.servers = Servers::Recursor { root_hints, trust_anchors },
            None => *known = trust_anchors,
        }
        resolver
    }
}
