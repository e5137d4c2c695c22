//! Whether `_domainkey` exists: a guess, as internet.nl makes it, and checked by a name that nobody has published.
//! `Absent`: a signature proves that it does not; `NotFound`: only the name server says so. `NoMail`: DMARC reject
//! and `v=spf1 -all` say that the domain sends nothing.

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::dkim::SIGNING;
use crate::receiving::checks::auth::shared::dmarc::{Applies, Without, applies, seen as seen_dmarc};
use crate::receiving::checks::auth::shared::spf::{own, seen as seen_spf};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Evidence, LookupResult, NameAnswer, Signed};
use crate::shared::policy::dmarc::Request;
use crate::shared::policy::spf::{Mechanism, Qualifier, Term};

pub(super) static CHECK: Definition = Definition {
    id: "dkim",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Absent, Word::NotFound, Word::NoMail]),
    internetnl: Some("dkim"),
    judge: dkim_guess,
    en: r"DKIM, by a guess
    .present = The name _domainkey exists, from which we guess that there are DKIM keys. This is no proof: keys lie under names that cannot be listed.
    .absent = The name _domainkey does not exist, as a signature proves, so there are no DKIM keys below it (RFC 8020).
    .not-found = The name server says that _domainkey does not exist. Then there should be no DKIM keys below it (RFC 8020), but nothing proves it, and some name servers deny names that have others below them.
    .no-mail = SPF and DMARC say that the domain sends no mail, so it needs no DKIM keys.
    .why = From outside, only a signed mail can show that DKIM is in use. internet.nl guesses by the name above all keys, and so does this test, with a second question that shows whether the answer means anything.
    .todo = Sign your mail with DKIM (RFC 6376), and publish the key. Where keys are published already, have the name server repaired, which denies _domainkey although there are names below it (against RFC 8020).",
    de: r"DKIM (vermutet)
    .present = Den Namen _domainkey gibt es; vermutlich gibt es also DKIM-Schlüssel. Ein Beweis ist das nicht: Die Schlüssel liegen unter Namen, die sich nicht auflisten lassen.
    .absent = Den Namen _domainkey gibt es nicht, wie eine Signatur beweist, also auch keine DKIM-Schlüssel darunter (RFC 8020).
    .not-found = Der Nameserver sagt, dass es den Namen _domainkey nicht gibt. Dann dürfte es darunter keine DKIM-Schlüssel geben (RFC 8020); bewiesen ist das aber nicht, und manche Nameserver leugnen Namen, unter denen es andere gibt.
    .no-mail = SPF und DMARC sagen, dass die Domain keine Mail verschickt; DKIM-Schlüssel braucht sie also nicht.
    .why = Von außen zeigt nur eine signierte Mail, dass DKIM genutzt wird. internet.nl schließt darauf aus dem Namen über allen Schlüsseln, dieser Test auch; er prüft mit einer zweiten Frage, ob die Antwort etwas besagt.
    .todo = Signieren Sie Ihre Mail mit DKIM (RFC 6376), und veröffentlichen Sie den Schlüssel. Sind Schlüssel schon veröffentlicht, lassen Sie den Nameserver reparieren, der _domainkey leugnet, obwohl es darunter Namen gibt (entgegen RFC 8020).",
    fix: SIGNING,
    ..Definition::BARE
};

/// A name server that follows RFC 8020 denies `_domainkey` only where no key is below it; that it does is proved where
/// the denial is signed. A name that is answered like one that nobody has published may not exist either. Whoever sends
/// nothing needs no keys, and says so with `v=spf1 -all` and DMARC reject.
fn dkim_guess(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
fn alike(one: &LookupResult<String>, other: &LookupResult<String>) -> bool {
    let targets =
        |looked: &LookupResult<String>| looked.hops.iter().map(|hop| hop.to.clone()).collect::<Vec<_>>();
    one.answer == other.answer && targets(one) == targets(other)
}

/// Whether signed records prove that the name does not exist, and so that nothing is below it (RFC 8020 §2).
fn proved(looked: &LookupResult<String>) -> bool {
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

/// What receivers do with a mail of the domain itself that fails, `t` counted.
fn asked_here(applies: &Applies) -> Option<Request> {
    let record = &applies.record;
    if record.contradicts {
        return None;
    }
    let request = if applies.inherited { record.asks_below()?.0 } else { record.asks()? };
    Some(match request {
        Request::Reject if record.testing => Request::Quarantine,
        Request::Quarantine if record.testing => Request::None,
        request => request,
    })
}

/// Whether it is `v=spf1 -all` and nothing more.
fn says_nothing_is_sent(evidence: &Evidence) -> Result<bool, Unknown> {
    let only = [Term::Directive(Qualifier::Fail, Mechanism::All)];
    Ok(own(evidence)?.is_ok_and(|record| record.terms == only))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is};

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
        let control = LookupResult { answer, ..sample::txt("_control.example.net", "") };
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
}
