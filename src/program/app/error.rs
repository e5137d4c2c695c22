//! Why the service does not start, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::program::app::parts::PartError;
use crate::program::{archive, reply};
use crate::sending::journal;
use crate::shared::keyfile::{Want, Who};
use crate::shared::mailauth;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A part of it cannot be made.
    #[error(transparent)]
    Part(#[from] PartError),
    /// A socket cannot be bound.
    #[error("listen.{key}: {address}: {source}{}", advice(source))]
    Bind {
        /// The key of the setting.
        key: &'static str,
        address: String,
        source: io::Error,
    },
    /// What all nodes must have cannot be read.
    #[error("{key}: {}: {source}", place.display())]
    SharedKey { key: &'static str, place: PathBuf, source: io::Error },
    /// Another node has other keys.
    #[error(
        "{key}: {}: this is not what the other nodes have; put it on a folder that all nodes share, or copy a key of \
         dkim.key or seal.key from a node that runs. If it was changed on purpose: `mailassay node agree`",
        place.display()
    )]
    OtherKeys { key: &'static str, place: PathBuf },
    /// The journal cannot be opened.
    #[error("journal.path: {source}{}", whose(place))]
    Journal {
        #[source]
        source: journal::OpenError,
        /// Where it should be.
        place: PathBuf,
    },
    /// The site's archive cannot be opened.
    #[error("{}: {}", key_of(.0), .0)]
    Archive(#[from] archive::OpenError),
    /// It does not answer, or what nodes share.
    #[error(transparent)]
    Archived(#[from] archive::ArchiveError),
    /// Secrets are not shared with other nodes.
    #[error(transparent)]
    Shared(#[from] archive::NotShared),
    /// The place for verdicts cannot be opened.
    #[error("{0}")]
    Reply(#[from] reply::CarrierError),
    /// The operator's maildir cannot be opened.
    #[error("operator_mail.maildir: {}: {source}; the service must be able to write there{}", place.display(), whose(place))]
    OperatorMail {
        source: io::Error,
        /// Where it should be.
        place: PathBuf,
    },
    /// There is no resolver for mail authentication.
    #[error(transparent)]
    Authenticator(#[from] mailauth::ResolverError),
}

/// The key of the setting that says where it is.
fn key_of(error: &archive::OpenError) -> &'static str {
    match error {
        archive::OpenError::Common { .. } => "journal.url",
        _ => "site.archive",
    }
}

/// What to do about a socket that cannot be bound.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; ports below 1024 need CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)"
        }
        io::ErrorKind::AddrInUse => "; another server has it: stop that one, or name another address",
        io::ErrorKind::AddrNotAvailable => "; this host does not have the address",
        _ => "",
    }
}

/// Whose the place is where whoever runs this may not write.
fn whose(place: &Path) -> String {
    Who::this().obstacle(place, Want::Write).map_or_else(String::new, |obstacle| format!("; {obstacle}"))
}
