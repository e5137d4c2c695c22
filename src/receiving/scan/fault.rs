//! What a session's fault means for the scan: whether to wait, to go on, or to leave.

use crate::shared::evidence::scan::{Question, Reach, SessionFault, Stage};

/// Whether a server that did not let a question through limits us, so that it is left alone for a while: 4yz
/// (RFC 5321 §4.2.1), a connection closed before EHLO was answered, or silence. 5yz is for good, and would be said
/// again after any wait.
pub(super) fn limits(fault: &SessionFault, question: &Question) -> bool {
    match fault {
        // About the command behind STARTTLS, perhaps: the same question without it will tell.
        SessionFault::Reply { stage: Stage::Starttls, .. }
        | SessionFault::Dropped { stage: Stage::Starttls }
        | SessionFault::TimedOut { stage: Stage::Starttls }
            if question.injects() =>
        {
            false
        }
        SessionFault::Reply { reply, .. } => (400..500).contains(&reply.code),
        SessionFault::Dropped { stage } => matches!(stage, Stage::Connect | Stage::Greeting | Stage::Ehlo),
        SessionFault::TimedOut { .. } => true,
        SessionFault::Garbage { .. } => false,
    }
}

/// Whether a fault of the first session may pass: 4yz, or a connection that was closed before anything was said.
pub(super) fn passes(fault: &SessionFault) -> bool {
    match fault {
        SessionFault::Reply { reply, .. } => (400..500).contains(&reply.code),
        SessionFault::Dropped { .. } => true,
        SessionFault::TimedOut { .. } | SessionFault::Garbage { .. } => false,
    }
}

/// How much of a server's words is kept as the reason, in characters.
const REASON_CHARS_MAX: usize = 200;

/// A fault in the server's words, or in ours where it has none.
pub(super) fn words(fault: &SessionFault) -> String {
    match fault {
        SessionFault::Reply { reply, .. } => {
            let said = format!("{} {}", reply.code, reply.lines.join(" "));
            said.chars().take(REASON_CHARS_MAX).collect()
        }
        SessionFault::Dropped { .. } => "connection closed".to_owned(),
        SessionFault::TimedOut { .. } => "no answer".to_owned(),
        SessionFault::Garbage { reason, .. } => reason.clone(),
    }
}

/// Whether STARTTLS was not to be had for a question.
pub(super) fn no_starttls(fault: &SessionFault) -> bool {
    match fault {
        SessionFault::Garbage { stage, .. } => *stage == Stage::Starttls,
        SessionFault::Reply { stage, reply } => *stage == Stage::Starttls && reply.code >= 500,
        SessionFault::Dropped { .. } | SessionFault::TimedOut { .. } => false,
    }
}

/// What ends a second look before it began.
pub(super) fn lost_again(reach: &Reach) -> SessionFault {
    match reach {
        Reach::TimedOut => SessionFault::TimedOut { stage: Stage::Connect },
        _ => SessionFault::Dropped { stage: Stage::Connect },
    }
}
