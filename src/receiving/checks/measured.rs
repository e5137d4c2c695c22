//! What can be measured, of what, and how it can be rated.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Key, NotTried};

/// Something beside what was measured, which no profile rates: where standards leave a choice, and readers differ.
/// Reports have a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// The SPF policy includes or hands over to one whose name depends on the mail: it costs at least what is counted.
    SpfAtLeast,
    /// There is a DMARC record but for its tags, which are in capitals: `V=DMARC1`.
    DmarcCapitals,
    /// The MTA-STS policy has blank lines, which the grammar of RFC 8461 §3.2 does not know.
    PolicyBlankLines,
    /// The MTA-STS policy comes as another media type than `text/plain`, which senders SHOULD refuse (RFC 8461 §3.2).
    PolicyMediaType,
    /// A CAA `iodef` wants reports over HTTP without TLS.
    CaaReportsInClear,
    /// Flags of a CAA record are set that have no meaning, and that authorities pass over (RFC 8659 §4.1).
    CaaReservedFlags,
}

impl Note {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 6] = [
        Self::SpfAtLeast,
        Self::DmarcCapitals,
        Self::PolicyBlankLines,
        Self::PolicyMediaType,
        Self::CaaReportsInClear,
        Self::CaaReservedFlags,
    ];

    /// Its name in texts and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SpfAtLeast => "spf-at-least",
            Self::DmarcCapitals => "dmarc-capitals",
            Self::PolicyBlankLines => "policy-blank-lines",
            Self::PolicyMediaType => "policy-media-type",
            Self::CaaReportsInClear => "caa-reports-in-clear",
            Self::CaaReservedFlags => "caa-reserved-flags",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Subject {
    Domain {
        domain: String,
    },
    Mx {
        host: String,
    },
    /// An address of an MX host.
    Address {
        /// The host's name.
        host: String,
        ip: IpAddr,
    },
}

impl Subject {
    /// The MX host it is about or belongs to.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Domain { .. } => None,
            Self::Mx { host } | Self::Address { host, .. } => Some(host),
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Measured {
    /// One of the check's words.
    Is {
        word: Word,
    },
    /// Things to be rated one by one; the worst counts.
    Items {
        /// They, without doubles.
        items: Vec<Item>,
        /// Whether all there are, are there; false: there may be more, none in a class worse than all these, nor of
        /// a kind that a profile wants at least one of and that is not among these.
        complete: bool,
        /// Why such ones cannot be ruled out; none: they can. With it, a bad item is bad, and good ones prove nothing.
        #[serde(skip_serializing_if = "Option::is_none")]
        open: Option<Unknown>,
    },
    Count {
        count: u32,
    },
    /// How a server chooses.
    Order(Order),
    /// The question does not arise.
    NotApplicable {
        why: Inapplicable,
    },
    /// It could not be found out. Neither good nor bad.
    Inconclusive {
        why: Unknown,
    },
}

/// Something that a table rates.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "is")]
pub enum Item {
    /// A protocol version.
    Version(TlsVersion),
    /// A cipher suite, by its code point.
    Suite(u16),
    /// An SSL 2.0 cipher kind, in hexadecimal.
    Ssl2(String),
    /// A group, by its code point.
    Group(u16),
    /// A prime, by its fingerprint; `bits` for those that no table knows.
    Prime {
        sha256: String,
        bits: u16,
    },
    /// A hash, such as `SHA-256`.
    Hash(String),
    Key(Key),
    /// A certificate's signature algorithm.
    Signature {
        oid: String,
        hash: Option<String>,
    },
    /// A DNSSEC algorithm.
    Algorithm(u8),
    /// A DS digest type.
    Digest(u8),
    /// An SMTP extension's keyword.
    Extension(String),
}

/// What a server chose when it had a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Whether the server decides: true if the reversed offer gives the same choice. None: not asked.
    pub server_decides: Option<bool>,
    /// Choices from offers of TLS 1.2 and below.
    pub choices: Vec<Choice>,
}

/// What a server chose of one offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The suites of the offer that this server is known to accept, in the order offered.
    pub accepted: Vec<u16>,
    pub chosen: u16,
}

/// The words of checks, one closed vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    Accepted,
    Agrees,
    Absent,
    Alias,
    All,
    Authorised,
    Bogus,
    Confirmed,
    Dangling,
    Depends,
    Differs,
    Disagrees,
    Discarded,
    Enforce,
    Executed,
    Expired,
    Fallback,
    Foreign,
    HardFail,
    Incomplete,
    IncompleteNp,
    Inherited,
    InheritedByWalk,
    Insecure,
    Internal,
    Invalid,
    Lapses,
    Literal,
    Mandatory,
    Matched,
    Misordered,
    Neutral,
    NoAddress,
    NoEnd,
    NoMail,
    NotFound,
    NotYetValid,
    Nothing,
    Null,
    Obsolete,
    One,
    Optional,
    Ordered,
    Orphaned,
    Partly,
    PassAll,
    Present,
    Private,
    Quarantine,
    Refused,
    Reject,
    Removes,
    RootSent,
    Same,
    Secure,
    SelfSigned,
    Several,
    SoftFail,
    Sound,
    Survives,
    Testing,
    TooMany,
    Trusted,
    Unauthorised,
    Unconfirmed,
    Unfetched,
    Unfit,
    Unlisted,
    Unmatched,
    Unproven,
    Unreachable,
    Unrouted,
    Unsupported,
    Untrusted,
    Unusable,
    Valid,
}

/// Why a question does not arise. Reports have a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inapplicable {
    /// The domain receives no mail.
    NoMail,
    /// There is no MX host, or it has no such address.
    NoAddress,
    /// No name server has IPv6.
    NoIpv6NameServer,
    /// The domain, host or name is not signed.
    Unsigned,
    /// There is no such record.
    NoRecord,
    /// The address does not offer STARTTLS.
    NoStarttls,
    /// Another address of the host answered, and counts.
    OtherAddressCounts,
    /// TLS 1.2 and older are off.
    OnlyTls13,
    /// TLS 1.3 is off.
    NoTls13,
    /// There is nothing to choose between.
    NothingToOrder,
    /// The suites in use have no such parameter.
    NoSuchParameter,
    /// Asked only of the mail of a trial.
    OnlyForTrials,
    /// Asked only with `--intrusive`.
    OnlyIntrusive,
    /// Asked only with `--full`.
    OnlyFull,
    /// The name is not in a certificate at all.
    NoCertificate,
    /// No TLSA record fits what the host shows: which check says so counts.
    NoneFits,
    /// No certificate is there that a program renews within a few months.
    NoRenewal,
}

/// Why something could not be found out. Reports have a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Unknown {
    /// DNS gave no answer, or an error.
    DnsFailed,
    /// DNS answers that do not validate: whatever is behind them may be an attacker's.
    DnsBogus,
    /// The chain of trust could not be looked at.
    DnsIndeterminate,
    /// To validate the answer would be more work than we spend on one.
    DnsLimit,
    /// The answer is signed by Ed448 alone (RFC 8080), which we cannot verify and other validators can.
    DnsAlgorithm,
    /// This host has no IPv6.
    NoIpv6Here,
    /// Port 25 seems closed from here.
    Port25ClosedHere,
    /// No connection came up.
    NoConnection,
    /// The address was not tried.
    NotTried { why: NotTried },
    /// The server limits connections, or said that it is not available for now.
    Limited,
    /// The server will not talk to the host that scanned, and said so for good: 5yz before EHLO was answered.
    Rejected,
    /// Of two connections one was offered STARTTLS and the other was not, or was refused it.
    Unsteady,
    /// It was not asked: the evidence is from before there was such a question.
    NotAsked,
    /// The server stopped answering, or said what cannot be read.
    NoAnswer,
    /// The scan's time was over.
    OutOfTime,
    /// The most connections for one address were used.
    OutOfConnections,
    /// rustls cannot speak what the server does.
    OurLimit,
    /// The HTTPS fetch failed in a way that may pass.
    FetchFailed,
    /// Not measured: the operator has no source for it.
    NoSource,
    /// A source did not answer, or refused.
    SourceFailed,
    /// A limit of the scan left it out; the evidence's `cuts` say which.
    Cut,
    /// The names under which CAA would allow the certificate's issuer are not known here.
    UnlistedIssuer,
    /// It depends on the mail: a macro stands for its sender's address or for the host that it comes from.
    DependsOnMail,
    /// The zone answers alike for a name that nobody has published.
    AnyName,
}

/// A profile's rating, as it writes it and as it is shown. What is better comes first, then what is no rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// As good as the rules know.
    Good,
    /// Good enough; something else would be better.
    Sufficient,
    /// The question does not arise.
    NotApplicable,
    /// Shown, and neither good nor bad.
    Info,
    /// Should be better, and is no failure: shown as information.
    #[serde(rename(serialize = "info"))]
    Notice,
    /// Should go, and costs nothing yet.
    PhaseOut,
    /// Not acceptable by the rules.
    Insufficient,
    /// Measured, and not part of this profile.
    NotScored,
    /// It could not be found out.
    Inconclusive,
}

impl Level {
    /// The name it is shown by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Sufficient => "sufficient",
            Self::NotApplicable => "not-applicable",
            Self::Info | Self::Notice => "info",
            Self::PhaseOut => "phase-out",
            Self::Insufficient => "insufficient",
            Self::NotScored => "not-scored",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// What follows from it.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Insufficient => Outcome::Fail,
            Self::NotApplicable => Outcome::NotApplicable,
            Self::Inconclusive => Outcome::Inconclusive,
            _ => Outcome::Pass,
        }
    }
}

/// What a check comes to (ARCHITECTURE.md, invariant 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Good, sufficient, or to be phased out; or shown only.
    Pass,
    Fail,
    /// The question does not arise.
    NotApplicable,
    /// It could not be found out.
    Inconclusive,
}
