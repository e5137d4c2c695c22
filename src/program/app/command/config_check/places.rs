//! What `serve` would refuse: addresses that cannot be bound, files and folders that whoever serves may not use. Nothing
//! is written.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::line::Line;
use crate::operations::host::{bound_tcp, bound_udp};
use crate::program::config::Settings;
use crate::program::reply::DeliveryWay;
use crate::sending::identities::Source;
use crate::shared::keyfile::{Want, Who};

/// Whether each address can be bound. While the service `runs` it has them itself.
pub(in crate::program::app::command) fn listeners(settings: &Settings, runs: bool) -> Vec<Line> {
    let listen = &settings.listen;
    let entrances = settings.addresses.entrance_sockets(&listen.smtp);
    let lists = [
        ("smtp", &listen.smtp),
        ("smtp (for addresses.cases)", &entrances),
        ("dns", &listen.dns),
        ("policy_host", &listen.policy_host),
        ("site", &listen.site),
        ("http_redirect", &listen.http_redirect),
        ("metrics", &listen.metrics),
    ];
    let mut lines = Vec::new();
    for (key, addresses) in lists {
        for address in addresses {
            let udp = (key == "dns").then(|| bound_udp(*address));
            let bound = [Some(bound_tcp(*address)), udp];
            let failed = bound.into_iter().flatten().find_map(Result::err);
            lines.extend(failed.and_then(|error| unbindable(key, *address, &error, runs)));
        }
    }
    lines.extend(listen.dns.iter().filter(|address| address.ip().is_unspecified()).map(|address| {
        Line::warning(format!(
            "listen.dns: {address} means every address: answers may leave from another one than was asked, and be \
             dropped; name the addresses"
        ))
    }));
    if lines.is_empty() {
        let count: usize = lists.iter().map(|(_, addresses)| addresses.len()).sum();
        lines.push(Line::good(format!("listeners: this host has all {count} addresses")));
    }
    lines
}

fn unbindable(key: &str, address: SocketAddr, error: &io::Error, runs: bool) -> Option<Line> {
    match error.kind() {
        ErrorKind::AddrInUse if runs => None,
        ErrorKind::AddrInUse => Some(Line::bad(format!(
            "listen.{key}: another program has {address}: stop that one, or name another address (`ss -lntup` shows \
             whose ports are taken)"
        ))),
        // Whoever serves may.
        ErrorKind::PermissionDenied => None,
        ErrorKind::AddrNotAvailable => {
            Some(Line::bad(format!("listen.{key}: this host does not have the address {}", address.ip())))
        }
        _ => Some(Line::bad(format!("listen.{key}: {address}: {error}"))),
    }
}

/// Whether whoever serves may use all files and folders: whoever runs this or, where that is root, whoever has the folder
/// of the journal.
pub(in crate::program::app::command) fn files(file: &Path, settings: &Settings) -> Vec<Line> {
    let journal = &settings.journal.path;
    let this = Who::this();
    let server = match this.is_root() {
        true => journal.parent().and_then(|folder| Who::owns(folder).ok()).unwrap_or(this),
        false => this,
    };
    let mut lines = Vec::new();
    for (key, path, want) in used(file, settings) {
        // One obstacle often stands before many files.
        let obstacle = server.obstacle(&path, want).map(|obstacle| Line::bad(format!("{key}: {obstacle}")));
        lines.extend(obstacle.filter(|line| !lines.contains(line)));
    }
    if lines.is_empty() {
        lines.push(Line::good(format!("files: {} may use them all", server.name())));
    }
    lines
}

fn used(file: &Path, settings: &Settings) -> Vec<(&'static str, PathBuf, Want)> {
    let zone_keys = &settings.zone.authority.keys;
    let mut used = vec![
        ("--config", file.to_owned(), Want::Read),
        ("zone.file", settings.zone.file.clone().into(), Want::Read),
        ("journal.path", settings.journal.path.clone(), Want::Write),
        ("tls.folder", settings.tls.folder.clone(), Want::Write),
        ("zone.keys", zone_keys.clone(), Want::Write),
    ];
    for (key, folder) in [("tls.folder", &settings.tls.folder), ("zone.keys", zone_keys)] {
        let held = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let keys = held.filter(|path| {
            path.extension().is_some_and(|ending| ["pem", "p8"].iter().any(|known| ending == *known))
        });
        used.extend(keys.map(|path| (key, path, Want::Read)));
    }
    for (key, path) in [("dkim.key", &settings.dkim.key), ("seal.key", &settings.seal.key)] {
        let want = if path.exists() { Want::Read } else { Want::Write };
        used.push((key, path.clone(), want));
    }
    if let Source::Files(files) = &settings.tls.source {
        used.extend(files.iter().flat_map(|pair| {
            [
                ("tls.files.chain", pair.chain.clone(), Want::Read),
                ("tls.files.key", pair.key.clone(), Want::Read),
            ]
        }));
    }
    if settings.reply.delivery == DeliveryWay::Maildir {
        used.push(("reply.maildir", settings.reply.maildir.clone(), Want::Write));
    }
    used.push(("operator_mail.maildir", settings.operator_mail.maildir.clone(), Want::Write));
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_bound_is_told_unless_the_service_has_it() {
        let address: SocketAddr = ([192, 0, 2, 25], 25).into();
        let said = |kind: ErrorKind, runs| {
            unbindable("smtp", address, &kind.into(), runs).map(|line| line.text).unwrap_or_default()
        };
        assert_eq!(
            said(ErrorKind::AddrNotAvailable, true),
            "listen.smtp: this host does not have the address 192.0.2.25"
        );
        assert!(said(ErrorKind::AddrInUse, false).contains("another program has 192.0.2.25:25"));
        assert_eq!(said(ErrorKind::AddrInUse, true), "");
        assert_eq!(said(ErrorKind::PermissionDenied, false), "");
    }
}
