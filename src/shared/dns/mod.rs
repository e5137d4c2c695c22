//! Validated look-ups in DNS: what a sender that practises DANE or MTA-STS wants to know, each answer with its state.

mod cache;
mod exchange;
mod kept;
mod own;
mod recursor;
mod resolver;
mod root;
mod settings;
mod survey;
mod validate;

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use hickory_proto::rr::{Name, RecordType};

use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, DnsLimit, ExtendedError};
use crate::shared::policy::Tlsa;

pub use own::KnownZones;
pub use resolver::Resolver;
pub use settings::{ResolverError, ResolverSettings, Servers};
pub use survey::{Datum, Direct, Kind, Over, Survey, Surveyed, Surveying, reverse_name};

/// An answer that came, with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// The weakest state of all hops: secure only if every alias and the records or their denial are.
    pub security: Security,
    /// The aliases that were followed, in order.
    pub aliases: Vec<Alias>,
    /// The records; none where there is a denial.
    pub records: Vec<T>,
    /// That there are no records.
    pub denial: Option<Denial>,
}

/// One CNAME with its own state, or that of the DNAME which makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Its owner, in lower case and without the final dot.
    pub from: String,
    /// Its target, likewise.
    pub to: String,
    /// Its state.
    pub security: Security,
    /// The owner of the DNAME, likewise; none: it is a record itself.
    pub dname: Option<String>,
}

/// How records are denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The name exists and the type does not.
    NoData,
    /// The name does not exist.
    NoName,
}

/// Why there is no answer. None of these says that there are no records: who needs an answer to be safe must
/// not go on (RFC 7672 §2.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Validation found a broken chain of trust.
    #[error("{question}: bogus: {reason}")]
    Bogus {
        /// Name and type.
        question: String,
        /// What is broken.
        reason: String,
    },
    /// The chain of trust could not be looked at: its keys were not to be had.
    #[error("{question}: indeterminate: {reason}")]
    Indeterminate {
        /// Name and type.
        question: String,
        /// Which key, and why not.
        reason: String,
    },
    /// To judge the answer would be more work than we spend on one. That says nothing of the name.
    #[error("{question}: our limit: {limit}")]
    OurLimit {
        /// Name and type.
        question: String,
        /// Which limit.
        limit: DnsLimit,
    },
    /// No root server answers, so that nothing can be looked up from here: this host lacks a network, or the way to
    /// port 53.
    #[error("{question}: no root server answers: {reason}")]
    NoRoot {
        /// Name and type.
        question: String,
        /// What came of those that were asked.
        reason: String,
    },
    /// An error code, or an answer that is none.
    #[error("{question}: {reason}")]
    ServerFailure {
        /// Name and type.
        question: String,
        /// The code, or what is wrong.
        reason: String,
    },
    /// No answer in time.
    #[error("{question}: no answer in time")]
    Timeout {
        /// Name and type.
        question: String,
    },
}

impl Failure {
    /// The state of what could not be answered.
    pub fn security(&self) -> Security {
        match self {
            Self::Bogus { .. } => Security::Bogus,
            _ => Security::Indeterminate,
        }
    }
}

/// A failure, and what is known of a broken chain of trust.
#[derive(Debug)]
struct Fault {
    failure: Failure,
    broken: Option<Broken>,
    /// Whether the keys of the trust anchor can be had and are sound. If they are not, nothing validates from here,
    /// which is no fault of the name's.
    anchored: bool,
    extended_errors: Vec<ExtendedError>,
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self { failure, broken: None, anchored: true, extended_errors: Vec::new() }
    }
}

impl From<Failure> for Box<Fault> {
    fn from(failure: Failure) -> Self {
        Self::new(failure.into())
    }
}

/// How much of the text of an extended error is kept, in characters.
const TEXT_CHARS_MAX: usize = 128;

/// A text of others, cut.
fn cut(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(TEXT_CHARS_MAX).collect()
}

/// A name in lower case without the final dot; the root is empty.
fn plain(name: &Name) -> String {
    let mut name = name.to_lowercase();
    name.set_fqdn(false);
    if name.is_root() { String::new() } else { name.to_ascii() }
}

/// One MX record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mx {
    /// Lower ones come first.
    pub preference: u16,
    /// The host, in lower case and without the final dot; empty for the null MX (RFC 7505).
    pub host: String,
}

/// A look-up under way.
pub type Looking<'a, T> = Pin<Box<dyn Future<Output = Result<Answer<T>, Failure>> + Send + 'a>>;

/// What may be looked up. Names are given with or without the final dot.
pub trait Lookup: Send + Sync {
    /// The MX records of a domain, by preference.
    fn mx<'a>(&'a self, domain: &'a str) -> Looking<'a, Mx>;

    /// The IPv4 and IPv6 addresses of a host. If one family fails and the other has addresses, these are the
    /// answer; a bogus one always fails.
    fn addresses<'a>(&'a self, host: &'a str) -> Looking<'a, IpAddr>;

    /// The TLSA records at `_25._tcp.<host>`. The name has port 25 whatever port a test connects to.
    fn tlsa<'a>(&'a self, host: &'a str) -> Looking<'a, Tlsa>;

    /// The TXT records at a name, the strings of each joined; octets that are not UTF-8 are replaced.
    fn txt<'a>(&'a self, name: &'a str) -> Looking<'a, String>;
}

/// The weaker of two states.
fn weaker(a: Security, b: Security) -> Security {
    let rank = |security| match security {
        Security::Secure => 0,
        Security::Insecure => 1,
        Security::Indeterminate => 2,
        Security::Bogus => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

/// Where answers come from, before validation.
trait Upstream: Send + Sync {
    /// The answer to a question, as it came: with signatures, unjudged.
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + '_>>;

    /// Asks whoever answered a question after others of its zone, because the answer was found bogus. `times`: how
    /// often that was done for this question already. Gives what came from there and has to be asked for again;
    /// nothing: there are no others, or enough of them were asked.
    fn distrust(&self, _: &Question, _times: usize) -> Vec<Question> {
        Vec::new()
    }

    /// What it says beside an answer that it finds bogus itself (RFC 8914). Not every one does.
    fn explain(&self, _: Question) -> Pin<Box<dyn Future<Output = Vec<ExtendedError>> + Send + '_>> {
        Box::pin(async { Vec::new() })
    }
}

/// A name in lower case and a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    name: Name,
    rtype: RecordType,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.rtype)
    }
}
