//! The server's side of a handshake.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::server::Acceptor;
use rustls::{AlertDescription, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;

use crate::shared::evidence::{ClientHello, Handshake, HandshakeFailure, Negotiated, Party, TlsVersion};

use super::ending::{alert_of, is_bare_end};
use super::tee::{Tape, Tee};
use super::words::{of_stream, rustls_error};

/// An established stream, from the server's side.
pub type ServerStream<S> = tokio_rustls::server::TlsStream<Tee<S>>;

/// What came of a handshake.
#[derive(Debug)]
pub struct Accepted<S> {
    /// What the sender offered, if its ClientHello came in whole.
    pub hello: Option<ClientHello>,
    /// What was agreed on, and the stream; or how it failed.
    pub outcome: Result<(Negotiated, Box<ServerStream<S>>), HandshakeFailure>,
}

impl<S> Accepted<S> {
    /// The outcome as evidence.
    pub fn handshake(&self) -> Handshake {
        match &self.outcome {
            Ok((negotiated, _)) => Handshake::Completed(negotiated.clone()),
            Err(failure) => Handshake::Failed(failure.clone()),
        }
    }
}

/// Takes a handshake on `stream`, all of it within `timeout_s` seconds. `choose` is called once, as soon as a
/// whole ClientHello is there, also when rustls cannot go on with it; what it notes then comes before whatever
/// the caller notes of the outcome.
pub async fn accept<S>(
    stream: S,
    timeout_s: u32,
    choose: impl FnOnce(&ClientHello) -> Arc<ServerConfig>,
) -> Accepted<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (tee, tape) = Tee::new(stream);
    let mut choose = Some(choose);
    let mut hello = None;
    let mut see = |tape: &Tape| {
        let seen = tape.hello()?;
        let choose = choose.take()?;
        let config = choose(&seen);
        hello = Some(seen);
        Some(config)
    };
    let handshake = async {
        let start = match LazyConfigAcceptor::new(Acceptor::default(), tee).await {
            Ok(start) => start,
            Err(error) => {
                see(&tape);
                return Err(error);
            }
        };
        let unread = || io::Error::new(io::ErrorKind::InvalidData, "a ClientHello that we cannot read");
        let config = see(&tape).ok_or_else(unread)?;
        start.into_stream(config).await
    };
    let ended = tokio::time::timeout(Duration::from_secs(u64::from(timeout_s)), handshake).await;
    let outcome = match ended {
        Ok(Ok(mut stream)) => {
            stream.get_mut().0.stop();
            Ok((negotiated(stream.get_ref().1), Box::new(stream)))
        }
        Ok(Err(error)) => Err(failure(&error, tape.certificate_sent())),
        Err(_) => Err(HandshakeFailure {
            certificate_sent: tape.certificate_sent(),
            by: Party::Timeout,
            alert: None,
            our_limit: false,
            went_on: false,
            reason: format!("the handshake did not end within {timeout_s} s"),
        }),
    };
    Accepted { hello, outcome }
}

fn failure(error: &io::Error, certificate_sent: bool) -> HandshakeFailure {
    let alert = alert_of(error);
    let by = if alert.is_some() || is_bare_end(error) { Party::Sender } else { Party::Us };
    // PeerIncompatible is what rustls says when nothing that was offered is among what it speaks: an older
    // version, RSA key exchange, DHE, CBC.
    let our_limit = matches!(rustls_error(error), Some(rustls::Error::PeerIncompatible(_)));
    // close_notify is a silent end in good manners, as it is after the handshake (`End::CloseNotify`).
    let alert = alert.filter(|alert| alert.0 != u8::from(AlertDescription::CloseNotify));
    HandshakeFailure { certificate_sent, by, alert, our_limit, went_on: false, reason: of_stream(error) }
}

/// What a connection that completed agreed on.
pub(super) fn negotiated(connection: &rustls::CommonState) -> Negotiated {
    let name = |id: Option<&'static str>, code: u16| {
        id.map_or_else(|| format!("0x{code:04x}"), |name| name.replace("TLS13_", "TLS_"))
    };
    let suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
    let group = connection.negotiated_key_exchange_group().map(|group| group.name());
    Negotiated {
        version: TlsVersion(connection.protocol_version().map_or(0, u16::from)),
        cipher_suite: suite.map_or_else(String::new, |suite| name(suite.as_str(), suite.into())),
        group: group.map(|group| name(group.as_str(), group.into())),
        resumed: connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::evidence::Alert;

    #[test]
    fn close_notify_in_a_handshake_is_the_senders_and_no_error() {
        let ended_by = |alert| {
            let error = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::AlertReceived(alert));
            let failure = failure(&error, true);
            (failure.by, failure.alert)
        };
        assert_eq!(ended_by(AlertDescription::CloseNotify), (Party::Sender, None));
        assert_eq!(ended_by(AlertDescription::UnknownCA), (Party::Sender, Some(Alert(48))));
        assert_eq!(ended_by(AlertDescription::InternalError), (Party::Sender, Some(Alert(80))));
    }
}
