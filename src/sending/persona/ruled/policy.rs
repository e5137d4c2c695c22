//! The MTA-STS policy of a ruled case: what it says, and what is at fault with it.

use serde::Deserialize;

use crate::sending::trial::HostRole;
use crate::shared::policy::Mode;

use super::words::words;

/// An MTA-STS policy (RFC 8461).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicySpec {
    pub mode: Mode,
    /// The hosts that it lists.
    #[serde(default = "both")]
    pub lists: Vec<Listed>,
    /// How long senders may keep it, in seconds.
    #[serde(default = "a_day")]
    pub max_age_s: u32,
    /// Why it cannot be had, or is none.
    #[serde(default)]
    pub defect: Option<PolicyDefect>,
    /// What is odd about it, and valid.
    #[serde(default)]
    pub oddity: Option<Oddity>,
}

fn both() -> Vec<Listed> {
    vec![Listed::Bad, Listed::Good]
}

fn a_day() -> u32 {
    86_400
}

words! {
    /// What an MTA-STS policy lists.
    Listed {
        Bad = "bad",
        Good = "good",
        /// `*.` and the case: not what lies two labels below it (RFC 8461 §4.1).
        Wildcard = "wildcard",
        /// A name that no host has.
        Elsewhere = "elsewhere",
    }
}

words! {
    /// Why there is no MTA-STS policy although something looks like one: senders go on as without (RFC 8461 §3.3).
    PolicyDefect {
        /// The policy host's certificate is self-signed.
        BadCertificate = "bad-certificate",
        /// The file is answered with 301, which must not be followed.
        Redirect = "redirect",
        /// With 404, and the policy as the body.
        NotFound = "not-found",
        /// With 500, and the policy as the body.
        ServerError = "server-error",
        /// The file is larger than 64 KiB.
        TooLarge = "too-large",
        /// The file takes longer than a minute.
        Slow = "slow",
        /// There are two records.
        TwoRecords = "two-records",
        /// The record has no `id`.
        NoId = "no-id",
        /// The policy's version is unknown.
        Version = "version",
        /// The policy has `nmx:` for `mx:`.
        MisspeltKey = "misspelt-key",
        /// The policy has no `max_age`.
        NoMaxAge = "no-max-age",
        /// The media type is `text/html` (RFC 8461 §3.3 wants it checked by SHOULD).
        MediaType = "media-type",
        /// Policy and record are the parent domain's (RFC 8461 §3.4).
        AtParent = "at-parent",
    }
}

words! {
    /// What is odd about a policy that counts (RFC 8461 §3.2).
    Oddity {
        /// Lines end in LF, there are unknown keys, blanks before the line ends, and the last line ends in nothing.
        Lenient = "lenient",
    }
}

words! {
    /// What changes after the first mail of a trial.
    Then {
        /// Record and policy host are gone, and the certificate of the first host is bad.
        PolicyGone = "policy-gone",
        /// The policy has another `id`, and lists the sound host alone.
        NewPolicy = "new-policy",
    }
}

impl PolicySpec {
    /// Whether it lists a host. Hosts are named `LABEL.bad.CASE`, two labels below what the wildcard stands for, and it stands
    /// for one (RFC 8461 §4.1).
    pub fn lists_host(&self, role: HostRole) -> bool {
        let own = match role {
            HostRole::Bad => Listed::Bad,
            HostRole::Good => Listed::Good,
        };
        self.lists.contains(&own)
    }

    /// Whether who takes the wildcard for any number of labels takes a host for listed.
    pub fn lists_host_at_any_depth(&self, role: HostRole) -> bool {
        self.lists_host(role) || self.lists.contains(&Listed::Wildcard)
    }
}
