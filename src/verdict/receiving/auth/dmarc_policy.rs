//! What the DMARC record asks of receivers.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Word};
use super::super::subjects::{Said, domain};
use super::dmarc::{Applies, Without, applies, seen};
use crate::evidence::scan::Evidence;
use crate::policy::dmarc::{DmarcFault, Request};

/// The weaker of what is asked for the domain and for the names below it.
pub(in super::super) fn dmarc_policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several | Without::Absent) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(applies) => Said::is(word(&applies)).details(rows(&applies)),
    };
    domain(Check::DmarcPolicy, evidence, said.seen(seen(evidence)))
}

/// A domain that inherits is one of the subdomains that `sp` is about (RFC 9989 §4.7).
fn word(applies: &Applies) -> Word {
    let record = &applies.record;
    let (Some(p), Some((sp, np))) = (record.asks(), record.asks_below()) else { return Word::Invalid };
    if record.faults.iter().any(DmarcFault::is_error) {
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
    let faults = record.faults.iter().map(|fault| match fault {
        DmarcFault::Field(text) => text.clone(),
        DmarcFault::Value { tag, value } => format!("{tag}={value}"),
        DmarcFault::Twice(tag) => format!("{tag}, {tag}"),
        DmarcFault::Unknown(tag) | DmarcFault::Dropped(tag) => format!("({tag})"),
    });
    let testing = record.testing.then(|| "t=y".to_owned());
    requests.chain(testing).chain(faults).collect()
}

/// What receivers do with a mail of the domain itself that fails, `t` counted.
pub(super) fn asked_here(applies: &Applies) -> Option<Request> {
    let record = &applies.record;
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
    use crate::evidence::scan::NameAnswer;
    use crate::policy::DmarcRecord;

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
