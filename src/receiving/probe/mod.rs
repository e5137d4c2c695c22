//! Questions to a server's TLS that no TLS library asks: hand-made hellos, and what comes back in clear.
//!
//! [`ask`] sends one ClientHello and reads the answer up to ServerHelloDone, to a HelloRetryRequest, or to the
//! ServerHello of TLS 1.3; [`ask_ssl2`] does so for SSL 2.0. The stream is one on which TLS may begin, so after
//! the 220 to STARTTLS; it is closed afterwards, since there is no going on with a hello nobody has keys for.
//! [`renegotiate`] has keys: it does a whole handshake of TLS 1.2, and more of them on the same connection; so has
//! [`inject`], with the handshake of a TLS library.
//! What comes is evidence: a server's misbehaviour is an [`Answer`], not an error.

mod flight;
mod hello;
mod injection;
mod listener;
mod mini;
mod records;
mod schedule;
mod ssl2;
mod wire;

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::shared::evidence::scan::{Answer, Hello};

pub use injection::inject;
pub use mini::{Renegotiation, renegotiate, renegotiating_hello};

use hello::Particulars;
use listener::{Listener, Share};
use wire::Wire;

/// What is read of a server at most, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of TLS; default 1 MiB. At most 64 KiB of them are held at a time.
    pub octets_max: usize,
    /// How long a question may take, in seconds; default 30.
    pub timeout_s: u32,
    /// How long the server may be silent when its turn has come, in seconds; default 10.
    pub silence_timeout_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { octets_max: 1 << 20, timeout_s: 30, silence_timeout_s: 10 }
    }
}

/// Where the random octets of hellos come from; the roof hands it in.
#[derive(Clone)]
pub struct Randomness(Arc<dyn Fn() -> [u8; 32] + Send + Sync>);

impl Randomness {
    /// `draw` gives octets that do not repeat.
    pub fn new(draw: impl Fn() -> [u8; 32] + Send + Sync + 'static) -> Self {
        Self(Arc::new(draw))
    }

    fn draw(&self) -> [u8; 32] {
        (self.0)()
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomness")
    }
}

/// Sends `question` to the server `sni` and takes its answer; beside it the certificates in DER, in the order of
/// the answer's chain. An empty `sni` is not sent.
///
/// The versions offered are the question's and those below it, down to what the server likes (RFC 5246 §E.1).
/// TLS 1.3 alone is offered if all suites are of TLS 1.3, else TLS 1.3 and 1.2: a suite that is offered can be
/// chosen. A share that the server takes gives keys to read its certificates with, and what it signs with, unless
/// it chose a suite with CCM.
pub async fn ask<S>(
    stream: S,
    question: &Hello,
    sni: &str,
    randomness: &Randomness,
    limits: &Limits,
) -> (Answer, Vec<CertificateDer<'static>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Of a group that our provider does not have no share is sent, as if none had been asked for: the server then
    // answers with HelloRetryRequest, which names the group as well.
    let key = question.share.and_then(hello::key_exchange);
    let particulars = Particulars {
        sni,
        random: randomness.draw(),
        session_id: randomness.draw(),
        renegotiates: None,
        share: key.as_deref(),
        tickets: true,
    };
    let message = hello::message(question, &particulars);
    let mut wire = Wire::new(stream, limits);
    let mut listener = Listener::new(limits.octets_max, key.map(|key| Share { key, hello: message.clone() }));
    let end = match wire.write(&hello::in_records(&message, question.version)).await {
        Ok(()) => wire.listen(|octets| listener.push(octets)).await,
        Err(end) => Some(end),
    };
    wire.say_goodbye(listener.version()).await;
    listener.finish(end)
}

/// Asks for SSL 2.0, with every kind of cipher it has.
pub async fn ask_ssl2<S>(
    stream: S,
    randomness: &Randomness,
    limits: &Limits,
) -> (Answer, Vec<CertificateDer<'static>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut wire = Wire::new(stream, limits);
    let mut listener = ssl2::Listener::default();
    let end = match wire.write(&ssl2::client_hello(&randomness.draw())).await {
        Ok(()) => wire.listen(|octets| listener.push(octets)).await,
        Err(end) => Some(end),
    };
    listener.finish(end)
}
