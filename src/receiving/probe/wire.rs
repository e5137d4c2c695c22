//! The stream of a question, with its limits of time.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::shared::evidence::TlsVersion;

use super::Limits;
use super::records::{End, READ_OCTETS_MAX, content};

/// How long a goodbye may take, in seconds: it fits any send buffer that takes anything.
pub(super) const GOODBYE_TIMEOUT_S: u64 = 1;

/// A stream that is written to and read from within its limits.
#[derive(Debug)]
pub(super) struct Wire<S> {
    stream: S,
    deadline: Instant,
    silence: Duration,
    /// The time was over, or the connection ended: there is nobody to say goodbye to.
    ended: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S, limits: &Limits) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self {
            stream,
            deadline: Instant::now() + seconds(limits.timeout_s),
            silence: seconds(limits.silence_timeout_s),
            ended: false,
        }
    }

    pub(super) async fn write(&mut self, octets: &[u8]) -> Result<(), End> {
        let deadline = self.turn();
        let write = async {
            self.stream.write_all(octets).await?;
            self.stream.flush().await
        };
        let ended = match timeout_at(deadline, write).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(_)) => End::Dropped,
            Err(_) => End::TimedOut,
        };
        self.ended = true;
        Err(ended)
    }

    /// Reads once, at most [`READ_OCTETS_MAX`] octets.
    pub(super) async fn read<'b>(&mut self, buffer: &'b mut [u8; READ_OCTETS_MAX]) -> Result<&'b [u8], End> {
        let ended = match timeout_at(self.turn(), self.stream.read(&mut buffer[..])).await {
            Ok(Ok(length)) if length > 0 => return Ok(&buffer[..length]),
            // A reset after an alert was read is no other end than FIN.
            Ok(_) => End::Dropped,
            Err(_) => End::TimedOut,
        };
        self.ended = true;
        Err(ended)
    }

    /// Reads until `push` wants no more, which gives none, or until the connection or the time is over.
    pub(super) async fn listen(&mut self, mut push: impl FnMut(&[u8]) -> bool) -> Option<End> {
        let mut buffer = [0; READ_OCTETS_MAX];
        loop {
            match self.read(&mut buffer).await {
                Ok(octets) if push(octets) => return None,
                Ok(_) => {}
                Err(end) => return Some(end),
            }
        }
    }

    /// Says close_notify in clear (RFC 5246 §7.2.1). Who has sent an alert or nothing at all may not hear it.
    pub(super) async fn say_goodbye(&mut self, version: TlsVersion) {
        let [major, minor] = version.0.to_be_bytes();
        self.last_words(&[content::ALERT, major, minor, 0, 2, 1, 0]).await;
    }

    /// Writes what ends the session, and closes.
    pub(super) async fn last_words(&mut self, octets: &[u8]) {
        if self.ended {
            return;
        }
        let goodbye = async {
            self.stream.write_all(octets).await?;
            self.stream.shutdown().await
        };
        // Whether it is heard changes no evidence.
        let _ = tokio::time::timeout(Duration::from_secs(GOODBYE_TIMEOUT_S), goodbye).await;
    }

    /// Until when the server may be silent.
    fn turn(&self) -> Instant {
        self.deadline.min(Instant::now() + self.silence)
    }
}
