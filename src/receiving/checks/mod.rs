//! How well a domain receives: evidence to findings, one per check and subject; profiles rate them.

use jiff::Timestamp;

use crate::shared::evidence::scan::Evidence;

mod auth;
mod binding;
mod certificate;
mod check;
mod dnssec;
mod ipv6;
mod lines;
mod measured;
mod mx;
mod reach;
pub mod registries;
mod rpki;
mod shared;
mod smtp;
pub(in crate::receiving) mod subjects;
mod tables;
mod tls;

pub use check::{Category, Check, Definition, Finding, Judgement, Made, Scale, Scope};
pub use measured::{
    Choice, Inapplicable, Item, Level, Measured, Note, Order, Outcome, Subject, Unknown, Word,
};
pub use tables::{Column, Suite, Tables};
pub use tls::shared::undecided;

impl Check {
    const SECTIONS: [&'static [Self]; 9] = [
        mx::CHECKS,
        ipv6::CHECKS,
        dnssec::CHECKS,
        auth::CHECKS,
        tls::CHECKS,
        certificate::CHECKS,
        binding::CHECKS,
        rpki::CHECKS,
        smtp::CHECKS,
    ];

    const COUNT: usize = {
        let (mut count, mut at) = (0, 0);
        while at < Self::SECTIONS.len() {
            count += Self::SECTIONS[at].len();
            at += 1;
        }
        count
    };

    /// All that are registered, in the order in which they are shown.
    pub const ALL: &'static [Self] = &Self::in_order();

    const fn in_order() -> [Self; Self::COUNT] {
        let mut all = [mx::CHECKS[0]; Self::COUNT];
        let (mut section, mut at, mut next) = (0, 0, 0);
        while section < Self::SECTIONS.len() {
            if at == Self::SECTIONS[section].len() {
                (section, at) = (section + 1, 0);
            } else {
                all[next] = Self::SECTIONS[section][at];
                (at, next) = (at + 1, next + 1);
            }
        }
        all
    }

    /// The registered check with this identifier.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.id() == id)
    }

    /// Where it stands; what is not registered comes last.
    fn place(self) -> usize {
        Self::ALL.iter().position(|check| *check == self).unwrap_or(Self::COUNT)
    }
}

/// All findings, in the order of [`Check::ALL`].
pub fn judge(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    Check::ALL.iter().flat_map(|check| (check.definition().judge)(evidence, now)).collect()
}

#[cfg(test)]
pub(in crate::receiving) mod tests;
