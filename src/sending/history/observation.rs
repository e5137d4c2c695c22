//! Facts with their place and time, and the port through which they are recorded. After OpenSMTPD's `report` protocol:
//! link, identify, tls, tx, disconnect.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::sending::persona::{Entrance, PersonaId};
use crate::sending::trial::LinkId;
use crate::shared::evidence::{ClientHello, Handshake};
use crate::shared::time::Timestamp;

use super::lookups::{ContactsLost, FetchesLost, PolicyFetched, Queried, QueriesLost};
use super::outcome::{LabelsIssued, Scanned, SelfChecked, TrialEnded, VerdictHandled};
use super::place::Seq;
use super::report::ReportReceived;
use super::smtp::{Irregularity, LinkClosed, Offer, Phase, Received};

/// A fact with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Its place in the journal.
    pub seq: Seq,
    /// When it was seen.
    pub at: Timestamp,
    pub fact: Fact,
}

/// What may be seen. Serialised as an object whose `fact` names the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fact")]
pub enum Fact {
    /// A sender connected.
    LinkOpened {
        link: LinkId,
        /// The sender's address and port.
        source: SocketAddr,
        /// Our address and port.
        local: SocketAddr,
        /// The persona that alone has our address.
        persona: Option<PersonaId>,
        /// The entrance of ruled cases that has our address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entrance: Option<Entrance>,
    },
    /// The sender said EHLO or HELO and was answered. The offer of a link is fixed here.
    Greeted {
        link: LinkId,
        /// The name as given, cut at 255 octets, printable.
        name: String,
        /// HELO, which is offered no extension.
        helo: bool,
        /// Whether within TLS.
        tls: bool,
        /// What was offered.
        offer: Offer,
    },
    /// The sender sent STARTTLS and was answered with this code: 220, 454 where it was not offered, or
    /// another where it was out of order.
    StarttlsAsked {
        link: LinkId,
        /// The code of the answer.
        code: u16,
    },
    /// A ClientHello came in whole.
    HelloSeen {
        link: LinkId,
        /// What it offered.
        hello: ClientHello,
        /// The persona whose certificate was chosen for it: by SNI, else by address; none: the one that
        /// stands for links without SNI.
        persona: Option<PersonaId>,
        /// Which certificate a link without SNI gets.
        phase: Phase,
    },
    /// The handshake ended.
    HandshakeEnded { link: LinkId, handshake: Handshake },
    /// Something no well-formed sender does.
    Irregular { link: LinkId, what: Irregularity },
    /// A transaction ended: at the dot, or before it by RSET or the link's end.
    Received(Box<Received>),
    /// The dot was answered.
    Answered {
        link: LinkId,
        /// The transaction's number on the link, from 0.
        number: u16,
        /// The reply code: 250 acknowledged, 451 held, 452 and 5yz refused.
        code: u16,
    },
    /// The link ended.
    LinkClosed(LinkClosed),
    /// A name was asked of our DNS.
    Queried(Queried),
    /// Something was fetched, or TLS was tried, at the policy host.
    PolicyFetched(PolicyFetched),
    /// The service looked at itself as a sender would.
    SelfChecked(SelfChecked),
    /// A trial came to its end; its verdict is due.
    TrialEnded(TrialEnded),
    /// What became of a verdict.
    VerdictHandled(VerdictHandled),
    /// Questions are missing from the journal.
    QueriesLost(QueriesLost),
    /// Visits to the policy host are missing from the journal.
    FetchesLost(FetchesLost),
    /// Links are missing from the journal.
    ContactsLost(ContactsLost),
    /// The domain of a trial's sender was scanned.
    Scanned(Box<Scanned>),
    /// Labels were given out for a trial that is to begin.
    LabelsIssued(LabelsIssued),
    /// A TLS report came.
    ReportReceived(Box<ReportReceived>),
}

impl Fact {
    /// The link that the fact is about, if it is about one.
    pub fn link(&self) -> Option<LinkId> {
        match self {
            Self::LinkOpened { link, .. }
            | Self::Greeted { link, .. }
            | Self::StarttlsAsked { link, .. }
            | Self::HelloSeen { link, .. }
            | Self::HandshakeEnded { link, .. }
            | Self::Irregular { link, .. }
            | Self::Answered { link, .. } => Some(*link),
            Self::Received(received) => Some(received.link),
            Self::LinkClosed(closed) => Some(closed.link),
            Self::Queried(_)
            | Self::PolicyFetched(_)
            | Self::SelfChecked(_)
            | Self::TrialEnded(_)
            | Self::VerdictHandled(_)
            | Self::QueriesLost(_)
            | Self::FetchesLost(_)
            | Self::ContactsLost(_)
            | Self::Scanned(_)
            | Self::LabelsIssued(_)
            | Self::ReportReceived(_) => None,
        }
    }
}

/// Why a fact is not in the journal: the disk is full, or the writer is gone. The mail that hangs on it is
/// answered with a transient code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not noted: {0}")]
pub struct NotRecorded(pub String);

/// Where facts go.
pub trait Recorder: Send + Sync {
    /// Records a fact without waiting. When the queue is full the fact is dropped and counted: facts that
    /// nothing durable hangs on are not worth stopping a listener for.
    fn note(&self, at: Timestamp, fact: Fact);

    /// Whether a fact would be recorded now, as far as the limits of a day tell: what is not would only be refused.
    fn would_take(&self, _at: Timestamp, _fact: &Fact) -> bool {
        true
    }

    /// Records a fact and returns when it is on disk.
    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>>;
}
