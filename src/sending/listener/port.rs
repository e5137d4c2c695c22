//! The port through which the listener asks what it must know back: what to offer, how to answer a dot.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use crate::sending::history::{Ending, Offer, Recipient};
use crate::sending::trial::LinkId;
use crate::shared::smtp::reply::Reply;
use crate::shared::time::Timestamp;

/// A sender that said EHLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub link: LinkId,
    /// The sender's address and port.
    pub source: SocketAddr,
    /// The name it gave.
    pub ehlo: String,
}

/// A transaction with its full reverse-path, which only the desk may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub contact: Contact,
    /// Its number on the link, from 0.
    pub number: u16,
    /// When its MAIL came.
    pub began: Timestamp,
    /// Whether within TLS.
    pub tls: bool,
    /// What else its trace tells of how it came.
    pub spoken: Spoken,
    /// The reverse-path as `local@domain`, quotes kept; none is the null one.
    pub reverse_path: Option<String>,
    /// Whom it is for.
    pub recipients: Recipients,
    /// How many RCPTs were answered with 4yz or 5yz.
    pub refused_recipients: u16,
}

/// How a transaction came, for the trace of its message (RFC 5321 §4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// HELO, and not EHLO.
    pub helo: bool,
    /// MAIL said SMTPUTF8.
    pub smtputf8: bool,
    /// MAIL said REQUIRETLS (RFC 8689 §4.1).
    pub require_tls: bool,
    /// The cipher suite of TLS, by its IANA name; none in clear.
    pub cipher_suite: Option<String>,
}

/// Whom a transaction is for: never both kinds (the second kind gets 452 4.5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Test addresses.
    Tests(Vec<Recipient>),
    /// The operator's addresses, as `local@domain`.
    Operator(Vec<String>),
}

/// The answer to a dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DotReply {
    /// 250, or a transient code. Never 5yz, which some senders bounce.
    pub code: u16,
    /// The enhanced status code (RFC 3463), such as `4.7.1`.
    pub status: &'static str,
    /// One line of ASCII.
    pub text: String,
}

/// What the listener asks of whoever holds the open trials.
pub trait Desk: Send + Sync {
    /// What to offer a sender that said EHLO in clear. Called once per EHLO.
    fn offer(&self, at: Timestamp, contact: &Contact) -> Offer;

    /// Takes a message, whole as it came behind DATA (dots unstuffed, CRLF line ends), and answers its dot.
    /// 250 only when what is kept of it is on disk. The desk notes [`crate::sending::history::Fact::Received`]; the
    /// listener notes [`crate::sending::history::Fact::Answered`] with the code. Where the answer is not waited for any
    /// more (it took too long, or the link was cut) and the future is dropped, the desk notes a transaction that
    /// it has not noted yet as aborted.
    fn answer(
        &self,
        at: Timestamp,
        transaction: Transaction,
        message: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = DotReply> + Send + '_>>;

    /// Takes note of a transaction with at least a MAIL that ended before its message could be taken: by RSET, a new EHLO,
    /// STARTTLS or the link's end; or it was refused at the dot (smuggling, NUL, too long), or its MAIL was: then there are no
    /// recipients, and no reverse-path where none could be read.
    fn ended_early(&self, at: Timestamp, transaction: Transaction, how: Ending);
}

impl From<&DotReply> for Reply {
    fn from(reply: &DotReply) -> Self {
        Self::new(reply.code, reply.status, reply.text.clone())
    }
}
