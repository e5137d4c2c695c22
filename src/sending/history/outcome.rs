//! What the service notes of itself and of a trial as a whole: its end, the scan of its sender, and what became of its
//! verdict.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, TrialId};
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

use super::place::Seq;

/// What the service found when it looked at itself as a sender would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfChecked {
    /// The zones and TLSA records are secure and true: DANE would find them.
    pub dns: SelfCheck,
    /// The certificates of the public-CA personas verify.
    pub certificates: SelfCheck,
    /// The MTA-STS policies are found, fetched and as derived.
    pub policy_host: SelfCheck,
    /// Name servers of the suite's zones that are not this service: what they are asked is not seen, and so up to now
    /// that something was not asked proves nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// The ruled cases that do not look as they should, each with what is wrong: they are held against nobody.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cases: BTreeMap<CaseId, String>,
    /// Those that were not looked at yet, as right after the first start: what they are like is not known.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unlooked: BTreeSet<CaseId>,
}

impl SelfChecked {
    /// Its parts: DNS, certificates, policy host.
    pub fn parts(&self) -> [&SelfCheck; 3] {
        let Self { dns, certificates, policy_host, unseen: _, cases: _, unlooked: _ } = self;
        [dns, certificates, policy_host]
    }

    /// Whether nothing was wrong with us.
    pub fn is_green(&self) -> bool {
        self.parts().into_iter().all(SelfCheck::is_green)
    }
}

/// One part of the self-check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum SelfCheck {
    /// As a sender should see it.
    Green,
    /// Something that a sender would see is wrong.
    Red {
        /// What is wrong and what to do.
        reason: String,
    },
}

impl SelfCheck {
    /// Whether it is green.
    pub fn is_green(&self) -> bool {
        *self == Self::Green
    }
}

/// Labels that were given out for a trial before its first mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelsIssued {
    /// The free label, after which the trial is named.
    pub label: Label,
    /// The label of each case that it is for; of a case that is not among them the permanent name is used.
    pub labels: BTreeMap<CaseId, Label>,
    /// The trial whose second part it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<TrialId>,
}

/// A trial's end, which makes its verdict due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialEnded {
    pub trial: TrialId,
    pub end: TrialEnd,
}

/// How a trial ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrialEnd {
    /// No persona could tell what remains apart, and nothing lacked its proof.
    Settled,
    /// Patience was over.
    Expired,
    /// The judge failed at it, which is a fault of this program: it says nothing of the sender.
    Unjudged,
}

/// What became of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictHandled {
    pub trial: TrialId,
    /// What became of it.
    pub delivery: VerdictDelivery,
    /// The last observation that the verdict rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_to: Option<Seq>,
}

/// Where a verdict went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum VerdictDelivery {
    /// Handed over: to the maildir, the smarthost or the sender's MX.
    Sent {
        /// The redacted address.
        to: String,
        /// `maildir`, `smarthost` or `mx`.
        by: String,
    },
    /// Not mailed; its page is all there is.
    Withheld {
        /// Why: RFC 3834, nobody vouches for the sender, or a limit.
        reason: String,
    },
    Failed {
        /// The last error.
        reason: String,
    },
}

/// How well a trial's sender receives: what a scan that the service made for the trial saw. As with a trial's end,
/// the service itself did it, so it names the trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scanned {
    pub trial: TrialId,
    /// The domain, in A-labels, in lower case.
    pub domain: String,
    /// When the scan began.
    pub from: Timestamp,
    pub to: Timestamp,
    pub evidence: Evidence,
}
