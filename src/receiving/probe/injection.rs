//! Whether a command that came in clear is executed within TLS (CVE-2011-0411).
//!
//! `NOOP` went in the segment of STARTTLS. A server that keeps what it read before the handshake finds it there as
//! its first command within TLS, and answers it. When that answer comes cannot be told from a slow network, so
//! nothing is awaited: EHLO is said and replies are told apart by what they say. A reply of several lines is that
//! of EHLO; since it is the first, nothing was answered before. If the first has one line, EHLO is said again: two
//! equal replies are those of two EHLOs, and two that differ are that of NOOP and of EHLO.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::shared::evidence::scan::{Answer, RealHandshake};
use crate::shared::tls::client::{ClientStream, record};

use super::Limits;
use super::wire::GOODBYE_TIMEOUT_S;

/// A session within TLS, whoever's TLS it is.
pub(super) trait InTls {
    /// Sends a text; none: nobody takes it.
    async fn say(&mut self, text: &str) -> Option<()>;

    /// The next octets that come, at least one; none: no more will come.
    async fn hear(&mut self) -> Option<Vec<u8>>;
}

impl<S: AsyncRead + AsyncWrite + Unpin> InTls for ClientStream<S> {
    async fn say(&mut self, text: &str) -> Option<()> {
        self.write_all(text.as_bytes()).await.ok()?;
        self.flush().await.ok()
    }

    async fn hear(&mut self) -> Option<Vec<u8>> {
        let mut octets = vec![0; 4096];
        let length = self.read(&mut octets).await.ok().filter(|length| *length > 0)?;
        octets.truncate(length);
        Some(octets)
    }
}

/// Does a real handshake, of TLS 1.3 or 1.2, with the server `sni`, after a STARTTLS that `NOOP` followed, looks for
/// the answer to that, and quits. `helo` is the name for EHLO. How much is read is the stream's to limit.
pub async fn inject<S>(stream: S, sni: &str, helo: &str, limits: &Limits) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let asking = async {
        // The limit around all of this comes first, and is told from a failure.
        let recorded = record(stream, sni, limits.timeout_s.saturating_add(1)).await;
        let mut stream = match (recorded.stream, recorded.outcome) {
            (Some(stream), _) => stream,
            (None, outcome) => return unfinished(outcome),
        };
        let silence = Duration::from_secs(limits.silence_timeout_s.into());
        let executed = timeout(silence, injected(&mut *stream, helo)).await.ok().flatten();
        let goodbye = async {
            stream.say("QUIT\r\n").await?;
            stream.shutdown().await.ok()
        };
        // Whether it is heard changes no evidence.
        let _ = timeout(Duration::from_secs(GOODBYE_TIMEOUT_S), goodbye).await;
        Answer::Injected { executed }
    };
    timeout(Duration::from_secs(limits.timeout_s.into()), asking).await.unwrap_or(Answer::TimedOut)
}

/// What a handshake that was not finished says of the question.
fn unfinished(outcome: RealHandshake) -> Answer {
    match outcome {
        RealHandshake::Failed { our_limit: true, reason, .. } => Answer::OurLimit { reason },
        RealHandshake::Failed { alert: Some(alert), .. } => Answer::Alert { alert },
        RealHandshake::Failed { reason, .. } => Answer::Garbage { reason },
        RealHandshake::Completed(_) => Answer::Injected { executed: None },
    }
}

/// How long a reply may be, in octets.
const REPLY_OCTETS_MAX: usize = 8192;

/// Whether it was executed; none: the server does not say.
pub(super) async fn injected(session: &mut impl InTls, helo: &str) -> Option<bool> {
    let ehlo = format!("EHLO {helo}\r\n");
    let mut replies = Replies::default();
    session.say(&ehlo).await?;
    let mut first = reply(session, &mut replies).await?;
    // There are servers that greet once more within TLS.
    if first.octets.starts_with(b"220") {
        first = reply(session, &mut replies).await?;
    }
    if first.lines > 1 {
        return Some(false);
    }
    session.say(&ehlo).await?;
    let second = reply(session, &mut replies).await?;
    Some(first != second)
}

async fn reply(session: &mut impl InTls, replies: &mut Replies) -> Option<Reply> {
    loop {
        if let Some(reply) = replies.next() {
            return Some(reply);
        }
        replies.held.extend(session.hear().await?);
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn replies_end_with_a_line_without_a_hyphen() {
        let mut replies = Replies::default();
        replies.held.extend(b"250 2.0.0 Ok\r\n250-mx\r\n250-SIZE 1\r\n250 X\r\n250 ");
        let lines: Vec<_> = std::iter::from_fn(|| replies.next()).map(|reply| reply.lines).collect();
        assert_eq!(lines, [1, 3]);
        assert_eq!(replies.held, b"250 ");
    }

    proptest! {
        #[test]
        fn how_replies_are_cut_changes_nothing(
            octets in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'-'), any::<u8>()], 0..200),
            piece in 1_usize..50,
        ) {
            let read = |piece: usize| {
                let (mut replies, mut all) = (Replies::default(), Vec::new());
                for piece in octets.chunks(piece) {
                    replies.held.extend(piece);
                    all.extend(std::iter::from_fn(|| replies.next()));
                }
                all
            };
            prop_assert_eq!(read(usize::MAX), read(piece));
        }
    }
}
