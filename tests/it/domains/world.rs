//! A faked world: names as text, servers as models, certificates as descriptions.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use jiff::Timestamp;
use mailassay::receiving::examine;
use mailassay::shared::evidence::scan::{Authentication, Connections, Depth, Key, Network};
use mailassay::shared::evidence::{DkimOutcome, FetchOutcome};
use serde::Deserialize;

use super::certificates::{Chain, Described, association};
use super::server::{Host, Server};
use crate::scan_names::zone::Zone;

/// `world.toml`. What it does not state is as in `sound`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    domain: Option<String>,
    depth: Option<Depth>,
    connections: Option<Connections>,
    intrusive: Option<bool>,
    only: Option<IpAddr>,
    /// Whether this host has IPv6.
    ipv6: Option<bool>,
    /// The profiles whose levels `expected.txt` shows beside our own.
    profiles: Option<Vec<String>>,
    certificate: Option<BTreeMap<String, Described>>,
    server: Option<Vec<Host>>,
    /// What comes of the fetch of the MTA-STS policy.
    policy: Option<FetchOutcome>,
    network: Option<Vec<Network>>,
    /// Of the mail of a trial.
    signatures: Option<Vec<DkimOutcome>>,
}

/// A world.
pub(super) struct World {
    pub(super) domain: String,
    pub(super) depth: Depth,
    pub(super) connections: Connections,
    pub(super) intrusive: bool,
    pub(super) only: Option<IpAddr>,
    pub(super) profiles: Vec<String>,
    /// Whether it is a world of its own, and not the sound one with changes.
    pub(super) alone: bool,
    pub(super) zone: Zone,
    pub(super) servers: Vec<Server>,
    pub(super) policy: Option<FetchOutcome>,
    pub(super) networks: Vec<Network>,
    pub(super) signatures: Option<Vec<DkimOutcome>>,
}

/// A root server, by which the scanner sees whether it has IPv6.
pub(super) const ROOT_SERVER: &str = "2001:db8:ffff::53";
const ROOT: &str = ". NS a.root.\na.root. AAAA 2001:db8:ffff::53\n";

/// When every world is scanned and judged.
pub(super) fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

impl World {
    /// Reads a folder of `tests/domains/`.
    pub(super) fn read(folder: &Path) -> Self {
        let sound = folder.with_file_name("sound");
        let (file, base) = (File::read(folder), File::read(&sound));
        let mut certificates = base.certificate.unwrap_or_default();
        certificates.extend(file.certificate.unwrap_or_default());
        let chains: BTreeMap<String, Chain> = certificates
            .iter()
            .enumerate()
            .map(|(nth, (name, described))| (name.clone(), described.make(folder, nth, now())))
            .collect();
        let servers = file.server.or(base.server).unwrap_or_default().into_iter().map(|host| {
            let chain = |name: &String| {
                let chain = chains.get(name).unwrap_or_else(|| panic!("{folder:?}: no certificate {name}"));
                (authentication(chain), chain.clone())
            };
            let chains = host.certificates.iter().map(chain).collect();
            Server::new(host, chains)
        });
        let zone = text(folder, "zone.txt").unwrap_or_default();
        let alone = zone.starts_with("alone\n") || folder == sound;
        let zone = match zone.strip_prefix("alone\n") {
            Some(alone) => alone.to_owned(),
            None => changed(&text(&sound, "zone.txt").unwrap(), &zone),
        };
        Self {
            domain: file.domain.unwrap_or("example.net".to_owned()),
            depth: file.depth.unwrap_or_default(),
            connections: file.connections.unwrap_or(Connections::Allowed),
            intrusive: file.intrusive.unwrap_or(false),
            only: file.only,
            profiles: file.profiles.unwrap_or_default(),
            alone,
            servers: servers.collect(),
            zone: Zone::read(&(filled(&zone, &chains) + if file.ipv6 == Some(false) { "" } else { ROOT })),
            policy: file.policy.or(base.policy),
            networks: file.network.or(base.network).unwrap_or_default(),
            signatures: file.signatures,
        }
    }
}

impl File {
    fn read(folder: &Path) -> Self {
        let text = text(folder, "world.toml").unwrap_or_default();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}/world.toml: {error}", folder.display()))
    }
}

fn text(folder: &Path, file: &str) -> Option<String> {
    std::fs::read_to_string(folder.join(file)).ok()
}

/// The sound zone with changes: a name and type that a change has, the sound zone has no more; `!name` and
/// `!name TYPE` only take away.
fn changed(sound: &str, changes: &str) -> String {
    let key = |line: &str| -> (String, String) {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    };
    let gone: Vec<(String, String)> = changes
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with(['#', '@']))
        .map(|line| key(line.trim_start_matches('!')))
        .collect();
    let stays = |line: &&str| {
        let (name, rtype) = key(line);
        !gone.iter().any(|(gone, of)| *gone == name && (of.is_empty() || *of == rtype))
    };
    let kept = sound.lines().filter(stays).chain(changes.lines().filter(|line| !line.starts_with('!')));
    kept.map(|line| format!("{line}\n")).collect()
}

fn authentication(chain: &Chain) -> Authentication {
    match examine::certificate(&chain[0]).key {
        Key::Rsa { .. } => Authentication::Rsa,
        _ => Authentication::Ecdsa,
    }
}

/// The zone with `{spki NAME}` and `{cert NAME}` replaced by the digests of a certificate's key and of itself;
/// `{spki NAME 1}` is of the second certificate that is sent.
fn filled(zone: &str, chains: &BTreeMap<String, Chain>) -> String {
    let mut text = String::new();
    let mut rest = zone;
    while let Some((before, after)) = rest.split_once('{') {
        let (words, after) = after.split_once('}').unwrap_or_else(|| panic!("no }} after {{ in {zone}"));
        // Macros of SPF stand in braces, too.
        let words: Vec<&str> = words.split(' ').collect();
        text.push_str(before);
        match words[..] {
            [kind @ ("spki" | "cert"), name, ref place @ ..] => {
                let chain = chains.get(name).unwrap_or_else(|| panic!("no certificate {name}"));
                let place: usize = place.first().map_or(0, |place| place.parse().unwrap());
                text.push_str(&association(&chain[place], u8::from(kind == "spki")));
            }
            _ => text.push_str(&format!("{{{}}}", words.join(" "))),
        }
        rest = after;
    }
    text + rest
}
