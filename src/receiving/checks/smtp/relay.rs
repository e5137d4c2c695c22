//! Whether mail for foreign domains is refused.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::smtp::shared::intrusive::recipient;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "smtp-relay",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Refused, Word::Accepted]),
    judge: relay,
    en: r"Mail for others (open relay)
    .refused = The server refuses to carry mail from strangers to strangers.
    .accepted = The server accepted a recipient of a foreign domain from a stranger. It may be an open relay; we did not send a mail to find out.
    .why = Open relays are found within hours, send spam, and end up on block lists.
    .todo = Accept mail for foreign domains from your own users and networks only.",
    de: r"Mail für andere (offenes Relay)
    .refused = Der Server lehnt es ab, Mail von Fremden an Fremde zu befördern.
    .accepted = Der Server nahm von einem Fremden einen Empfänger in einer fremden Domain an. Er ist vielleicht ein offenes Relay; um das herauszufinden, hätten wir eine Mail verschicken müssen.
    .why = Offene Relays werden binnen Stunden gefunden, verschicken Spam und landen auf Sperrlisten.
    .todo = Nehmen Sie Mail für fremde Domains nur von eigenen Nutzern und Netzen an.",
    fix: r"
    .postfix =
        smtpd_relay_restrictions = permit_mynetworks,
          permit_sasl_authenticated, reject_unauth_destination
    .exim = deny !domains = +local_domains : +relay_to_domains",
    ..Definition::BARE
};

/// Mail from strangers to strangers is not to be taken.
pub(in crate::receiving::checks) fn relay(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    recipient(Check::Relay, evidence, |tried| &tried.relay)
}
