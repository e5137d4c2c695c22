//! How a session of SMTP went before TLS.

use serde::{Deserialize, Serialize};

/// What ended a session before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum SessionFault {
    /// A reply of 4yz or 5yz where another was needed: a limit, mostly.
    Reply {
        /// The stage: `greeting`, `ehlo`, `starttls`.
        stage: Stage,
        reply: SmtpReply,
    },
    /// The server closed or reset the connection.
    Dropped {
        /// The stage that was awaited.
        stage: Stage,
    },
    /// It did not answer in time.
    TimedOut {
        /// The stage that was awaited.
        stage: Stage,
    },
    /// It spoke no SMTP, or more than is read.
    Garbage {
        /// The stage that was awaited.
        stage: Stage,
        /// What is wrong with it.
        reason: String,
    },
}

impl SessionFault {
    /// Whether a server broke off at STARTTLS. With a command behind it, which RFC 3207 §4 forbids, that is its answer
    /// to the command, if it takes STARTTLS without.
    pub fn refuses_pipelining(&self) -> bool {
        match self {
            Self::Reply { stage: Stage::Starttls, reply } => reply.code >= 500,
            Self::Dropped { stage: Stage::Starttls } => true,
            _ => false,
        }
    }
}

/// The stages before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The connection itself.
    Connect,
    /// The greeting, 220.
    Greeting,
    Ehlo,
    /// MAIL in clear, and its RSET.
    Mail,
    Starttls,
}

/// A reply of an SMTP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpReply {
    pub code: u16,
    /// The text of each line, without code and separator; octets that are not UTF-8 replaced, line and reply cut.
    pub lines: Vec<String>,
}

impl SmtpReply {
    /// Whether a line after the first begins with this EHLO keyword (RFC 5321 §4.1.1.1).
    pub fn announces(&self, keyword: &str) -> bool {
        self.lines
            .iter()
            .skip(1)
            .any(|line| line.split([' ', '=']).next().is_some_and(|word| word.eq_ignore_ascii_case(keyword)))
    }
}
