//! Traits that only ruled cases show: how a sender reads what DNS and policy hosts say, and what it makes of it. One word a
//! value, with what that is worth.

use crate::sending::persona::{Standing, Trait, words};

/// Defines the traits: an enum each, all of them as one struct, and any value of any as one enum. The first value of a
/// trait is that of the senders that keep the standards.
macro_rules! traits {
    ($(
        $(#[$meta:meta])*
        $field:ident: $kind:ident, tells $tells:ident {
            $($(#[$value_meta:meta])* $value:ident = $word:literal is $standing:ident,)*
        }
    )*) => {
        $(
            words! {
                $(#[$meta])*
                $kind { $($(#[$value_meta])* $value = $word,)* }
            }

            impl $kind {
                /// What a value is worth by the standards.
                pub fn standing(self) -> Standing {
                    match self { $(Self::$value => Standing::$standing,)* }
                }
            }
        )*

        /// How a sender goes about what no trait of [`super::super::SenderModel`] tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct Traits {
            $($(#[$meta])* pub $field: $kind,)*
        }

        impl Traits {
            /// Each trait as senders have it that keep the standards.
            pub const USUAL: Self = Self { $($field: $kind::ALL[0],)* };

            /// The same with another value of one trait.
            #[must_use]
            pub fn with(mut self, value: TraitValue) -> Self {
                match value { $(TraitValue::$kind(value) => self.$field = value,)* }
                self
            }

            /// Its value of each trait.
            pub fn values(&self) -> Vec<TraitValue> {
                vec![$(TraitValue::$kind(self.$field),)*]
            }
        }

        /// A value of a trait.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TraitValue {
            $(
                /// See the trait's own.
                $kind($kind),
            )*
        }

        impl TraitValue {
            /// All values of all traits.
            pub fn all() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend($kind::ALL.iter().map(|value| Self::$kind(*value)));)*
                all
            }

            /// The trait that it is a value of.
            pub fn tells(self) -> Trait {
                match self { $(Self::$kind(_) => Trait::$tells,)* }
            }

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$kind(value) => value.word(),)* }
            }

            /// What it is worth by the standards.
            pub fn standing(self) -> Standing {
                match self { $(Self::$kind(value) => value.standing(),)* }
            }

            /// Whether it is that of senders that keep the standards.
            pub fn is_usual(self) -> bool {
                match self { $(Self::$kind(value) => value == $kind::ALL[0],)* }
            }
        }
    };
}

traits! {
    /// Whether answers of DNS are validated (RFC 4035 §5).
    validation: Validation, tells Dnssec {
        Validates = "validates" is Conforms,
        /// Signatures that have ended are taken (RFC 4035 §5.3.1).
        ExpiryIgnored = "expiry-ignored" is Fault,
        /// That there is nothing is believed without a proof (RFC 4035 §5.4).
        DenialsUnproved = "denials-unproved" is Fault,
        /// What is signed by an unknown algorithm is refused (against RFC 4035 §5.2).
        UnknownRefused = "unknown-algorithm-refused" is Fault,
        /// Nothing is validated, and nothing is taken for secure.
        No = "no" is NotPractised,
    }
    /// Whether insecure TLSA records are taken for true (RFC 7672 §2.2).
    insecure_tlsa: InsecureTlsa, tells InsecureTlsa {
        Ignored = "ignored" is Conforms,
        Obeyed = "obeyed" is Fault,
    }
    /// What becomes of a host whose TLSA records cannot be looked up (RFC 7672 §2.1.2).
    failed_lookup: FailedLookup, tells FailedLookup {
        /// It is passed over.
        NextHost = "next-host" is Conforms,
        /// The mail waits, whatever other hosts there are.
        HoldsMail = "holds-mail" is Allowed,
        /// As if there were none.
        AsNone = "as-none" is Fault,
    }
    /// Whether DANE is used where only the MX records are insecure (RFC 7672 §2.2.1).
    half_dane: HalfDane, tells HalfDane {
        NotApplied = "not-applied" is Allowed,
        Applied = "applied" is Allowed,
    }
    /// What becomes of a host of whose TLSA records none can be used (RFC 7672 §2.2).
    unusable_tlsa: UnusableTlsa, tells UnusableTlsa {
        /// TLS is a must, whatever the certificate.
        AnyTls = "any-tls" is Conforms,
        /// It is passed over.
        NotUsed = "not-used" is Allowed,
        /// As if there were none.
        AsNone = "as-none" is Fault,
    }
    /// What counts beside the key with usage 3 (RFC 7672 §3.1.1).
    dane_ee: DaneEe, tells DaneEe {
        KeyAlone = "key-alone" is Conforms,
        ExpiryToo = "expiry-too" is Fault,
        NameToo = "name-too" is Fault,
        /// All that WebPKI wants.
        WebPkiToo = "webpki-too" is Fault,
    }
    /// What counts with usage 2 (RFC 7672 §3.1.2).
    dane_ta: DaneTa, tells DaneTa {
        NameAndChain = "name-and-chain" is Conforms,
        NoName = "name-ignored" is Fault,
        /// A CA certificate that was not sent is taken as if it had been.
        NoChain = "chain-ignored" is Fault,
        /// Such records are taken for ones that cannot be used.
        Unusable = "unusable" is Fault,
    }
    /// How several TLSA records are read (RFC 7671 §8, §9).
    tlsa_sets: TlsaSets, tells TlsaSets {
        /// One that matches is enough, among those of the strongest digest.
        StrongestDigest = "strongest-digest" is Conforms,
        /// One that matches is enough.
        AnyRecord = "any-record" is Allowed,
        /// All must match.
        AllRecords = "all-records" is Fault,
    }
    /// At which name TLSA records are looked up (RFC 7672 §2.2.2, §2.2.3).
    tlsa_base: TlsaBase, tells TlsaBase {
        AsStandard = "as-standard" is Conforms,
        /// Not where the host is an alias.
        NoAliases = "no-aliases" is Fault,
        /// Not where the host is an alias of insecure addresses: the RFC says at which name to look then, and demands
        /// nothing.
        NoInsecureAliases = "no-insecure-aliases" is Allowed,
        /// Not where the domain itself is the host.
        NoImplicit = "no-implicit-mx" is Fault,
    }
    /// Whether a host's name, its certificate, or both are compared with the policy (RFC 8461 §4.1, §4.2).
    policy_matching: PolicyMatching, tells MtaStsMatching {
        NameAndCertificate = "name-and-certificate" is Conforms,
        /// The certificate must carry a name that the policy lists; the host's own may be any.
        CertificateNames = "certificate-names" is Fault,
        /// The same, and `*.` stands for several labels (Postfix, where its map gives it the names).
        CertificateNamesAnyDepth = "certificate-names-of-any-depth" is Fault,
        /// The certificate must carry the host's own name, whatever the policy lists.
        CertificateAlone = "certificate-alone" is Fault,
        /// The host must be listed, and its certificate may be any.
        NameAlone = "name-alone" is Fault,
        /// `*.` stands for several labels.
        AnyDepth = "wildcard-of-any-depth" is Fault,
    }
    /// What becomes of a policy that cannot be had or is none (RFC 8461 §3.3).
    policy_defects: PolicyDefects, tells PolicyDefects {
        AsNone = "as-none" is Conforms,
        /// It is obeyed all the same.
        Obeyed = "obeyed" is Fault,
        /// What is odd and valid is taken for none.
        OddIgnored = "odd-ignored" is Fault,
    }
    /// Which modes of a policy are enforced (RFC 8461 §5).
    testing: Testing, tells Testing {
        NotEnforced = "not-enforced" is Conforms,
        /// Mode testing, too.
        TestingEnforced = "testing-enforced" is Fault,
        /// Mode testing and mode none, too.
        AllEnforced = "all-enforced" is Fault,
    }
    /// What becomes of a policy that was fetched before (RFC 8461 §3.3, §5.1).
    policy_cache: PolicyCache, tells PolicyCache {
        Kept = "kept" is Conforms,
        /// Where record or policy host are gone it counts no more.
        Forgotten = "forgotten" is Fault,
        /// Another `id` is not noticed.
        NotRefetched = "not-refetched" is Fault,
    }
    /// Whether a later attempt is laxer.
    retry: Retry, tells Retry {
        Same = "same" is Conforms,
        Laxer = "laxer" is Fault,
    }
    /// What becomes of mail where STARTTLS is offered and fails (RFC 3207 §4), no policy applying.
    failed_starttls: FailedStarttls, tells FailedStarttls {
        /// It goes in clear, at once.
        ClearText = "clear-text" is Allowed,
        /// It goes to the next host, and in clear in a later attempt.
        ClearTextLater = "clear-text-later" is Allowed,
        /// It goes to the next host.
        NextHost = "next-host" is Conforms,
    }
    /// Which old TLS is spoken (RFC 8996, RFC 9325 §4.1).
    tls_versions: TlsVersions, tells TlsVersion {
        Modern = "modern" is Conforms,
        /// TLS 1.2 with RSA key transport.
        KeyTransport = "rsa-key-transport" is Fault,
        /// TLS 1.0, and that.
        Old = "tls-1.0" is Fault,
    }
    /// Whether what comes in clear behind the answer to STARTTLS is believed (RFC 3207 §4.2).
    injection: Injection, tells Injection {
        Discarded = "discarded" is Conforms,
        /// TLS is given up, as where STARTTLS fails (Exim).
        TlsGivenUp = "tls-given-up" is Allowed,
        Believed = "believed" is Fault,
    }
    /// What the sender of a mail has asked for (RFC 8689 §5).
    require_tls: RequireTls, tells RequireTls {
        Nothing = "nothing" is Conforms,
        /// That policies do not count.
        No = "tls-required-no" is Allowed,
    }
    /// What is reached.
    reach: Reaching, tells Reach {
        All = "all" is Conforms,
        /// No host by IPv6.
        NoV6Hosts = "no-ipv6-hosts" is Allowed,
        /// No host by IPv4.
        NoV4Hosts = "no-ipv4-hosts" is Allowed,
        /// No name server by IPv6.
        NoV6Zone = "no-ipv6-name-servers" is Allowed,
        /// No answer that is too large for UDP.
        NoLargeAnswers = "no-large-answers" is Fault,
    }
    /// Whether a session that is resumed is authenticated anew (RFC 8446 §4.6.1).
    resumption: Resumption, tells Resumption {
        Authenticated = "authenticated" is Conforms,
        Trusted = "trusted" is Fault,
    }
}

impl Default for Traits {
    fn default() -> Self {
        Self::USUAL
    }
}

impl TraitValue {
    /// The values of one trait, the usual one first; none where it is one of the models' own.
    pub fn of(tells: Trait) -> Vec<Self> {
        Self::all().into_iter().filter(|value| value.tells() == tells).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trait_has_its_usual_value_once_and_it_is_no_fault() {
        for value in Traits::USUAL.values() {
            let of_trait = TraitValue::of(value.tells());
            assert!(value.is_usual() && of_trait.iter().filter(|one| one.is_usual()).count() == 1);
            assert!(matches!(value.standing(), Standing::Conforms | Standing::Allowed), "{value:?}");
            assert_eq!(Traits::USUAL.with(value), Traits::USUAL);
        }
        let (all, traits) = (TraitValue::all(), Traits::USUAL.values().len());
        let other = all.iter().filter(|value| Traits::USUAL.with(**value) != Traits::USUAL);
        assert_eq!(other.count(), all.len() - traits);
    }
}
