//! What is said of one link: which server it met, and what came of it.

use crate::sending::history::{Ending, History, Link, Received, Recipient, Seq};
use crate::sending::persona::{Catalogue, Persona, RuledCase, StandsFor};
use crate::sending::trial::HostRole;
use crate::shared::evidence::Party;
use crate::shared::text::Words;

/// What came of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkOutcome {
    /// A mail, or at least its recipient, was sent in clear.
    MailInClear,
    /// A mail, or at least its recipient, was sent in TLS.
    MailInTls,
    /// STARTTLS was not offered and the sender left without a mail.
    LeftWithoutMail,
    /// The sender saw our certificate and gave up.
    RefusedCertificate,
    /// TLS failed because we lack what the sender offered.
    OurLimit,
    /// TLS failed otherwise.
    TlsFailed,
    /// The sender greeted in TLS and sent no mail.
    NoMailInTls,
    /// It ended before anything could be told from it.
    Aborted,
    /// It has not ended, as far as the journal knows.
    Open,
}

impl LinkOutcome {
    /// All outcomes that a link can have.
    pub const ALL: [Self; 9] = [
        Self::MailInClear,
        Self::MailInTls,
        Self::LeftWithoutMail,
        Self::RefusedCertificate,
        Self::OurLimit,
        Self::TlsFailed,
        Self::NoMailInTls,
        Self::Aborted,
        Self::Open,
    ];

    /// What came of `link`. Where a mail was sent in clear, that is what counts, whatever else happened. A sender that
    /// is named and no recipient is no mail yet: Sendmail 8.18 decides between MAIL and RCPT.
    pub fn of(link: &Link) -> Self {
        let failed = link.tls_failed();
        let mut mails = link.transactions.iter().map(|(_, received)| received).filter(|received| {
            !received.recipients.is_empty() || matches!(received.ending, Ending::Complete(_))
        });
        if mails.clone().any(|received| !received.tls) {
            Self::MailInClear
        } else if mails.next().is_some() {
            Self::MailInTls
        } else if link.left_without_starttls() {
            Self::LeftWithoutMail
        } else if link.refused_certificate() {
            Self::RefusedCertificate
        } else if failed.is_some_and(|failure| failure.our_limit) {
            Self::OurLimit
        } else if failed.is_some() {
            Self::TlsFailed
        } else if link.closing.is_none() {
            Self::Open
        } else if link.tls.as_ref().is_some_and(|part| part.greeted) {
            Self::NoMailInTls
        } else {
            Self::Aborted
        }
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::MailInClear => "mail-in-clear",
            Self::MailInTls => "mail-in-tls",
            Self::LeftWithoutMail => "left-without-mail",
            Self::RefusedCertificate => "refused-certificate",
            Self::OurLimit => "our-limit",
            Self::TlsFailed => "tls-failed",
            Self::NoMailInTls => "no-mail-in-tls",
            Self::Aborted => "aborted",
            Self::Open => "open",
        }
    }
}

/// Who ended a link, as JSON names it.
pub(super) fn party_name(party: Party) -> &'static str {
    match party {
        Party::Sender => "sender",
        Party::Us => "us",
        Party::Timeout => "timeout",
    }
}

/// The server that a link counts for, as Lindenberg counts: mail for a case with a single host counts for that
/// host, however it came; else what the link met.
pub fn server_of<'a>(catalogue: &'a Catalogue, link: &Link) -> Option<&'a Persona> {
    by_recipient(catalogue, link).or_else(|| met_by(catalogue, link))
}

/// What a link met: the host that it named by SNI or by address; without a name whatever stands for links
/// without SNI; and in clear what stands for the missing STARTTLS. None where STARTTLS was offered and not
/// used: any host could have been meant.
pub fn met_by<'a>(catalogue: &'a Catalogue, link: &Link) -> Option<&'a Persona> {
    if link.entrance.is_some() {
        return None;
    }
    if let Some(part) = &link.tls {
        return match &part.persona {
            Some(persona) => catalogue.persona(persona),
            None => catalogue.standing_for(StandsFor::NoSni),
        };
    }
    let withheld = link.offer.is_none_or(|(_, offer)| !offer.starttls);
    if withheld {
        return catalogue.standing_for(StandsFor::StarttlsWithheld);
    }
    catalogue.persona(link.persona_by_address.as_ref()?)
}

/// The host of a ruled case that a link met.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuledHost<'a> {
    pub case: &'a RuledCase,
    /// Which of its hosts; none where neither the name nor the entrance tells.
    pub role: Option<HostRole>,
}

/// The host of a ruled case that a link met: the one that it named by SNI, else that of the case which all its mail was
/// for.
pub(super) fn ruled_of<'a>(catalogue: &'a Catalogue, link: &Link) -> Option<RuledHost<'a>> {
    let entrance = link.entrance?;
    if let Some((case, role)) = link.ruled_host(catalogue) {
        return Some(RuledHost { case, role: Some(role) });
    }
    let mut recipients = link.transactions.iter().flat_map(|(_, received)| &received.recipients);
    let first = &recipients.next()?.case;
    let case = catalogue.ruled_case(first).filter(|_| recipients.all(|other| other.case == *first))?;
    let mut roles = case.roles_at(entrance);
    let role = roles.next().filter(|_| roles.next().is_none());
    Some(RuledHost { case, role })
}

/// The host of the case that the link's mail was for, where the case has only one. Mail for several cases on
/// one link says nothing about the host.
fn by_recipient<'a>(catalogue: &'a Catalogue, link: &Link) -> Option<&'a Persona> {
    let mut recipients = link.transactions.iter().flat_map(|(_, received)| &received.recipients);
    let case = &recipients.next()?.case;
    if recipients.any(|recipient| recipient.case != *case) {
        return None;
    }
    let mut hosts = catalogue.personas().filter(|persona| persona.case.as_ref() == Some(case));
    hosts.next().filter(|_| hosts.next().is_none())
}

/// The recipients of a transaction as addresses.
pub(super) fn addresses<'a>(
    catalogue: &'a Catalogue,
    received: &'a Received,
) -> impl Iterator<Item = String> + 'a {
    received
        .recipients
        .iter()
        .map(|recipient| format!("{}@{}", recipient.language.tag(), domain_of(catalogue, recipient)))
}

/// The domain that a recipient is at.
fn domain_of(catalogue: &Catalogue, recipient: &Recipient) -> String {
    let ruled = catalogue.ruled_case(&recipient.case);
    let ruled = ruled.map(|case| catalogue.ruled_domain(case, recipient.label.as_ref()));
    let fixed = || catalogue.case(&recipient.case).map(|case| catalogue.domain(case));
    ruled.or_else(fixed).unwrap_or_else(|| recipient.case.to_string())
}

/// The test domains that the mail on a link was for, each once.
pub(super) fn addressed_domains(catalogue: &Catalogue, link: &Link) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for recipient in link.transactions.iter().flat_map(|(_, received)| &received.recipients) {
        let domain = domain_of(catalogue, recipient);
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    domains
}

/// The domain whose sending was tested: of the reverse-path, else of From, else of the EHLO name.
pub(super) fn sender_domain(history: &History) -> Option<String> {
    let path = history.reverse_paths().first().map(|path| path.domain.clone());
    let from = || history.message().and_then(|message| message.from_domain.clone());
    path.or_else(from).or_else(|| history.sources().first().and_then(|source| source.domain.clone()))
}

/// The observations that make up a link, as far as it remembers them.
pub fn observations(link: &Link) -> Vec<Seq> {
    let mut seqs = vec![link.first];
    seqs.extend(link.offer.map(|(seq, _)| seq));
    seqs.extend(link.tls.as_ref().map(|part| part.seq));
    seqs.extend(link.transactions.iter().map(|(seq, _)| *seq));
    seqs.extend(link.closing.as_ref().map(|closing| closing.seq));
    seqs
}

/// How a mail was answered.
pub(super) fn answered(words: &Words, link: &Link, received: &Received) -> String {
    let answer = link.answers.iter().find(|(number, _)| *number == received.number).map(|(_, code)| *code);
    match (&received.ending, answer) {
        (Ending::Complete(_), Some(250)) => words.say("dot-acknowledged"),
        (Ending::Complete(_), Some(code)) if code < 500 => words.tell("dot-held", &[("code", code.into())]),
        (Ending::Complete(_), Some(code)) => words.tell("dot-refused", &[("code", code.into())]),
        (Ending::Complete(_), None) => words.say("dot-unanswered"),
        (Ending::Refused { code }, _) => words.tell("dot-refused", &[("code", (*code).into())]),
        (Ending::Aborted, _) => words.say("dot-none"),
    }
}

/// The name of an alert in RFC 8446 §6, or its absence there.
pub(super) fn alert_name(code: u8) -> &'static str {
    match code {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => "unassigned",
    }
}
