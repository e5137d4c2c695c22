//! Whose domain a trial's mail is from, who vouches for that, and to whom a verdict may be mailed.

use crate::sending::trial::Mailbox;
use crate::shared::domain_name::{a_labels, registrable_domain};
use crate::shared::evidence::{DkimOutcome, Result8601};

use super::smtp::{Ending, MessageFacts, NoReply, Received};
use super::trial::History;

/// The domain that a trial's mail is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderDomain {
    /// The domain of From, in A-labels, in lower case.
    pub domain: String,
    /// The domain of MAIL FROM, where its organisational domain is another.
    pub envelope: Option<String>,
    /// Whether SPF or DKIM in alignment vouches for the domain of From: only then its owner asked for it, and its
    /// servers may be connected to.
    pub vouched: bool,
    /// The DKIM signatures of the mail.
    pub signatures: Vec<DkimOutcome>,
}

impl SenderDomain {
    /// Whose mail the trial of `history` is: its first mail that is vouched for decides, else its first
    /// mail. None if no mail came to its dot, or it names nobody.
    pub fn of(history: &History) -> Option<Self> {
        let mails = || {
            history.transactions().filter_map(|(_, _, received)| match &received.ending {
                Ending::Complete(message) => Self::of_mail(received, message),
                _ => None,
            })
        };
        mails().find(|mail| mail.vouched).or_else(|| mails().next())
    }

    fn of_mail(received: &Received, message: &MessageFacts) -> Option<Self> {
        let path = received.reverse_path.as_ref().and_then(|path| a_labels(&path.domain));
        // A mail without a From that can be read is its envelope sender's.
        let domain = message.from_domain.as_deref().and_then(a_labels).or_else(|| path.clone())?;
        let aligned = |other: &str| organisation(other) == organisation(&domain);
        let seen = &message.authentication;
        let by_spf = seen.spf.result == Result8601::Pass && aligned(&seen.spf.domain);
        // A reason beside a pass is `l=`: anybody may have written what follows.
        let by_dkim = seen.dkim.iter().any(|signature| {
            signature.result == Result8601::Pass && signature.reason.is_none() && aligned(&signature.domain)
        });
        let envelope = path.filter(|path| !aligned(path));
        let signatures = seen.dkim.clone();
        Some(Self { domain, envelope, vouched: by_spf || by_dkim, signatures })
    }
}

/// The organisational domain by the public suffix list; the domain itself where it has none. Alignment is relaxed
/// (RFC 9989 §4.4): what matters is who asked, not what a receiver is told to do.
fn organisation(domain: &str) -> String {
    registrable_domain(domain).unwrap_or_else(|| domain.trim_end_matches('.').to_ascii_lowercase())
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
///
/// # Errors
///
/// Why nobody can be answered.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::trial::LinkId;
    use crate::shared::evidence::{Authentication, SpfOutcome};
    use crate::shared::time::Timestamp;

    fn sender(
        path: Option<&str>,
        from: Option<&str>,
        spf: &str,
        dkim: &[(&str, Option<&str>)],
    ) -> Option<SenderDomain> {
        let outcome = |(domain, reason): &(&str, Option<&str>)| DkimOutcome {
            result: Result8601::Pass,
            domain: (*domain).to_owned(),
            selector: "s".to_owned(),
            algorithm: "rsa-sha256".to_owned(),
            reason: reason.map(str::to_owned),
        };
        let authentication = Authentication {
            spf: SpfOutcome { result: Result8601::Pass, domain: spf.to_owned() },
            dkim: dkim.iter().map(outcome).collect(),
            ..Authentication::default()
        };
        let message =
            MessageFacts { from_domain: from.map(str::to_owned), authentication, ..MessageFacts::default() };
        let received = Received {
            link: LinkId(1),
            number: 0,
            began: Timestamp::UNIX_EPOCH,
            tls: true,
            reverse_path: path.map(|path| Mailbox::new(b"secret", path)),
            recipients: Vec::new(),
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Aborted,
        };
        SenderDomain::of_mail(&received, &message)
    }

    #[test]
    fn only_alignment_vouches_for_the_domain_of_from() {
        let vouched = |spf: &str, dkim: &[(&str, Option<&str>)]| {
            let sender = sender(Some("a@bounces.example.net"), Some("example.org"), spf, dkim);
            sender.is_some_and(|sender| sender.vouched)
        };
        assert!(!vouched("bounces.example.net", &[]), "SPF vouches for another domain");
        assert!(vouched("mail.example.org", &[]));
        assert!(vouched("bounces.example.net", &[("example.net", None), ("mail.example.org", None)]));
        assert!(!vouched("bounces.example.net", &[("example.org", Some("l=5"))]));
        assert!(!vouched("co.uk", &[("example.net", None)]));
    }

    #[test]
    fn the_envelope_is_shown_where_it_is_anothers() {
        let domains = |path, from| {
            let sender = sender(path, from, "", &[])?;
            Some((sender.domain, sender.envelope))
        };
        let (org, net) = ("example.org".to_owned(), "example.net".to_owned());
        assert_eq!(domains(Some("a@mail.example.org"), Some("example.org")), Some((org.clone(), None)));
        assert_eq!(
            domains(Some("a@example.net"), Some("example.org")),
            Some((org.clone(), Some(net.clone())))
        );
        assert_eq!(domains(None, Some("example.org")), Some((org, None)));
        assert_eq!(domains(Some("a@example.net"), None), Some((net, None)));
        assert_eq!(domains(None, Some("[192.0.2.1]")), None);
    }
}
