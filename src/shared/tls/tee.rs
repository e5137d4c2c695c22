//! A stream that keeps a copy of what a handshake reads and writes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::hello;
use crate::shared::evidence::ClientHello;

/// How much is kept of what is read, in octets: a ClientHello of 10 KiB in records of one octet.
const READ_OCTETS_MAX: usize = 65_536;
/// How much is kept of what is written, in octets: a server's flight with a long chain.
const WRITTEN_OCTETS_MAX: usize = 32_768;

/// A stream that copies what goes through it during a handshake, and nothing after.
#[derive(Debug)]
pub struct Tee<S> {
    stream: S,
    tape: Option<Tape>,
}

/// What went through a [`Tee`]; it outlives the handshake that owns the stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Tape(Arc<Mutex<Reels>>);

#[derive(Debug, Default)]
struct Reels {
    read: Vec<u8>,
    written: Vec<u8>,
}

impl<S> Tee<S> {
    pub(super) fn new(stream: S) -> (Self, Tape) {
        let tape = Tape::default();
        (Self { stream, tape: Some(tape.clone()) }, tape)
    }

    pub(super) fn stop(&mut self) {
        self.tape = None;
    }

    /// The stream beneath.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream beneath, given back.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl Tape {
    /// The ClientHello that was read, if it came in whole.
    pub(super) fn hello(&self) -> Option<ClientHello> {
        hello::read(&self.0.lock().read)
    }

    /// Whether our certificate went out.
    pub(super) fn certificate_sent(&self) -> bool {
        hello::holds_certificate(&self.0.lock().written)
    }
}

fn keep(reel: &mut Vec<u8>, bytes: &[u8], octets_max: usize) {
    let room = octets_max.saturating_sub(reel.len());
    reel.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

impl<S: AsyncRead + Unpin> AsyncRead for Tee<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let (Some(tape), Poll::Ready(Ok(()))) = (&self.tape, &polled) {
            keep(&mut tape.0.lock().read, &buf.filled()[before..], READ_OCTETS_MAX);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tee<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let (Some(tape), Poll::Ready(Ok(written))) = (&self.tape, &polled) {
            keep(&mut tape.0.lock().written, &buf[..*written], WRITTEN_OCTETS_MAX);
        }
        polled
    }

    /// All records of a flight at once: a record by itself would be a segment by itself.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        if let (Some(tape), Poll::Ready(Ok(written))) = (&self.tape, &polled) {
            let (reel, mut rest) = (&mut tape.0.lock().written, *written);
            for part in parts {
                let written = part.len().min(rest);
                keep(reel, &part[..written], WRITTEN_OCTETS_MAX);
                rest -= written;
            }
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// A stream that takes so many octets at a time, of several parts at once.
    struct Narrow(Vec<u8>, usize);

    impl AsyncWrite for Narrow {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            let taken = buf.len().min(self.1);
            self.0.extend_from_slice(&buf[..taken]);
            Poll::Ready(Ok(taken))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            parts: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).take(self.1).collect();
            self.0.extend_from_slice(&all);
            Poll::Ready(Ok(all.len()))
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_what_went_out() {
        for at_a_time in 1..9 {
            let (mut tee, tape) = Tee::new(Narrow(Vec::new(), at_a_time));
            assert!(tee.is_write_vectored());
            let parts = [IoSlice::new(b"abc"), IoSlice::new(b""), IoSlice::new(b"defg")];
            let written = tee.write_vectored(&parts).await.unwrap();
            assert_eq!(written, at_a_time.min(7));
            assert_eq!(tape.0.lock().written, tee.get_ref().0);
            assert_eq!(tape.0.lock().written, b"abcdefg"[..written]);
        }
    }
}
