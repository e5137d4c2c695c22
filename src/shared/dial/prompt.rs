//! A connection that acknowledges at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A stream that acknowledges at once what it has read. A server that writes its answer in parts and has Nagle's algorithm
/// on, as OpenSSL's do with a flight of more than 4 KiB, sends the next part when the last is acknowledged, and the system
/// would let it wait for 40 ms (RFC 1122 §4.2.3.2): a scan of a hundred questions would be idle for most of its time.
#[derive(Debug)]
pub struct Prompt(TcpStream);

impl Prompt {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    /// Sends the acknowledgement that is due, and the next ones without waiting. The system forgets that by and by; one
    /// that cannot is only slower.
    fn acknowledge(&self) {
        let _ = SockRef::from(&self.0).set_tcp_quickack(true);
    }
}

impl AsyncRead for Prompt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.0).poll_read(cx, buffer);
        if polled.is_pending() {
            self.acknowledge();
        }
        polled
    }
}

impl AsyncWrite for Prompt {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn what_is_said_in_parts_comes_whole() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
        let called = TcpStream::connect(listener.local_addr().expect("an address"));
        let (called, accepted) = tokio::join!(called, listener.accept());
        let (mut prompt, (mut server, _)) =
            (Prompt::new(called.expect("a stream")), accepted.expect("a stream"));
        let talking = async {
            // With Nagle's algorithm, as by default: the second and the third part wait for an acknowledgement.
            for part in [b"one", b"two", b"six"] {
                server.write_all(part).await.expect("written");
            }
            let mut asked = [0; 3];
            server.read_exact(&mut asked).await.expect("read");
            asked
        };
        let listening = async {
            let mut told = [0; 9];
            prompt.read_exact(&mut told).await.expect("read");
            prompt.write_all(b"ten").await.expect("written");
            prompt.flush().await.expect("written");
            told
        };
        let (asked, told) = tokio::join!(talking, listening);
        assert_eq!((&asked, &told), (b"ten", b"onetwosix"));
    }
}
