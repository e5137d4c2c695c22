//! What is seen of TLS at a host of a case, and what a mail asks of it.

use std::net::IpAddr;

use crate::sending::history::{Ending, Irregularity, Link, Received, Seq, TlsRequired};
use crate::sending::trial::HostRole;

/// What a mail asks of TLS on its way (RFC 8689).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::verdict) enum Asked {
    Nothing,
    /// That policies do not count (§5).
    NotRequired,
    /// That it goes in TLS that is authenticated, and no other way (§4).
    Required,
}

impl Asked {
    pub(super) fn of(received: &Received) -> Option<Self> {
        match &received.ending {
            _ if received.require_tls => Some(Self::Required),
            Ending::Complete(message) if message.tls_required == Some(TlsRequired::No) => {
                Some(Self::NotRequired)
            }
            Ending::Complete(_) => Some(Self::Nothing),
            Ending::Aborted | Ending::Refused { .. } => None,
        }
    }
}

/// A session of TLS with a host of a case, which it named or where it sent mail for it.
#[derive(Clone, Debug)]
pub(in crate::sending::verdict) struct Session {
    /// The observation of its ClientHello.
    pub(in crate::sending::verdict) seq: Seq,
    pub(in crate::sending::verdict) address: IpAddr,
    pub(in crate::sending::verdict) role: HostRole,
    /// Whether an earlier session was resumed.
    pub(in crate::sending::verdict) resumed: bool,
    /// Whether commands came behind EHLO within it before that was answered.
    pub(in crate::sending::verdict) ahead: bool,
    /// Whether commands came in groups that must end one, within it or before.
    pub(in crate::sending::verdict) irregular: bool,
    /// Whether mail came within it.
    pub(in crate::sending::verdict) mail: bool,
}

impl Session {
    /// That of a link, where its handshake completed.
    pub(super) fn of(link: &Link, role: HostRole, mail: bool) -> Option<Self> {
        let part = link.tls.as_ref()?;
        Some(Self {
            seq: part.seq,
            address: link.address(),
            role,
            resumed: link.negotiated()?.resumed,
            ahead: part.ahead.is_some(),
            irregular: link.irregularities.contains(&Irregularity::UnsynchronisedPipelining),
            mail,
        })
    }
}
