//! Sender models at ruled cases: what a sender of a kind does at each host of a case, and how the case comes out.

mod classes;
mod known;
mod meeting;
mod traits;

use crate::sending::persona::{RuledCase, SmtpBehaviour};
use crate::sending::trial::HostRole;

use super::{Act, Certificates, Check, Dane, Intent, Published, SenderModel, Shown, Starttls, TlsaState};

pub use classes::{SENDER_CLASSES, SenderClass};
pub use known::{Certified, Chain, Compared, PolicyKnown, TlsaAnswer, TlsaPlace, Trust};
pub use meeting::CaseAt;
pub use traits::{
    DaneEe, DaneTa, FailedLookup, FailedStarttls, HalfDane, Injection, InsecureTlsa, PolicyCache,
    PolicyDefects, PolicyMatching, Reaching, RequireTls, Resumption, Retry, Testing, TlsVersions, TlsaBase,
    TlsaSets, TraitValue, Traits, UnusableTlsa, Validation,
};

/// No certificate is asked for anything.
const ANYTHING: Check = Check { webpki: false, tlsa: false };

/// A sender model with the traits that only ruled cases show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseModel {
    pub base: SenderModel,
    pub traits: Traits,
}

/// How a case comes out, in the words of what each outcome is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseEnd {
    /// Mail, or its envelope, came at the faulty host in clear.
    Clear,
    /// Mail came at the faulty host in TLS.
    Delivered,
    /// Mail came at the sound host alone.
    Turned,
    /// No mail came.
    Held,
}

impl CaseEnd {
    /// All, the worst first.
    pub const ALL: [Self; 4] = [Self::Clear, Self::Delivered, Self::Turned, Self::Held];

    /// The letter that tables show.
    pub fn letter(self) -> char {
        match self {
            Self::Clear => 'P',
            Self::Delivered => 'D',
            Self::Turned => 'g',
            Self::Held => 'h',
        }
    }
}

/// What a sender does in one attempt at a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// What it does at each host that it comes to, in order. Mail that is held there goes on to the next host, or comes
    /// again.
    pub acts: Vec<(HostRole, Act)>,
}

impl Passage {
    /// How the case comes out by this attempt.
    pub fn end(&self) -> CaseEnd {
        let act_at = |role| self.acts.iter().find(|(one, _)| *one == role).map(|(_, act)| *act);
        match (act_at(HostRole::Bad), act_at(HostRole::Good)) {
            (Some(Act::Clear), _) => CaseEnd::Clear,
            (Some(Act::Delivers { .. }), _) => CaseEnd::Delivered,
            (_, Some(Act::Clear | Act::Delivers { .. })) => CaseEnd::Turned,
            _ => CaseEnd::Held,
        }
    }
}

impl CaseModel {
    /// A model that does as senders usually do wherever it says nothing itself.
    pub fn usual(base: SenderModel) -> Self {
        Self { base, traits: Traits::USUAL }
    }

    /// What is intended for a host: the model's, bent by the traits.
    pub fn intends(&self, published: Published) -> Intent {
        if self.traits.require_tls == RequireTls::No && self.base.starttls != Starttls::Never {
            // RFC 8689 §5: policies do not count, and TLS is used where it is to be had.
            return Intent::Connect { tls: Starttls::IfOffered, sni: true, check: ANYTHING };
        }
        match self.base.intends(published) {
            Intent::Connect { tls, sni, check } if self.base.heeds(published).1 => {
                let verified = self.base.certificates == Certificates::Verified && !check.tlsa;
                let webpki = verified || self.traits.policy_matching != PolicyMatching::NameAlone;
                Intent::Connect { tls, sni, check: Check { webpki, ..check } }
            }
            intent => intent,
        }
    }

    /// What certificates are worth to it, at a host of which `published` is known and whose TLSA records compare so.
    pub fn judges(&self, published: Published, records: &[Compared], certified: Certified) -> Shown {
        let webpki = match self.base.heeds(published).1 {
            true => self.traits.passes_policy(certified),
            false => certified.webpki,
        };
        Shown { webpki, tlsa: self.traits.holds(records, certified) }
    }

    /// The first attempt at a case.
    pub fn passage(&self, at: CaseAt<'_>) -> Passage {
        self.passes(at, false)
    }

    /// A later attempt: laxer, where that is the sender's way.
    pub fn later_passage(&self, at: CaseAt<'_>) -> Passage {
        self.passes(at, true)
    }

    /// How a case may come out: by the first attempt, or by a later one that was worse.
    pub fn ends(&self, case: &RuledCase) -> Vec<CaseEnd> {
        let at = CaseAt::judged(case);
        let mut ends = vec![self.passage(at).end()];
        let Traits { retry, failed_starttls, resumption, .. } = self.traits;
        let changes = retry == Retry::Laxer
            || failed_starttls == FailedStarttls::ClearTextLater
            || resumption == Resumption::Trusted
            || case.bad.smtp == SmtpBehaviour::Withheld;
        // Whether a later attempt was made, and seen, hangs on how the first one went on.
        let later = changes.then(|| self.later_passage(at).end());
        ends.extend(later.filter(|later| *later != ends[0]));
        ends.sort();
        ends
    }

    fn passes(&self, at: CaseAt<'_>, again: bool) -> Passage {
        if !at.has_hosts(&self.traits) {
            return Passage { acts: Vec::new() };
        }
        let published = |role| self.published(at, role);
        let holds = self.traits.failed_lookup == FailedLookup::HoldsMail;
        let failed = |role: &HostRole| {
            self.base.dane != Dane::Off
                && self.base.starttls != Starttls::Never
                && at.tlsa_answer(*role, &self.traits) == TlsaAnswer::Failed
                && published(*role).tlsa == TlsaState::Failed
        };
        if holds && at.case.roles().iter().any(failed) {
            return Passage { acts: Vec::new() };
        }
        Passage { acts: at.case.roles().iter().map(|role| (*role, self.act(at, *role, again))).collect() }
    }

    fn published(&self, at: CaseAt<'_>, role: HostRole) -> Published {
        let traits = &self.traits;
        let place = at.tlsa_place(role, traits);
        Published {
            tlsa: traits.tlsa_state(place, at.tlsa_answer(role, traits)),
            policy: traits.policy_state(at.policy(role, traits)),
        }
    }

    /// What is done at a host.
    fn act(&self, at: CaseAt<'_>, role: HostRole, again: bool) -> Act {
        let published = self.published(at, role);
        let lax = again && self.traits.retry == Retry::Laxer;
        let (tls, sni, check) = match self.intends(published) {
            Intent::Avoid => return Act::Avoids,
            Intent::Unlisted { sni } if lax => (Starttls::Required, sni, ANYTHING),
            Intent::Unlisted { sni } => return Act::Shuns { sni },
            Intent::Connect { tls, sni, check } if !lax => (tls, sni, check),
            Intent::Connect { tls, sni, .. } => (tls, sni, ANYTHING),
        };
        if tls == Starttls::Never {
            return Act::Clear;
        }
        match self.meets(at.smtp(role), again) {
            Met::NothingOffered if tls == Starttls::Required => Act::Leaves,
            Met::NothingOffered => Act::Clear,
            Met::Unauthenticated => Act::Delivers { sni },
            Met::Tls => {
                let mut certified = at.certified(role, &self.traits);
                if !sni {
                    certified.webpki = at.trusted_without_sni(role);
                    (certified.listed, certified.listed_deep) = (certified.webpki, certified.webpki);
                }
                let shown = self.judges(published, &at.compared(role, &self.traits), certified);
                if check.accepts(shown) { Act::Delivers { sni } } else { Act::Refuses { sni } }
            }
            Met::NoTls => {
                if self.traits.failed_starttls.goes_in_clear(tls, check, again) {
                    Act::Clear
                } else {
                    Act::Leaves
                }
            }
        }
    }

    /// What STARTTLS comes to at a host.
    fn meets(&self, smtp: SmtpBehaviour, again: bool) -> Met {
        let versions = self.traits.tls_versions;
        match smtp {
            SmtpBehaviour::NoStarttls => Met::NothingOffered,
            SmtpBehaviour::Withheld if !again => Met::NothingOffered,
            SmtpBehaviour::Resuming if again && self.traits.resumption == Resumption::Trusted => {
                Met::Unauthenticated
            }
            SmtpBehaviour::Starttls454 | SmtpBehaviour::Garbage | SmtpBehaviour::Reset => Met::NoTls,
            SmtpBehaviour::Injecting if self.traits.injection == Injection::TlsGivenUp => Met::NoTls,
            SmtpBehaviour::Tls10 if versions != TlsVersions::Old => Met::NoTls,
            SmtpBehaviour::RsaKeyTransport if versions == TlsVersions::Modern => Met::NoTls,
            // What is injected changes nothing of where mail comes.
            SmtpBehaviour::Sound
            | SmtpBehaviour::Withheld
            | SmtpBehaviour::Resuming
            | SmtpBehaviour::Tls10
            | SmtpBehaviour::RsaKeyTransport
            | SmtpBehaviour::Injecting
            | SmtpBehaviour::RequireTls => Met::Tls,
        }
    }
}

impl FailedStarttls {
    /// Whether mail goes in clear where TLS that was offered failed, `again` in a later attempt. Opportunistic TLS that asks
    /// for no certificate goes in clear rather than not at all (RFC 7435 §3).
    pub fn goes_in_clear(self, tls: Starttls, check: Check, again: bool) -> bool {
        let opportunistic = tls == Starttls::IfOffered && !check.webpki && !check.tlsa;
        let in_clear = match self {
            Self::ClearText => true,
            Self::ClearTextLater => again,
            Self::NextHost => false,
        };
        opportunistic && in_clear
    }
}

/// What STARTTLS comes to at a host.
enum Met {
    NothingOffered,
    /// It is offered, and there is no TLS that the sender speaks.
    NoTls,
    Tls,
    /// TLS in which the host's certificate is not looked at.
    Unauthenticated,
}
