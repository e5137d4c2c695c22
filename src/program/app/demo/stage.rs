//! The stage: a fresh world with its keys, before anything runs.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use crate::program::config::Settings;
use crate::program::demo::{Hosts, Places, Played, Reception, SELECTOR, World, samples};
use crate::sending::identities::Identities;
use crate::shared::keyfile::Keeping;
use crate::shared::mailauth::DkimKey;
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

use super::error::DemoError;
use crate::program::app::clock::Clock;
use crate::program::app::parts::{self, PartError};

/// The file that tells a demo's folder from others.
const MARK: &str = "made-by-mailassay-demo.txt";

/// A fresh world below `out`, with ports that are free and an address for each sample where the system has
/// more than one loopback address.
///
/// # Errors
/// A file cannot be written, or `out` holds a world that no demo made.
pub fn build(out: &Path, played: Played) -> Result<World, DemoError> {
    let folder = out.join("world");
    let failed = |source| DemoError::File { path: folder.clone(), source };
    let mark = folder.join(MARK);
    if folder.exists() {
        // Only what an earlier demo made is removed.
        if !mark.exists() {
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "is not of an earlier demo")));
        }
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::write(&mark, "Made by `mailassay demo`, and removed by the next.\n").map_err(failed)?;
    let own_addresses = std::net::TcpListener::bind((Ipv4Addr::new(127, 1, 1, 25), 0)).is_ok();
    let places =
        Places { smtp: port(25_025), dns: port(53_053), policy_host: port(44_300), site: port(8_025) };
    Ok(World { folder, places, played, samples: samples(played, own_addresses), hosts: Vec::new() })
}

/// `wanted` if it is free on loopback for UDP and TCP, else any other.
fn port(wanted: u16) -> u16 {
    let free = |port: u16| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let tcp = std::net::TcpListener::bind(address).ok()?;
        let found = tcp.local_addr().ok()?.port();
        std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, found)).ok()?;
        Some(found)
    };
    free(wanted).or_else(|| (0..16).find_map(|_| free(0))).unwrap_or(wanted)
}

/// Makes keys and CA before the service starts, since the samples must trust them and the self-check, too: gives the
/// settings of its service, the roots that the samples trust, and the keys of its DNS root.
///
/// # Errors
/// A key or certificate cannot be made, or a file cannot be written.
pub fn prepare(world: &mut World, clock: &Clock) -> Result<(Settings, Roots, String), DemoError> {
    let now = clock();
    let mut settings = world.settings();
    let catalogue = Arc::new(parts::catalogue(&settings).map_err(PartError::from)?);
    let keeping = Keeping::in_files();
    let identities = parts::identities(&settings, &catalogue, &keeping, now).map_err(PartError::from)?;
    let keys = parts::own_keys(&settings, &keeping)?;
    world.hosts = hosts(world, &identities, now)?;
    settings.zone = world.zone();
    let authority = parts::authority(&settings, &catalogue, &identities, &keys, &keeping, now);
    let authority = authority.map_err(PartError::from)?;
    let path = world.root_file();
    let root = identities.ca_root_pem().unwrap_or_default();
    std::fs::write(&path, root).map_err(|source| DemoError::File { path: path.clone(), source })?;
    let trust_anchors = authority.trust_anchors().join("\n");
    let files = [
        (world.configuration_file(), world.configuration()),
        (world.folder.join("origin.zone"), settings.zone.text.clone()),
        (world.folder.join("trust-anchors.txt"), format!("{trust_anchors}\n")),
    ];
    for (path, text) in files {
        std::fs::write(&path, text).map_err(|source| DemoError::File { path: path.clone(), source })?;
    }
    settings.resolver = world.resolver(Vec::new(), trust_anchors.clone());
    settings.scan.resolver = world.scan_resolver(trust_anchors.clone());
    Ok((settings, Roots::read(&path)?, trust_anchors))
}

/// The hosts at which the samples' own domains receive, where each can have an address of its own.
fn hosts(world: &World, identities: &Identities, now: Timestamp) -> Result<Vec<Hosts>, DemoError> {
    let mut hosts = Vec::new();
    for (sample, number) in world.samples.iter().zip(1..) {
        if sample.address == Ipv4Addr::LOCALHOST {
            continue;
        }
        let key = match Reception::of(sample).signs {
            true => {
                let path = world.folder.join("keys").join(format!("{}.pem", sample.domain()));
                let key = DkimKey::open(&path, &sample.domain(), SELECTOR).map_err(PartError::from)?;
                Some(Arc::new(key))
            }
            false => None,
        };
        hosts.push(Hosts::of(sample, number, identities, key, now).map_err(PartError::from)?);
    }
    Ok(hosts)
}
