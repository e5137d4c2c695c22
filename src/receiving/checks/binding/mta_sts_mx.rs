//! Whether the MTA-STS policy lists an MX host and its certificates are trusted for the name: `Unlisted` or `Untrusted`.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::mta_sts::{policy_or_reason, seen};
use crate::receiving::checks::binding::shared::mta_sts_mx::host;
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::Mode;

pub(super) static CHECK: Definition = Definition {
    id: "mta-sts-mx",
    category: Category::Binding,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Matched, Word::Unlisted, Word::Untrusted]),
    judge: mx,
    turns_away: &[Word::Unlisted, Word::Untrusted],
    en: r"MTA-STS and the mail server
    .matched = The policy lists the host, and its certificate is trusted for this name.
    .unlisted = The policy does not list the host: senders with MTA-STS do not deliver there.
    .untrusted = The policy lists the host, but its certificate is not trusted for this name: senders with MTA-STS do not deliver there.
    .why = An MX host that the policy does not cover turns mail away as soon as the policy is in force.
    .todo = List every mail server in the MTA-STS policy, and give each a certificate of a public authority for its name. Change the id of the record with the policy.",
    de: r"MTA-STS und der Mailserver
    .matched = Die Richtlinie nennt den Mailserver, und sein Zertifikat ist für diesen Namen vertrauenswürdig.
    .unlisted = Die Richtlinie nennt den Mailserver nicht: Absender mit MTA-STS stellen dort nicht zu.
    .untrusted = Die Richtlinie nennt den Mailserver, aber sein Zertifikat ist für diesen Namen nicht vertrauenswürdig: Absender mit MTA-STS stellen dort nicht zu.
    .why = Ein Mailserver, den die Richtlinie nicht abdeckt, erhält keine Mail mehr, sobald sie gilt.
    .todo = Nennen Sie in der MTA-STS-Richtlinie jeden Mailserver, und geben Sie jedem ein Zertifikat einer öffentlichen Zertifizierungsstelle für seinen Namen. Ändern Sie mit der Richtlinie auch die id des Eintrags.",
    made: Some(Made::MtaSts),
    ..Definition::BARE
};

/// [`Check::MtaStsMx`]. Whether the mode makes senders act on it is the policy's matter.
pub(in crate::receiving::checks) fn mx(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let policy = policy_or_reason(evidence);
    each_host(Check::MtaStsMx, evidence, |mx| match &policy {
        Err(measured) => Said::from(measured.clone()).seen(seen(evidence)),
        Ok(policy) if policy.mode == Mode::None => {
            Said::not_applicable(Inapplicable::NoRecord).seen(seen(evidence))
        }
        Ok(policy) => host(evidence, policy, mx),
    })
}
