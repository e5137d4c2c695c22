//! What is noted of a link, and of the mail on it.

use serde::{Deserialize, Serialize};

use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, LinkId, Mailbox};
use crate::shared::evidence::{Alert, Authentication, Party};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

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
    /// Phase A: the certificate is self-signed.
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
    /// Whether its MAIL said REQUIRETLS (RFC 8689 §4.1) and was accepted with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_tls: bool,
    pub ending: Ending,
}

impl Received {
    /// The test recipients that its envelope names, and those that its header section does.
    pub fn named(&self) -> impl Iterator<Item = &Recipient> {
        let addressed = match &self.ending {
            Ending::Complete(message) => message.addressed.as_slice(),
            Ending::Aborted | Ending::Refused { .. } => &[],
        };
        self.recipients.iter().chain(addressed)
    }

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
    /// The label of the trial that its domain carries; none for permanent names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ending {
    /// Its message came whole, up to the dot.
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
    /// What its `TLS-Required` field says, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_required: Option<TlsRequired>,
}

/// What the `TLS-Required` field of a message says (RFC 8689 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsRequired {
    /// `No`: policies of the recipient's domain do not count for it.
    No,
    /// Anything else, or more than one field: it means nothing.
    Other,
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
    pub link: LinkId,
    pub by: Party,
    /// Whether the sender said QUIT.
    pub quit: bool,
    /// The alert that the sender sent, in the handshake or after it.
    pub alert: Option<Alert>,
}
