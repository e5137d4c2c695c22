//! Whether a command that came in clear is executed within TLS (CVE-2011-0411).
//!
//! `NOOP` went in the segment of STARTTLS. A server that keeps what it read before the handshake finds it there as
//! its first command within TLS, and answers it. When that answer comes cannot be told from a slow network, so
//! nothing is awaited: EHLO is said and replies are told apart by what they say. A reply of several lines is that
//! of EHLO; since it is the first, nothing was answered before. If the first has one line, EHLO is said again: two
//! equal replies are those of two EHLOs, and two that differ are that of NOOP and of EHLO.

use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::Connection;

/// How long a reply may be, in octets.
const REPLY_OCTETS_MAX: usize = 8192;

/// Whether it was executed; none: the server does not say.
pub(super) async fn injected<S>(connection: &mut Connection<S>, helo: &str) -> Option<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let ehlo = format!("EHLO {helo}\r\n");
    let mut replies = Replies::default();
    connection.say(&ehlo).await.ok()?;
    let mut first = reply(connection, &mut replies).await?;
    // There are servers that greet once more within TLS.
    if first.octets.starts_with(b"220") {
        first = reply(connection, &mut replies).await?;
    }
    if first.lines > 1 {
        return Some(false);
    }
    connection.say(&ehlo).await.ok()?;
    let second = reply(connection, &mut replies).await?;
    Some(first != second)
}

async fn reply<S>(connection: &mut Connection<S>, replies: &mut Replies) -> Option<Reply>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        if let Some(reply) = replies.next() {
            return Some(reply);
        }
        replies.held.extend(connection.hear().await.ok()?);
        // What no reply fits in is none.
        if replies.held.len() > 2 * REPLY_OCTETS_MAX {
            return None;
        }
    }
}

/// A reply (RFC 5321 §4.2), as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reply {
    octets: Vec<u8>,
    lines: usize,
}

/// Puts replies together.
#[derive(Debug, Default)]
struct Replies {
    held: Vec<u8>,
}

impl Replies {
    /// The next reply that is there in whole.
    fn next(&mut self) -> Option<Reply> {
        let mut end = 0;
        for (before, line) in self.held.split_inclusive(|octet| *octet == b'\n').enumerate() {
            if !line.ends_with(b"\n") {
                return None;
            }
            end += line.len();
            if line.get(3) != Some(&b'-') {
                return Some(Reply { octets: self.held.drain(..end).collect(), lines: before + 1 });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_end_with_a_line_without_a_hyphen() {
        let mut replies = Replies::default();
        replies.held.extend(b"250 2.0.0 Ok\r\n250-mx\r\n250-SIZE 1\r\n250 X\r\n250 ");
        let lines: Vec<_> = std::iter::from_fn(|| replies.next()).map(|reply| reply.lines).collect();
        assert_eq!(lines, [1, 3]);
        assert_eq!(replies.held, b"250 ");
    }
}
