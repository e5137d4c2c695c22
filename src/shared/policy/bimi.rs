//! BIMI (draft-brand-indicators-for-message-identification): whether a record is one.

use super::fields::only;

/// `default._bimi.<domain>` TXT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BimiRecord {
    /// `l`: where the indicator is; empty: the domain declines.
    pub location: String,
    /// `a`: where its evidence is.
    pub evidence: Option<String>,
}

impl BimiRecord {
    /// Reads the TXT records at a name; exactly one must begin with `v=BIMI1`.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let is_of_version = |text: &str| {
            let version = text.split(';').next().and_then(|field| field.split_once('='));
            version.is_some_and(|(tag, value)| tag.trim() == "v" && value.trim() == "BIMI1")
        };
        let text = only(records, is_of_version, (), ()).ok()?;
        let field = |wanted: &str| {
            let fields = text.split(';').filter_map(|field| field.split_once('='));
            fields
                .map(|(tag, value)| (tag.trim(), value.trim()))
                .find(|(tag, _)| *tag == wanted)
                .map(|(_, value)| value)
        };
        let evidence = field("a").filter(|evidence| !evidence.is_empty()).map(str::to_owned);
        Some(Self { location: field("l")?.to_owned(), evidence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_exactly_one_and_has_a_location() {
        let text = "v=BIMI1; l=https://example.net/logo.svg; a=https://example.net/vmc.pem";
        let record = BimiRecord::from_txt(["x", text]).expect("a record");
        assert_eq!(record.location, "https://example.net/logo.svg");
        assert_eq!(record.evidence.as_deref(), Some("https://example.net/vmc.pem"));
        assert_eq!(BimiRecord::from_txt(["v=BIMI1; l=;"]).map(|record| record.location), Some(String::new()));
        for texts in [&["v=BIMI1"][..], &["v=BIMI2; l=https://a.b/"], &[text, text]] {
            assert_eq!(BimiRecord::from_txt(texts.iter().copied()), None, "{texts:?}");
        }
    }
}
