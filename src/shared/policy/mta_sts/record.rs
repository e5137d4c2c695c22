//! The TXT record (RFC 8461 §3.1).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shared::policy::fields;

/// `_mta-sts.<domain>` TXT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtaStsRecord {
    /// 1 to 32 letters and digits that change when the policy changes.
    pub id: String,
}

/// Why TXT strings are no MTA-STS record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum RecordError {
    /// None of the records begins with `v=STSv1;`: the domain has no MTA-STS.
    #[error("there is no record that begins with v=STSv1;")]
    Absent,
    /// More than one does: RFC 8461 §3.1 wants that treated as none.
    #[error("there is more than one record that begins with v=STSv1;")]
    Several,
    /// The `id` is missing, too long or has other characters than letters and digits.
    #[error("the id is missing or not 1 to 32 letters and digits")]
    Id,
    /// What stands between two semicolons is no field of the grammar.
    #[error("`{0}` is no field (RFC 8461 §3.1)")]
    Field(String),
}

impl MtaStsRecord {
    /// Reads the TXT records at `_mta-sts.<domain>`, each already joined from its strings, by the grammar: whoever
    /// reads strictly sees no record where one does not keep to it.
    ///
    /// # Errors
    ///
    /// If there is no record, more than one, or one that is not of the grammar.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Result<Self, RecordError> {
        let text = fields::only(
            records,
            |text| fields::is_of_version(text, "v=STSv1"),
            RecordError::Absent,
            RecordError::Several,
        )?;
        let mut id = None;
        for field in fields::fields(text) {
            match field.strip_prefix("id=") {
                Some(value) if !is_id(value) => return Err(RecordError::Id),
                // Of one that stands twice the first counts, as in the policy (RFC 8461 §3.2).
                Some(value) => drop(id.get_or_insert(value)),
                None if !fields::is_extension(field) => return Err(RecordError::Field(field.to_owned())),
                None => {}
            }
        }
        id.map(|id| Self { id: id.to_owned() }).ok_or(RecordError::Id)
    }
}

fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_alphanumeric())
}

impl fmt::Display for MtaStsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=STSv1; id={};", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(records: &[&str]) -> Result<MtaStsRecord, RecordError> {
        MtaStsRecord::from_txt(records.iter().copied())
    }

    #[test]
    fn a_record_is_exactly_one() {
        let is = |id: &str| Ok(MtaStsRecord { id: id.to_owned() });
        assert_eq!(read(&["x", "v=STSv1; id=20260101;"]), is("20260101"));
        assert_eq!(read(&["v=STSv1 ;\tid=a1 \t;"]), is("a1"));
        assert_eq!(read(&["v=STSv1; id=a; more=b; e.x-t_1=2:,<"]), is("a"));
        assert_eq!(read(&["v=STSv1; id=a; id=b"]), is("a"));
        for none in ["v=spf1 -all", "v=STSv10; id=1", "v=STSv1", " v=STSv1; id=1", "V=STSv1; id=1"] {
            assert_eq!(read(&[none]), Err(RecordError::Absent), "{none}");
        }
        assert_eq!(read(&["v=STSv1; id=1;", "v=STSv1; id=2;"]), Err(RecordError::Several));
    }

    #[test]
    fn what_the_grammar_does_not_know_is_no_record() {
        let long = "i".repeat(33);
        for id in ["v=STSv1;", "v=STSv1; ext=1", "v=STSv1; id=", "v=STSv1; id=a-b", "v=STSv1; id=a b;"] {
            assert_eq!(read(&[id]), Err(RecordError::Id), "{id}");
        }
        assert_eq!(read(&[&format!("v=STSv1; id={long}")]), Err(RecordError::Id));
        let long = format!("{long}=1");
        for field in [
            "id = 1", "", "more=", "=x", "1%=a", "test==", "test=a=b", "te st=a", "test=a b", "grün=a", &long,
        ] {
            let text = format!("v=STSv1; {field}; id=a;");
            assert_eq!(read(&[&text]), Err(RecordError::Field(field.to_owned())), "{field}");
        }
        assert_eq!(read(&["v=STSv1; id=a;;"]), Err(RecordError::Field(String::new())));
        assert_eq!(read(&["v=STSv1; id=a; x=y "]), Err(RecordError::Field("x=y ".to_owned())));
    }
}
