//! The real signature of the mail received, for a trial: `Valid` in alignment, `Foreign` valid for others only.

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::dkim::SIGNING;
use crate::receiving::checks::auth::shared::dmarc::applies;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::evidence::{DkimOutcome, Result8601};

pub(super) static CHECK: Definition = Definition {
    id: "dkim-signature",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Valid, Word::Foreign, Word::Invalid, Word::Absent]),
    judge: dkim_signature,
    en: r"DKIM signature of your mail
    .valid = The mail that you sent carries a valid signature of your domain.
    .foreign = The mail that you sent carries a valid signature, but of another domain than the one in From.
    .invalid = The mail that you sent carries a signature that does not verify.
    .absent = The mail that you sent carries no DKIM signature.
    .why = Only a valid signature of the domain in From counts for DMARC, and it survives forwarding, which SPF does not.
    .todo = Let the server that sends your mail sign with a key of your own domain. The command below makes a key, and prints the record to be published.",
    de: r"DKIM-Signatur Ihrer Mail
    .valid = Die Mail, die Sie geschickt haben, trägt eine gültige Signatur Ihrer Domain.
    .foreign = Die Mail, die Sie geschickt haben, trägt eine gültige Signatur, aber einer anderen Domain als der in From.
    .invalid = Die Mail, die Sie geschickt haben, trägt eine Signatur, die nicht stimmt.
    .absent = Die Mail, die Sie geschickt haben, trägt keine DKIM-Signatur.
    .why = Für DMARC zählt nur eine gültige Signatur der Domain in From, und sie übersteht Weiterleitungen, anders als SPF.
    .todo = Lassen Sie den Server, der Ihre Mail verschickt, mit einem Schlüssel Ihrer eigenen Domain signieren. Der Befehl unten erzeugt einen Schlüssel und zeigt den Eintrag, der zu veröffentlichen ist.",
    fix: SIGNING,
    ..Definition::BARE
};

/// The best signature counts, as for DMARC (RFC 9989 §5.3).
fn dkim_signature(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let Some(signatures) = &evidence.signatures else {
        let said = Said::not_applicable(Inapplicable::OnlyForTrials);
        return domain(Check::DkimSignature, evidence, said);
    };
    let passing = || signatures.iter().filter(|signature| signature.result == Result8601::Pass);
    let said = if passing().any(|signature| aligned(evidence, &signature.domain)) {
        Said::is(Word::Valid)
    } else if signatures.iter().any(|signature| signature.result == Result8601::TempError) {
        Said::inconclusive(Unknown::DnsFailed)
    } else if passing().next().is_some() {
        Said::is(Word::Foreign)
    } else {
        Said::is(if signatures.is_empty() { Word::Absent } else { Word::Invalid })
    };
    let none = signatures.is_empty().then(|| "DKIM-Signature: none".to_owned());
    let said = said.details(signatures.iter().map(row)).seen(signatures.iter().map(line)).seen(none);
    domain(Check::DkimSignature, evidence, said)
}

/// In relaxed alignment the organisational domain has to be the same, in strict alignment the domain
/// (RFC 9989 §4.4).
fn aligned(evidence: &Evidence, signer: &str) -> bool {
    let signer = signer.to_ascii_lowercase();
    let strict = applies(evidence).is_ok_and(|applies| applies.record.strict_dkim);
    match &evidence.names.dmarc.organisational {
        Some(domain) if !strict => {
            signer == *domain || signer.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
        }
        _ => signer == evidence.domain,
    }
}

fn row(signature: &DkimOutcome) -> String {
    format!("{} ({}, {}): {}", signature.domain, signature.selector, signature.algorithm, signature.result)
}

fn line(signature: &DkimOutcome) -> String {
    let DkimOutcome { result, domain, selector, algorithm, reason } = signature;
    let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("DKIM-Signature d={domain} s={selector} a={algorithm}: {result}{reason}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};

    fn sign(evidence: &mut Evidence, domain: &str, result: Result8601) {
        evidence.signatures.get_or_insert_default().push(DkimOutcome {
            result,
            domain: domain.to_owned(),
            selector: "s1".to_owned(),
            algorithm: "ed25519-sha256".to_owned(),
            reason: None,
        });
    }

    #[test]
    fn words_of_the_signature() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, not_applicable(Inapplicable::OnlyForTrials)),
            (|e| e.signatures = Some(Vec::new()), is(Word::Absent)),
            (|e| sign(e, "example.net", Result8601::Pass), is(Word::Valid)),
            (|e| sign(e, "Mail.Example.net", Result8601::Pass), is(Word::Valid)),
            (|e| sign(e, "badexample.net", Result8601::Pass), is(Word::Foreign)),
            (
                |e| {
                    let text = "v=DMARC1; p=reject; adkim=s";
                    e.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", text);
                    sign(e, "mail.example.net", Result8601::Pass);
                },
                is(Word::Foreign),
            ),
            (|e| sign(e, "example.net", Result8601::Fail), is(Word::Invalid)),
            (|e| sign(e, "example.net", Result8601::TempError), inconclusive(Unknown::DnsFailed)),
            (
                |e| {
                    sign(e, "example.net", Result8601::TempError);
                    sign(e, "example.net", Result8601::Pass);
                },
                is(Word::Valid),
            ),
        ];
        sample::check_all(dkim_signature, cases);
    }
}
