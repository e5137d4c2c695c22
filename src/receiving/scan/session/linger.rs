//! The end of a connection: it is over when the server has closed it.
//!
//! Servers that limit connections at the same time count one until they have closed it, and some are slow with that:
//! Exim waits half a second behind a handshake that was broken off. Whoever only closes its own side and calls again
//! is then many callers at once.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::bounded::Bounded;

/// How much of what a server still sends is thrown away, in octets. Who sends more is left.
const OCTETS_MAX: usize = 64 * 1024;

/// Closes our side and awaits the end of the server's, until `until` at most. What ended the session, such as QUIT or
/// close_notify, was said before.
pub(super) async fn linger<S>(mut stream: Bounded<S>, until: Instant)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.allow(OCTETS_MAX);
    let closing = async {
        // It may be closed already, by either side.
        let _ = stream.shutdown().await;
        let mut rest = [0; 4096];
        while matches!(stream.read(&mut rest).await, Ok(1..)) {}
    };
    // Whoever never closes changes no evidence.
    let _ = timeout_at(until, closing).await;
}
