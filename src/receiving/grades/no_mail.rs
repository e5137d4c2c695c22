//! Domains that receive no mail: do they say so?

use super::view::{Place, View};
use crate::receiving::checks::{Check, Measured, Word};

/// Whether a domain without mail says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMail {
    /// Whether it receives no mail: a null MX, or neither MX nor addresses. None: not known.
    pub applies: Option<bool>,
    /// Whether it has a null MX (RFC 7505).
    pub null_mx: Option<bool>,
    /// Whether SPF ends in `-all`.
    pub spf: Option<bool>,
    /// Whether DMARC asks to reject.
    pub dmarc: Option<bool>,
    /// Whether all three hold.
    pub kept: Option<bool>,
}

pub(super) fn grade(view: View<'_>) -> NoMail {
    let domain = Place { host: "", ip: None };
    let null = |view: View<'_>| view.holds(Check::MxRecords, domain, &[Word::Null]);
    let spf = |view: View<'_>| view.holds(Check::SpfPolicy, domain, &[Word::HardFail]);
    let dmarc = |view: View<'_>| view.holds(Check::DmarcPolicy, domain, &[Word::Reject]);
    let mx = view.finding(Check::MxRecords, domain).map(|(_, finding)| &finding.measured);
    NoMail {
        applies: match mx {
            Some(Measured::Is { word }) => Some(matches!(word, Word::Null | Word::Absent)),
            _ => None,
        },
        null_mx: view.known(null),
        spf: view.known(spf),
        dmarc: view.known(dmarc),
        kept: view.known(|view| null(view) && spf(view) && dmarc(view)),
    }
}
