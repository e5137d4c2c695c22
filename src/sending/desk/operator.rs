//! Mail to the operator: postmaster, abuse, reports. It is no test.

use std::future::Future;
use std::pin::Pin;

use crate::sending::journal::Maildir;
use crate::sending::listener::Transaction;
use crate::shared::time::Timestamp;

/// A mail to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorMessage {
    /// Its own name: letters, digits and dots.
    pub name: String,
    /// The reverse-path; none is the null one.
    pub reverse_path: Option<String>,
    /// Whom of the operator's addresses it is for.
    pub recipients: Vec<String>,
    /// The whole message, with CRLF line ends: our `Received` first, and no `Return-Path` of the sender's.
    pub message: Vec<u8>,
}

/// Why a mail to the operator was not delivered; the sender is told to try again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operator's mail was not delivered: {0}; see `operator_mail`")]
pub struct NotDelivered(pub String);

/// Where mail to the operator goes.
pub trait OperatorMail: Send + Sync {
    /// Delivers a mail; `Ok` means that somebody else, or the disk, is responsible for it.
    fn deliver(
        &self,
        message: OperatorMessage,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + '_>>;
}

/// The operator's mail in a maildir.
#[derive(Clone, Debug)]
pub struct OperatorMaildir(pub Maildir);

impl OperatorMail for OperatorMaildir {
    fn deliver(
        &self,
        message: OperatorMessage,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + '_>> {
        let maildir = self.0.clone();
        let not_delivered = |error: &dyn std::fmt::Display| NotDelivered(error.to_string());
        Box::pin(async move {
            let mut text = final_fields(&message).into_bytes();
            text.extend_from_slice(&message.message);
            // It syncs, which may take a while.
            let delivered = tokio::task::spawn_blocking(move || maildir.deliver(&message.name, &text)).await;
            match delivered {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(not_delivered(&error)),
                Err(error) => Err(not_delivered(&error)),
            }
        })
    }
}

/// The fields of final delivery (RFC 5321 §4.4).
fn final_fields(message: &OperatorMessage) -> String {
    let mut fields = format!("Return-Path: <{}>\r\n", message.reverse_path.as_deref().unwrap_or_default());
    for recipient in &message.recipients {
        fields.push_str(&format!("Delivered-To: {recipient}\r\n"));
    }
    fields
}

/// A message as it is passed on: with the field that says how it came, without what only whoever delivers it may say.
pub(super) fn traced(host: &str, at: Timestamp, transaction: &Transaction, message: &[u8]) -> Vec<u8> {
    let mut text = received(host, at, transaction).into_bytes();
    text.extend_from_slice(&without_return_path(message));
    text
}

/// The field `Received` (RFC 5321 §4.4), with the cipher suite of TLS (RFC 8314 §4.3) and the name of the protocol
/// (RFC 3848, RFC 6531 §4.3).
fn received(host: &str, at: Timestamp, transaction: &Transaction) -> String {
    let (contact, spoken) = (&transaction.contact, &transaction.spoken);
    let protocol = match (spoken.helo, spoken.smtputf8, transaction.tls) {
        (_, true, false) => "UTF8SMTP",
        (_, true, true) => "UTF8SMTPS",
        (true, false, false) => "SMTP",
        (false, false, false) => "ESMTP",
        // There is no name for HELO in TLS.
        (_, false, true) => "ESMTPS",
    };
    // The name is the sender's: what is in no domain and no literal could end the clause, or begin another.
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let name: String = contact.ehlo.chars().map(|c| if fits(c) { c } else { '?' }).collect();
    let name = if name.is_empty() { "unknown" } else { &name };
    let address = match contact.source.ip().to_canonical() {
        std::net::IpAddr::V4(v4) => v4.to_string(),
        std::net::IpAddr::V6(v6) => format!("IPv6:{v6}"),
    };
    let tls = match &spoken.cipher_suite {
        Some(suite) if transaction.tls => format!(" tls {suite}"),
        _ => String::new(),
    };
    format!(
        "Received: from {name} ([{address}])\r\n\tby {host} with {protocol}{tls}\r\n\tid {}.{};\r\n\t{}\r\n",
        contact.link,
        transaction.number,
        at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    )
}

/// A message without its fields `Return-Path`, which only whoever delivers it at last may add (RFC 5321 §4.4): one that
/// comes with it is forged, or has been delivered before.
pub(super) fn without_return_path(message: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"Return-Path";
    let mut kept = Vec::with_capacity(message.len());
    let (mut rest, mut dropping) = (message, false);
    while !rest.is_empty() && !rest.starts_with(b"\r\n") {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").map_or(rest.len(), |at| at + 2);
        let (line, behind) = rest.split_at(end);
        // A line that begins with white space goes on with the field before it (RFC 5322 §2.2.3).
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            let name = line.split(|octet| *octet == b':').next().unwrap_or_default().trim_ascii_end();
            dropping = line.contains(&b':') && name.eq_ignore_ascii_case(NAME);
        }
        if !dropping {
            kept.extend_from_slice(line);
        }
        rest = behind;
    }
    kept.extend_from_slice(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::listener::{Contact, Recipients, Spoken};
    use crate::sending::trial::LinkId;

    fn transaction(ehlo: &str, source: &str, tls: bool, spoken: Spoken) -> Transaction {
        Transaction {
            contact: Contact {
                link: LinkId(7),
                source: source.parse().expect("an address"),
                ehlo: ehlo.to_owned(),
            },
            number: 2,
            began: Timestamp::UNIX_EPOCH,
            tls,
            spoken,
            reverse_path: None,
            recipients: Recipients::Operator(Vec::new()),
            refused_recipients: 0,
        }
    }

    #[test]
    fn the_trace_says_who_how_and_when() {
        let at = "2026-11-21T12:00:00Z".parse().expect("a time");
        let suite = Some("TLS_AES_128_GCM_SHA256".to_owned());
        let id = format!("\tid {}.2;\r\n\tSat, 21 Nov 2026 12:00:00 +0000\r\n", LinkId(7));
        for (transaction, expected) in [
            (
                transaction(
                    "mail.example.net",
                    "192.0.2.1:4000",
                    true,
                    Spoken { cipher_suite: suite, ..Spoken::default() },
                ),
                "from mail.example.net ([192.0.2.1])\r\n\tby mx.test.example with ESMTPS tls TLS_AES_128_GCM_SHA256\r\n",
            ),
            (
                transaction("a", "[2001:db8::1]:4000", false, Spoken { helo: true, ..Spoken::default() }),
                "from a ([IPv6:2001:db8::1])\r\n\tby mx.test.example with SMTP\r\n",
            ),
            (
                transaction(
                    "a; b (c)\u{e9}",
                    "192.0.2.1:4000",
                    false,
                    Spoken { smtputf8: true, ..Spoken::default() },
                ),
                "from a??b??c?? ([192.0.2.1])\r\n\tby mx.test.example with UTF8SMTP\r\n",
            ),
        ] {
            assert_eq!(received("mx.test.example", at, &transaction), format!("Received: {expected}{id}"));
        }
    }

    #[test]
    fn a_return_path_of_the_senders_goes_with_its_lines() {
        let message = b"Return-Path: <a@b>\r\nSubject: c\r\n\td\r\nRETURN-PATH :\r\n <e@f>\r\n\tg\r\nX: y\r\n\r\nReturn-Path: h\r\n";
        let kept = without_return_path(message);
        assert_eq!(String::from_utf8_lossy(&kept), "Subject: c\r\n\td\r\nX: y\r\n\r\nReturn-Path: h\r\n");
        for same in [&b""[..], b"\r\nReturn-Path: a\r\n", b"no field", b"Return-Paths: a\r\n\r\n"] {
            assert_eq!(without_return_path(same), same);
        }
    }
}
