//! DKIM: the guess that needs no mail, and the signature of the mail received.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, unknown};
use super::super::subjects::{Said, domain};
use super::dmarc::{Without, applies, seen as seen_dmarc};
use super::dmarc_policy::asked_here;
use super::spf::{says_nothing_is_sent, seen as seen_spf};
use crate::evidence::scan::{Evidence, NameAnswer};
use crate::evidence::{DkimOutcome, Result8601};
use crate::policy::dmarc::Request;

/// A name server that follows RFC 8020 denies `_domainkey` only where no key is below it. Whoever sends nothing
/// needs no keys, and says so with `v=spf1 -all` and DMARC reject.
pub(in super::super) fn dkim_guess(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let looked = &evidence.names.domainkey;
    let said = match sends_nothing(evidence) {
        Ok(true) => Said::is(Word::NoMail).seen(seen_spf(evidence)).seen(seen_dmarc(evidence)),
        no_mail => match (unknown(looked), no_mail) {
            (Some(why), _) => Said::inconclusive(why),
            (None, _) if looked.answer != NameAnswer::NoName => Said::is(Word::Present),
            (None, Err(why)) => Said::inconclusive(why).seen(seen_spf(evidence)).seen(seen_dmarc(evidence)),
            (None, Ok(_)) => Said::is(Word::Absent),
        },
    };
    domain(Check::DkimGuess, evidence, said.seen(lines::of(looked)))
}

/// Both records have to say it; one that does not is enough to deny it.
fn sends_nothing(evidence: &Evidence) -> Result<bool, Unknown> {
    let spf = says_nothing_is_sent(evidence);
    let dmarc = match applies(evidence) {
        Ok(applies) => Ok(asked_here(&applies) == Some(Request::Reject)),
        Err(Without::Unknown(why)) => Err(why),
        Err(Without::Absent | Without::Several) => Ok(false),
    };
    match (spf, dmarc) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Err(why), _) | (_, Err(why)) => Err(why),
        (Ok(true), Ok(true)) => Ok(true),
    }
}

/// The best signature counts, as for DMARC (RFC 9989 §5.3).
pub(in super::super) fn dkim_signature(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;

    fn sends_nothing(evidence: &mut Evidence) {
        evidence.names.spf.policies[0].txt = sample::txt("example.net", "v=spf1 -all");
        evidence.names.domainkey.answer = NameAnswer::NoName;
    }

    #[test]
    fn words_of_the_guess() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| e.names.domainkey = sample::txt("_domainkey.example.net", "o=~"), is(Word::Present)),
            (|e| e.names.domainkey.answer = NameAnswer::NoName, is(Word::Absent)),
            (sends_nothing, is(Word::NoMail)),
            (
                |e| {
                    sends_nothing(e);
                    let text = "v=DMARC1; p=reject; t=y";
                    e.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", text);
                },
                is(Word::Absent),
            ),
            (
                |e| {
                    sends_nothing(e);
                    sample::times_out(&mut e.names.dmarc.walk[0]);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    e.names.domainkey.answer = NameAnswer::NoName;
                    sample::times_out(&mut e.names.dmarc.walk[0]);
                },
                is(Word::Absent),
            ),
            (|e| sample::times_out(&mut e.names.domainkey), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.domainkey), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(dkim_guess, cases);
    }

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
