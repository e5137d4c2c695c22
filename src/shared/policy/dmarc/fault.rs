//! What is wrong in a record, and counts for nothing.

use std::fmt;

/// Something in a record that counts for nothing (RFC 9989 §4.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DmarcFault {
    /// A field that is not `tag=value`.
    Field(String),
    /// A tag that has been seen before.
    Twice(String),
    /// A tag that the registry does not have. This is no error.
    Unknown(String),
    /// A tag of RFC 7489 that RFC 9989 has dropped: `pct`, `rf`, `ri`. This is no error.
    Dropped(String),
    /// A value that its tag does not have.
    Value { tag: String, value: String },
}

impl DmarcFault {
    /// Whether it is an error of syntax, and not merely something that is passed over.
    pub fn is_error(&self) -> bool {
        !matches!(self, Self::Unknown(_) | Self::Dropped(_))
    }

    /// The tag that it is about; none: there is none.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Field(_) => None,
            Self::Twice(tag) | Self::Unknown(tag) | Self::Dropped(tag) | Self::Value { tag, .. } => Some(tag),
        }
    }
}

impl fmt::Display for DmarcFault {
    /// As it stands in the record; twice, where it does; in brackets where it is no error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(text) => f.write_str(text),
            Self::Value { tag, value } => write!(f, "{tag}={value}"),
            Self::Twice(tag) => write!(f, "{tag}, {tag}"),
            Self::Unknown(tag) | Self::Dropped(tag) => write!(f, "({tag})"),
        }
    }
}
