//! How many void look-ups the policy costs; more than two are an error (RFC 7208 §4.6.4).

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::spf::{line, own, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::unknown;
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Unknown};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::{Mechanism, SpfError, Term};

pub(super) static CHECK: Definition = Definition {
    id: "spf-void-lookups",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Count,
    judge: spf_void_lookups,
    en: r"SPF terms that lead nowhere
    .count = { $count ->
        [0] No term of the policy asks for a name that has no records.
        [one] One term of the policy asks for a name that has no records.
       *[other] { $count } terms of the policy ask for names that have no records.
    }
    .why = More than two such look-ups are an error for every receiver (RFC 7208 §4.6.4). Each of them is a name that somebody forgot to remove.
    .todo = Remove the terms whose names have no records.",
    de: r"SPF-Angaben, die ins Leere führen
    .count = { $count ->
        [0] Keine Angabe der Richtlinie fragt nach einem Namen ohne Einträge.
        [one] Eine Angabe der Richtlinie fragt nach einem Namen ohne Einträge.
       *[other] { $count } Angaben der Richtlinie fragen nach Namen ohne Einträge.
    }
    .why = Mehr als zwei solche Abfragen sind für jeden Empfänger ein Fehler (RFC 7208 §4.6.4). Jede gilt einem Namen, den jemand zu entfernen vergessen hat.
    .todo = Entfernen Sie die Angaben, deren Namen keine Einträge haben.",
    ..Definition::BARE
};

/// Policies that do not exist count with terms whose names have no records. What depends on the mail, by a macro or
/// as `ptr`, is not looked up and left out.
pub(in crate::receiving::checks) fn spf_void_lookups(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let spf = &evidence.names.spf;
    let terms = || spf.terms.iter().filter(|term| term.void.is_some() || !of_the_mail(&term.term));
    let void_terms = || terms().filter(|term| term.void == Some(true));
    let void_policies = || spf.policies.iter().skip(1).filter(|policy| policy.txt.denied());
    let count = void_terms().count() + void_policies().count();
    let failed = spf.policies.iter().skip(1).find_map(|policy| unknown(&policy.txt));
    let why_unknown = failed.or(terms().any(|term| term.void.is_none()).then_some(Unknown::DnsFailed));
    let said = match (own(evidence), why_unknown) {
        (Err(why), _) => Said::inconclusive(why),
        (Ok(Err(SpfError::Absent | SpfError::Several)), _) => Said::not_applicable(Inapplicable::NoRecord),
        (Ok(_), Some(why)) if count <= SpfRecord::VOID_LOOKUPS_MAX => Said::inconclusive(why),
        (Ok(_), _) => Said::count(u32::try_from(count).unwrap_or(u32::MAX)),
    };
    let rows = void_policies().map(|policy| policy.txt.name.clone());
    let said = said.details(rows).details(void_terms().map(|term| term.term.clone()));
    let lines = spf.terms.iter().map(|term| line(evidence, term));
    domain(Check::SpfVoid, evidence, said.seen(seen(evidence)).seen(lines))
}

fn of_the_mail(term: &str) -> bool {
    term.contains('%') || matches!(term.parse(), Ok(Term::Directive(_, Mechanism::Ptr(_))))
}
