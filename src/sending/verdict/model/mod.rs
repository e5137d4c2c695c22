//! The space of sender models.
//!
//! A [`SenderModel`] is a handful of independent traits, not a name. It decides from what a sender can know
//! before it connects ([`Published`]), and from what it is offered when it does ([`Offered`]). The judge asks
//! every model what it would have done at a persona, the reference sender asks one model what to do: the
//! same code, so that the table in the documentation, the verdicts and the demo cannot disagree.

pub(super) mod meeting;
pub(super) mod reading;
pub mod ruled;
pub(super) mod table;
pub(super) mod term;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a sender uses STARTTLS where nothing is published about the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starttls {
    /// Never, even where it is offered.
    Never,
    /// Where it is offered.
    IfOffered,
    /// Always; without it there is no delivery.
    Required,
}

/// When a sender names the MX host in its ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sni {
    Never,
    /// Where DANE or MTA-STS applies (RFC 7672 §8.1, RFC 8461 §7.1).
    ForPolicy,
    /// In every handshake.
    Always,
}

/// What a sender does with a certificate where neither DANE nor MTA-STS applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificates {
    /// Any certificate is taken.
    Ignored,
    /// It must verify by WebPKI for the MX's name.
    Verified,
}

/// A sender's use of DANE (RFC 7672).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dane {
    /// It does not look for TLSA records.
    Off,
    /// Where usable TLSA records are.
    WhereUsable,
    /// Everywhere: without usable TLSA records there is no delivery.
    Required,
}

/// What a sender does where DANE and MTA-STS both apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precedence {
    /// DANE alone decides.
    DaneWins,
    /// MTA-STS alone decides, which RFC 8461 §2 forbids.
    MtaStsOverrides,
    /// Both must pass.
    BothMustPass,
}

/// One way to send mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SenderModel {
    /// STARTTLS where nothing is published.
    pub starttls: Starttls,
    /// When the MX host is named.
    pub sni: Sni,
    /// What becomes of certificates where no policy applies.
    pub certificates: Certificates,
    pub dane: Dane,
    /// Whether MTA-STS policies in mode enforce are obeyed.
    pub mta_sts: bool,
    /// Which of the two counts; [`Precedence::DaneWins`] where only one is on.
    pub precedence: Precedence,
}

/// What a sender can know of an MX host before it connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Published {
    /// TLSA records at the host.
    pub tlsa: TlsaState,
    /// The MTA-STS policy of the recipient domain.
    pub policy: PolicyState,
}

/// What the look-up of TLSA records gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsaState {
    /// Proved absent, or insecure, which is as good as absent (RFC 7672 §2.2).
    None,
    /// Secure, and at least one is usable.
    Usable,
    /// Secure, and none is usable (RFC 7671 §10.3: TLS, unauthenticated).
    Unusable,
    /// The look-up failed or is bogus (RFC 7672 §2.1.2: this host cannot be used now).
    Failed,
}

/// What MTA-STS says of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyState {
    /// No policy in mode enforce.
    None,
    /// Mode enforce, and the host is listed.
    Listed,
    /// Mode enforce, and the host is not listed (RFC 8461 §4.1).
    Unlisted,
}

/// How the certificate of a handshake fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shown {
    /// By WebPKI, for the MX's name.
    pub webpki: bool,
    /// By the TLSA records of the MX host.
    pub tlsa: bool,
}

/// What a link offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Offered {
    /// Whether STARTTLS is offered.
    pub starttls: bool,
    /// The certificate in a handshake with SNI.
    pub with_sni: Shown,
    /// The certificate in a handshake without.
    pub without_sni: Shown,
}

/// What a sender intends for a host, from what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Not to connect: DANE is required and not to be had, or the TLSA look-up failed.
    Avoid,
    /// Not to deliver: the policy does not list the host. Some senders do not connect, others do and give
    /// up after the handshake; both are allowed (RFC 8461 §5.1).
    Unlisted {
        /// Whether the host would be named in TLS.
        sni: bool,
    },
    Connect {
        /// How TLS is used.
        tls: Starttls,
        /// Whether the host is named.
        sni: bool,
        /// What the certificate must pass.
        check: Check,
    },
}

/// What a certificate must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    /// WebPKI for the MX's name.
    pub webpki: bool,
    /// The TLSA records.
    pub tlsa: bool,
}

impl Check {
    /// Whether `shown` passes.
    pub fn accepts(self, shown: Shown) -> bool {
        (!self.webpki || shown.webpki) && (!self.tlsa || shown.tlsa)
    }
}

/// What a sender does on meeting a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Does not connect.
    Avoids,
    /// Does not connect, or leaves without mail whatever it is offered: an unlisted host.
    Shuns {
        /// With SNI, where TLS begins at all.
        sni: bool,
    },
    /// Connects, finds no STARTTLS and leaves without mail.
    Leaves,
    /// Delivers in clear.
    Clear,
    /// Begins TLS and gives up at the certificate.
    Refuses { sni: bool },
    /// Delivers in TLS.
    Delivers { sni: bool },
}

impl SenderModel {
    /// Every model, each once: 117 of them. `Never` has no other trait, [`Sni::Never`] and
    /// [`Sni::ForPolicy`] are one where neither DANE nor MTA-STS is on, and precedence is a question only
    /// where both are.
    pub fn all() -> Vec<Self> {
        let mut models = vec![Self::PLAIN];
        for starttls in [Starttls::IfOffered, Starttls::Required] {
            for certificates in [Certificates::Ignored, Certificates::Verified] {
                for dane in [Dane::Off, Dane::WhereUsable, Dane::Required] {
                    for mta_sts in [false, true] {
                        let base = Self { starttls, certificates, dane, mta_sts, ..Self::PLAIN };
                        models.extend(base.with_each_sni_and_precedence());
                    }
                }
            }
        }
        models
    }

    /// Sends everything in clear.
    pub const PLAIN: Self = Self {
        starttls: Starttls::Never,
        sni: Sni::Never,
        certificates: Certificates::Ignored,
        dane: Dane::Off,
        mta_sts: false,
        precedence: Precedence::DaneWins,
    };

    /// TLS where it is offered, with any certificate.
    pub const MAY: Self = Self { starttls: Starttls::IfOffered, ..Self::PLAIN };

    /// TLS always, with any certificate.
    pub const ENCRYPT: Self = Self { starttls: Starttls::Required, ..Self::MAY };

    /// TLS always, with a certificate that verifies for the MX host's name.
    pub const VERIFY: Self = Self { certificates: Certificates::Verified, ..Self::ENCRYPT };

    /// DANE where it applies, else as [`Self::MAY`].
    pub const DANE: Self = Self { sni: Sni::ForPolicy, dane: Dane::WhereUsable, ..Self::MAY };

    /// DANE everywhere: without usable TLSA records nothing is delivered.
    pub const DANE_ONLY: Self = Self { dane: Dane::Required, ..Self::DANE };

    /// MTA-STS where it applies, else as [`Self::MAY`].
    pub const MTA_STS: Self = Self { sni: Sni::ForPolicy, mta_sts: true, ..Self::MAY };

    /// Both, and what applies of them must pass (RFC 8461 §2).
    pub const DANE_AND_MTA_STS: Self =
        Self { mta_sts: true, precedence: Precedence::BothMustPass, ..Self::DANE };

    fn with_each_sni_and_precedence(self) -> impl Iterator<Item = Self> {
        let policies = self.dane != Dane::Off || self.mta_sts;
        let sni: &[Sni] =
            if policies { &[Sni::Never, Sni::ForPolicy, Sni::Always] } else { &[Sni::Never, Sni::Always] };
        let precedence: &[Precedence] = if self.dane != Dane::Off && self.mta_sts {
            &[Precedence::DaneWins, Precedence::MtaStsOverrides, Precedence::BothMustPass]
        } else {
            &[Precedence::DaneWins]
        };
        sni.iter()
            .flat_map(move |&sni| precedence.iter().map(move |&precedence| Self { sni, precedence, ..self }))
    }

    /// Which of TLSA records and policy decide at a host.
    pub fn heeds(&self, published: Published) -> (bool, bool) {
        let speaks = self.starttls != Starttls::Never;
        let tlsa = speaks && self.dane != Dane::Off && published.tlsa == TlsaState::Usable;
        let policy = speaks && self.mta_sts && published.policy != PolicyState::None;
        // RFC 8461 §2: a failing DANE validation must not be overridden by MTA-STS; some do.
        match (tlsa && policy).then_some(self.precedence) {
            None | Some(Precedence::BothMustPass) => (tlsa, policy),
            Some(Precedence::DaneWins) => (true, false),
            Some(Precedence::MtaStsOverrides) => (false, true),
        }
    }

    /// What the sender intends for a host of which `published` is known.
    pub fn intends(&self, published: Published) -> Intent {
        if self.starttls == Starttls::Never {
            let check = Check { webpki: false, tlsa: false };
            return Intent::Connect { tls: Starttls::Never, sni: false, check };
        }
        let looks = self.dane != Dane::Off;
        if looks && published.tlsa == TlsaState::Failed {
            return Intent::Avoid;
        }
        let (tlsa, policy) = self.heeds(published);
        if self.dane == Dane::Required && !tlsa && !policy {
            return Intent::Avoid;
        }
        let sni = match self.sni {
            Sni::Never => false,
            Sni::ForPolicy => tlsa || policy,
            Sni::Always => true,
        };
        if policy && published.policy == PolicyState::Unlisted {
            return Intent::Unlisted { sni };
        }
        let webpki = policy || (!tlsa && self.certificates == Certificates::Verified);
        // RFC 7671 §10.3: TLS is mandatory where TLSA records are secure, also if none is usable.
        let unusable = looks && published.tlsa == TlsaState::Unusable;
        let tls = if tlsa || policy || unusable { Starttls::Required } else { self.starttls };
        Intent::Connect { tls, sni, check: Check { webpki, tlsa } }
    }

    /// What the sender does at a host of which `published` is known and that offers `offered`.
    pub fn acts(&self, published: Published, offered: Offered) -> Act {
        let (tls, sni, check) = match self.intends(published) {
            Intent::Avoid => return Act::Avoids,
            Intent::Unlisted { sni } => return Act::Shuns { sni },
            Intent::Connect { tls, sni, check } => (tls, sni, check),
        };
        match (tls, offered.starttls) {
            (Starttls::Never, _) | (Starttls::IfOffered, false) => Act::Clear,
            (Starttls::Required, false) => Act::Leaves,
            (_, true) => {
                let shown = if sni { offered.with_sni } else { offered.without_sni };
                if check.accepts(shown) { Act::Delivers { sni } } else { Act::Refuses { sni } }
            }
        }
    }
}

impl fmt::Display for SenderModel {
    /// The traits, for logs and tests; a reader of verdicts sees terms and findings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { starttls, sni, certificates, dane, mta_sts, precedence } = self;
        write!(
            f,
            "{starttls:?} sni={sni:?} certificates={certificates:?} dane={dane:?} mta_sts={mta_sts} {precedence:?}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_117_models_each_once() {
        let models = SenderModel::all();
        let distinct: std::collections::BTreeSet<_> = models.iter().collect();
        assert_eq!((models.len(), distinct.len()), (117, 117));
    }
}
