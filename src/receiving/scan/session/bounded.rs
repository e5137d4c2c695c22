//! A stream that gives so many octets and no more.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Reads at most what is allowed; more is an error.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    inner: S,
    octets_left: usize,
}

impl<S> Bounded<S> {
    pub(super) fn new(inner: S, octets_max: usize) -> Self {
        Self { inner, octets_left: octets_max }
    }

    /// Allows so many from here on.
    pub(super) fn allow(&mut self, octets_max: usize) {
        self.octets_left = octets_max;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.octets_left == 0 {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "more than is read")));
        }
        let room = buf.remaining().min(this.octets_left);
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        let polled = Pin::new(&mut this.inner).poll_read(cx, &mut part);
        let read = part.filled().len();
        this.octets_left -= read;
        buf.advance(read);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
