//! Replies (RFC 5321 §4.2, RFC 2034, RFC 3463): ours to write, a server's to read within limits.

mod server;

use std::borrow::Cow;

pub use server::{ReplyError, ReplyLimits, ReplyReader, ServerReply};

/// The longest reply line with its CRLF, in octets (RFC 5321 §4.5.3.1.5).
const LINE_OCTETS_MAX: usize = 512;

/// A reply of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    /// The enhanced status code; none in the greeting and in answers to EHLO and HELO (RFC 2034 §4).
    pub status: Option<&'static str>,
    /// The lines, at least one.
    pub lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// A reply of one line with an enhanced status code.
    pub fn new(code: u16, status: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: Some(status), lines: vec![text.into()] }
    }

    /// A reply of several lines without enhanced status codes: the greeting, the answer to EHLO.
    pub fn plain(code: u16, lines: Vec<Cow<'static, str>>) -> Self {
        Self { code, status: None, lines }
    }

    /// The octets to send. What is no printable ASCII, and what is beyond the limit of a line, is left out,
    /// so that no text can forge a line.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = String::new();
        for (n, line) in self.lines.iter().enumerate() {
            let start = wire.len();
            let separator = if n + 1 < self.lines.len() { '-' } else { ' ' };
            wire.push_str(&format!("{:03}{separator}", self.code));
            if let Some(status) = self.status {
                wire.push_str(status);
                wire.push(' ');
            }
            let room = LINE_OCTETS_MAX - 2 - (wire.len() - start);
            wire.extend(line.chars().filter(|c| matches!(c, ' '..='~')).take(room));
            wire.push_str("\r\n");
        }
        wire.into_bytes()
    }
}
