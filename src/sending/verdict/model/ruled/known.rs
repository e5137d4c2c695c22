//! What a sender makes of the answers that it gets, by its traits: the rules that the judge and the reference sender share.
//! The judge derives the answers from a case's file, the reference sender gets them from DNS and policy hosts.

use crate::sending::persona::{Oddity, PolicyDefect};
use crate::shared::policy::Mode;

use super::super::{PolicyState, TlsaState};
use super::traits::{
    DaneEe, DaneTa, FailedLookup, HalfDane, InsecureTlsa, PolicyCache, PolicyDefects, PolicyMatching,
    Testing, TlsaBase, TlsaSets, Traits, UnusableTlsa, Validation,
};

/// How an answer of DNS stands for whoever validates as the standards say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chain {
    Secure,
    Insecure,
    /// Signed by an algorithm that nobody knows.
    UnknownAlgorithm,
    /// Its signatures have ended, and are sound otherwise.
    Expired,
    /// Nothing is signed that proves that there is nothing.
    UnprovedDenial,
    /// Bogus in another way.
    Bogus,
}

/// What a sender takes an answer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    Secure,
    Insecure,
    /// There is no answer.
    Failed,
}

impl Validation {
    /// What a sender with this trait takes an answer for.
    pub fn of(self, chain: Chain) -> Trust {
        match (self, chain) {
            (Self::No, _) | (_, Chain::Insecure) => Trust::Insecure,
            (_, Chain::Secure) | (Self::ExpiryIgnored, Chain::Expired) => Trust::Secure,
            (Self::DenialsUnproved, Chain::UnprovedDenial) => Trust::Insecure,
            (Self::UnknownRefused, Chain::UnknownAlgorithm) => Trust::Failed,
            (_, Chain::UnknownAlgorithm) => Trust::Insecure,
            (_, Chain::Expired | Chain::UnprovedDenial | Chain::Bogus) => Trust::Failed,
        }
    }
}

/// What a look-up of TLSA records gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TlsaAnswer {
    /// None, or no look-up was due: the host's addresses are insecure and no secure alias leads to them.
    None,
    /// It failed.
    Failed,
    Records {
        secure: bool,
        /// Whether the sender can use one of them.
        usable: bool,
    },
}

/// Where TLSA records were looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TlsaPlace {
    /// Whether the domain's MX records, or their denial, are secure.
    pub domain_secure: bool,
    /// Whether the host's addresses are, or the alias that leads to them.
    pub host_secure: bool,
    /// Whether the addresses themselves are.
    pub addresses_secure: bool,
    /// Whether the host is an alias.
    pub alias: bool,
    /// Whether the domain itself is the host.
    pub implicit: bool,
}

impl Traits {
    /// Whether TLSA records are looked for there at all.
    pub fn looks_at(&self, place: TlsaPlace) -> bool {
        let is_left_out = match self.tlsa_base {
            TlsaBase::AsStandard => false,
            TlsaBase::NoAliases => place.alias,
            TlsaBase::NoInsecureAliases => place.alias && !place.addresses_secure,
            TlsaBase::NoImplicit => place.implicit,
        };
        if is_left_out {
            return false;
        }
        let domain = place.domain_secure || self.half_dane == HalfDane::Applied;
        self.insecure_tlsa == InsecureTlsa::Obeyed || domain && place.host_secure
    }

    /// What a look-up of TLSA records comes to.
    pub fn tlsa_state(&self, place: TlsaPlace, answer: TlsaAnswer) -> TlsaState {
        if !self.looks_at(place) {
            return TlsaState::None;
        }
        match answer {
            TlsaAnswer::Failed if self.failed_lookup == FailedLookup::AsNone => TlsaState::None,
            TlsaAnswer::Failed => TlsaState::Failed,
            TlsaAnswer::None => TlsaState::None,
            TlsaAnswer::Records { secure, .. } if !secure && self.insecure_tlsa == InsecureTlsa::Ignored => {
                TlsaState::None
            }
            TlsaAnswer::Records { usable: true, .. } => TlsaState::Usable,
            TlsaAnswer::Records { usable: false, .. } => match self.unusable_tlsa {
                UnusableTlsa::AnyTls => TlsaState::Unusable,
                UnusableTlsa::NotUsed => TlsaState::Failed,
                UnusableTlsa::AsNone => TlsaState::None,
            },
        }
    }

    /// Whether the certificate of a CA counts only where it was sent along (RFC 7672 §3.1.2).
    pub fn wants_chain(&self) -> bool {
        self.dane_ta != DaneTa::NoChain
    }

    /// Whether a TLSA record is used that is well formed, or not, as RFC 7672 §3.1 wants it.
    pub fn uses(&self, usage: u8, well_formed: bool) -> bool {
        well_formed && !(usage == 2 && self.dane_ta == DaneTa::Unusable)
    }
}

/// A TLSA record that is used, held against the certificates of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Compared {
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    /// Whether its data are those of the host's certificate, with usage 2 those of the CA's.
    pub matches: bool,
}

/// What the certificates of a handshake are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Certified {
    /// WebPKI accepts them for the host's name.
    pub webpki: bool,
    /// WebPKI accepts them for a name that the MTA-STS policy lists.
    pub listed: bool,
    /// The same, if `*.` stands for several labels.
    pub listed_deep: bool,
    /// They carry the host's name.
    pub named: bool,
    /// Their time has come and is not over.
    pub in_time: bool,
    /// The CA's certificate was sent along, and leads to the host's.
    pub chain: bool,
}

impl Traits {
    /// Whether certificates pass by TLSA records that are used.
    pub fn holds(&self, records: &[Compared], shown: Certified) -> bool {
        let strongest = |record: &&Compared| {
            let alike = |other: &&Compared| {
                (other.usage, other.selector) == (record.usage, record.selector) && other.matching != 0
            };
            let best = records.iter().filter(alike).map(|other| other.matching).max();
            self.tlsa_sets != TlsaSets::StrongestDigest
                || record.matching == 0
                || best == Some(record.matching)
        };
        let passes = |record: &Compared| record.matches && self.binds(record.usage, shown);
        let mut counting = records.iter().filter(strongest);
        match self.tlsa_sets {
            TlsaSets::AllRecords => !records.is_empty() && counting.all(passes),
            _ => counting.any(passes),
        }
    }

    /// Whether what counts beside the data of a record is right.
    fn binds(&self, usage: u8, shown: Certified) -> bool {
        match (usage, self.dane_ee, self.dane_ta) {
            (3, DaneEe::KeyAlone, _) => true,
            (3, DaneEe::ExpiryToo, _) => shown.in_time,
            (3, DaneEe::NameToo, _) => shown.named,
            (3, DaneEe::WebPkiToo, _) => shown.webpki,
            (_, _, DaneTa::NameAndChain | DaneTa::Unusable) => shown.named && shown.chain && shown.in_time,
            (_, _, DaneTa::NoName) => shown.chain && shown.in_time,
            (_, _, DaneTa::NoChain) => shown.named && shown.in_time,
        }
    }
}

/// An MTA-STS policy as it can be found, for one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PolicyKnown {
    pub mode: Mode,
    /// Whether it lists the host.
    pub listed: bool,
    /// Whether it does if `*.` stands for several labels.
    pub listed_deep: bool,
    /// Why it is none.
    pub defect: Option<PolicyDefect>,
    /// What is odd about it.
    pub oddity: Option<Oddity>,
}

impl Traits {
    /// What a policy comes to.
    pub fn policy_state(&self, policy: Option<PolicyKnown>) -> PolicyState {
        let Some(policy) = policy.filter(|policy| self.heeds(policy)) else { return PolicyState::None };
        let enforced = match policy.mode {
            Mode::Enforce => true,
            Mode::Testing => self.testing != Testing::NotEnforced,
            Mode::None => self.testing == Testing::AllEnforced,
        };
        let any_host = matches!(
            self.policy_matching,
            PolicyMatching::CertificateAlone
                | PolicyMatching::CertificateNames
                | PolicyMatching::CertificateNamesAnyDepth
        );
        let deep = self.policy_matching == PolicyMatching::AnyDepth && policy.listed_deep;
        match (enforced, policy.listed || deep || any_host) {
            (false, _) => PolicyState::None,
            (true, true) => PolicyState::Listed,
            (true, false) => PolicyState::Unlisted,
        }
    }

    fn heeds(&self, policy: &PolicyKnown) -> bool {
        match (policy.defect, policy.oddity) {
            (Some(_), _) => self.policy_defects == PolicyDefects::Obeyed,
            (None, Some(_)) => self.policy_defects != PolicyDefects::OddIgnored,
            (None, None) => true,
        }
    }

    /// Whether certificates pass by a policy.
    pub fn passes_policy(&self, shown: Certified) -> bool {
        match self.policy_matching {
            PolicyMatching::NameAlone => true,
            PolicyMatching::CertificateNames => shown.listed,
            PolicyMatching::CertificateNamesAnyDepth => shown.listed || shown.listed_deep,
            _ => shown.webpki,
        }
    }

    /// Whether a policy that was fetched counts where its record is gone.
    pub fn keeps_policies(&self) -> bool {
        self.policy_cache != PolicyCache::Forgotten
    }

    /// Whether another `id` is noticed.
    pub fn refetches(&self) -> bool {
        self.policy_cache != PolicyCache::NotRefetched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Certified =
        Certified { webpki: true, listed: true, listed_deep: true, named: true, in_time: true, chain: true };

    fn record(usage: u8, matching: u8, matches: bool) -> Compared {
        Compared { usage, selector: 1, matching, matches }
    }

    #[test]
    fn several_records_are_read_as_the_trait_says() {
        let of = |tlsa_sets| Traits { tlsa_sets, ..Traits::USUAL };
        let rollover = [record(3, 1, false), record(3, 1, true)];
        let digests = [record(3, 1, true), record(3, 2, false)];
        for (sets, at_rollover, at_digests) in [
            (TlsaSets::StrongestDigest, true, false),
            (TlsaSets::AnyRecord, true, true),
            (TlsaSets::AllRecords, false, false),
        ] {
            let holds = [rollover, digests].map(|records| of(sets).holds(&records, SOUND));
            assert_eq!(holds, [at_rollover, at_digests], "{sets:?}");
        }
        assert!(!of(TlsaSets::AllRecords).holds(&[], SOUND));
    }

    #[test]
    fn with_usage_3_the_key_counts_and_with_usage_2_name_chain_and_time() {
        let expired = Certified { webpki: false, in_time: false, ..SOUND };
        let other_name = Certified { webpki: false, named: false, ..SOUND };
        let unsent = Certified { chain: false, ..SOUND };
        for shown in [SOUND, expired, other_name, unsent] {
            assert!(Traits::USUAL.holds(&[record(3, 1, true)], shown));
            assert_eq!(Traits::USUAL.holds(&[record(2, 1, true)], shown), shown == SOUND, "{shown:?}");
        }
    }

    #[test]
    fn what_is_bogus_fails_for_who_validates_and_for_nobody_else() {
        use Chain::{Bogus, Expired, Insecure, Secure, UnknownAlgorithm, UnprovedDenial};
        let all = [Secure, Insecure, UnknownAlgorithm, Expired, UnprovedDenial, Bogus];
        for (validation, failing) in [
            (Validation::Validates, vec![Expired, UnprovedDenial, Bogus]),
            (Validation::ExpiryIgnored, vec![UnprovedDenial, Bogus]),
            (Validation::DenialsUnproved, vec![Expired, Bogus]),
            (Validation::UnknownRefused, vec![UnknownAlgorithm, Expired, UnprovedDenial, Bogus]),
            (Validation::No, vec![]),
        ] {
            let failed: Vec<_> =
                all.into_iter().filter(|chain| validation.of(*chain) == Trust::Failed).collect();
            assert_eq!(failed, failing, "{validation:?}");
        }
    }
}
