//! The one line behind each code. A person reads it in a log, or in a notice of delay.

use crate::smtp::DotReply;
use crate::trial::TrialId;

use super::Settings;

/// Where the answer to a test is found.
pub(super) enum Answer<'a> {
    /// In a mail.
    Mail,
    /// On a page alone.
    Page(&'a TrialId),
}

/// The mail is held.
pub(super) fn held(settings: &Settings, answer: &Answer<'_>) -> DotReply {
    let text = format!(
        "This is a test of mail security: your mail is held on purpose to see how it is sent again, please keep \
         trying; {}",
        match answer {
            Answer::Mail => format!("more at {}", settings.site),
            Answer::Page(trial) => format!("the verdict will be at {}", page(settings, trial)),
        }
    );
    reply(451, "4.7.1", text)
}

/// The trial has ended.
pub(super) fn ended(settings: &Settings, answer: &Answer<'_>) -> DotReply {
    let text = match answer {
        Answer::Mail => "The test is complete, the verdict comes by mail".to_owned(),
        Answer::Page(trial) => format!("The test is complete, its verdict is at {}", page(settings, trial)),
    };
    reply(250, "2.0.0", text)
}

/// A mail that belongs to no trial.
pub(super) fn no_trial() -> DotReply {
    reply(250, "2.0.0", "Taken; a mail without reverse-path and Message-ID is no test".to_owned())
}

/// The operator's mail.
pub(super) fn delivered() -> DotReply {
    reply(250, "2.0.0", "Delivered".to_owned())
}

/// The operator's mail cannot be passed on: our fault.
pub(super) fn not_delivered() -> DotReply {
    reply(451, "4.3.0", "The operator's mail cannot be delivered at the moment, please try again".to_owned())
}

/// The journal cannot be written, as a rule because the disk is full (RFC 5321 §4.2.3, RFC 3463 §3.4): our fault.
pub(super) fn not_noted() -> DotReply {
    reply(452, "4.3.1", "This test server cannot store anything at the moment, please try again".to_owned())
}

fn page(settings: &Settings, trial: &TrialId) -> String {
    format!("{}/r/{trial}", settings.site)
}

fn reply(code: u16, status: &'static str, text: String) -> DotReply {
    DotReply { code, status, text }
}
