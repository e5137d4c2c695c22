//! What is wrong with a report that could be read all the same.

use serde::{Deserialize, Serialize};

/// A defect of a report, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Defect {
    pub kind: DefectKind,
    /// The field as RFC 8460 calls it; empty where it is of the whole.
    pub field: String,
}

/// How a report departs from the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefectKind {
    /// The JSON begins with a byte order mark (RFC 8259 §8.1).
    ByteOrderMark,
    /// The JSON is not in UTF-8 (RFC 8259 §8.1).
    NotUtf8,
    /// Something stands behind the JSON.
    TextBehind,
    /// A field that must be there is not.
    Missing,
    /// A field is `null`.
    Null,
    /// A field has another type, or a value that is none of its kind.
    Unfit,
    /// A number is written as a text.
    NumberAsText,
    /// A single text stands where a list of them must.
    TextForList,
    /// A field has a name that only drafts of the standard had.
    DraftName,
    /// A word of a closed list is written with capital letters.
    Capitals,
    /// A word is none of the registered ones (RFC 8460 §6.6).
    UnknownWord,
    /// A time names no offset from UTC (RFC 3339 §5.6).
    NoOffset,
    /// The range ends at the next midnight, and not before it.
    EndAtMidnight,
    /// The range is not one whole day of UTC (RFC 8460 §4.1).
    NotADay,
    /// The failures that are listed and their total are not the same number.
    CountsDisagree,
    /// The mail is no `multipart/report` of the type `tlsrpt` (RFC 8460 §5.3).
    NotMultipartReport,
    /// The report came with another media type than `application/tlsrpt+gzip` or `application/tlsrpt+json` (RFC 8460 §5.3).
    MediaType,
    /// What is said to be packed is not, or the other way round.
    PackedOtherwise,
    /// The file is not called `SUBMITTER!POLICY-DOMAIN!BEGIN!END.json[.gz]` (RFC 8460 §5.1).
    FileName,
    /// A field of the mail's header section is missing that RFC 8460 §5.3 wants.
    NoReportField,
    /// No DKIM signature of the mail passes (RFC 8460 §3).
    NotSigned,
}

impl DefectKind {
    /// Each of them, for tables and tests.
    pub const ALL: [Self; 21] = [
        Self::ByteOrderMark,
        Self::NotUtf8,
        Self::TextBehind,
        Self::Missing,
        Self::Null,
        Self::Unfit,
        Self::NumberAsText,
        Self::TextForList,
        Self::DraftName,
        Self::Capitals,
        Self::UnknownWord,
        Self::NoOffset,
        Self::EndAtMidnight,
        Self::NotADay,
        Self::CountsDisagree,
        Self::NotMultipartReport,
        Self::MediaType,
        Self::PackedOtherwise,
        Self::FileName,
        Self::NoReportField,
        Self::NotSigned,
    ];

    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte-order-mark",
            Self::NotUtf8 => "not-utf8",
            Self::TextBehind => "text-behind",
            Self::Missing => "missing",
            Self::Null => "null",
            Self::Unfit => "unfit",
            Self::NumberAsText => "number-as-text",
            Self::TextForList => "text-for-list",
            Self::DraftName => "draft-name",
            Self::Capitals => "capitals",
            Self::UnknownWord => "unknown-word",
            Self::NoOffset => "no-offset",
            Self::EndAtMidnight => "end-at-midnight",
            Self::NotADay => "not-a-day",
            Self::CountsDisagree => "counts-disagree",
            Self::NotMultipartReport => "not-multipart-report",
            Self::MediaType => "media-type",
            Self::PackedOtherwise => "packed-otherwise",
            Self::FileName => "file-name",
            Self::NoReportField => "no-report-field",
            Self::NotSigned => "not-signed",
        }
    }
}

impl Defect {
    /// A defect at a field.
    pub fn new(kind: DefectKind, field: &str) -> Self {
        Self { kind, field: field.to_owned() }
    }
}

/// Adds a defect that is not there yet: each stands once, however often it occurs.
pub(super) fn add(defects: &mut Vec<Defect>, kind: DefectKind, field: &str) {
    let defect = Defect::new(kind, field);
    if !defects.contains(&defect) {
        defects.push(defect);
    }
}
