//! Whether a verdict may be mailed, and to whom.

use crate::sending::history::{Ending, History, MessageFacts, NoReply};
use crate::sending::trial::Mailbox;

/// How many verdicts may be mailed in 24 hours. Beyond it the result's page is the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To one address. Default 3.
    pub per_address: u32,
    /// To one domain. Default 20.
    pub per_domain: u32,
    /// In all. Default 2000.
    pub all: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_address: 3, per_domain: 20, all: 2_000 }
    }
}

impl Limits {
    /// Whether one more verdict may go out, after so many to the address, to its domain and in all.
    pub fn allow(&self, address: u32, domain: u32, all: u32) -> bool {
        address < self.per_address && domain < self.per_domain && all < self.all
    }
}

/// Why a verdict cannot be mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unanswerable {
    /// RFC 3834 says so.
    NoReply(NoReply),
    /// No mail came to its dot.
    NoMail,
    /// Neither SPF nor DKIM vouches for the reverse-path.
    NotVouched,
}

/// Where a verdict goes, limits aside: the reverse-path of the first message of the trial that is vouched for,
/// and that message. To nobody if a message that is vouched for asks for no answer: they all are one mail. What
/// nobody vouches for may be forged, and takes the answer from nobody.
pub fn addressee(history: &History) -> Result<(&Mailbox, &MessageFacts), Unanswerable> {
    let messages = || {
        history.transactions().filter_map(|(_, _, received)| match &received.ending {
            Ending::Complete(message) => Some((received.reverse_path.as_ref(), &**message)),
            _ => None,
        })
    };
    messages().next().ok_or(Unanswerable::NoMail)?;
    let vouched = || messages().filter(|(_, message)| message.authentication.vouched);
    let no_reply = vouched().find_map(|(_, message)| message.no_reply).or_else(|| {
        let forgeable = vouched().next().is_none().then(messages);
        forgeable?.find_map(|(_, message)| message.no_reply)
    });
    if let Some(reason) = no_reply {
        return Err(Unanswerable::NoReply(reason));
    }
    vouched().find_map(|(path, message)| Some((path?, message))).ok_or(Unanswerable::NotVouched)
}

/// Whether a verdict can be addressed to `path`: a `Dot-string` and a domain in ASCII (RFC 5321 §4.1.2). Quoted local
/// parts do not survive every header, and what needs SMTPUTF8 may meet a server without it.
pub fn is_writable(path: &str) -> bool {
    let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let dot_string = |text: &str| text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext));
    let is_domain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    path.len() <= 254
        && path
            .rsplit_once('@')
            .is_some_and(|(local, domain)| dot_string(local) && dot_string(domain) && is_domain(domain))
}

#[cfg(test)]
mod tests {
    use super::is_writable;

    #[test]
    fn only_plain_addresses_are_written_to() {
        for plain in ["jane@example.net", "a.b+c=d@mail.example.net", "0@xn--bcher-kva.example"] {
            assert!(is_writable(plain), "{plain}");
        }
        for other in [
            "\"a b\"@example.net",
            "jane@[192.0.2.1]",
            "ä@example.net",
            "jane@bücher.example",
            "a..b@c",
            "@c",
            "a@",
        ] {
            assert!(!is_writable(other), "{other}");
        }
        assert!(!is_writable(&format!("{}@example.net", "a".repeat(250))));
    }
}
