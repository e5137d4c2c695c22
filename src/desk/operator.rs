//! Mail to the operator: postmaster, abuse, reports. It is no test.

use std::future::Future;
use std::pin::Pin;

use crate::journal::Maildir;

/// A mail to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorMessage {
    /// Its own name: letters, digits and dots.
    pub name: String,
    /// The reverse-path; none is the null one.
    pub reverse_path: Option<String>,
    /// Whom of the operator's addresses it is for.
    pub recipients: Vec<String>,
    /// The whole message, with CRLF line ends.
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
            let mut text = trace(&message).into_bytes();
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
fn trace(message: &OperatorMessage) -> String {
    let mut fields = format!("Return-Path: <{}>\r\n", message.reverse_path.as_deref().unwrap_or_default());
    for recipient in &message.recipients {
        fields.push_str(&format!("Delivered-To: {recipient}\r\n"));
    }
    fields
}
