//! What a sender can know of a ruled case and meets at its hosts: derived from the case's file, and nowhere else.

use crate::sending::persona::{
    CaseCertificate, Entrance, Layout, LookupFault, Reach, RuledCase, SmtpBehaviour, Then, TlsaOf, TlsaPlan,
    ZoneState,
};
use crate::sending::trial::{CasePhase, HostRole};

use super::known::{Certified, Chain, Compared, PolicyKnown, TlsaAnswer, TlsaPlace, Trust};
use super::traits::{Reaching, Traits};

/// A ruled case at a time.
#[derive(Clone, Copy, Debug)]
pub struct CaseAt<'a> {
    pub case: &'a RuledCase,
    /// How far the trial is.
    pub phase: CasePhase,
    /// Whether the sender has had the time to learn its policy (RFC 8461 §5.1).
    pub policy_known: bool,
}

impl<'a> CaseAt<'a> {
    /// As a case is judged: behind the first mail where it wants two, and with its policy known.
    pub fn judged(case: &'a RuledCase) -> Self {
        let phase = if case.then.is_some() { CasePhase::Second } else { CasePhase::First };
        Self { case, phase, policy_known: true }
    }

    /// What the domain's own answers are.
    fn domain(&self) -> Chain {
        match (self.case.layout, self.case.zone) {
            (Layout::Elsewhere, _) | (_, ZoneState::Insecure) => Chain::Insecure,
            (_, ZoneState::Signed) => Chain::Secure,
            (_, ZoneState::WrongDs) => Chain::Bogus,
            (_, ZoneState::Expired) => Chain::Expired,
            (_, ZoneState::UnknownAlgorithm) => Chain::UnknownAlgorithm,
        }
    }

    /// What those of its hosts are.
    fn hosts(&self) -> Chain {
        if self.case.layout == Layout::Elsewhere { Chain::Secure } else { self.domain() }
    }

    /// Whether a sender finds hosts to send to at all.
    pub(super) fn has_hosts(&self, traits: &Traits) -> bool {
        let reached = match self.case.reach {
            None => true,
            Some(Reach::V6Zone) => traits.reach != Reaching::NoV6Zone,
            Some(Reach::V6Hosts) => traits.reach != Reaching::NoV6Hosts,
            Some(Reach::V4Hosts) => traits.reach != Reaching::NoV4Hosts,
            Some(Reach::LargeAnswers) => traits.reach != Reaching::NoLargeAnswers,
        };
        let answers = [self.domain(), self.hosts()];
        let answered = answers.into_iter().all(|chain| traits.validation.of(chain) != Trust::Failed);
        reached && answered && !self.case.roles().is_empty()
    }

    /// Where a host's TLSA records are looked up.
    pub(super) fn tlsa_place(&self, role: HostRole, traits: &Traits) -> TlsaPlace {
        let secure = |chain| traits.validation.of(chain) == Trust::Secure;
        let is_alias = self.case.layout.is_alias() && role == HostRole::Bad;
        // Behind a secure alias to insecure addresses the records are looked up at the alias (RFC 7672 §2.2.2).
        let host_secure = secure(self.hosts());
        TlsaPlace {
            domain_secure: secure(self.domain()),
            host_secure,
            addresses_secure: host_secure && !(is_alias && self.case.layout == Layout::InsecureAlias),
            alias: is_alias,
            implicit: self.case.layout == Layout::Implicit,
        }
    }

    /// What that gives.
    pub(super) fn tlsa_answer(&self, role: HostRole, traits: &Traits) -> TlsaAnswer {
        let chain = match self.case.host(role).tlsa_lookup {
            Some(
                LookupFault::Servfail | LookupFault::Refused | LookupFault::Formerr | LookupFault::Silence,
            ) => {
                return TlsaAnswer::Failed;
            }
            Some(LookupFault::BogusSignature) => Chain::Bogus,
            Some(LookupFault::BogusDenial) => Chain::UnprovedDenial,
            None => self.hosts(),
        };
        let plans = self.case.tlsa_of(role);
        let usable = plans.iter().any(|plan| traits.uses(plan.usage, plan.is_usable()));
        match (traits.validation.of(chain), plans.is_empty()) {
            (Trust::Failed, _) => TlsaAnswer::Failed,
            (_, true) => TlsaAnswer::None,
            (trust, false) => TlsaAnswer::Records { secure: trust == Trust::Secure, usable },
        }
    }

    /// The policy as it can be found by a sender with these traits, for one host.
    pub(super) fn policy(&self, role: HostRole, traits: &Traits) -> Option<PolicyKnown> {
        let spec = self.case.mta_sts.as_ref().filter(|_| self.policy_known)?;
        let (mut listed, listed_deep) = (spec.lists_host(role), spec.lists_host_at_any_depth(role));
        if self.phase == CasePhase::Second {
            match self.case.then {
                Some(Then::PolicyGone) if !traits.keeps_policies() => return None,
                Some(Then::NewPolicy) if traits.refetches() => listed = role == HostRole::Good,
                _ => {}
            }
        }
        let (defect, oddity) = (spec.defect, spec.oddity);
        Some(PolicyKnown { mode: spec.mode, listed, listed_deep: listed || listed_deep, defect, oddity })
    }

    /// How a host speaks SMTP.
    pub(super) fn smtp(&self, role: HostRole) -> SmtpBehaviour {
        self.case.host(role).smtp
    }

    fn certificate(&self, role: HostRole) -> CaseCertificate {
        match (self.phase, self.case.then, role) {
            (CasePhase::Second, Some(Then::PolicyGone), HostRole::Bad) => CaseCertificate::SelfSigned,
            _ => self.case.host(role).certificate,
        }
    }

    /// What the certificates of a host are.
    pub(super) fn certified(&self, role: HostRole, traits: &Traits) -> Certified {
        let certificate = self.certificate(role);
        let (public, named, chain) = match certificate {
            CaseCertificate::PublicCa => (true, true, true),
            CaseCertificate::SelfSigned | CaseCertificate::Expired => (false, true, false),
            CaseCertificate::OtherName | CaseCertificate::OfOtherHost => (true, false, true),
            CaseCertificate::PrivateCa => (false, true, true),
            CaseCertificate::PrivateCaOtherName => (false, false, true),
            CaseCertificate::PrivateCaNotSent => (false, true, false),
        };
        let carries = match certificate {
            CaseCertificate::OfOtherHost => Some(role.other()),
            _ => named.then_some(role),
        };
        let listed = |role| self.policy(role, traits).is_some_and(|policy| policy.listed);
        let listed_deep = |role| self.policy(role, traits).is_some_and(|policy| policy.listed_deep);
        Certified {
            webpki: public && named,
            listed: public && carries.is_some_and(listed),
            listed_deep: public && carries.is_some_and(listed_deep),
            named,
            in_time: certificate != CaseCertificate::Expired,
            chain,
        }
    }

    /// The TLSA records of a host that are used, held against its certificates.
    pub(super) fn compared(&self, role: HostRole, traits: &Traits) -> Vec<Compared> {
        let sent = self.certified(role, traits).chain;
        let used = |plan: &&TlsaPlan| traits.uses(plan.usage, plan.is_usable());
        let compared = |plan: &TlsaPlan| Compared {
            usage: plan.usage,
            selector: plan.selector,
            matching: plan.matching,
            matches: plan.of == TlsaOf::Right && (plan.usage == 3 || sent || !traits.wants_chain()),
        };
        self.case.tlsa_of(role).iter().filter(used).map(compared).collect()
    }

    /// What a handshake without SNI shows at a host's entrance: whether WebPKI accepts it.
    pub(super) fn trusted_without_sni(&self, role: HostRole) -> bool {
        Entrance::of(role, self.case.host(role)).is_trusted()
    }
}
