//! Why a CA issued nothing, in words that say what to do.

use std::fmt;
use std::path::Path;

use instant_acme::{Error, Problem};

use crate::shared::text::clean_to;
use crate::shared::time::{Timestamp, after};

/// How much of what a CA says is told, in characters.
const TOLD_CHARS_MAX: usize = 400;
/// How long to wait where a CA says that it limits us and not for how long, in seconds.
const LIMITED_S: u32 = 3600;
/// The name space of a CA's problems (RFC 8555 §6.7).
const PROBLEM: &str = "urn:ietf:params:acme:error:";

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What went wrong, and what to do.
    pub(super) reason: String,
    /// What kind it is of, where that matters.
    pub(super) kind: Kind,
    /// Before this the CA wants no further attempt.
    pub(super) not_before: Option<Timestamp>,
}

/// What a failure means for what is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is tried again later.
    Other,
    /// Our own resolver does not see our zones, and the CA was not asked.
    NotSeen,
    /// The CA found a name not to be ours.
    Refused,
    /// The CA does not know the account: another is made.
    NoAccount,
    /// The certificate has been replaced already: it is ordered without saying so.
    AlreadyReplaced,
    /// The CA does not do this, and it can be done without.
    Unsupported,
}

/// The CA could not be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreachable(pub(super) String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

/// What is known when something fails.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'a> {
    /// The file of the account.
    pub(super) account: &'a Path,
    /// What the CA said of when to come again, with its last refusal.
    pub(super) retry_after: Option<Timestamp>,
    pub(super) now: Timestamp,
}

impl Failure {
    /// A failure in our own words.
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), kind: Kind::Other, not_before: None }
    }

    /// What instant-acme says, and what to do about it.
    pub(super) fn of(error: &Error, circumstances: Circumstances<'_>) -> Self {
        match error {
            Error::Api(problem) => Self::of_problem(problem, circumstances),
            Error::Unsupported(_) => Self { kind: Kind::Unsupported, ..Self::new(error.to_string()) },
            Error::Timeout(_) => Self::new("the CA did not come to an end in time"),
            Error::Json(_) => {
                Self::new(format!("the CA's answer does not read ({error}); check tls.acme.directory"))
            }
            Error::Other(other) => match other.downcast_ref::<Unreachable>() {
                Some(unreachable) => Self {
                    not_before: circumstances.retry_after,
                    ..Self::new(format!("the CA cannot be reached: {unreachable}"))
                },
                None => Self::new(clean_to(&other.to_string(), TOLD_CHARS_MAX)),
            },
            error => Self::new(clean_to(&error.to_string(), TOLD_CHARS_MAX)),
        }
    }

    /// What a CA says is wrong (RFC 8555 §6.7).
    pub(super) fn of_problem(problem: &Problem, circumstances: Circumstances<'_>) -> Self {
        let kind = problem.r#type.as_deref().and_then(|kind| kind.strip_prefix(PROBLEM)).unwrap_or_default();
        let said = said(problem);
        let account = circumstances.account.display();
        let advice = match kind {
            "rateLimited" => {
                let again = circumstances.retry_after.unwrap_or(after(circumstances.now, LIMITED_S));
                let reason = format!("the CA limits how often it issues: {said}");
                return Self { not_before: Some(again), ..Self::new(reason) };
            }
            "accountDoesNotExist" => {
                return Self {
                    kind: Kind::NoAccount,
                    ..Self::new(format!("the CA does not know the account: {said}"))
                };
            }
            "alreadyReplaced" => {
                return Self { kind: Kind::AlreadyReplaced, ..Self::new(said) };
            }
            "caa" => "a CAA record forbids it: set zone.caa_issuer to this CA, or take it out",
            "dns" | "connection" => {
                "its resolvers must reach port 53 of this host over UDP and TCP; `mailassay doctor` \
                looks at the delegation"
            }
            "incorrectResponse" => {
                "its resolvers saw another zone than the one that is served here; `mailassay doctor` looks \
                at the delegation"
            }
            "unauthorized" => {
                return Self::new(format!(
                    "the CA refuses: {said}; if it ended the account, remove {account}, and another is made"
                ));
            }
            "userActionRequired" => "it wants you to agree to new terms; the address stands in what it says",
            "externalAccountRequired" => {
                "it serves accounts alone that were bound beforehand, which this does not do; choose \
                another CA as tls.acme.directory"
            }
            "rejectedIdentifier" | "unsupportedIdentifier" => "it issues for no such name",
            "invalidProfile" => "set tls.acme.profile to one that it has, or take it out",
            "invalidContact" | "unsupportedContact" => {
                "set tls.acme.contact to an address of yours, or take it out"
            }
            _ => {
                return Self {
                    not_before: circumstances.retry_after,
                    ..Self::new(format!("the CA refuses: {said}"))
                };
            }
        };
        Self::new(format!("the CA refuses: {said}; {advice}"))
    }
}

/// What a CA says, with what it says of single names.
fn said(problem: &Problem) -> String {
    let mut said = problem.detail.clone().unwrap_or_default();
    for part in &problem.subproblems {
        said += &format!("; {part}");
    }
    if said.is_empty() {
        said = problem.r#type.clone().unwrap_or_else(|| "it does not say why".to_owned());
    }
    clean_to(&said, TOLD_CHARS_MAX)
}
