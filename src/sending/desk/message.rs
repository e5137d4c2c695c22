//! What is kept of a test's message: facts, not text.

use crate::sending::history::{MessageFacts, NoReply, Recipient, TlsRequired};
use crate::sending::persona::Catalogue;
use crate::shared::evidence::Authentication;
use crate::shared::text::Language;

use crate::shared::mailauth::Fields;

/// The field that marks every mail of ours, so that it is known when it comes back.
pub const LOOP_FIELD: &str = "X-Mailassay-Loop";

/// The longest Message-ID that is kept.
const MESSAGE_ID_OCTETS_MAX: usize = 255;
/// How much is kept of a Date field.
const DATE_OCTETS_MAX: usize = 64;
/// A mail that passed more hosts than this goes in circles (Postfix' `hopcount_limit`).
const RECEIVED_FIELDS_MAX: usize = 50;

/// Reads what is kept of `message`, which came with `reverse_path` (none is the null one) and whose
/// authentication gave `authentication`.
pub fn read(
    catalogue: &Catalogue,
    message: &[u8],
    reverse_path: Option<&str>,
    authentication: Authentication,
) -> MessageFacts {
    let fields = Fields::read(message);
    MessageFacts {
        message_id: message_id(&fields),
        date: date(&fields),
        size_octets: message.len() as u64,
        addressed: addressed(catalogue, &fields),
        from_domain: fields.addresses("from").first().and_then(|from| domain_of(from)),
        no_reply: no_reply(catalogue, &fields, reverse_path),
        authentication,
        tls_required: tls_required(&fields),
    }
}

/// What it says of TLS on its way (RFC 8689 §5): `No` is the only value there is.
fn tls_required(fields: &Fields) -> Option<TlsRequired> {
    fields.all("tls-required").next()?;
    let no = fields.only("tls-required").is_some_and(|value| value.eq_ignore_ascii_case("no"));
    Some(if no { TlsRequired::No } else { TlsRequired::Other })
}

/// The Message-ID without its brackets, if the field is one msg-id (RFC 5322 §3.6.4) and no more: it goes into
/// the In-Reply-To of our answer.
fn message_id(fields: &Fields) -> Option<String> {
    let id = fields.only("message-id")?.strip_prefix('<')?.strip_suffix('>')?;
    let fits = |c: char| c.is_ascii_graphic() && !"<>()\\\",;:".contains(c);
    let (left, right) = id.split_once('@')?;
    let in_literal =
        |right: &str| right.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).is_some();
    let right_fits =
        right.chars().all(fits) || in_literal(right) && right.chars().all(|c| c == ':' || fits(c));
    let whole = !left.is_empty() && !right.is_empty() && !right.contains('@');
    (whole && id.len() <= MESSAGE_ID_OCTETS_MAX && left.chars().all(fits) && right_fits)
        .then(|| id.to_owned())
}

/// The (first) Date field as it was written.
fn date(fields: &Fields) -> Option<String> {
    let printable = fields.all("date").next()?.chars().filter(|c| matches!(c, ' '..='~'));
    let kept: String = printable.take(DATE_OCTETS_MAX).collect();
    Some(kept.trim().to_owned()).filter(|date| !date.is_empty())
}

/// The test addresses that To and Cc name, each once.
fn addressed(catalogue: &Catalogue, fields: &Fields) -> Vec<Recipient> {
    let mut found: Vec<_> = ["to", "cc"]
        .iter()
        .flat_map(|name| fields.addresses(name))
        .filter_map(|address| {
            let (local, domain) = address.rsplit_once('@')?;
            let (case, label) = catalogue.recipient_of(domain)?;
            Some(Recipient { case: case.clone(), language: Language::from_local_part(local)?, label })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

fn domain_of(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let fits =
        !domain.is_empty() && domain.len() <= 253 && !domain.chars().any(|c| c.is_control() || c == ' ');
    fits.then_some(domain)
}

/// Why a mail gets no answer by mail (RFC 3834 §2), if it gets none.
pub fn no_reply(catalogue: &Catalogue, fields: &Fields, reverse_path: Option<&str>) -> Option<NoReply> {
    let Some(reverse_path) = reverse_path else { return Some(NoReply::NullReversePath) };
    let word =
        |value: &str| value.split([';', ' ', '\t', '(']).next().unwrap_or_default().to_ascii_lowercase();
    let froms = fields.addresses("from");
    let ours = |address: &str| domain_of(address).is_some_and(|domain| is_ours(catalogue, &domain));
    if fields.all(&LOOP_FIELD.to_ascii_lowercase()).next().is_some()
        || ours(reverse_path)
        || froms.iter().any(|from| ours(from))
    {
        return Some(NoReply::Ourselves);
    }
    if fields.all("received").count() > RECEIVED_FIELDS_MAX {
        return Some(NoReply::Loop);
    }
    if is_report(fields) || is_no_person(reverse_path) {
        return Some(NoReply::Report);
    }
    // RFC 3834 §5: any value but `no` was made by a program. Exchange's field asks for the same.
    if fields.all("auto-submitted").any(|value| word(value) != "no") || suppresses_answers(fields) {
        return Some(NoReply::AutoSubmitted);
    }
    if fields.names().any(|name| name.starts_with("list-")) {
        return Some(NoReply::List);
    }
    let bulk = |value: &str| matches!(word(value).as_str(), "bulk" | "list" | "junk");
    fields.all("precedence").any(bulk).then_some(NoReply::Bulk)
}

fn is_ours(catalogue: &Catalogue, domain: &str) -> bool {
    let origin = catalogue.origin();
    domain.strip_suffix(origin).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Reports of delivery (RFC 3464) and of disposition (RFC 8098), also those that older systems made.
fn is_report(fields: &Fields) -> bool {
    fields.all("content-type").any(|value| {
        let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(
            media.as_str(),
            "multipart/report" | "message/delivery-status" | "message/disposition-notification"
        )
    })
}

/// Local parts that stand for programs (RFC 3834 §2: owner-, -request, MAILER-DAEMON).
fn is_no_person(reverse_path: &str) -> bool {
    let local = reverse_path.rsplit_once('@').map_or(reverse_path, |(local, _)| local);
    let local = local.trim_matches('"').to_ascii_lowercase();
    local == "mailer-daemon"
        || local.starts_with("owner-")
        || local.ends_with("-request")
        || local.ends_with("-owner")
}

/// `X-Auto-Response-Suppress` ([MS-OXCMAIL] §2.2.3.2.14) with a value that covers answers of programs.
fn suppresses_answers(fields: &Fields) -> bool {
    let covers =
        |value: &str| matches!(value.trim().to_ascii_lowercase().as_str(), "all" | "autoreply" | "oof");
    fields.all("x-auto-response-suppress").any(|values| values.split(',').any(covers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::persona::CatalogueFiles;

    fn catalogue() -> Catalogue {
        CatalogueFiles::embedded().catalogue("example.org").expect("the embedded catalogue fits")
    }

    fn why(fields: &str, reverse_path: Option<&str>) -> Option<NoReply> {
        no_reply(&catalogue(), &Fields::read(fields.as_bytes()), reverse_path)
    }

    #[test]
    fn who_gets_no_answer() {
        let jane = Some("jane@example.net");
        for (fields, expected) in [
            ("Subject: a test", None),
            ("Auto-Submitted: no", None),
            ("Auto-Submitted: No (really)", None),
            ("Precedence: first-class", None),
            ("Content-Type: multipart/mixed; boundary=report", None),
            ("X-Auto-Response-Suppress: DR, RN", None),
            ("Auto-Submitted: auto-generated", Some(NoReply::AutoSubmitted)),
            ("auto-submitted: auto-replied; owner-email=x", Some(NoReply::AutoSubmitted)),
            ("X-Auto-Response-Suppress: DR, OOF, AutoReply", Some(NoReply::AutoSubmitted)),
            ("List-Unsubscribe: <https://example.net>", Some(NoReply::List)),
            ("Precedence: BULK", Some(NoReply::Bulk)),
            ("Content-Type: Multipart/Report; report-type=delivery-status", Some(NoReply::Report)),
            ("X-Mailassay-Loop: x", Some(NoReply::Ourselves)),
            ("From: postmaster@et.example.org", Some(NoReply::Ourselves)),
            ("From: someone@notexample.org", None),
        ] {
            assert_eq!(why(fields, jane), expected, "{fields}");
        }
        for (path, expected) in [
            (None, Some(NoReply::NullReversePath)),
            (Some("MAILER-DAEMON@example.net"), Some(NoReply::Report)),
            (Some("owner-users@example.net"), Some(NoReply::Report)),
            (Some("users-request@example.net"), Some(NoReply::Report)),
            (Some("en@et.example.org"), Some(NoReply::Ourselves)),
            (Some("request@example.net"), None),
        ] {
            assert_eq!(why("Subject: a test", path), expected, "{path:?}");
        }
        assert_eq!(why(&"Received: x\r\n".repeat(50), jane), None);
        assert_eq!(why(&"Received: x\r\n".repeat(51), jane), Some(NoReply::Loop));
    }

    #[test]
    fn a_message_id_is_one_msg_id_or_none() {
        let id = |value: &str| message_id(&Fields::read(format!("Message-ID: {value}\r\n").as_bytes()));
        for good in ["1@example.net", "a.b+c=d$e@[192.0.2.1]", "x@[IPv6:2001:db8::1]"] {
            assert_eq!(id(&format!("<{good}>")).as_deref(), Some(good));
        }
        for bad in
            ["1@example.net", "<1@a> <2@b>", "<1>", "<@a>", "<1@>", "<a b@c>", "<1@a\u{202e}>", "<1@a>x", ""]
        {
            assert_eq!(id(bad), None, "{bad}");
        }
        assert_eq!(id(&format!("<{}@a>", "x".repeat(300))), None);
        assert_eq!(message_id(&Fields::read(b"Message-ID: <1@a>\r\nMessage-ID: <2@a>\r\n")), None);
    }

    #[test]
    fn what_it_asks_of_tls_is_read_from_one_field_with_one_value() {
        let asks = |text: &str| tls_required(&Fields::read(text.as_bytes()));
        for (text, expected) in [
            ("TLS-Required: No", Some(TlsRequired::No)),
            ("tls-required:no \r\n", Some(TlsRequired::No)),
            ("TLS-Required: yes", Some(TlsRequired::Other)),
            ("TLS-Required:", Some(TlsRequired::Other)),
            ("TLS-Required: No\r\nTLS-Required: No\r\n", Some(TlsRequired::Other)),
            ("X-TLS-Required: No", None),
            ("Subject: a\r\n\r\nTLS-Required: No\r\n", None),
        ] {
            assert_eq!(asks(text), expected, "{text}");
        }
    }

    #[test]
    fn a_date_is_kept_as_it_was_written() {
        let date = |text: &str| date(&Fields::read(text.as_bytes()));
        let usual = "Sat, 28 Nov 2026 10:00:00 +0100 (CET)";
        assert_eq!(date(&format!("date:  {usual} \r\n")).as_deref(), Some(usual));
        assert_eq!(date("Date: Sat,\r\n\t28 Nov\r\n").as_deref(), Some("Sat,28 Nov"), "unfolded");
        assert_eq!(date("Date: yesterday\u{202e}\u{e9}\r\n").as_deref(), Some("yesterday"));
        assert_eq!(date("Date: 1\r\nDate: 2\r\n").as_deref(), Some("1"));
        assert_eq!(date(&format!("Date: {}\r\n", "x".repeat(99))), Some("x".repeat(64)));
        for none in ["Date:\r\n", "Date: \u{e9}\r\n", "Subject: a\r\n\r\nDate: 1\r\n"] {
            assert_eq!(date(none), None, "{none}");
        }
    }

    #[test]
    fn reads_whom_it_names_and_whom_it_is_from() {
        let message = b"From: Jane <Jane@Mail.Example.NET>\r\nTo: EN@et.example.org, info@et.example.org\r\n\
            Cc: de@UT.example.org, en@et.example.org, en@example.org, en@Bogus-DS.example.org,\r\n \
            en@K3f9a2m7.sts-good.example.org, en@bad.sts-good.example.org, en@nowhere.example.org\r\n\r\n";
        let facts = read(&catalogue(), message, Some("jane@example.net"), Authentication::default());
        let recipient = |case: &str, language| Recipient { case: case.into(), language, label: None };
        let labelled = |case: &str, label: &str| Recipient {
            label: Some(label.parse().expect("a label")),
            ..recipient(case, Language::En)
        };
        assert_eq!(
            facts.addressed,
            [
                recipient("bogus-ds", Language::En),
                recipient("et", Language::En),
                labelled("sts-good", "k3f9a2m7"),
                recipient("ut", Language::De)
            ]
        );
        assert_eq!(facts.from_domain.as_deref(), Some("mail.example.net"));
        assert_eq!(facts.size_octets, message.len() as u64);
    }
}
