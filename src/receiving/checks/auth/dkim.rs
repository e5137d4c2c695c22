//! DKIM: the guess that needs no mail, and the signature of the mail received.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, unknown};
use super::super::subjects::{Said, domain};
use super::dmarc::{Without, applies, seen as seen_dmarc};
use super::dmarc_policy::asked_here;
use super::spf::{says_nothing_is_sent, seen as seen_spf};
use crate::shared::evidence::scan::{Evidence, Looked, NameAnswer, Signed};
use crate::shared::evidence::{DkimOutcome, Result8601, Security};
use crate::shared::policy::dmarc::Request;

/// A name server that follows RFC 8020 denies `_domainkey` only where no key is below it; that it does is proved where
/// the denial is signed. A name that is answered like one that nobody has published may not exist either. Whoever sends
/// nothing needs no keys, and says so with `v=spf1 -all` and DMARC reject.
pub(in super::super) fn dkim_guess(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let looked = &evidence.names.domainkey;
    let control = evidence.names.domainkey_control.as_ref();
    let said = match sends_nothing(evidence) {
        Ok(true) => Said::is(Word::NoMail).seen(seen_spf(evidence)).seen(seen_dmarc(evidence)),
        no_mail => match (unknown(looked), no_mail) {
            (Some(why), _) => Said::inconclusive(why),
            (None, _) if looked.answer != NameAnswer::NoName => {
                match control.map(|one| (unknown(one), one)) {
                    Some((Some(why), _)) => Said::inconclusive(why),
                    Some((None, control)) if alike(looked, control) => Said::inconclusive(Unknown::AnyName),
                    _ => Said::is(Word::Present),
                }
            }
            (None, Err(why)) => Said::inconclusive(why).seen(seen_spf(evidence)).seen(seen_dmarc(evidence)),
            (None, Ok(_)) => Said::is(if proved(looked) { Word::Absent } else { Word::NotFound }),
        },
    };
    domain(
        Check::DkimGuess,
        evidence,
        said.seen(lines::of(looked)).seen(control.iter().flat_map(|one| lines::of(one))),
    )
}

/// Whether two names are answered alike: the same records, or none of either, behind the same aliases.
fn alike(one: &Looked<String>, other: &Looked<String>) -> bool {
    let targets = |looked: &Looked<String>| looked.hops.iter().map(|hop| hop.to.clone()).collect::<Vec<_>>();
    one.answer == other.answer && targets(one) == targets(other)
}

/// Whether signed records prove that the name does not exist, and so that nothing is below it (RFC 8020 §2).
fn proved(looked: &Looked<String>) -> bool {
    let over = looked.signature.as_ref().and_then(|signature| signature.over.as_ref());
    looked.weakest() == Security::Secure && over.is_some_and(Signed::denies)
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

    /// A signed denial.
    fn denied(evidence: &mut Evidence) {
        evidence.names.domainkey.answer = NameAnswer::NoName;
        let over = Signed { owner: "example.net".to_owned(), rtype: "NSEC3".to_owned() };
        evidence.names.domainkey.signature.as_mut().unwrap().over = Some(over);
    }

    fn control(evidence: &mut Evidence, answer: NameAnswer<String>) {
        let control = Looked { answer, ..sample::txt("_control.example.net", "") };
        evidence.names.domainkey_control = Some(control);
    }

    fn text(text: &str) -> NameAnswer<String> {
        NameAnswer::Records { records: vec![text.to_owned()] }
    }

    #[test]
    fn words_of_the_guess() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| e.names.domainkey = sample::txt("_domainkey.example.net", "o=~"), is(Word::Present)),
            (denied, is(Word::Absent)),
            (|e| (denied(e), sample::unsigned(&mut e.names.domainkey)).1, is(Word::NotFound)),
            (|e| e.names.domainkey.answer = NameAnswer::NoName, is(Word::NotFound)),
            (sends_nothing, is(Word::NoMail)),
            (
                |e| {
                    sends_nothing(e);
                    denied(e);
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
                    denied(e);
                    sample::times_out(&mut e.names.dmarc.walk[0]);
                },
                is(Word::Absent),
            ),
            (|e| sample::times_out(&mut e.names.domainkey), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.domainkey), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(dkim_guess, cases);
    }

    /// Wildcards, and signers that answer every name without an error (RFC 9824).
    #[test]
    fn a_name_that_nobody_has_published_tells_what_the_guess_is_worth() {
        let cases: Vec<(Bent, _)> = vec![
            (|e| control(e, NameAnswer::NoName), is(Word::Present)),
            (|e| control(e, NameAnswer::NoData), inconclusive(Unknown::AnyName)),
            (|e| control(e, text("catch all")), is(Word::Present)),
            (
                |e| {
                    e.names.domainkey = sample::txt("_domainkey.example.net", "catch all");
                    control(e, text("catch all"));
                },
                inconclusive(Unknown::AnyName),
            ),
            (
                |e| {
                    e.names.domainkey = sample::txt("_domainkey.example.net", "o=~");
                    control(e, text("catch all"));
                },
                is(Word::Present),
            ),
            (
                |e| {
                    control(e, NameAnswer::NoData);
                    let hop = sample::hop("_control.example.net", "all.example.org");
                    e.names.domainkey_control.as_mut().unwrap().hops.push(hop);
                },
                is(Word::Present),
            ),
            (
                |e| {
                    control(e, NameAnswer::NoData);
                    sample::times_out(e.names.domainkey_control.as_mut().unwrap());
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    sends_nothing(e);
                    control(e, NameAnswer::NoData);
                },
                is(Word::NoMail),
            ),
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
