//! The MTA-STS policy. `Unfetched`: it could not be had by the book; `Invalid`: it does not keep to the grammar.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::mta_sts::{is_text, reading_of, seen, served};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Note, Word};
use crate::shared::evidence::FetchOutcome;
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::{Mode, PolicyReading};

pub(super) static CHECK: Definition = Definition {
    id: "mta-sts-policy",
    category: Category::Binding,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Enforce, Word::Testing, Word::Nothing, Word::Invalid, Word::Unfetched]),
    judge: policy,
    answered_by: &[Check::MtaStsRecord],
    en: r#"MTA-STS policy
    .enforce = The policy is in force (enforce).
    .testing = The policy is in test mode: failures are reported, and mail is delivered nevertheless.
    .nothing = The policy is withdrawn (none).
    .invalid = The policy is not written as RFC 8461 §3.2 has it: senders that keep to the grammar throw it away, others may obey it.
    .unfetched = The policy could not be fetched as the standard demands.
    .why = Only "enforce" protects. A policy that cannot be fetched protects nobody who has not fetched it before.
    .todo = Serve the policy at the address below. It needs HTTPS with a valid certificate for mta-sts.{ $domain }, and no redirects; once TLS reports are clean, set its mode to enforce, and change the id of the record with every change."#,
    de: r"MTA-STS-Richtlinie
    .enforce = Die Richtlinie gilt (enforce).
    .testing = Die Richtlinie ist im Testbetrieb: Fehler werden gemeldet, Mail wird trotzdem zugestellt.
    .nothing = Die Richtlinie ist zurückgenommen (none).
    .invalid = Die Richtlinie ist nicht so geschrieben, wie RFC 8461 §3.2 es vorgibt: Absender, die sich daran halten, verwerfen sie, andere befolgen sie vielleicht.
    .unfetched = Die Richtlinie ließ sich nicht so abrufen, wie der Standard es verlangt.
    .why = Nur „enforce“ schützt. Eine Richtlinie, die sich nicht abrufen lässt, schützt niemanden, der sie nicht schon kennt.
    .todo = Liefern Sie die Richtlinie unter der Adresse unten aus. Nötig sind HTTPS mit gültigem Zertifikat für mta-sts.{ $domain } und keine Weiterleitung; sobald die TLS-Berichte sauber sind, setzen Sie mode auf enforce, und ändern Sie bei jeder Änderung die id des Eintrags.",
    made: Some(Made::MtaSts),
    ..Definition::BARE
};

/// [`Check::MtaStsPolicy`]. Who keeps to the grammar throws a policy away that does not (RFC 8461 §3.2).
pub(in crate::receiving::checks) fn policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match reading_of(evidence) {
        Err(measured) => Said::from(measured).notes(media_type(evidence)),
        Ok(PolicyReading { policy: Some(policy), faults, blank_lines }) if faults.is_empty() => {
            let word = match policy.mode {
                Mode::Enforce => Word::Enforce,
                Mode::Testing => Word::Testing,
                Mode::None => Word::Nothing,
            };
            Said::is(word)
                .details(served(evidence, None))
                .notes(blank_lines.then_some(Note::PolicyBlankLines))
        }
        Ok(PolicyReading { faults, .. }) => {
            let faults = faults.iter().map(ToString::to_string);
            Said::is(Word::Invalid).details(faults).details(served(evidence, None))
        }
    };
    domain(Check::MtaStsPolicy, evidence, said.seen(seen(evidence)))
}

/// Whether a policy was had, but as another media type than it should be.
fn media_type(evidence: &Evidence) -> Option<Note> {
    let fetch = evidence.names.mta_sts.fetch.as_ref()?;
    let other = matches!(&fetch.outcome, FetchOutcome::Answered { status: 200, cut: false, content_type, body, .. }
        if !is_text(content_type.as_deref()) && PolicyReading::of(body).policy.is_some());
    other.then_some(Note::PolicyMediaType)
}
