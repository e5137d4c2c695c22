//! `[scan]`: as the operator writes it, and what follows from it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;

use super::derive::Place;
use super::document::{ConfigError, Document};
use crate::receiving::networks;
use crate::receiving::networks::{Bootstrap, BootstrapSource};
use crate::shared::{dial, dns};

/// How the domains of senders are scanned.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Whether the domain of a trial's sender is scanned at all.
    pub enabled: bool,
    /// How long a verdict waits for the scan, from the trial's end, in seconds.
    pub verdict_wait_s: u32,
    /// The name that is said in EHLO.
    pub helo: String,
    /// How long one scan may take, in seconds.
    pub scan_s: u32,
    /// How many scans run at the same time; the rest wait.
    pub scans_at_once_max: usize,
    /// To how many networks (/24, /48) a scan has connections at the same time; within one it has a single one.
    pub groups_at_once_max: usize,
    /// How long a server's evidence is used again, in seconds.
    pub cache_s: u32,
    /// How long a greeting is awaited, in seconds.
    pub greeting_s: u32,
    /// How long to wait after a server limited us, the first time and so on, in seconds; then its rest is inconclusive.
    pub back_off_s: Vec<u32>,
    /// How many connections a network gets in a minute once a server in it limited us.
    pub limited_per_minute_max: u32,
    /// In how many scans of a day an address is connected to.
    pub per_address_day_max: u32,
    /// In how many scans of a day the addresses of a network (/24, /48) are connected to, all together.
    pub per_network_day_max: u32,
    /// Networks that are never connected to: whoever asked for it.
    pub exclude: Vec<IpNet>,
    /// Whom to ask about networks.
    pub networks: networks::Settings,
    /// Look-ups.
    pub resolver: dns::ResolverSettings,
    /// The port on which name servers are asked directly.
    pub dns_port: u16,
    /// Connections.
    pub dial: dial::Settings,
    /// The roots (PEM) that certificates of MX hosts are measured by; Mozilla's where none is named.
    pub mx_roots: Option<PathBuf>,
    /// The roots (PEM) that policy hosts and RDAP servers must lead to; Mozilla's where none is named.
    pub https_roots: Option<PathBuf>,
}

impl Scan {
    /// The defaults, for a command that is not given a file: embedded root servers and trust anchors, Mozilla's roots.
    pub fn without_file(helo: String) -> Self {
        let file = File::default();
        let dial = dial(&file.world, &dial::Settings::default());
        Self::written(file, helo, dial)
    }

    /// What is written without a word on whom else to ask: nobody about networks, the public DNS, Mozilla's roots.
    fn written(file: File, helo: String, dial: dial::Settings) -> Self {
        let resolver =
            dns::ResolverSettings { rules: dial.rules.clone(), ..dns::ResolverSettings::default() };
        Self {
            enabled: file.enabled,
            verdict_wait_s: file.verdict_wait_s,
            helo,
            scan_s: file.scan_s,
            scans_at_once_max: file.scans_at_once_max,
            groups_at_once_max: file.groups_at_once_max,
            cache_s: file.cache_s,
            greeting_s: file.greeting_s,
            back_off_s: file.back_off_s,
            limited_per_minute_max: file.limited_per_minute_max,
            per_address_day_max: file.per_address_day_max,
            per_network_day_max: file.per_network_day_max,
            exclude: file.exclude,
            networks: networks::Settings::default(),
            resolver,
            dns_port: file.world.dns_port,
            dial,
            mx_roots: None,
            https_roots: None,
        }
    }
}

/// As it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    enabled: bool,
    verdict_wait_s: u32,
    helo: Option<String>,
    scan_s: u32,
    scans_at_once_max: usize,
    groups_at_once_max: usize,
    cache_s: u32,
    greeting_s: u32,
    back_off_s: Vec<u32>,
    limited_per_minute_max: u32,
    per_address_day_max: u32,
    per_network_day_max: u32,
    exclude: Vec<IpNet>,
    networks: Networks,
    world: World,
}

impl Default for File {
    fn default() -> Self {
        Self {
            enabled: true,
            verdict_wait_s: 180,
            helo: None,
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
            networks: Networks::default(),
            world: World::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Switch {
    #[default]
    Off,
    On,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Networks {
    rdap: Switch,
    rdap_bootstrap: Option<String>,
    routes: Vec<PathBuf>,
    origin_zone: Option<String>,
    rtr: Option<String>,
    timeout_s: u32,
    all_s: u32,
    cache_s: u32,
}

impl Default for Networks {
    fn default() -> Self {
        let networks::Settings { timeout_s, all_s, cache_s, .. } = networks::Settings::default();
        Self {
            rdap: Switch::Off,
            rdap_bootstrap: None,
            routes: Vec::new(),
            origin_zone: None,
            rtr: None,
            timeout_s,
            all_s,
            cache_s,
        }
    }
}

/// What is not set is as `[resolver]` and `[dial]` have it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct World {
    root_hints: Option<Vec<SocketAddr>>,
    trust_anchors_file: Option<PathBuf>,
    dns_port: u16,
    smtp_port: Option<u16>,
    https_port: Option<u16>,
    mx_roots: Option<PathBuf>,
    https_roots: Option<PathBuf>,
    allowed: Option<Vec<IpNet>>,
    connect_timeout_s: u32,
}

impl Default for World {
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

/// What the other tables give.
pub(super) struct Given<'a> {
    pub(super) host: &'a str,
    pub(super) resolver: &'a dns::ResolverSettings,
    pub(super) dial: &'a dial::Settings,
    pub(super) own: Vec<IpAddr>,
}

/// The settings of scans.
pub(super) fn settings(place: &Place<'_>, mut file: File, given: Given<'_>) -> Result<Scan, ConfigError> {
    // Not looked for: a lab names the private CA's root, which is made at the first start.
    let roots = |path: &Option<PathBuf>| path.as_ref().map(|path| place.folder.join(path));
    let (mx_roots, https_roots) = (roots(&file.world.mx_roots), roots(&file.world.https_roots));
    let mut dial = dial(&file.world, given.dial);
    dial.rules.own = given.own;
    let networks = networks(place, std::mem::take(&mut file.networks))?;
    let resolver = resolver(place, &file.world, given.resolver, &dial)?;
    let helo = file.helo.take().unwrap_or_else(|| given.host.to_owned());
    Ok(Scan { networks, resolver, mx_roots, https_roots, ..Scan::written(file, helo, dial) })
}

fn dial(world: &World, given: &dial::Settings) -> dial::Settings {
    let mut dial = given.clone();
    dial.ports.smtp = world.smtp_port.unwrap_or(dial.ports.smtp);
    dial.ports.https = world.https_port.unwrap_or(dial.ports.https);
    dial.rules.allowed = world.allowed.clone().unwrap_or(dial.rules.allowed);
    dial.connect_timeout_s = world.connect_timeout_s;
    dial
}

fn resolver(
    place: &Place<'_>,
    world: &World,
    given: &dns::ResolverSettings,
    dial: &dial::Settings,
) -> Result<dns::ResolverSettings, ConfigError> {
    let mut resolver = given.clone();
    resolver.rules = dial.rules.clone();
    resolver.name_server_port = world.dns_port;
    let own = match &world.trust_anchors_file {
        Some(path) => Some(place.text("scan.world.trust_anchors_file", path)?.1),
        None => None,
    };
    let (dns::Servers::Recursor { trust_anchors, .. } | dns::Servers::Forwarder { trust_anchors, .. }) =
        &mut resolver.servers;
    if let Some(own) = own {
        *trust_anchors = own;
    }
    if let Some(root_hints) = world.root_hints.clone() {
        let trust_anchors = std::mem::take(trust_anchors);
        resolver.servers = dns::Servers::Recursor { root_hints, trust_anchors };
    }
    Ok(resolver)
}

fn networks(place: &Place<'_>, file: Networks) -> Result<networks::Settings, ConfigError> {
    let rdap_bootstrap = match file.rdap_bootstrap {
        None => BootstrapSource::Embedded,
        Some(url) if url.starts_with("https://") => BootstrapSource::Url(url),
        Some(folder) => {
            let folder = place.folder.join(folder);
            Bootstrap::read(&folder).map_err(|problem| {
                let advice = "name a folder with dns.json, ipv4.json and ipv6.json, or an https:// URL";
                place.document.fault("scan.networks.rdap_bootstrap", format!("{problem}; {advice}"))
            })?;
            BootstrapSource::Folder(folder)
        }
    };
    let mut routes = Vec::new();
    for path in file.routes {
        routes.extend(place.existing("scan.networks.routes", Some(path))?);
    }
    Ok(networks::Settings {
        rdap: file.rdap == Switch::On,
        rdap_bootstrap,
        routes,
        origin_zone: file.origin_zone,
        rtr: file.rtr,
        timeout_s: file.timeout_s,
        all_s: file.all_s,
        cache_s: file.cache_s,
    })
}

/// Whether the values of `[scan]` can be.
pub(super) fn check(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let networks = &file.networks;
    let is_place = |place: &String| {
        place
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
    };
    let no_place = networks.rtr.as_ref().filter(|place| !is_place(place));
    let no_zone = networks.origin_zone.as_ref().filter(|zone| !super::check::is_domain(zone, true));
    let literal = |helo: &&String| helo.starts_with("[") && helo.ends_with("]");
    let no_name = file.helo.as_ref().filter(|helo| !literal(helo) && !super::check::is_domain(helo, true));
    let faults = [
        no_place.map(|place| {
            ("networks.rtr", format!("`{place}` is no host and port; write \"127.0.0.1:3323\""))
        }),
        no_zone
            .map(|zone| ("networks.origin_zone", format!("`{zone}` is no zone; write \"asn.example.net\""))),
        no_name.map(|helo| {
            let advice = "write a host name, or an address in brackets";
            ("helo", format!("`{helo}` is no name to say in EHLO; {advice}"))
        }),
        (file.back_off_s.len() > 8)
            .then(|| ("back_off_s", "nobody is asked again so often; write at most 8 waits".to_owned())),
        file.world
            .root_hints
            .as_ref()
            .filter(|hints| hints.is_empty())
            .map(|_| ("world.root_hints", "this is empty; list root servers, or take it out".to_owned())),
    ];
    match faults.into_iter().flatten().next() {
        Some((key, problem)) => Err(document.fault(&format!("scan.{key}"), problem)),
        None => Ok(()),
    }
}
