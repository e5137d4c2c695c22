//! Mail of a redacted history: neither who wrote it nor which mail it was, only whose it is and what vouches for it.

use serde::{Deserialize, Serialize};

use crate::sending::history::{Ending, MessageFacts, NoReply, Received, Recipient, Seq, TlsRequired};
use crate::sending::trial::{AddressId, LinkId, Mailbox};
use crate::shared::evidence::{
    ArcOutcome, Authentication, DkimOutcome, DmarcOutcome, Result8601, SpfOutcome,
};
use crate::shared::time::Timestamp;

use super::names::{Names, WITHHELD};

/// What DKIM signs with (RFC 6376 §3.3, RFC 8463 §3); other texts in `a=` are withheld.
const ALGORITHMS: [&str; 3] = ["rsa-sha1", "rsa-sha256", "ed25519-sha256"];
/// What stands for the reason that a signature that passes has, which is `l=` (RFC 6376 §8.2).
const PARTLY: &str = "l=: not all of the body is signed";

/// A transaction, by its envelope and its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedMail {
    pub seq: Seq,
    /// Its number on the link, from 0.
    pub number: u16,
    pub began: Timestamp,
    /// Whether within TLS.
    pub tls: bool,
    /// The reverse-path; none is the null one.
    pub reverse_path: Option<RedactedMailbox>,
    pub recipients: Vec<Recipient>,
    pub refused_recipients: u16,
    /// Whether its MAIL said REQUIRETLS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_tls: bool,
    pub ending: RedactedEnding,
}

/// A reverse-path: the same number is the same address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedMailbox {
    pub number: u32,
    /// None where its domain is withheld.
    pub domain: Option<String>,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RedactedEnding {
    /// Its message came whole.
    Complete(Box<RedactedMessage>),
    /// Before that.
    Aborted,
    /// By us.
    Refused {
        /// The code of the answer.
        code: u16,
    },
}

/// A message, by what vouches for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RedactedMessage {
    /// The same number is the same Message-ID; none where it had none.
    pub message: Option<u32>,
    pub size_octets: u64,
    /// The test addresses that To and Cc name.
    pub addressed: Vec<Recipient>,
    /// The domain of From.
    pub from_domain: Option<String>,
    pub spf: SpfOutcome,
    /// The signatures, without their selectors.
    pub dkim: Vec<RedactedSignature>,
    pub dmarc: DmarcOutcome,
    pub arc: ArcOutcome,
    /// Whether a verdict may be mailed to the reverse-path.
    pub vouched: bool,
    pub no_reply: Option<NoReply>,
    /// What its `TLS-Required` field says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_required: Option<TlsRequired>,
}

/// A DKIM signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedSignature {
    pub result: Result8601,
    /// `d=`.
    pub domain: Option<String>,
    /// `a=`.
    pub algorithm: Option<String>,
    /// Whether it passes and covers only the beginning of the body.
    pub partly: bool,
}

impl RedactedMail {
    pub(super) fn of(names: &Names<'_>, seq: Seq, received: &Received) -> Self {
        let Received {
            link: _,
            number,
            began,
            tls,
            reverse_path,
            recipients,
            refused_recipients,
            require_tls,
            ending,
        } = received;
        let reverse_path = reverse_path.as_ref().map(|path| RedactedMailbox {
            number: names.mailbox(&path.id.0),
            domain: names.domain(&path.domain),
        });
        let ending = match ending {
            Ending::Complete(message) => {
                RedactedEnding::Complete(Box::new(RedactedMessage::of(names, message)))
            }
            Ending::Aborted => RedactedEnding::Aborted,
            Ending::Refused { code } => RedactedEnding::Refused { code: *code },
        };
        Self {
            seq,
            number: *number,
            began: *began,
            tls: *tls,
            reverse_path,
            recipients: recipients.iter().map(|one| names.recipient(one)).collect(),
            refused_recipients: *refused_recipients,
            require_tls: *require_tls,
            ending,
        }
    }

    pub(super) fn received(&self, link: LinkId) -> Received {
        Received {
            link,
            number: self.number,
            began: self.began,
            tls: self.tls,
            reverse_path: self.reverse_path.as_ref().map(RedactedMailbox::mailbox),
            recipients: self.recipients.clone(),
            refused_recipients: self.refused_recipients,
            require_tls: self.require_tls,
            ending: match &self.ending {
                RedactedEnding::Complete(message) => Ending::Complete(Box::new(message.facts())),
                RedactedEnding::Aborted => Ending::Aborted,
                RedactedEnding::Refused { code } => Ending::Refused { code: *code },
            },
        }
    }
}

impl RedactedMailbox {
    fn mailbox(&self) -> Mailbox {
        let domain = self.domain.clone().unwrap_or_else(|| WITHHELD.to_owned());
        Mailbox { id: AddressId(self.number.to_string()), redacted: format!("***@{domain}"), domain }
    }
}

impl RedactedMessage {
    fn of(names: &Names<'_>, facts: &MessageFacts) -> Self {
        // The Date field tells which mail it was.
        let MessageFacts {
            message_id,
            date: _,
            size_octets,
            addressed,
            from_domain,
            authentication,
            no_reply,
            tls_required,
        } = facts;
        let Authentication { spf, dkim, dmarc, arc, vouched } = authentication;
        let domain = |name: &str| names.domain(name).unwrap_or_default();
        Self {
            message: message_id.as_deref().map(|id| names.message_id(id)),
            size_octets: *size_octets,
            addressed: addressed.iter().map(|one| names.recipient(one)).collect(),
            from_domain: from_domain.as_deref().and_then(|from| names.domain(from)),
            spf: SpfOutcome { result: spf.result, domain: domain(&spf.domain) },
            dkim: dkim.iter().map(|signature| RedactedSignature::of(names, signature)).collect(),
            dmarc: DmarcOutcome {
                result: dmarc.result,
                domain: domain(&dmarc.domain),
                policy: dmarc.policy.clone(),
            },
            arc: arc.clone(),
            vouched: *vouched,
            no_reply: *no_reply,
            tls_required: *tls_required,
        }
    }

    fn facts(&self) -> MessageFacts {
        MessageFacts {
            message_id: self.message.map(|number| number.to_string()),
            date: None,
            size_octets: self.size_octets,
            addressed: self.addressed.clone(),
            from_domain: self.from_domain.clone(),
            authentication: Authentication {
                spf: self.spf.clone(),
                dkim: self.dkim.iter().map(RedactedSignature::outcome).collect(),
                dmarc: self.dmarc.clone(),
                arc: self.arc.clone(),
                vouched: self.vouched,
            },
            no_reply: self.no_reply,
            tls_required: self.tls_required,
        }
    }
}

impl RedactedSignature {
    fn of(names: &Names<'_>, signature: &DkimOutcome) -> Self {
        let DkimOutcome { result, domain, selector: _, algorithm, reason } = signature;
        Self {
            result: *result,
            domain: names.domain(domain),
            algorithm: ALGORITHMS.contains(&algorithm.as_str()).then(|| algorithm.clone()),
            partly: *result == Result8601::Pass && reason.is_some(),
        }
    }

    fn outcome(&self) -> DkimOutcome {
        DkimOutcome {
            result: self.result,
            domain: self.domain.clone().unwrap_or_default(),
            selector: String::new(),
            algorithm: self.algorithm.clone().unwrap_or_default(),
            reason: self.partly.then(|| PARTLY.to_owned()),
        }
    }
}
