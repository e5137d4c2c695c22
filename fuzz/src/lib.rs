//! What the targets share: a stranger at the other end of a stream, and a clock that stands still.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{Builder, Runtime};

/// The instant at which seeds are valid: 2026-11-29.
pub fn now() -> Timestamp {
    Timestamp::constant(1_795_910_400, 0)
}

/// Runs `work` on a clock that is moved on whenever all wait: what waits for ever ends with its time limit at once.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: RefCell<Runtime> = RefCell::new(
            Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime"),
        );
    }
    RUNTIME.with_borrow(|runtime| runtime.block_on(work))
}

/// The other end of a stream: says what it is given, hears everything, and closes when all is said.
pub struct Stranger<'a> {
    left: &'a [u8],
    at_once_max: usize,
}

impl<'a> Stranger<'a> {
    /// Says `octets`, at most `at_once_max` of them a read.
    pub fn new(octets: &'a [u8], at_once_max: usize) -> Self {
        Self { left: octets, at_once_max: at_once_max.max(1) }
    }
}

impl AsyncRead for Stranger<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (said, left) = self.left.split_at(self.left.len().min(self.at_once_max).min(into.remaining()));
        into.put_slice(said);
        self.left = left;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stranger<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
