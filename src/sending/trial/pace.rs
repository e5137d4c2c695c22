//! Every wait of a trial, in seconds.

use serde::{Deserialize, Serialize};

/// When a trial may end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settle {
    /// As soon as no persona could tell what remains apart, and nothing lacks its proof.
    #[default]
    Early,
    /// Only when patience ends: every persona gets its chance to be seen.
    Patience,
}

/// The paces of a trial. All are settings; tests and the demo compress them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// How long no STARTTLS is offered to a source, from its first EHLO.
    pub window_s: u32,
    /// How long a trial waits for evidence, from its first MAIL, and how long a source is remembered.
    /// Below the queue life of every sender known (the shortest are 24 hours).
    pub patience_s: u32,
    /// How long one order of the MX records lasts.
    pub rotation_s: u32,
    /// After how many refused links without SNI, in two attempts at least, a source is shown the certificate that
    /// verifies.
    pub no_sni_refusals: u32,
    /// Links of one source that are further apart belong to different attempts at delivery. Sessions of
    /// one queue run follow each other within seconds; the fastest retry seen by default is 64 s (Haraka).
    pub attempt_gap_s: u32,
    /// How long before a link a DNS query may lie and still be the one that led to it.
    pub lookup_lead_s: u32,
    /// How long a trial of ruled cases waits for evidence, from its first contact.
    pub case_patience_s: u32,
    /// How long after a sender first met a domain with an MTA-STS policy a delivery against it counts, where the policy was
    /// not seen to be fetched before: the fetch may be asynchronous (RFC 8461 §5.1).
    pub sts_grace_s: u32,
    /// When a trial may end.
    pub settle: Settle,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            window_s: 180,
            patience_s: 28_800,
            rotation_s: 300,
            no_sni_refusals: 3,
            attempt_gap_s: 45,
            lookup_lead_s: 120,
            case_patience_s: 5_400,
            sts_grace_s: 600,
            settle: Settle::Early,
        }
    }
}

impl Pace {
    /// The longest TTL that an MX record may have, in seconds: half a rotation, at most a minute, so that
    /// no resolver skips an order.
    pub fn mx_ttl_s(&self) -> u32 {
        (self.rotation_s / 2).clamp(1, 60)
    }
}
