//! How long the MTA-STS policy holds, in days.

use jiff::Timestamp;

use crate::receiving::checks::Finding;
use crate::receiving::checks::binding::shared::mta_sts::{policy_or_reason, seen, served};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "mta-sts-max-age",
    category: Category::Binding,
    scope: Scope::Domain,
    scale: Scale::Count,
    judge: max_age,
    answered_by: &[Check::MtaStsRecord],
    en: r"Life of the MTA-STS policy
    .count = { $count ->
        [0] Senders keep the policy for less than a day.
        [one] Senders keep the policy for one day.
       *[other] Senders keep the policy for { $count } days.
    }
    .why = While a sender keeps a policy, an attacker cannot hide it. RFC 8461 §3.2 expects weeks or more.
    .todo = Set max_age to at least 604800 (a week), better some weeks, once the policy has proved itself.",
    de: r"Dauer der MTA-STS-Richtlinie
    .count = { $count ->
        [0] Absender behalten die Richtlinie weniger als einen Tag.
        [one] Absender behalten die Richtlinie einen Tag.
       *[other] Absender behalten die Richtlinie { $count } Tage.
    }
    .why = Solange ein Absender eine Richtlinie behält, kann ein Angreifer sie nicht verbergen. RFC 8461 §3.2 erwartet Wochen oder mehr.
    .todo = Setzen Sie max_age auf mindestens 604800 (eine Woche), besser auf einige Wochen, sobald sich die Richtlinie bewährt hat.",
    made: Some(Made::MtaSts),
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn max_age(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    const SECONDS_A_DAY: u32 = 86_400;
    let said = match policy_or_reason(evidence) {
        Err(measured) => measured.into(),
        Ok(policy) => {
            let served = served(evidence, Some("max_age"));
            Said::count(policy.max_age_s / SECONDS_A_DAY).details(served.into_iter().take(1))
        }
    };
    domain(Check::MtaStsMaxAge, evidence, said.seen(seen(evidence)))
}
