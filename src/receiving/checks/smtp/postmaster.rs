//! Whether postmaster is accepted (RFC 5321 §4.5.1).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::smtp::shared::intrusive::recipient;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "smtp-postmaster",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Accepted, Word::Refused]),
    judge: postmaster,
    en: r"Mail to postmaster
    .accepted = The server accepts mail to postmaster.
    .refused = The server refuses mail to postmaster, which RFC 5321 §4.5.1 demands it to accept.
    .why = Postmaster is the only address by which a stranger can tell you that your mail is broken.
    .todo = Create the mailbox or alias postmaster, and read it.",
    de: r"Mail an postmaster
    .accepted = Der Server nimmt Mail an postmaster an.
    .refused = Der Server lehnt Mail an postmaster ab, die er nach RFC 5321 §4.5.1 annehmen muss.
    .why = postmaster ist die einzige Adresse, unter der Ihnen Fremde sagen können, dass mit Ihrer Mail etwas nicht stimmt.
    .todo = Legen Sie das Postfach oder den Alias postmaster an, und lesen Sie es.",
    ..Definition::BARE
};

/// Mail for postmaster has to be taken (RFC 5321 §4.5.1).
pub(in crate::receiving::checks) fn postmaster(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    recipient(Check::Postmaster, evidence, |tried| &tried.postmaster)
}
