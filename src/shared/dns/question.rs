//! What is asked of DNS, and names as they are told.

use std::fmt;

use hickory_proto::rr::{Name, RecordType};

/// A name in lower case without the final dot; the root is empty.
pub(super) fn plain(name: &Name) -> String {
    let mut name = name.to_lowercase();
    name.set_fqdn(false);
    if name.is_root() { String::new() } else { name.to_ascii() }
}

/// A name in lower case and a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) rtype: RecordType,
}

impl Question {
    /// The question for a name that is whole, whether its final dot is written or not.
    pub(super) fn whole(name: &str, rtype: RecordType) -> Result<Self, hickory_proto::ProtoError> {
        let mut name = Name::from_ascii(name)?.to_lowercase();
        name.set_fqdn(true);
        Ok(Self { name, rtype })
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.rtype)
    }
}
