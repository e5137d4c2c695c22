//! The states of a session, what happens to it, and what its driver is to do.

use std::net::SocketAddr;

use crate::sending::history::{Ending, Fact, Irregularity, Offer, Phase};
use crate::sending::listener::port::{Contact, DotReply, Recipients, Spoken, Transaction};
use crate::sending::listener::rules::Within;
use crate::sending::persona::Entrance;
use crate::sending::trial::LinkId;
use crate::shared::evidence::Party;
use crate::shared::smtp::command::{Address, Command, Malformed};
use crate::shared::smtp::data::Findings;
use crate::shared::smtp::reply::Reply;
use crate::shared::time::Timestamp;

/// Where a session is.
///
/// ```text
///                       ┌──────────── Upgraded (state of before is forgotten, RFC 3207 §4.2)
///                       ▼                                     │
///  greeting ──▶ Greeted ── EHLO, HELO ──▶ Ready ── STARTTLS ──▶ Upgrading
///                                        │ ▲ ▲
///                                   MAIL │ │ └──── RSET, EHLO, HELO ────┐
///                                        ▼ │                            │
///                                 ┌──── Mail ◀─┐ RCPT ──────────────────┘
///                                 │      └─────┘
///                            DATA │        ▲
///                                 ▼        │ refused at the dot, or answered: Ready
///                                Data ── the dot ──▶ Deciding ── Decided ──▶ Ready
///
///  QUIT, a limit, a refusal that ends the link, Ended, Stop: from anywhere to Closed
/// ```
///
/// In `Data`, `Upgrading` and `Deciding` no command is read: pipelined input waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Connected or in TLS, before EHLO.
    Greeted(Peer),
    /// After EHLO, without a transaction.
    Ready(Ready),
    /// A transaction is open.
    Mail(Box<Open>),
    /// DATA was answered with 354.
    Data(Box<Open>),
    /// The dot came, and its answer is awaited.
    Deciding(Box<Open>),
    /// STARTTLS was answered with 220.
    Upgrading(Peer),
    /// Nothing more is read or sent.
    Closed,
}

impl Session {
    /// The session of a link that was just greeted.
    pub fn new(link: LinkId, source: SocketAddr, host: String, entrance: Option<Entrance>) -> Self {
        Self::Greeted(Peer {
            link,
            source,
            host,
            entrance,
            requires_tls: false,
            tls: false,
            cipher_suite: None,
            offer: None,
            transactions: 0,
            commands: 0,
            bad_commands: 0,
            facts: 0,
        })
    }

    pub(super) fn without_transaction(self) -> Self {
        match self {
            Self::Mail(open) => Self::Ready(open.ready),
            Self::Ready(ready) => Self::Ready(Ready { mail_refused: false, ..ready }),
            other => other,
        }
    }

    pub(super) fn is_helo(&self) -> bool {
        match self {
            Self::Ready(ready) => ready.helo,
            Self::Mail(open) => open.ready.helo,
            _ => false,
        }
    }

    /// The link, unless it is closed.
    pub fn peer(&self) -> Option<&Peer> {
        match self {
            Self::Greeted(peer) | Self::Upgrading(peer) => Some(peer),
            Self::Ready(ready) => Some(&ready.peer),
            Self::Mail(open) | Self::Data(open) | Self::Deciding(open) => Some(&open.ready.peer),
            Self::Closed => None,
        }
    }

    pub(super) fn peer_mut(&mut self) -> Option<&mut Peer> {
        match self {
            Self::Greeted(peer) | Self::Upgrading(peer) => Some(peer),
            Self::Ready(ready) => Some(&mut ready.peer),
            Self::Mail(open) | Self::Data(open) | Self::Deciding(open) => Some(&mut open.ready.peer),
            Self::Closed => None,
        }
    }

    pub(super) fn into_peer(self) -> Option<Peer> {
        match self {
            Self::Greeted(peer) | Self::Upgrading(peer) => Some(peer),
            Self::Ready(ready) => Some(ready.peer),
            Self::Mail(open) | Self::Data(open) | Self::Deciding(open) => Some(open.ready.peer),
            Self::Closed => None,
        }
    }
}

/// What is known of the link itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub link: LinkId,
    /// The sender's address and port.
    pub source: SocketAddr,
    /// The name by which we answer.
    pub host: String,
    /// The entrance of ruled cases that was called.
    pub entrance: Option<Entrance>,
    /// Whether REQUIRETLS is offered (RFC 8689 §2).
    pub requires_tls: bool,
    /// Whether within TLS.
    pub tls: bool,
    /// Its cipher suite, by the IANA name.
    pub cipher_suite: Option<String>,
    /// What the last EHLO in clear was offered.
    pub offer: Option<Offer>,
    /// Transactions begun so far.
    pub transactions: u16,
    /// Lines taken as commands so far.
    pub commands: u32,
    /// Those of them that were bad.
    pub bad_commands: u32,
    /// Facts that were noted so far, here or by the desk; an irregularity is noted once, and is not counted.
    pub facts: u32,
}

impl Peer {
    pub(super) fn within(&self) -> Within {
        if self.tls { Within::Tls { requires_tls: self.requires_tls } } else { Within::Clear }
    }
}

/// A link that said EHLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    pub peer: Peer,
    /// The name it gave.
    pub ehlo: String,
    /// HELO: no extension was offered.
    pub helo: bool,
    /// The last MAIL was refused: what was sent behind it in one group is out of order by no fault.
    pub mail_refused: bool,
}

/// What happens to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line came and parsed.
    Command {
        command: Command,
        /// What the desk offers, where the command is EHLO or HELO in clear.
        offer: Option<Offer>,
        /// Whether more octets had come behind it.
        behind: bool,
    },
    /// A line came that is no command.
    Malformed(Malformed),
    /// The end of data came.
    Dot(Findings),
    /// The desk answered.
    Decided(DotReply),
    /// The handshake completed.
    Upgraded {
        /// The name by which we answer within TLS.
        host: String,
        /// The cipher suite, by its IANA name.
        cipher_suite: Option<String>,
        /// Whether the host offers REQUIRETLS.
        requires_tls: bool,
    },
    /// The link ended without QUIT.
    Ended(Party),
    /// A limit of time was reached.
    TimedOut,
    /// The service stops.
    Stop,
}

/// What the driver is to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Reply(Reply),
    Note(Fact),
    /// Read a message.
    ReadData,
    /// Let the desk answer the dot of the message that was read.
    Ask(Transaction),
    /// Tell the desk of a transaction that ended otherwise.
    EndedEarly(Transaction, Ending),
    /// Begin TLS, with the certificate of this phase where no SNI comes.
    Upgrade(Phase),
    /// Close the link.
    Close {
        by: Party,
        /// Whether the sender said QUIT.
        quit: bool,
    },
}

/// A transaction since its MAIL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub ready: Ready,
    /// The transaction's number on the link, from 0.
    pub number: u16,
    /// When its MAIL came.
    pub began: Timestamp,
    /// The reverse-path; none is the null one.
    pub from: Option<Address>,
    /// Whether MAIL said SMTPUTF8.
    pub smtputf8: bool,
    /// Whether it said REQUIRETLS.
    pub require_tls: bool,
    /// Whom it is for so far.
    pub recipients: Option<Recipients>,
    /// How many RCPTs were accepted.
    pub accepted: u16,
    /// How many were not.
    pub refused: u16,
}

impl Open {
    pub(super) fn begin(mut ready: Ready, began: Timestamp, from: Option<Address>) -> Self {
        let number = ready.peer.transactions;
        ready.peer.transactions = number.saturating_add(1);
        let (smtputf8, require_tls) = (false, false);
        Self { ready, number, began, from, smtputf8, require_tls, recipients: None, accepted: 0, refused: 0 }
    }

    /// Counts the answer to a RCPT.
    pub(super) fn count(&mut self, code: u16) {
        let count = if code == 250 { &mut self.accepted } else { &mut self.refused };
        *count = count.saturating_add(1);
    }

    /// The transaction as the desk sees it.
    pub(super) fn transaction(&self) -> Transaction {
        let peer = &self.ready.peer;
        Transaction {
            contact: Contact { link: peer.link, source: peer.source, ehlo: self.ready.ehlo.clone() },
            number: self.number,
            began: self.began,
            tls: peer.tls,
            spoken: Spoken {
                helo: self.ready.helo,
                smtputf8: self.smtputf8,
                require_tls: self.require_tls,
                cipher_suite: peer.cipher_suite.clone(),
            },
            reverse_path: self.from.as_ref().map(Address::to_string),
            recipients: self.recipients.clone().unwrap_or(Recipients::Tests(Vec::new())),
            refused_recipients: self.refused,
        }
    }
}

pub(super) fn note(link: LinkId, what: Irregularity, actions: &mut Vec<Action>) {
    actions.push(Action::Note(Fact::Irregular { link, what }));
}

/// How many facts these actions add to what the journal keeps of the link.
pub(super) fn facts(actions: &[Action]) -> u32 {
    let facts = actions.iter().filter(|action| match action {
        Action::Note(Fact::Irregular { .. }) => false,
        Action::Note(_) | Action::Ask(_) | Action::EndedEarly(..) => true,
        Action::Reply(_) | Action::ReadData | Action::Upgrade(_) | Action::Close { .. } => false,
    });
    u32::try_from(facts.count()).unwrap_or(u32::MAX)
}

/// The fact that the dot was answered.
pub(super) fn answered(open: &Open, code: u16) -> Fact {
    Fact::Answered { link: open.ready.peer.link, number: open.number, code }
}
