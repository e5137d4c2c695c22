//! What the DMARC record asks of receivers.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Word};
use super::super::subjects::{Said, domain};
use super::dmarc::{Applies, Without, applies, seen};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::dmarc::{DmarcFault, Request};

/// The weaker of what is asked for the domain and for the names below it.
pub(in super::super) fn dmarc_policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several | Without::Absent) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(applies) => Said::is(word(&applies)).details(rows(&applies)),
    };
    domain(Check::DmarcPolicy, evidence, said.seen(seen(evidence)))
}

/// A domain that inherits is one of the subdomains that `sp` is about (RFC 9989 §4.7). Errors in other tags are
/// discarded in favour of their defaults, and change nothing (RFC 9989 §4.7, §4.8).
fn word(applies: &Applies) -> Word {
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

fn rows(applies: &Applies) -> Vec<String> {
    let record = &applies.record;
    let requests = [("p", record.p), ("sp", record.sp), ("np", record.np)];
    let requests = requests.into_iter().filter_map(|(tag, asked)| Some(format!("{tag}={}", asked?)));
    let testing = record.testing.then(|| "t=y".to_owned());
    let of_policy = |tag: &str| matches!(tag, "p" | "sp" | "np" | "t");
    let faults = record.faults.iter().filter(|fault| fault.tag().is_some_and(of_policy));
    requests.chain(testing).chain(faults.map(ToString::to_string)).collect()
}

/// What receivers pass over in the record: errors, and tags that RFC 9989 does not know or has dropped.
pub(in super::super) fn dmarc_tags(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several | Without::Absent) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(Applies { record, .. }) => {
            let word = match record.faults.as_slice() {
                [] => Word::Sound,
                faults if faults.iter().any(DmarcFault::is_error) => Word::Invalid,
                _ => Word::Obsolete,
            };
            Said::is(word).details(record.faults.iter().map(ToString::to_string))
        }
    };
    domain(Check::DmarcTags, evidence, said.seen(seen(evidence)))
}

/// What receivers do with a mail of the domain itself that fails, `t` counted.
pub(super) fn asked_here(applies: &Applies) -> Option<Request> {
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

#[cfg(test)]
mod tests {
    use super::super::super::finding::Unknown;
    use super::super::super::tests::sample::{self, Bent, inconclusive, not_applicable};
    use super::*;
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
    fn what_is_passed_over_stands_beside_the_policy() {
        let mut evidence = sample::perfect();
        for (tags, word, rows) in [
            ("p=reject", Word::Sound, &[][..]),
            ("p=reject; fo:0; psd=x", Word::Invalid, &["fo:0", "psd=x"]),
            ("p=reject; p=none", Word::Invalid, &["p, p"]),
            ("p=reject; pct=50; x=y", Word::Obsolete, &["(pct)", "(x)"]),
            ("p=reject; pct=50; ruf=b@example.net", Word::Invalid, &["(pct)", "ruf=b@example.net"]),
        ] {
            evidence.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", &format!("v=DMARC1; {tags}"));
            let finding = dmarc_tags(&evidence, sample::now()).remove(0);
            assert_eq!(finding.measured, sample::is(word), "{tags}");
            assert_eq!(finding.details, rows, "{tags}");
        }
        evidence.names.dmarc.walk[0].answer = NameAnswer::NoName;
        let nothing = dmarc_tags(&evidence, sample::now()).remove(0);
        assert_eq!(nothing.measured, not_applicable(Inapplicable::NoRecord));
        sample::breaks(&mut evidence.names.dmarc.walk[0]);
        let unknown = dmarc_tags(&evidence, sample::now()).remove(0);
        assert_eq!(unknown.measured, inconclusive(Unknown::DnsBogus));
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
