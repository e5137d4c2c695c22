//! TLSRPT (RFC 8460 §3): where reports about TLS are wanted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::{self, WSP};

/// `_smtp._tls.<domain>` TXT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsRptRecord {
    /// `mailto:` and `https:` addresses.
    pub rua: Vec<String>,
}

/// Why TXT strings are no TLSRPT record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsRptError {
    /// None of the records begins with `v=TLSRPTv1;`.
    #[error("there is no record that begins with v=TLSRPTv1;")]
    Absent,
    /// More than one does, so none counts.
    #[error("there is more than one record that begins with v=TLSRPTv1;")]
    Several,
    /// No `rua` is named.
    #[error("no rua is named")]
    Rua,
    /// What stands between two semicolons is no field of the grammar, or an address that no report can go to.
    #[error("`{0}` is no field (RFC 8460 §3)")]
    Field(String),
}

impl TlsRptRecord {
    /// Reads the TXT records at `_smtp._tls.<domain>` by the grammar; exactly one must begin with `v=TLSRPTv1;`.
    /// `rua` may stand more than once.
    ///
    /// # Errors
    ///
    /// If there is no record, more than one, or one that is not of the grammar.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Result<Self, TlsRptError> {
        let text = fields::only(
            records,
            |text| fields::is_of_version(text, "v=TLSRPTv1"),
            TlsRptError::Absent,
            TlsRptError::Several,
        )?;
        let mut rua = Vec::new();
        // White space at the end harms nobody, and is not told from that of a delimiter that ends the record.
        for field in fields::fields(text).map(|field| field.trim_end_matches(WSP)) {
            let sound = match field.strip_prefix("rua=") {
                Some(uris) => {
                    let uris = uris.split(',').map(|uri| uri.trim_matches(WSP));
                    let before = rua.len();
                    rua.extend(uris.map(str::to_owned));
                    rua[before..].iter().all(|uri| is_uri(uri))
                }
                None => fields::is_extension(field),
            };
            if !sound {
                return Err(TlsRptError::Field(field.to_owned()));
            }
        }
        if rua.is_empty() { Err(TlsRptError::Rua) } else { Ok(Self { rua }) }
    }
}

/// A URI in which commas, exclamation marks and semicolons are encoded, of the schemes that reports can go by.
fn is_uri(uri: &str) -> bool {
    !uri.contains('!') && fields::is_report_uri(uri, &["https"])
}

impl fmt::Display for TlsRptRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=TLSRPTv1; rua={}", self.rua.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TlsRptRecord, TlsRptError> {
        TlsRptRecord::from_txt(["other", text])
    }

    #[test]
    fn reads_back_as_it_was_written() {
        let record =
            TlsRptRecord { rua: vec!["mailto:tls@example.net".to_owned(), "https://r.example/".to_owned()] };
        assert_eq!(read(&record.to_string()), Ok(record));
        for text in [
            "v=TLSRPTv1;rua=mailto:a@b.example;",
            "v=TLSRPTv1 ; rua=mailto:a@b.example , \t https://b.example/x  ",
            "v=TLSRPTv1; rua=mailto:a@b.example; rua=https://b.example; ext=yes",
            "v=TLSRPTv1; rua=MAILTO:a@b.example",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert_eq!(read("v=TLSRPTv1; rua=mailto:a@b.example; rua=mailto:b@b.example").unwrap().rua.len(), 2);
    }

    #[test]
    fn what_the_grammar_does_not_know_is_no_record() {
        for none in ["v=TLSRPTv10; rua=mailto:a@b.example", "v=TLSRPTv1", "x"] {
            assert_eq!(read(none), Err(TlsRptError::Absent), "{none}");
        }
        for none in ["v=TLSRPTv1;", "v=TLSRPTv1; ext=1"] {
            assert_eq!(read(none), Err(TlsRptError::Rua), "{none}");
        }
        for field in [
            "rua=",
            "rua=,, ,",
            "rua=noscheme",
            "rua=tls@example.net",
            "rua=http://example.net/",
            "rua=https://b.example/%",
            "rua=mailto:a@b.example other",
            "rua=mailto:a@b.example!10m",
            "rua=mailto:a@b.example,",
            "rua = mailto:a@b.example",
            "rua=mailto:a@b.example; more=",
            "rua=mailto:a@b.example; 1%=a",
            "rua=mailto:a@b.example; test==",
            "rua=mailto:a@b.example; rua=nonsense",
            "rua=mailto:a@b.example;;",
        ] {
            let said = read(&format!("v=TLSRPTv1; {field}"));
            assert!(matches!(said, Err(TlsRptError::Field(_))), "{field}: {said:?}");
        }
        let two = ["v=TLSRPTv1; rua=mailto:a@b.example"; 2];
        assert_eq!(TlsRptRecord::from_txt(two), Err(TlsRptError::Several));
    }
}
