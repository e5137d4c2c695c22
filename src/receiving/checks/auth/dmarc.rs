//! Whether there is a DMARC record, and which one applies.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Note, Unknown, Word};
use super::super::lines::{self, unknown};
use super::super::subjects::{Said, domain};
use crate::shared::evidence::scan::{Evidence, Looked};
use crate::shared::policy::DmarcRecord;
use crate::shared::policy::dmarc::{DmarcError, applicable};

/// The record that applies to the domain.
pub(super) struct Applies {
    /// The domain it stands at.
    pub(super) domain: String,
    /// Whether that is a domain above.
    pub(super) inherited: bool,
    /// The record.
    pub(super) record: DmarcRecord,
}

/// What there is instead of one.
pub(super) enum Without {
    /// None anywhere.
    Absent,
    /// Several at the domain.
    Several,
    /// It is not known.
    Unknown(Unknown),
}

/// The record that applies. Of names above the domain only those count that were known before one was found: an
/// answer that failed might have been the one (RFC 9989 §4.10.1).
pub(super) fn applies(evidence: &Evidence) -> Result<Applies, Without> {
    let walk = &evidence.names.dmarc.walk;
    let Some(own) = walk.first() else { return Err(Without::Unknown(Unknown::Cut)) };
    if unknown(own).is_none() && read(own) == Err(DmarcError::Several) {
        return Err(Without::Several);
    }
    let found: Vec<_> = walk.iter().map(|looked| (at(looked).to_owned(), read(looked).ok())).collect();
    let applies = applicable(&found);
    let needed = applies.map_or(walk.len(), |applies| applies.at + 1);
    if let Some(why) = walk.iter().take(needed).find_map(unknown) {
        return Err(Without::Unknown(why));
    }
    let applies = applies.ok_or(Without::Absent)?;
    Ok(Applies {
        domain: applies.domain.to_owned(),
        inherited: applies.at > 0,
        record: applies.record.clone(),
    })
}

fn read(looked: &Looked<String>) -> Result<DmarcRecord, DmarcError> {
    DmarcRecord::from_txt(looked.records().iter().map(String::as_str))
}

/// The domain that a name of the walk belongs to.
fn at(looked: &Looked<String>) -> &str {
    looked.name.strip_prefix("_dmarc.").unwrap_or(&looked.name)
}

/// Exactly one record, here or above.
pub(in super::super) fn dmarc(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names.dmarc;
    let said = match applies(evidence) {
        Err(Without::Unknown(why)) => Said::inconclusive(why),
        Err(Without::Several) => Said::is(Word::Several),
        Err(Without::Absent) => Said::is(Word::Absent).notes(capitals(evidence)),
        Ok(Applies { inherited: false, record, .. }) => Said::is(Word::Present).detail(record.to_string()),
        Ok(Applies { domain, record, .. }) => {
            let listed = names.organisational.as_deref() == Some(&*domain);
            Said::is(if listed { Word::Inherited } else { Word::InheritedByWalk })
                .detail(format!("{domain}: {record}"))
        }
    };
    domain(Check::Dmarc, evidence, said.seen(seen(evidence)))
}

/// Whether the domain has a record but for its tags, which are in capitals.
fn capitals(evidence: &Evidence) -> Option<Note> {
    let own = evidence.names.dmarc.walk.first()?.records();
    own.iter().any(|text| DmarcRecord::is_in_capitals(text)).then_some(Note::DmarcCapitals)
}

/// The walk as far as it decides: up to the record that applies, or all of it.
pub(super) fn seen(evidence: &Evidence) -> Vec<String> {
    let walk = &evidence.names.dmarc.walk;
    let decides = match applies(evidence) {
        Ok(applies) => walk.iter().position(|looked| at(looked) == applies.domain),
        Err(Without::Several) => Some(0),
        Err(Without::Absent | Without::Unknown(_)) => None,
    };
    walk.iter().take(decides.map_or(walk.len(), |at| at + 1)).flat_map(lines::of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, inconclusive, is};
    use super::*;
    use crate::shared::evidence::scan::NameAnswer;

    /// The walk of a subdomain, of which `texts` are the records; empty: none.
    fn walk(evidence: &mut Evidence, texts: [&str; 3]) {
        evidence.domain = "mail.example.net".to_owned();
        let names = ["_dmarc.mail.example.net", "_dmarc.example.net", "_dmarc.net"];
        evidence.names.dmarc.walk = names
            .into_iter()
            .zip(texts)
            .map(|(name, text)| match text {
                "" => sample::secure(name, "TXT", Vec::new()),
                text => sample::txt(name, text),
            })
            .collect();
    }

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| walk(e, ["v=DMARC1; p=none", "v=DMARC1; p=reject", ""]), is(Word::Present)),
            (|e| walk(e, ["", "v=DMARC1; p=reject", ""]), is(Word::Inherited)),
            (|e| walk(e, ["", "", "v=DMARC1; p=reject; psd=y"]), is(Word::InheritedByWalk)),
            (
                |e| {
                    let records = vec!["v=DMARC1; p=none".to_owned(); 2];
                    e.names.dmarc.walk[0].answer = NameAnswer::Records { records };
                },
                is(Word::Several),
            ),
            (|e| walk(e, ["", "", ""]), is(Word::Absent)),
            (|e| e.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", "v=spf1 -all"), is(Word::Absent)),
            (|e| sample::times_out(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsBogus)),
            (
                |e| {
                    walk(e, ["", "", "v=DMARC1; p=reject"]);
                    sample::times_out(&mut e.names.dmarc.walk[1]);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    walk(e, ["", "v=DMARC1; p=reject", ""]);
                    sample::times_out(&mut e.names.dmarc.walk[2]);
                },
                is(Word::Inherited),
            ),
            (|e| e.names.dmarc.walk.clear(), inconclusive(Unknown::Cut)),
        ];
        sample::check_all(dmarc, cases);
    }
}
