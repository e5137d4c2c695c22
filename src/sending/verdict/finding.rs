//! What the judge says, without wording.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::sending::history::Seq;
use crate::sending::persona::CaseId;

use super::Term;

/// The verdict on a sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What the trial as a whole shows.
    pub overall: Judgement,
    /// Where sources of the trial contradict each other: each one judged apart. Else empty.
    pub apart: Vec<Apart>,
}

/// One source's judgement, where sources disagree.
#[derive(Clone, Debug, PartialEq)]
pub struct Apart {
    pub source: IpAddr,
    /// What its links alone show.
    pub judgement: Judgement,
}

/// What remains after a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The terms of the readings that remain: one when the policy is determined, several when it is not, none
    /// when two observations contradict each other, or sources do.
    pub candidates: Vec<Term>,
    /// Where the policy is [`Term::PerDestination`] and determined: what it is for each case.
    pub per_destination: Vec<(CaseId, Term)>,
    /// A finding per mechanism, in the order of [`Mechanism::ALL`].
    pub findings: Vec<Finding>,
    /// If nothing remains: two observations that no reading does both of.
    pub contradiction: Option<(Seq, Seq)>,
}

impl Judgement {
    /// The policy in the field's terms, when it is determined.
    pub fn term(&self) -> Option<Term> {
        match self.candidates[..] {
            [term] => Some(term),
            _ => None,
        }
    }

    /// The finding on `mechanism`.
    pub fn finding(&self, mechanism: Mechanism) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.mechanism == mechanism)
    }
}

/// What a sender may practise. Named so that "practised" says what the name says, whether that is good or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// Sends in clear to `et` where STARTTLS is not offered, although DANE and MTA-STS ask for TLS there.
    ClearTextEt,
    /// Sends in clear to `ut` where STARTTLS is not offered and nothing is published.
    ClearTextUt,
    /// Demands TLS everywhere.
    MandatoryTls,
    /// Demands a certificate that verifies where no policy is published.
    CertificateChecking,
    /// DANE (RFC 7672).
    Dane,
    /// MTA-STS (RFC 8461).
    MtaSts,
    /// Names the MX host in TLS.
    Sni,
    /// Delivers on a retry where it had refused before.
    LaxerOnRetry,
    /// Sends in clear where STARTTLS is offered, after TLS had failed.
    FallsBackToClearText,
    /// Refuses the sound server, too, whose certificate verifies and fits its TLSA record: as a rule it does not
    /// know the CA.
    RefusesSoundServer,
}

impl Mechanism {
    /// All, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::ClearTextEt,
        Self::ClearTextUt,
        Self::MandatoryTls,
        Self::CertificateChecking,
        Self::Dane,
        Self::MtaSts,
        Self::Sni,
        Self::LaxerOnRetry,
        Self::FallsBackToClearText,
        Self::RefusesSoundServer,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClearTextEt => "clear-text-et",
            Self::ClearTextUt => "clear-text-ut",
            Self::MandatoryTls => "mandatory-tls",
            Self::CertificateChecking => "certificate-checking",
            Self::Dane => "dane",
            Self::MtaSts => "mta-sts",
            Self::Sni => "sni",
            Self::LaxerOnRetry => "laxer-on-retry",
            Self::FallsBackToClearText => "falls-back-to-clear-text",
            Self::RefusesSoundServer => "refuses-sound-server",
        }
    }
}

/// A finding about one mechanism.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub mechanism: Mechanism,
    /// What was found.
    pub result: FindingResult,
    pub reason: Reason,
    /// The observations that carry it; empty where nothing was seen.
    pub evidence: Vec<Seq>,
}

/// What was found of a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingResult {
    /// Every reading that remains practises it; DANE and MTA-STS only with a refusal of their own as proof.
    Practised,
    /// No model that remains practises it.
    NotPractised,
    /// It is practised and fails to protect: DANE that MTA-STS overrides, or what is undone after a failure or on retry.
    Broken,
    /// Readings that remain differ, or nothing proves what they agree on.
    Inconclusive,
}

impl FindingResult {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Practised => "practised",
            Self::NotPractised => "not-practised",
            Self::Broken => "broken",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// Why a finding is as it is. The wording is `report`'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Transactions and refusals at these servers show it.
    Shown {
        /// The servers that took mail in clear.
        clear: Vec<u8>,
        /// The servers that took mail in TLS.
        delivered: Vec<u8>,
        /// The servers whose certificate was refused.
        refused: Vec<u8>,
        /// How many links were left without mail because STARTTLS was not offered.
        left: usize,
    },
    /// Nothing of it was seen where it would have been: "no sign of it".
    Silence,
    /// Nothing failed, or what failed was not tried again: there was no occasion to show it.
    NoOccasion,
    /// Mail came in clear only before the policy was fetched, which RFC 8461 §5.1 allows.
    BeforePolicy,
    /// The TLSA records were asked for, and a certificate that they forbid was taken, because MTA-STS allows it
    /// (RFC 8461 §2 forbids that).
    Overridden,
    /// It is practised, and what this mechanism says of the sender undoes it: mail that it kept back went out
    /// unprotected after all.
    Undone(Mechanism),
    /// The policy, or the TLSA records, were asked for; whether they are obeyed did not show. A question or a fetch
    /// is never proof of obedience.
    AskedFor,
    /// All that was seen fits it, and these servers, whose refusal would prove it, were not refused yet.
    NotProved(Vec<u8>),
    /// The sound server was refused, too: so no refusal says what it was for.
    SoundRefused,
    /// What would tell was not met: the servers in question.
    NotMet(Vec<u8>),
    /// Refusals were seen, and the sound persona that would show that they mean something got no mail.
    NoControl(Vec<u8>),
    /// No mail was addressed to this case.
    NotAddressed(String),
    /// Only contacts speak for it that may be another trial's, or another sender's at the same source.
    SharedSource,
    /// Our own zones, certificates or policy host were not as they should be: the fault is ours.
    OurFault(String),
    /// The judge failed at the trial: a fault of this program.
    NotJudged,
    /// TLS failed because rustls lacks what the sender offered.
    OurLimit,
    /// DNS queries or fetches that are not certainly the sender's stand in the way of a conclusion.
    Ambiguous,
    /// No reading does all that was seen of it, or sources differ.
    Contradiction,
}
