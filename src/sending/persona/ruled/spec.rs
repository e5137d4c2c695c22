//! A ruled case as its file states it: the closed vocabulary of its faults.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::sending::persona::CaseId;
use crate::sending::trial::Label;

use super::policy::{PolicyDefect, PolicySpec, Then};
use super::words::words;

/// A recipient domain with a faulty host (preference 10) and a sound one (preference 20). A file states only how it
/// differs from a signed domain with two sound hosts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuledCase {
    /// The name of the file, which is its label below the operator's origin.
    #[serde(skip)]
    pub id: CaseId,
    #[serde(default)]
    pub suite: Suite,
    pub family: Family,
    /// The trait of a sender that it tells.
    pub tells: Trait,
    /// What each outcome is worth.
    pub expect: Expected,
    /// Where that is said, such as `RFC 8461 §4.1`.
    pub rfc: Vec<String>,
    #[serde(default)]
    pub zone: ZoneState,
    #[serde(default)]
    pub layout: Layout,
    /// By which families of addresses it is reached, where not by both.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// The TLSA records of either host, where its own table names none.
    #[serde(default)]
    pub tlsa: Vec<TlsaPlan>,
    #[serde(default)]
    pub bad: HostSpec,
    #[serde(default)]
    pub good: HostSpec,
    #[serde(default)]
    pub mta_sts: Option<PolicySpec>,
    /// The label that also its permanent names carry, where a name without would be no test.
    #[serde(default)]
    pub fixed_label: Option<Label>,
    /// What changes after the first mail of a trial, for cases that want two.
    #[serde(default)]
    pub then: Option<Then>,
}

impl RuledCase {
    /// Whether it needs a policy host, and so a name that a public CA vouches for.
    pub fn has_policy(&self) -> bool {
        self.mta_sts.is_some()
    }

    /// Whether names with this label, or those without, are where the policy and its record belong to: those of the domain
    /// itself, or by design those of its parent. The label is as names have it, that of the case too.
    pub fn has_policy_at(&self, label: Option<&Label>) -> bool {
        let Some(policy) = &self.mta_sts else { return false };
        let is_parent = label.is_none() && self.fixed_label.is_some();
        is_parent == (policy.defect == Some(PolicyDefect::AtParent))
    }
}

/// Which suites hold a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// The first nine, and `all`.
    First,
    #[default]
    All,
    /// None: it is sent to by name alone, since mail to it bounces.
    Apart,
}

impl Suite {
    /// Whether cases of `suite` belong to it, too.
    pub fn has(self, suite: Self) -> bool {
        match self {
            Self::First | Self::Apart => suite == self,
            Self::All => suite != Self::Apart,
        }
    }
}

words! {
    /// What a case is about.
    Family {
        /// Nothing is published.
        Plain = "plain",
        /// MTA-STS alone.
        MtaSts = "mta-sts",
        /// DANE alone.
        Dane = "dane",
        /// MTA-STS and DANE.
        Both = "both",
        /// Whether answers of DNS are validated.
        Dnssec = "dnssec",
        /// TLS reports, REQUIRETLS.
        Reports = "reports",
        /// Whether a domain is reached at all.
        Reach = "reach",
    }
}

words! {
    /// What a case tells of a sender.
    Trait {
        Starttls = "starttls",
        /// What becomes of mail where STARTTLS is offered and fails.
        FailedStarttls = "failed-starttls",
        TlsVersion = "tls-version",
        Injection = "injection",
        Certificates = "certificates",
        MtaSts = "mta-sts",
        /// Whether the host's name, its certificate, or both are compared with the policy.
        MtaStsMatching = "mta-sts-matching",
        /// What becomes of a policy that cannot be had or is none.
        PolicyDefects = "policy-defects",
        /// Whether mode testing is enforced.
        Testing = "testing",
        PolicyCache = "policy-cache",
        /// Whether a later attempt is laxer.
        Retry = "retry",
        Dane = "dane",
        /// What becomes of a host whose TLSA records cannot be looked up.
        FailedLookup = "failed-lookup",
        /// Whether answers of DNS are validated.
        Dnssec = "dnssec",
        /// Whether insecure TLSA records are taken for true.
        InsecureTlsa = "insecure-tlsa",
        /// Whether DANE is used where only the MX records are insecure.
        HalfDane = "half-dane",
        UnusableTlsa = "unusable-tlsa",
        /// Whether expiry or name count with usage 3.
        DaneEe = "dane-ee",
        /// Whether name and chain count with usage 2.
        DaneTa = "dane-ta",
        /// How several records are read.
        TlsaSets = "tlsa-sets",
        /// At which name TLSA records are looked up.
        TlsaBase = "tlsa-base",
        Precedence = "precedence",
        Reports = "reports",
        RequireTls = "require-tls",
        Reach = "reach",
        Resumption = "resumption",
    }
}

words! {
    /// What an outcome is worth, by the standards.
    Standing {
        /// As it must or should be.
        Conforms = "conforms",
        /// Another way that a MAY or a SHOULD leaves open.
        Allowed = "allowed",
        /// Against a MUST.
        Fault = "fault",
        /// What the case is about is not practised; a fault where it was proved to be elsewhere.
        NotPractised = "not-practised",
    }
}

/// What each outcome of a case is worth. The worst attempt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expected {
    /// Mail, or its envelope, came at the faulty host in clear.
    pub clear: Standing,
    /// Mail came at the faulty host in TLS.
    pub delivered: Standing,
    /// The faulty host was refused or passed over, and mail came at the sound one.
    pub turned: Standing,
    /// The domain was looked up, and no mail came.
    pub held: Standing,
}

words! {
    /// The zone of a case.
    #[derive(Default)]
    ZoneState {
        #[default]
        Signed = "signed",
        /// A delegation without DS.
        Insecure = "insecure",
        /// The DS record at the parent matches no key.
        WrongDs = "wrong-ds",
        /// All signatures but those over its keys ended at least two days ago.
        Expired = "expired",
        /// It is signed by an algorithm that nobody knows: insecure (RFC 4035 §5.2).
        UnknownAlgorithm = "unknown-algorithm",
    }
}

impl ZoneState {
    /// Whether who validates takes none of its answers.
    pub fn is_bogus(self) -> bool {
        matches!(self, Self::WrongDs | Self::Expired)
    }
}

words! {
    /// How a domain names its hosts.
    #[derive(Default)]
    Layout {
        /// `bad` with preference 10, `good` with 20.
        #[default]
        Pair = "pair",
        /// `bad` alone.
        Single = "single",
        /// No MX: the domain itself is the host (RFC 5321 §5.1).
        Implicit = "implicit",
        /// `bad` is an alias of a name in the same signed zone.
        Alias = "alias",
        /// `bad` is an alias of a name in an insecure zone.
        InsecureAlias = "insecure-alias",
        /// The domain is an insecure zone, and its hosts lie in the signed one above it. Its permanent name needs a
        /// `fixed-label`, else the domain would be above its hosts.
        Elsewhere = "elsewhere",
        /// The null MX (RFC 7505).
        NullMx = "null-mx",
    }
}

words! {
    /// How a domain is reached.
    Reach {
        /// Its hosts have IPv6 addresses alone.
        V6Hosts = "v6-hosts",
        /// Its hosts have IPv4 addresses alone.
        V4Hosts = "v4-hosts",
        /// Its name servers have IPv6 addresses alone.
        V6Zone = "v6-zone",
        /// Its answers are beyond 1232 octets, so that TCP is wanted (RFC 7766).
        LargeAnswers = "large-answers",
    }
}

/// A host: what is at fault with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostSpec {
    #[serde(default)]
    pub certificate: CaseCertificate,
    #[serde(default)]
    pub smtp: SmtpBehaviour,
    /// Its TLSA records, where they are not the case's.
    #[serde(default)]
    pub tlsa: Option<Vec<TlsaPlan>>,
    /// What becomes of a question for them.
    #[serde(default)]
    pub tlsa_lookup: Option<LookupFault>,
}

words! {
    /// The certificate of a host.
    #[derive(Default)]
    CaseCertificate {
        #[default]
        PublicCa = "public-ca",
        SelfSigned = "self-signed",
        /// It ended at least two days ago.
        Expired = "expired",
        /// Of a CA that senders trust, for another name.
        OtherName = "other-name",
        /// Of a CA that senders trust, for the name of the other host.
        OfOtherHost = "of-other-host",
        /// Of a CA of ours that senders do not know, whose certificate is sent along.
        PrivateCa = "private-ca",
        /// The same for another name.
        PrivateCaOtherName = "private-ca-other-name",
        /// The same, and the CA's certificate is not sent along.
        PrivateCaNotSent = "private-ca-not-sent",
    }
}

impl CaseCertificate {
    /// Whether WebPKI accepts it for the host's name.
    pub fn verifies(self) -> bool {
        self == Self::PublicCa
    }
}

words! {
    /// How a host speaks SMTP.
    #[derive(Default)]
    SmtpBehaviour {
        #[default]
        Sound = "sound",
        /// STARTTLS is never offered.
        NoStarttls = "no-starttls",
        /// It is withheld for the first 300 seconds and more from a source's first EHLO.
        Withheld = "withheld",
        /// STARTTLS is offered and answered with 454.
        Starttls454 = "starttls-454",
        /// STARTTLS is answered with 220, and then come octets that are no TLS.
        Garbage = "garbage",
        /// STARTTLS is answered with 220, and then the link is closed.
        Reset = "reset",
        /// The handshake is answered as by a server that speaks TLS 1.0 alone.
        Tls10 = "tls-1.0",
        /// The handshake is answered with RSA key transport (RFC 9325 §4.1).
        RsaKeyTransport = "rsa-key-transport",
        /// Behind the 220 to STARTTLS, in clear, comes what looks like an answer to EHLO (RFC 3207 §4.2).
        Injecting = "injecting",
        /// Within TLS, REQUIRETLS is offered (RFC 8689).
        RequireTls = "requiretls",
        /// Sessions of the other host are resumed (RFC 8446 §4.6.1).
        Resuming = "resuming",
    }
}

impl SmtpBehaviour {
    /// Whether a sender that speaks TLS as it should can send mail within it to such a host.
    pub fn completes_tls(self) -> bool {
        match self {
            Self::Sound | Self::Withheld | Self::Injecting | Self::RequireTls | Self::Resuming => true,
            Self::NoStarttls
            | Self::Starttls454
            | Self::Garbage
            | Self::Reset
            | Self::Tls10
            | Self::RsaKeyTransport => false,
        }
    }
}

words! {
    /// What becomes of a question for TLSA records.
    LookupFault {
        Servfail = "servfail",
        Refused = "refused",
        Formerr = "formerr",
        /// It is not answered.
        Silence = "silence",
        /// The records come with a signature that does not verify.
        BogusSignature = "bogus-signature",
        /// That there are none comes with a proof that does not verify.
        BogusDenial = "bogus-denial",
    }
}

impl LookupFault {
    /// Whether it is one for whoever validates alone.
    pub fn is_bogus(self) -> bool {
        matches!(self, Self::BogusSignature | Self::BogusDenial)
    }
}

words! {
    /// Whether a TLSA record holds of the certificate.
    TlsaOf {
        Right = "right",
        /// Every bit of its data is another.
        Wrong = "wrong",
        /// Its data is one octet too short.
        Short = "short",
    }
}

/// One TLSA record, as `USAGE SELECTOR MATCHING right|wrong|short`. With usage 0 or 2 it is that of the CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct TlsaPlan {
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    pub of: TlsaOf,
}

impl TryFrom<String> for TlsaPlan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let unfit = || format!("`{text}` is no TLSA record: write `3 1 1 right`, `wrong` or `short`");
        let mut words = text.split(' ');
        let mut number = || words.next().and_then(|word| word.parse().ok()).ok_or_else(unfit);
        let (usage, selector, matching) = (number()?, number()?, number()?);
        let of = words.next().and_then(|word| TlsaOf::ALL.iter().copied().find(|of| of.word() == word));
        match (of, words.next()) {
            (Some(of), None) => Ok(Self { usage, selector, matching, of }),
            _ => Err(unfit()),
        }
    }
}

impl TlsaPlan {
    /// Whether DANE for SMTP can use it (RFC 7672 §3.1.3, RFC 7671 §10.3).
    pub fn is_usable(self) -> bool {
        matches!(self.usage, 2 | 3)
            && matches!(self.selector, 0 | 1)
            && match self.matching {
                0 => true,
                1 | 2 => self.of != TlsaOf::Short,
                _ => false,
            }
    }
}

words! {
    /// A family of addresses.
    AddressFamily {
        V4 = "v4",
        V6 = "v6",
    }
}

impl AddressFamily {
    /// Whether an address is of it.
    pub fn has(self, address: IpAddr) -> bool {
        match self {
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tlsa_plans_read_and_tell_what_is_usable() {
        let plan = |text: &str| TlsaPlan::try_from(text.to_owned());
        assert!(plan("3 1 1 right").expect("a plan").is_usable());
        for unusable in ["1 1 1 right", "3 9 1 right", "3 1 9 right", "3 1 1 short"] {
            assert!(!plan(unusable).expect("a plan").is_usable(), "{unusable}");
        }
        for unfit in ["", "3 1 1", "3 1 1 left", "3 1 300 right", "3 1 1 right x"] {
            assert!(plan(unfit).is_err(), "{unfit}");
        }
    }
}
