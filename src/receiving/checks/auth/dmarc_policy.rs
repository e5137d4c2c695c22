//! What the DMARC record asks of receivers, the weaker of what holds here and below. `Testing`: `t=y` with
//! quarantine, which asks nothing; `Incomplete`: nothing is asked for subdomains (`sp`); `IncompleteNp`: nothing
//! is asked only for those that do not exist (`np`), which RFC 7489 did not know. Of several the first in the
//! order `Invalid`, `Nothing`, `Incomplete`, `Testing`, `IncompleteNp`, so that rules without `t` and `np` can
//! tell. `Invalid`: the record asks for nothing that all receivers agree on (RFC 9989 §4.10.1).

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::dmarc::{Applies, Without, applies, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::dmarc::Request;

pub(super) static CHECK: Definition = Definition {
    id: "dmarc-policy",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[
        Word::Reject,
        Word::Quarantine,
        Word::Testing,
        Word::Incomplete,
        Word::IncompleteNp,
        Word::Nothing,
        Word::Invalid,
    ]),
    internetnl: Some("dmarc_policy"),
    judge: dmarc_policy,
    answered_by: &[Check::Dmarc],
    en: r"DMARC policy
    .reject = Receivers are asked to reject mail that fails.
    .quarantine = Receivers are asked to quarantine mail that fails.
    .testing = The policy is in test mode (t=y), so receivers are asked for less than it says.
    .incomplete = Subdomains are asked for less than the domain itself.
    .incomplete-np = For subdomains that do not exist less is asked (np) than for the domain itself.
    .nothing = The policy asks for nothing (p=none): forged mail is delivered.
    .invalid = The DMARC record names no policy that all receivers agree on: p is missing or wrong, or sp or np is wrong, or one of them stands twice. Many apply none (RFC 9989 §4.10.1).
    .why = Only quarantine and reject protect against forged senders.
    .todo = Raise the policy to p=quarantine or p=reject, for subdomains (sp) and names that do not exist (np), too, and end test mode.
    .cost = Mail that mailing lists and forwarders change may then be rejected, unless its DKIM signature survives.",
    de: r"DMARC-Richtlinie
    .reject = Empfänger werden gebeten, Mail abzulehnen, die nicht besteht.
    .quarantine = Empfänger werden gebeten, Mail in Quarantäne zu nehmen, die nicht besteht.
    .testing = Die Richtlinie ist im Testbetrieb (t=y) und verlangt deshalb weniger, als sie sagt.
    .incomplete = Für Subdomains wird weniger verlangt als für die Domain selbst.
    .incomplete-np = Für Subdomains, die es nicht gibt (np), wird weniger verlangt als für die Domain selbst.
    .nothing = Die Richtlinie verlangt nichts (p=none): Gefälschte Mail wird zugestellt.
    .invalid = Der DMARC-Eintrag nennt keine Richtlinie, die alle Empfänger gleich lesen: p fehlt oder ist falsch, sp oder np ist falsch, oder eines davon steht doppelt da. Viele wenden dann gar keine an (RFC 9989 §4.10.1).
    .why = Nur quarantine und reject schützen vor gefälschten Absendern.
    .todo = Verschärfen Sie die Richtlinie auf p=quarantine oder p=reject, auch für Subdomains (sp) und Namen, die es nicht gibt (np), und beenden Sie den Testbetrieb.
    .cost = Mail, die Mailinglisten und Weiterleitungen verändern, wird dann vielleicht abgelehnt, es sei denn, ihre DKIM-Signatur bleibt gültig.",
    fix: r#"
    .dns = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@{ $domain }"
    .dns-no-mail = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=reject""#,
    ..Definition::BARE
};

/// The weaker of what is asked for the domain and for the names below it.
fn dmarc_policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several | Without::Absent) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(applies) => Said::is(word(&applies)).details(rows(&applies)),
    };
    domain(Check::DmarcPolicy, evidence, said.seen(seen(evidence)))
}

/// A domain that inherits is one of the subdomains that `sp` is about (RFC 9989 §4.7). Errors in other tags are
/// discarded in favour of their defaults, and change nothing (RFC 9989 §4.7, §4.8).
pub(in crate::receiving::checks) fn word(applies: &Applies) -> Word {
    let record = &applies.record;
    let (Some(p), Some((sp, np))) = (record.asks(), record.asks_below()) else { return Word::Invalid };
    if record.contradicts {
        return Word::Invalid;
    }
    let here = if applies.inherited { sp } else { p };
    match (here, sp, np, record.testing) {
        (Request::None, ..) => Word::Nothing,
        (_, Request::None, ..) => Word::Incomplete,
        // `t=y` lowers what is asked by one step (RFC 9989 §4.7).
        (Request::Quarantine, _, _, true) | (_, Request::Quarantine, _, true) => Word::Testing,
        (_, _, Request::None, _) => Word::IncompleteNp,
        (_, _, Request::Quarantine, true) => Word::Testing,
        (Request::Reject, Request::Reject, Request::Reject, false) => Word::Reject,
        _ => Word::Quarantine,
    }
}

pub(in crate::receiving::checks) fn rows(applies: &Applies) -> Vec<String> {
    let record = &applies.record;
    let requests = [("p", record.p), ("sp", record.sp), ("np", record.np)];
    let requests = requests.into_iter().filter_map(|(tag, asked)| Some(format!("{tag}={}", asked?)));
    let testing = record.testing.then(|| "t=y".to_owned());
    let of_policy = |tag: &str| matches!(tag, "p" | "sp" | "np" | "t");
    let faults = record.faults.iter().filter(|fault| fault.tag().is_some_and(of_policy));
    requests.chain(testing).chain(faults.map(ToString::to_string)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Unknown;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, not_applicable};
    use crate::shared::evidence::scan::NameAnswer;
    use crate::shared::policy::DmarcRecord;

    fn word_of(text: &str, inherited: bool) -> Word {
        let record = DmarcRecord::from_txt([text]).unwrap();
        word(&Applies { domain: String::new(), inherited, record })
    }

    #[test]
    fn words_of_records() {
        for (tags, expected, inherited) in [
            ("p=reject", Word::Reject, Word::Reject),
            ("p=quarantine", Word::Quarantine, Word::Quarantine),
            ("p=reject; sp=quarantine", Word::Quarantine, Word::Quarantine),
            ("p=reject; np=quarantine", Word::Quarantine, Word::Quarantine),
            ("p=none; sp=reject", Word::Nothing, Word::Reject),
            ("p=reject; sp=none", Word::Incomplete, Word::Nothing),
            ("p=reject; np=none", Word::IncompleteNp, Word::IncompleteNp),
            ("p=reject; t=y", Word::Quarantine, Word::Quarantine),
            ("p=quarantine; t=y", Word::Testing, Word::Testing),
            ("p=reject; np=quarantine; t=y", Word::Testing, Word::Testing),
            ("p=quarantine; sp=none; t=y", Word::Incomplete, Word::Nothing),
            ("p=quarantine; np=none; t=y", Word::Testing, Word::Testing),
            ("p=none; t=y", Word::Nothing, Word::Nothing),
            ("p=block", Word::Invalid, Word::Invalid),
            ("p=reject; p=none", Word::Invalid, Word::Invalid),
            ("p=reject; p=reject", Word::Reject, Word::Reject),
            ("p=reject; np=x", Word::Invalid, Word::Invalid),
            ("p=reject; np=x; rua=mailto:a@example.net", Word::Nothing, Word::Nothing),
            ("p=reject; psd=x", Word::Reject, Word::Reject),
            ("p=reject; rua=a@example.net", Word::Reject, Word::Reject),
            ("p=reject; rua=mailto:a@example.net; rua=mailto:b@example.net", Word::Reject, Word::Reject),
            ("p=quarantine; fo:0; adkim=r", Word::Quarantine, Word::Quarantine),
            ("p=none; fo:0; aspf=r", Word::Nothing, Word::Nothing),
            ("sp=reject", Word::Invalid, Word::Invalid),
            ("rua=mailto:a@example.net", Word::Nothing, Word::Nothing),
            ("p=reject; pct=50; x=y", Word::Reject, Word::Reject),
        ] {
            let text = format!("v=DMARC1; {tags}");
            assert_eq!(word_of(&text, false), expected, "{tags}");
            if !tags.starts_with("p=none; sp") {
                assert_eq!(word_of(&text, true), inherited, "{tags}, inherited");
            }
        }
        assert_eq!(word_of("v=DMARC1; p=none; sp=reject", true), Word::Reject);
    }

    #[test]
    fn no_record_has_no_policy() {
        let cases: Vec<(Bent, _)> = vec![
            (|e| e.names.dmarc.walk[0].answer = NameAnswer::NoName, not_applicable(Inapplicable::NoRecord)),
            (|e| sample::times_out(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(dmarc_policy, cases);
    }
}
