//! A stream that keeps a copy of what a handshake reads and writes.

use std::io;
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

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
