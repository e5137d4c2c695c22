//! The one line behind each code. A person reads it in a log, or in a notice of delay.

use crate::sending::listener::DotReply;
use crate::sending::trial::TrialId;
use crate::sending::trials::TooMany;

use super::Settings;

/// Where the verdict of a trial is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// In a mail that is to come.
    Mail,
    /// In a mail that was sent.
    Mailed,
    /// On its page alone.
    Page,
    /// On its page alone, after it was to be mailed and was not.
    NotMailed,
    /// To whoever began it, who may be another.
    Others,
}

/// What is said to a sender whose transaction belongs to a trial.
pub(super) struct Words<'a> {
    pub(super) settings: &'a Settings,
    pub(super) trial: &'a TrialId,
    pub(super) answer: Answer,
}

impl Words<'_> {
    /// The mail is held.
    pub(super) fn held(&self) -> DotReply {
        let more = match self.answer {
            Answer::Mail | Answer::Mailed | Answer::Others => format!("more at {}", self.settings.site),
            Answer::Page | Answer::NotMailed => format!("the verdict will be at {}", self.page()),
        };
        let text = format!(
            "This is a test of mail security: your mail is held on purpose to see how it is sent again, please \
             keep trying; {more}"
        );
        reply(451, "4.7.1", text)
    }

    /// What the mail was for is known, and the trial goes on.
    pub(super) fn case_ended(&self) -> DotReply {
        let more = match self.answer {
            Answer::Mail | Answer::Mailed | Answer::Others => format!("more at {}", self.settings.site),
            Answer::Page | Answer::NotMailed => format!("the verdict will be at {}", self.page()),
        };
        reply(250, "2.0.0", format!("This part of the test is complete, others may go on; {more}"))
    }

    /// The trial has ended with this mail.
    pub(super) fn ended(&self) -> DotReply {
        reply(250, "2.0.0", format!("The test is complete, {}", self.verdict()))
    }

    /// The trial had ended before this mail came.
    pub(super) fn tested_before(&self, has_message_id: bool) -> DotReply {
        let verdict = self.verdict();
        let text = match has_message_id {
            true => format!(
                "A mail with this Message-ID was tested before, {verdict} (a mail with another one is a new test)"
            ),
            false => format!(
                "A mail from this address was tested before, {verdict} (this one has no Message-ID and counts as \
                 the same)"
            ),
        };
        reply(250, "2.0.0", text)
    }

    /// The trial whose label the mail's address carries had ended, with another mail.
    pub(super) fn label_is_over(&self) -> DotReply {
        let text = format!("The test of this address is over, {}; it tests nothing any more", self.verdict());
        reply(250, "2.0.0", text)
    }

    fn verdict(&self) -> String {
        match self.answer {
            Answer::Mail => "the verdict comes by mail".to_owned(),
            Answer::Mailed => "its verdict was mailed".to_owned(),
            Answer::Page => format!("its verdict is at {}", self.page()),
            Answer::NotMailed => format!("its verdict was not mailed, it is at {}", self.page()),
            Answer::Others => "its verdict is told to whoever began it".to_owned(),
        }
    }

    fn page(&self) -> String {
        format!("{}/r/{}", self.settings.site, self.trial)
    }
}

/// A mail that belongs to no trial; `nameless` if it has neither a reverse-path nor a Message-ID.
pub(super) fn no_trial(nameless: bool) -> DotReply {
    let text = match nameless {
        true => "Taken; a mail without reverse-path and Message-ID is no test",
        false => "Taken; this mail belongs to no test",
    };
    reply(250, "2.0.0", text.to_owned())
}

/// A mail that would open one trial too many: a limit of ours, and no fault of its sender's (RFC 3463 §3.5, X.4.5).
pub(super) fn too_many(too_many: TooMany) -> DotReply {
    let whose = match too_many {
        TooMany::OfSource => "from your server",
        TooMany::OfNetwork => "from your network",
        TooMany::OfDomain => "of your domain",
        TooMany::OfAll => "here",
    };
    reply(
        451,
        "4.4.5",
        format!("So many tests {whose} are not over yet that no other can begin, please try again later"),
    )
}

/// The operator's mail.
pub(super) fn delivered() -> DotReply {
    reply(250, "2.0.0", "Delivered".to_owned())
}

/// A TLS report that could be read and is kept.
pub(super) fn report_taken() -> DotReply {
    reply(250, "2.0.0", "The report was read, thank you".to_owned())
}

/// The operator's mail, by which a domain objected.
pub(super) fn objected(domain: &str) -> DotReply {
    reply(
        250,
        "2.0.0",
        format!("Delivered, and kept: no verdict is mailed to addresses at {domain} any more"),
    )
}

/// The operator's mail cannot be passed on: our fault.
pub(super) fn not_delivered() -> DotReply {
    reply(451, "4.3.0", "The operator's mail cannot be delivered at the moment, please try again".to_owned())
}

/// The judge failed at the trial: our fault. The mail is taken, since no other would change that.
pub(super) fn unjudged() -> DotReply {
    let text = "This test could not be judged, which is a fault of this server and says nothing of yours; its operator's \
                log tells of it, and a new mail is a new test";
    reply(250, "2.0.0", text.to_owned())
}

/// What follows the journal failed: our fault, which ends with a restart (RFC 3463 §3.4, X.3.0).
pub(super) fn in_trouble() -> DotReply {
    reply(451, "4.3.0", "This test server is in trouble and starts anew, please try again".to_owned())
}

/// The journal cannot be written, as a rule because the disk is full (RFC 5321 §4.2.3, RFC 3463 §3.4): our fault.
pub(super) fn not_noted() -> DotReply {
    reply(452, "4.3.1", "This test server cannot store anything at the moment, please try again".to_owned())
}

/// The database of the journal does not answer: our fault, and what is to be noted is not (RFC 3463 §3.4, X.3.0).
pub(super) fn database_away() -> DotReply {
    reply(
        451,
        "4.3.0",
        "This test server cannot reach its database at the moment, please try again".to_owned(),
    )
}

fn reply(code: u16, status: &'static str, text: String) -> DotReply {
    DotReply { code, status, text }
}
