//! The vocabulary of facts. After OpenSMTPD's `report` protocol: link, identify, tls, tx, disconnect.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::sending::persona::{CaseId, PersonaId};
use crate::sending::trial::{LinkId, Mailbox};
use crate::shared::evidence::{Alert, Authentication, ClientHello, Handshake, Party};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use super::{Scanned, TrialEnded, VerdictHandled};

/// An observation's place in the journal; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A fact with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Its place in the journal.
    pub seq: Seq,
    /// When it was seen.
    pub at: Timestamp,
    /// What was seen.
    pub fact: Fact,
}

/// What may be seen. Serialised as an object whose `fact` names the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fact")]
pub enum Fact {
    /// A sender connected.
    LinkOpened {
        /// The link.
        link: LinkId,
        /// The sender's address and port.
        source: SocketAddr,
        /// Our address and port.
        local: SocketAddr,
        /// The persona that alone has our address.
        persona: Option<PersonaId>,
    },
    /// The sender said EHLO or HELO and was answered. The offer of a link is fixed here.
    Greeted {
        /// The link.
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
        /// The link.
        link: LinkId,
        /// The code of the answer.
        code: u16,
    },
    /// A ClientHello came in whole.
    HelloSeen {
        /// The link.
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
    HandshakeEnded {
        /// The link.
        link: LinkId,
        /// How.
        handshake: Handshake,
    },
    /// Something no well-formed sender does.
    Irregular {
        /// The link.
        link: LinkId,
        /// What.
        what: Irregularity,
    },
    /// A transaction ended: at the dot, or before it by RSET or the link's end.
    Received(Box<Received>),
    /// The dot was answered.
    Answered {
        /// The link.
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
            | Self::Scanned(_) => None,
        }
    }
}

/// What a link is offered, fixed at each EHLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Offer {
    /// Whether STARTTLS is.
    pub starttls: bool,
    /// Which certificate a handshake without SNI gets.
    pub phase: Phase,
}

/// The phase of the certificate shown without SNI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Phase {
    /// Self-signed.
    #[default]
    A,
    /// Of a CA that senders trust, with every MX name of the suite.
    B,
}

/// What no well-formed sender does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Irregularity {
    /// Spoke before the greeting (RFC 5321 §3.1).
    EarlyTalker,
    /// Sent commands in a group that must end one (RFC 2920 §3.1).
    UnsynchronisedPipelining,
    /// Sent plain text behind STARTTLS (CVE-2011-0411).
    PlaintextBehindStarttls,
    /// A line that ended in LF alone.
    BareLf,
    /// A CR that ended no line.
    BareCr,
    /// A NUL.
    Nul,
    /// An end of data that some servers take for one and the standard does not: smuggling.
    FalseEndOfData,
    /// A line beyond the limit.
    LineTooLong,
    /// A command that does not exist or does not parse.
    BadCommand,
    /// A command out of order.
    BadSequence,
    /// A space where the grammar has none, such as `MAIL FROM: <a@b>`.
    LaxSyntax,
    /// Commands without end.
    TooManyCommands,
    /// Another protocol than SMTP: HTTP, SSH, or TLS where none was begun.
    ForeignProtocol,
}

/// A transaction that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// The link.
    pub link: LinkId,
    /// The transaction's number on the link, from 0.
    pub number: u16,
    /// When its MAIL came.
    pub began: Timestamp,
    /// Whether within TLS.
    pub tls: bool,
    /// The reverse-path; none is the null one.
    pub reverse_path: Option<Mailbox>,
    /// The test recipients that were accepted.
    pub recipients: Vec<Recipient>,
    /// How many RCPTs were answered with 4yz or 5yz. Where it is none, nobody was accepted either and the sender
    /// broke off, it left behind MAIL; unless there is no reverse-path, since mail to the operator is noted so.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused_recipients: u16,
    /// How it ended.
    pub ending: Ending,
}

impl Received {
    /// Whether the sender broke off before it named any recipient: MAIL, and then RSET, QUIT or the link's end.
    pub fn ended_at_mail(&self) -> bool {
        self.recipients.is_empty()
            && self.refused_recipients == 0
            && self.reverse_path.is_some()
            && matches!(self.ending, Ending::Aborted)
    }
}

fn is_zero(number: &u16) -> bool {
    *number == 0
}

/// A test recipient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Recipient {
    /// The case whose domain was addressed.
    pub case: CaseId,
    /// The language that its local part chooses.
    pub language: Language,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ending {
    /// At the dot.
    Complete(Box<MessageFacts>),
    /// Before it. MAIL and RCPT were seen all the same, in clear or not.
    Aborted,
    /// By us: its MAIL, or at the dot what cannot be a message: smuggling, NUL, too long.
    Refused {
        /// The code of the answer.
        code: u16,
    },
}

/// What is kept of a test's message. Its text is not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageFacts {
    /// The Message-ID without its angle brackets, if it is one.
    pub message_id: Option<String>,
    /// The Date field as written, cut at 64 octets, printable: a program with a constant Message-ID tells a new mail
    /// from a retry by it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The size in octets, after unstuffing.
    pub size_octets: u64,
    /// The test addresses that To and Cc name.
    pub addressed: Vec<Recipient>,
    /// The domain of the (first) From address, in lower case.
    pub from_domain: Option<String>,
    /// What the message's authentication gave.
    pub authentication: Authentication,
    /// Why it gets no answer (RFC 3834), if it gets none.
    pub no_reply: Option<NoReply>,
}

/// Why a mail gets no verdict by mail (RFC 3834 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoReply {
    /// The null reverse-path.
    NullReversePath,
    /// `Auto-Submitted` other than `no`.
    AutoSubmitted,
    /// A `List-*` field.
    List,
    /// `Precedence: bulk`, `list` or `junk`.
    Bulk,
    /// A report of delivery or disposition, or MAILER-DAEMON and its like.
    Report,
    /// From a domain of ours, or an answer of ours come back.
    Ourselves,
    /// More than 50 `Received` fields.
    Loop,
}

/// How a link ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkClosed {
    /// The link.
    pub link: LinkId,
    /// Who ended it.
    pub by: Party,
    /// Whether the sender said QUIT.
    pub quit: bool,
    /// The alert that the sender sent, in the handshake or after it.
    pub alert: Option<Alert>,
}

/// A question that our DNS answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queried {
    /// Who asked: a resolver, hardly ever the sender itself.
    pub source: SocketAddr,
    /// How.
    pub transport: Transport,
    /// The name as asked, its case preserved, without the final dot.
    pub name: String,
    /// The type, by its mnemonic or as `TYPE65280`.
    pub rtype: String,
    /// The DO bit.
    pub dnssec_ok: bool,
    /// The code of the answer, such as `NOERROR`.
    pub rcode: String,
}

impl Queried {
    /// Whether it asks for an MTA-STS record (RFC 8461 §3.1).
    pub fn is_for_mta_sts(&self) -> bool {
        self.rtype == "TXT" && self.name.get(..9).is_some_and(|label| label.eq_ignore_ascii_case("_mta-sts."))
    }
}

/// How a query came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// Not all questions up to a time are in the journal: from then on their absence means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueriesLost {
    /// The site whose questions they are, a /24 or in IPv6 a /48; none: anybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The time up to which some are missing.
    pub until: Timestamp,
    /// Why.
    pub why: Lost,
}

/// Not all visits to the policy host up to a time are in the journal: from then on their absence means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchesLost {
    /// The site whose visits they are, a /24 or in IPv6 a /48; none: anybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The time up to which some are missing.
    pub until: Timestamp,
    /// Why.
    pub why: Lost,
}

/// Links that were turned away or not written, since too many came: what they would have shown is not known, and
/// says nothing of whoever made them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactsLost {
    /// The network that they came from, a /24 or in IPv6 a /48; none: from several that are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The time up to which they are missing.
    pub until: Timestamp,
    /// How many are.
    pub count: u64,
}

/// Why questions or visits are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lost {
    /// Those up to the time were deleted, by age or by number.
    Deleted,
    /// Some were never written, because too many came at once.
    Dropped,
}

/// A visit to the policy host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFetched {
    /// Who came.
    pub source: SocketAddr,
    /// The SNI, in lower case.
    pub sni: Option<String>,
    /// The path that was asked for; none where TLS ended before a request.
    pub path: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The `User-Agent`, cut at 200 octets, printable.
    pub user_agent: Option<String>,
    /// The alert that ended TLS.
    pub alert: Option<Alert>,
}

impl PolicyFetched {
    /// Who came, without the port.
    pub fn address(&self) -> IpAddr {
        self.source.ip().to_canonical()
    }
}

/// What the service found when it looked at itself as a sender would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfChecked {
    /// The zones and TLSA records are secure and true: DANE would find them.
    pub dns: SelfCheck,
    /// The certificates of the public-CA personas verify.
    pub certificates: SelfCheck,
    /// The MTA-STS policies are found, fetched and as derived.
    pub policy_host: SelfCheck,
}

/// One part of the self-check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum SelfCheck {
    /// As a sender should see it.
    Green,
    /// Not so.
    Red {
        /// What is wrong and what to do.
        reason: String,
    },
}

impl SelfCheck {
    /// Whether it is green.
    pub fn is_green(&self) -> bool {
        *self == Self::Green
    }
}
