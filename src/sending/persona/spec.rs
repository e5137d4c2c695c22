//! A persona and a case as their files state them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shared::policy::Mode;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

impl std::borrow::Borrow<str> for CaseId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

id!(
    /// A persona's name: its file's name without the ending, such as `mx03.et`.
    PersonaId
);
id!(
    /// A case's name: its file's name without the ending, such as `et`.
    CaseId
);

/// A recipient domain: its DNSSEC state and its MTA-STS policy. Its MX list is made of the personas that
/// name it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The name of the file.
    #[serde(skip)]
    pub id: CaseId,
    /// The labels before the operator's origin; `@` is the origin itself. By default the file's name.
    #[serde(default)]
    pub label: String,
    /// Whether and how its zone is signed.
    #[serde(default)]
    pub dnssec: Dnssec,
    /// The mode of its MTA-STS policy, if it publishes one.
    #[serde(default)]
    pub mta_sts: Option<Mode>,
    /// How long senders may keep that policy, in seconds.
    #[serde(default = "a_day")]
    pub max_age_s: u32,
    /// The suite whose one mail reaches it. None: an ordinary domain of the service, where mail starts
    /// no trial.
    #[serde(default)]
    pub suite: Option<String>,
}

fn a_day() -> u32 {
    86_400
}

/// How the zone that holds a case is signed. Deliberately bogus cases will be further variants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dnssec {
    /// With the operator's keys, as part of the origin's zone.
    #[default]
    Signed,
    /// Delegated to a zone of its own without a DS: insecure.
    Unsigned,
}

/// A virtual MX host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// The name of the file.
    #[serde(skip)]
    pub id: PersonaId,
    /// Its number in tables and connection histories.
    pub server: u8,
    /// Whether it is a host of its own or stands for a way to meet any host.
    #[serde(default)]
    pub stands_for: StandsFor,
    /// The case whose MX it is; none for what stands for any host.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// The label before the case's domain; `@` is the domain itself. By default the file's name up to its
    /// first dot.
    #[serde(default)]
    pub host: String,
    /// The certificate it shows.
    #[serde(default)]
    pub certificate: Certificate,
    /// The certificate of phase B, for what stands for links without SNI.
    #[serde(default)]
    pub certificate_phase_b: Option<Certificate>,
    /// What its TLSA record says of the certificate.
    #[serde(default)]
    pub tlsa: TlsaSpec,
    /// Whether the case's MTA-STS policy lists it.
    #[serde(default = "yes")]
    pub in_policy: bool,
}

fn yes() -> bool {
    true
}

impl Persona {
    /// Whether nothing about it is at fault in its case: the control without which a refusal elsewhere
    /// proves nothing.
    pub fn is_sound(&self) -> bool {
        self.stands_for == StandsFor::Host
            && self.certificate == Certificate::PublicCa
            && self.tlsa != TlsaSpec::Mismatch
            && self.in_policy
    }
}

/// What a persona stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandsFor {
    /// A host of its own, known by SNI or by address.
    #[default]
    Host,
    /// Any host while STARTTLS is withheld (Lindenberg's server 1).
    StarttlsWithheld,
    /// Any host in a link with TLS and without SNI (Lindenberg's server 2).
    NoSni,
}

/// Who signed a persona's certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    /// A CA that senders trust.
    #[default]
    PublicCa,
    /// Nobody but its own key.
    SelfSigned,
}

/// What a persona's TLSA record says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsaSpec {
    /// `3 1 1` of the key it has.
    #[default]
    Match,
    /// `3 1 1` of a key it does not have.
    Mismatch,
    /// There is none, provably where the zone is signed.
    None,
}
