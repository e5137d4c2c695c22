//! One look-up and what came of it.

use serde::{Deserialize, Serialize};

use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, DnsLimit, ExtendedError, SignatureSeen};

/// One question and what came of it. Names are A-labels in lower case, without the final dot; the root is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupResult<T> {
    /// The name that was asked for.
    pub name: String,
    /// The type, such as `MX`.
    pub rtype: String,
    pub answer: NameAnswer<T>,
    /// The aliases that were followed, in order, each with its own state. Behind a bogus one nothing is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// The state of the records or of their denial, apart from the aliases before them.
    pub security: Security,
    /// Why it is bogus, as we computed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// What the resolver said beside it (RFC 8914).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended_errors: Vec<ExtendedError>,
    /// The signature over the answer that expires first, if the answer is secure or bogus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureSeen>,
}

impl<T> LookupResult<T> {
    /// A question that was not asked.
    pub fn not_asked(name: impl Into<String>, rtype: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rtype: rtype.into(),
            answer: NameAnswer::NotAsked,
            hops: Vec::new(),
            security: Security::Indeterminate,
            broken: None,
            extended_errors: Vec::new(),
            signature: None,
        }
    }

    /// The records; none where there is a denial or a failure.
    pub fn records(&self) -> &[T] {
        match &self.answer {
            NameAnswer::Records { records } => records,
            _ => &[],
        }
    }

    /// The weakest state of all hops and the answer.
    pub fn weakest(&self) -> Security {
        self.hops.iter().fold(self.security, |weakest, hop| weakest.weaker(hop.security))
    }

    /// Whether it is known that there are no records.
    pub fn denied(&self) -> bool {
        matches!(self.answer, NameAnswer::NoData | NameAnswer::NoName)
    }

    /// Whether nothing is known: a failure, or never asked.
    pub fn unknown(&self) -> bool {
        matches!(self.answer, NameAnswer::Failed { .. } | NameAnswer::NotAsked)
    }

    /// Why there is no answer.
    pub fn failure(&self) -> Option<&NameFailure> {
        match &self.answer {
            NameAnswer::Failed { failure } => Some(failure),
            _ => None,
        }
    }

    /// The same, if it is an answer: records or their denial. Nothing else says that there are no records: who needs
    /// an answer to be safe must not go on (RFC 7672 §2.1).
    ///
    /// # Errors
    /// Name, type and why there is none, in words.
    pub fn known(self) -> Result<Self, String> {
        let why = match (&self.answer, &self.broken) {
            (NameAnswer::Failed { failure: NameFailure::Bogus }, Some(broken)) => format!("bogus: {broken}"),
            (NameAnswer::Failed { failure }, _) => failure.to_string(),
            (NameAnswer::NotAsked, _) => "not asked".to_owned(),
            _ if self.weakest() == Security::Bogus => "bogus".to_owned(),
            _ => return Ok(self),
        };
        Err(format!("{} {}: {why}", self.name, self.rtype))
    }

    /// The same with its records in order.
    #[must_use]
    pub fn sorted(mut self) -> Self
    where
        T: Ord,
    {
        if let NameAnswer::Records { records } = &mut self.answer {
            records.sort();
        }
        self
    }

    /// The same with other records: those that `read` gives, in the same order.
    pub fn map<U>(self, read: impl FnMut(T) -> Option<U>) -> LookupResult<U> {
        LookupResult {
            name: self.name,
            rtype: self.rtype,
            answer: match self.answer {
                NameAnswer::Records { records } => {
                    NameAnswer::Records { records: records.into_iter().filter_map(read).collect() }
                }
                NameAnswer::NoData => NameAnswer::NoData,
                NameAnswer::NoName => NameAnswer::NoName,
                NameAnswer::Failed { failure } => NameAnswer::Failed { failure },
                NameAnswer::NotAsked => NameAnswer::NotAsked,
            },
            hops: self.hops,
            security: self.security,
            broken: self.broken,
            extended_errors: self.extended_errors,
            signature: self.signature,
        }
    }
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum NameAnswer<T> {
    Records {
        records: Vec<T>,
    },
    /// The name exists and the type does not.
    NoData,
    /// The name does not exist (RFC 8020).
    NoName,
    /// No answer that could be used.
    Failed {
        failure: NameFailure,
    },
    /// Not asked: a limit was reached, or what it depends on is missing. `cuts` says which limit.
    NotAsked,
}

/// Why there is no answer. None of these says that there are no records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum NameFailure {
    /// Validation failed; `broken` says how.
    #[error("bogus")]
    Bogus,
    /// The keys of the chain of trust were not to be had.
    #[error("indeterminate: {reason}")]
    Indeterminate {
        /// Which key, and why not.
        reason: String,
    },
    /// No root server answers, so that nothing can be looked up from here: this host lacks a network, or the way to
    /// port 53. That says nothing of the domain.
    #[error("no root server answers: {reason}")]
    NoRoot {
        /// What came of those that were asked.
        reason: String,
    },
    /// An error code, or an answer that is none.
    #[error("{reason}")]
    ServerFailure {
        /// The code, or what is wrong.
        reason: String,
    },
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// To judge the answer would be more work than we spend on one: that says nothing of the domain.
    #[error("our limit: {limit}")]
    OurLimit { limit: DnsLimit },
}

impl NameFailure {
    /// The state of what could not be answered.
    pub fn security(&self) -> Security {
        match self {
            Self::Bogus => Security::Bogus,
            _ => Security::Indeterminate,
        }
    }
}

/// One CNAME, or the one that a DNAME makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    pub from: String,
    pub to: String,
    pub security: Security,
    /// The owner of the DNAME that makes it (RFC 6672); none: it is a record itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dname: Option<String>,
}

/// One MX record: a host and its preference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MxRecord {
    /// Lower ones come first.
    pub preference: u16,
    /// The host; empty for the null MX (RFC 7505). May be an IP literal, which is wrong.
    pub host: String,
}

/// One CAA record (RFC 8659).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaaRecord {
    /// The flags; 128 is critical.
    pub flags: u8,
    /// The tag, in lower case: `issue`, `issuewild`, `issuemail`, `iodef`, …
    pub tag: String,
    pub value: String,
}
