//! The mail as it goes out.

use data_encoding::HEXLOWER;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Date, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};

use crate::sending::desk::LOOP_FIELD;
use crate::sending::trial::TrialId;
use crate::shared::text::Page;
use crate::shared::time::Timestamp;

/// RFC 5322 §2.1.1: no line is longer.
const LINE_OCTETS_MAX: usize = 998;

/// How much JSON is attached, in octets: more than any trial but a flooded one has. All of it is on the page, too.
const JSON_OCTETS_MAX: usize = 1_000_000;

/// What a mail says of itself.
#[derive(Clone, Copy, Debug)]
pub struct VerdictMail<'a> {
    /// The address in From.
    pub from: &'a str,
    /// The envelope sender of the mail that is answered, as `local@domain`; none in a copy that goes nowhere.
    pub to: Option<&'a str>,
    /// The domain of Message-IDs.
    pub origin: &'a str,
    pub trial: &'a TrialId,
    /// The Message-ID that is answered, without angle brackets, as far as the sender's mail had one.
    pub in_reply_to: Option<&'a str>,
    /// Where an answer goes: to what begins the second part of the trial; none where there is no second part.
    pub reply_to: &'a [String],
    /// The page on which its reader may object to further mails; none for a copy that goes to nobody.
    pub objection: Option<&'a str>,
    /// When it is written.
    pub now: Timestamp,
}

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The address of From or To cannot be written.
    #[error("`{0}` is no address that can be written")]
    Address(String),
    /// The mail cannot be put together.
    #[error("{0}")]
    Build(#[from] lettre::error::Error),
}

/// The mail, with CRLF line ends and unsigned: the page as text and as HTML, and the verdict as JSON attached, unless
/// that is larger than 1 MB. The same letter always gives the same mail.
///
/// # Errors
///
/// If an address cannot be written, or the mail cannot be put together.
pub fn compose(page: &Page, json: &str, letter: &VerdictMail<'_>) -> Result<Vec<u8>, ComposeError> {
    composed(page, json, letter, "verdict")
}

/// The same about the TLS reports on a trial: another mail, with an identity of its own, that answers the verdict.
///
/// # Errors
///
/// If an address cannot be written, or the mail cannot be put together.
pub fn compose_postscript(
    page: &Page,
    json: &str,
    letter: &VerdictMail<'_>,
) -> Result<Vec<u8>, ComposeError> {
    composed(page, json, letter, "postscript")
}

fn composed(
    page: &Page,
    json: &str,
    letter: &VerdictMail<'_>,
    purpose: &str,
) -> Result<Vec<u8>, ComposeError> {
    let digest = digest(letter.trial, purpose);
    let field = |name, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    let mut builder: MessageBuilder = Message::builder()
        .from(Mailbox::new(Some("Mailassay".to_owned()), address(letter.from)?))
        .subject(page.subject.clone())
        .header(date(letter.now))
        .message_id(Some(message_id(letter.trial, letter.origin, purpose)))
        // RFC 3834 §5: whoever answers by program sees that this is no mail to be answered.
        .raw_header(field("Auto-Submitted", "auto-replied".to_owned()))
        .raw_header(field(LOOP_FIELD, letter.origin.to_owned()))
        .raw_header(field("Content-Language", page.language.tag().to_owned()));
    builder = match letter.to {
        Some(to) => builder.to(Mailbox::new(None, address(to)?)),
        // RFC 5322 §3.6: To may be missing; the envelope is not sent.
        None => builder.envelope(Envelope::new(None, vec![address(letter.from)?])?),
    };
    // RFC 5322 §3.6.2: the addresses to which the author suggests that replies be sent.
    for other in letter.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address(other)?));
    }
    if let Some(page) = letter.objection {
        // RFC 2369 §3.2.
        builder = builder.raw_header(field("List-Unsubscribe", format!("<{page}>")));
        // RFC 8058 §3.1: a mail program may object by itself, with a POST, over HTTPS alone.
        if page.starts_with("https://") {
            builder =
                builder.raw_header(field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
    }
    if let Some(id) = letter.in_reply_to.filter(|id| is_message_id(id)) {
        builder = builder.in_reply_to(format!("<{id}>")).references(format!("<{id}>"));
    }
    let part =
        |kind, name| MultiPart::builder().kind(kind).boundary(format!("mailassay-{name}-{}", &digest[..24]));
    let body = part(MultiPartKind::Alternative, purpose)
        .singlepart(SinglePart::plain(page.text()))
        .singlepart(SinglePart::html(page.html()));
    let whole = match json.len() {
        0..=JSON_OCTETS_MAX => {
            part(MultiPartKind::Mixed, "all").multipart(body).singlepart(attached(json, purpose))
        }
        _ => body,
    };
    Ok(builder.multipart(whole)?.formatted())
}

/// RFC 8259 §11: JSON has no parameter `charset`, it is UTF-8.
fn attached(json: &str, purpose: &str) -> SinglePart {
    let kind = ContentType::parse("application/json").expect("this is a type of content");
    Attachment::new(format!("{purpose}.json")).body(json.to_owned(), kind)
}

/// The Message-ID of a trial's verdict, without angle brackets.
pub(super) fn verdict_id(trial: &TrialId, origin: &str) -> String {
    message_id(trial, origin, "verdict").trim_matches(['<', '>']).to_owned()
}

/// The Message-ID of a mail on a trial. It does not hold the trial's identity, which opens the result page:
/// Message-IDs end up in logs and in the answers of others.
fn message_id(trial: &TrialId, origin: &str, purpose: &str) -> String {
    format!("<{}@{origin}>", &digest(trial, purpose)[..40])
}

fn digest(trial: &TrialId, purpose: &str) -> String {
    let digest = Sha256::new().chain_update(purpose).chain_update(trial.as_str()).finalize();
    HEXLOWER.encode(&digest)
}

/// RFC 5322 §3.3, in UTC.
fn date(now: Timestamp) -> Date {
    let text = now.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    Date::parse(&text).expect("this is the form of RFC 5322")
}

fn address(text: &str) -> Result<Address, ComposeError> {
    let refused = || ComposeError::Address(text.chars().take(100).collect());
    if !text.is_ascii() || text.len() > 254 || text.chars().any(char::is_control) {
        return Err(refused());
    }
    text.parse().map_err(|_| refused())
}

/// RFC 5322 §3.6.4: one `msg-id`, dot-atom on both sides or a domain literal on the right, and nothing else.
fn is_message_id(text: &str) -> bool {
    let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let dot_atom = |text: &str| text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext));
    let literal = |text: &str| {
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        inner.is_some_and(|inner| inner.chars().all(|c| c.is_ascii_graphic() && !"[]\\<>".contains(c)))
    };
    text.len() + "In-Reply-To: <>".len() <= LINE_OCTETS_MAX
        && text
            .split_once('@')
            .is_some_and(|(left, right)| dot_atom(left) && (dot_atom(right) || literal(right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_message_id_is_answered() {
        for good in ["1@example.net", "a.b+c@[192.0.2.1]", "x$y@localhost"] {
            assert!(is_message_id(good), "{good}");
        }
        for bad in ["", "a", "a@b> <c@d", "a@b\r\nBcc: x@y", "a@b c", "a..b@c", "@b", "a@", "ä@b", "a@[x]y"]
        {
            assert!(!is_message_id(bad), "{bad}");
        }
        assert!(!is_message_id(&format!("{}@b", "a".repeat(990))));
    }
}
