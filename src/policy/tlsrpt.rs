//! TLSRPT (RFC 8460 §3): where reports about TLS are wanted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `_smtp._tls.<domain>` TXT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsRptRecord {
    /// `mailto:` and `https:` addresses.
    pub rua: Vec<String>,
}

impl TlsRptRecord {
    /// Reads the TXT records at `_smtp._tls.<domain>`; exactly one must begin with `v=TLSRPTv1`.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut found = records
            .into_iter()
            .filter(|text| text.split(';').next().is_some_and(|version| version.trim_end() == "v=TLSRPTv1"));
        let text = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let (_, rua) =
            text.split(';').filter_map(|field| field.split_once('=')).find(|(key, _)| key.trim() == "rua")?;
        let rua: Vec<_> =
            rua.split(',').map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty()).collect();
        (!rua.is_empty()).then_some(Self { rua })
    }
}

impl fmt::Display for TlsRptRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=TLSRPTv1; rua={}", self.rua.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_as_it_was_written() {
        let record =
            TlsRptRecord { rua: vec!["mailto:tls@example.net".to_owned(), "https://r.example/".to_owned()] };
        assert_eq!(TlsRptRecord::from_txt(["other", &record.to_string()]), Some(record));
        assert_eq!(TlsRptRecord::from_txt(["v=TLSRPTv1; rua="]), None);
    }
}
