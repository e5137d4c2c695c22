//! Errors of the TLS libraries in words: what they print of themselves are in part the names of their types.

use std::fmt::Debug;
use std::io;

/// How much of an error is written, in octets.
const WORDS_OCTETS_MAX: usize = 200;

/// Why webpki does not take a certificate.
pub fn of_webpki(error: &webpki::Error) -> String {
    match error {
        webpki::Error::UnknownIssuer => "no path to a trusted root".to_owned(),
        webpki::Error::CertExpired { not_after, .. } => format!("expired {}", second(not_after.as_secs())),
        webpki::Error::CertNotValidYet { not_before, .. } => {
            format!("not valid before {}", second(not_before.as_secs()))
        }
        webpki::Error::RequiredEkuNotFoundContext(context) => {
            let present = context.present.iter().map(|purpose| dotted(purpose));
            let present: Vec<String> = present.collect();
            let for_what = if present.is_empty() { "none".to_owned() } else { present.join(", ") };
            format!("not meant for TLS servers (extended key usage: {for_what})")
        }
        webpki::Error::CaUsedAsEndEntity => "a certificate of an authority in a server's place".to_owned(),
        webpki::Error::EndEntityUsedAsCa => "issued by a certificate that may not issue".to_owned(),
        webpki::Error::InvalidSignatureForPublicKey => "a signature does not fit its issuer's key".to_owned(),
        other => name_of(other),
    }
}

/// Why a TLS stream failed: in rustls' words, or the system's.
pub fn of_stream(error: &io::Error) -> String {
    match rustls_error(error) {
        Some(error) => of_rustls(error),
        None => error.to_string(),
    }
}

/// rustls' own error inside an error of the stream.
pub(super) fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn of_rustls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::AlertReceived(alert) => {
            format!("alert {} ({})", u8::from(*alert), spoken(&format!("{alert:?}")))
        }
        rustls::Error::PeerIncompatible(why) => format!("nothing in common: {}", name_of(why)),
        rustls::Error::PeerMisbehaved(why) => format!("against the protocol: {}", name_of(why)),
        rustls::Error::InvalidMessage(what) => format!("a message that cannot be read: {}", name_of(what)),
        rustls::Error::InappropriateMessage { got_type, .. } => {
            format!("a message out of place: {}", spoken(&format!("{got_type:?}")))
        }
        rustls::Error::InappropriateHandshakeMessage { got_type, .. } => {
            format!("a handshake message out of place: {}", spoken(&format!("{got_type:?}")))
        }
        rustls::Error::InvalidCertificate(why) => format!("invalid certificate: {}", name_of(why)),
        other => other.to_string(),
    }
}

fn second(seconds: u64) -> String {
    let instant = i64::try_from(seconds).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
    instant.map_or_else(|| "-".to_owned(), |instant| instant.to_string())
}

fn dotted(components: &[usize]) -> String {
    components.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// The name of an error's kind as words; what is inside of it, in the notation of the language, is left out.
fn name_of(error: &impl Debug) -> String {
    let written = format!("{error:?}");
    spoken(written.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default())
}

/// `NoCipherSuitesInCommon` as "no cipher suites in common".
fn spoken(name: &str) -> String {
    let mut text = String::new();
    let mut before = ' ';
    for c in name.chars().take(WORDS_OCTETS_MAX / 2) {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
        before = c;
    }
    text
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, PeerIncompatible};

    use super::*;

    #[test]
    fn errors_are_told_in_words() {
        let stream = |error| of_stream(&io::Error::other(error));
        for (written, expected) in [
            (
                stream(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)),
                "alert 40 (handshake failure)",
            ),
            (
                stream(rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon)),
                "nothing in common: no cipher suites in common",
            ),
            (of_stream(&io::Error::other("connection reset by peer")), "connection reset by peer"),
            (of_webpki(&webpki::Error::MaximumPathDepthExceeded), "maximum path depth exceeded"),
            (of_webpki(&webpki::Error::TrailingData(webpki::DerTypeId::Time)), "trailing data"),
            (
                of_webpki(&webpki::Error::CertExpired {
                    time: rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(9)),
                    not_after: rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(
                        8,
                    )),
                }),
                "expired 1970-01-01T00:00:08Z",
            ),
        ] {
            assert_eq!(written, expected);
        }
    }
}
