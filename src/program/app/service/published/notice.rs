//! The mail that tells the operator what changed of the published part.

use std::fmt::Write;
use std::sync::Arc;

use crate::program::providers::{Change, Register, tell};
use crate::sending::desk::{OperatorMail, OperatorMessage};
use crate::shared::text::{Language, clean};
use crate::shared::time::Timestamp;

/// Tells the operator.
pub(super) struct Notice {
    pub(super) mail: Arc<dyn OperatorMail>,
    /// The domain that the mail comes from and goes to.
    pub(super) origin: String,
}

impl Notice {
    /// Sends one mail about all changes; what cannot be delivered is in the feed still.
    pub(super) async fn send(&self, register: &Register, changes: &[Change], now: Timestamp) {
        let mut lines = String::new();
        let words = tell::words(Language::En);
        for change in changes {
            let title = match change.provider.parse() {
                Ok(name) => register.provider(&name).await.map(|provider| clean(&provider.title)).ok(),
                Err(_) => None,
            };
            let title = title.unwrap_or_else(|| change.provider.clone());
            let _ = write!(lines, "{}\r\n", tell::change(change, &title, words));
        }
        let origin = &self.origin;
        // RFC 3834 §5: no program answers it.
        let head = format!(
            "From: <postmaster@{origin}>\r\nTo: <postmaster@{origin}>\r\nSubject: Changes of published providers ({})\r\n\
            Date: {}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
            changes.len(),
            now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        );
        let message = OperatorMessage {
            name: format!("{}.providers", now.as_microsecond()),
            reverse_path: None,
            recipients: vec![format!("postmaster@{origin}")],
            message: format!("{head}{lines}").into_bytes(),
        };
        if let Err(error) = self.mail.deliver(message).await {
            tracing::error!(%error, "the operator could not be told what changed of published providers");
        }
    }
}
