//! What a server said, and what went wrong, as evidence keeps it.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::shared::evidence::scan::{SessionFault, SmtpReply, Stage};
use crate::shared::smtp::{Client, ClientError, ServerReply};

/// QUIT, whatever comes of it: the server said what ends this session.
pub(super) async fn leave<S>(client: Client<S>, stage: Stage, reply: &ServerReply) -> SessionFault
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // 421: it closes by itself (RFC 5321 §3.8).
    if reply.code != 421 {
        let _ = client.quit().await;
    }
    SessionFault::Reply { stage, reply: kept(reply) }
}

/// What an error is to a session that had come so far.
pub(super) fn fault(error: ClientError, stage: Stage) -> SessionFault {
    match error {
        ClientError::TimedOut(_) => SessionFault::TimedOut { stage },
        ClientError::Closed => SessionFault::Dropped { stage },
        ClientError::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => {
            SessionFault::Dropped { stage }
        }
        other => SessionFault::Garbage { stage, reason: cut(&other.to_string(), TEXT_OCTETS_MAX) },
    }
}

/// How much of a reason is kept, in octets.
pub(super) const TEXT_OCTETS_MAX: usize = 300;
/// How much of a reply's text is kept, in octets: EHLO of a usual server has a third of it.
const REPLY_OCTETS_MAX: usize = 1536;
/// How many lines of a reply are kept.
const LINES_MAX: usize = 40;

/// A reply as evidence keeps it.
pub(super) fn kept(reply: &ServerReply) -> SmtpReply {
    let mut octets_left = REPLY_OCTETS_MAX;
    let keep = |line: &String| {
        let line = cut(line, octets_left.min(TEXT_OCTETS_MAX));
        octets_left -= line.len();
        line
    };
    SmtpReply { code: reply.code, lines: reply.lines.iter().take(LINES_MAX).map(keep).collect() }
}

/// As much of `text` as fits.
pub(super) fn cut(text: &str, octets_max: usize) -> String {
    let end = (0..=octets_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].to_owned()
}
