//! Whether a recipient that cannot exist is refused.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::smtp::shared::intrusive::recipient;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "smtp-unknown-recipient",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Refused, Word::Accepted]),
    judge: unknown_recipient,
    en: r"Mail to unknown recipients
    .refused = The server refuses a recipient that cannot exist.
    .accepted = The server accepts a recipient that cannot exist.
    .why = A server that learns too late that nobody is there sends a bounce, mostly to a forged sender, or loses the mail.
    .todo = Let the server that takes mail from the Internet know all recipients.",
    de: r"Mail an unbekannte Empfänger
    .refused = Der Server lehnt einen Empfänger ab, den es nicht geben kann.
    .accepted = Der Server nimmt einen Empfänger an, den es nicht geben kann.
    .why = Ein Server, der erst zu spät erfährt, dass es den Empfänger nicht gibt, schickt eine Fehlermeldung an einen meist gefälschten Absender oder verliert die Mail.
    .todo = Lassen Sie den Server, der Mail aus dem Internet annimmt, alle Empfänger kennen.",
    fix: r"
    .postfix = smtpd_reject_unlisted_recipient = yes
    .exim = require verify = recipient",
    ..Definition::BARE
};

/// Whoever takes mail for nobody has to bounce it, mostly to a stranger.
pub(in crate::receiving::checks) fn unknown_recipient(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    recipient(Check::UnknownRecipient, evidence, |tried| &tried.unknown_recipient)
}
