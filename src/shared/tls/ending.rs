//! What an error of a TLS stream says of the peer.

use std::io;

use super::words::{of_stream, rustls_error};
use crate::shared::evidence::Alert;

/// How a peer ended a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With an alert that is an error.
    Alert(Alert),
    /// With close_notify.
    CloseNotify,
    /// By closing or resetting TCP, without an alert.
    Bare,
    /// Not the peer: we ended it, in rustls' or the system's words.
    Ours(String),
}

/// The alert that a read of an established stream ended with. In TLS 1.3 the server is done before the
/// sender has judged the certificate, so that a refusal may come here (GnuTLS: bad_certificate).
pub fn alert_of(error: &io::Error) -> Option<Alert> {
    match rustls_error(error)? {
        rustls::Error::AlertReceived(alert) => Some(Alert(u8::from(*alert))),
        _ => None,
    }
}

/// What the outcome of a read that gave no data says: `Ok(0)` is close_notify, since rustls reports the end
/// of TCP without it as an error.
pub fn end_of(read: &io::Result<usize>) -> Option<End> {
    match read {
        Ok(0) => Some(End::CloseNotify),
        Ok(_) => None,
        Err(error) => Some(match alert_of(error) {
            Some(alert) => End::Alert(alert),
            None if is_bare_end(error) => End::Bare,
            None => End::Ours(of_stream(error)),
        }),
    }
}

/// Whether TCP ended. Our own write may be what notices it.
pub(super) fn is_bare_end(error: &io::Error) -> bool {
    rustls_error(error).is_none()
        && matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
        )
}
