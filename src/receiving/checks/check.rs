//! The checks: a closed list, each with what it is about and what it may find.

use serde::{Serialize, Serializer};

use super::finding::Word;

/// What checks are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The MX records themselves.
    Mx,
    /// Modern addresses.
    Ipv6,
    /// Signed names.
    Dnssec,
    /// Sender authentication records.
    Auth,
    /// STARTTLS and TLS.
    Tls,
    /// Certificates.
    Certificate,
    /// DANE, MTA-STS, TLSRPT.
    Binding,
    /// Route authorisation.
    Rpki,
    /// SMTP hygiene.
    Smtp,
}

/// What one finding of a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The domain.
    Domain,
    /// One MX host.
    Mx,
    /// One address of one MX host.
    Address,
}

/// How a check measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// One of these words.
    Words(&'static [Word]),
    /// Things that a profile's tables rate one by one.
    Items,
    /// A number.
    Count,
    /// The choices of a server among suites.
    Order,
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $name:ident $id:literal $category:ident $scope:ident $internetnl:expr, $scale:expr;)+) => {
        /// A check. Its identifier is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Check {
            /// All checks, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The identifier, stable.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// What it is grouped under.
            pub fn category(self) -> Category {
                match self { $(Self::$name => Category::$category),+ }
            }

            /// What one of its findings is about.
            pub fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope),+ }
            }

            /// internet.nl's name for it.
            pub fn internetnl(self) -> Option<&'static str> {
                match self { $(Self::$name => $internetnl),+ }
            }

            /// How it measures.
            pub fn scale(self) -> Scale {
                match self { $(Self::$name => $scale),+ }
            }
        }
    };
}

use Scale::{Count, Items, Order, Words};
use Word::*;

checks! {
    /// What kind of MX records the domain has (RFC 5321 §5.1, RFC 7505). `Fallback`: none, but addresses;
    /// `Several`: a null MX beside others.
    MxRecords "mx-records" Mx Domain None, Words(&[Present, Null, Several, Fallback, Absent]);
    /// Whether a host is named twice.
    MxDuplicates "mx-duplicates" Mx Domain None, Words(&[Absent, Present]);
    /// Whether all name servers give the same MX records.
    MxConsistency "mx-consistency" Mx Domain None, Words(&[Same, Differs]);
    /// What an MX record points to (RFC 2181 §10.3, RFC 5321 §2.3.5). `Private`: a special-purpose address, or
    /// one of our own.
    MxTarget "mx-target" Mx Mx None, Words(&[Sound, Alias, Literal, NoAddress, Private]);

    /// How many name servers have IPv6 addresses: `All` two or more, `One`, `Absent`.
    NsAaaa "ns-aaaa" Ipv6 Domain Some("ns_aaaa"), Words(&[All, One, Absent]);
    /// Whether all IPv6 addresses of the name servers answer. `One`: they do, but belong to one server.
    NsReach "ns-reach" Ipv6 Domain Some("ns_reach"), Words(&[All, One, Partly, Unreachable]);
    /// Whether an MX host has an IPv6 address.
    MxAaaa "mx-aaaa" Ipv6 Mx Some("mx_aaaa"), Words(&[Present, Absent]);
    /// Whether all IPv6 addresses of an MX host can be reached on port 25.
    MxReach "mx-reach" Ipv6 Mx Some("mx_reach"), Words(&[All, Partly, Unreachable]);
    /// Likewise, IPv4.
    MxReach4 "mx-reach-ipv4" Ipv6 Mx None, Words(&[All, Partly, Unreachable, Absent]);
    /// Whether the name servers of an MX host's zone can be reached over IPv6.
    MxNsReach "mx-ns-reach" Ipv6 Mx None, Words(&[All, Partly, Unreachable, Absent]);

    /// Whether the domain is signed.
    DomainSigned "dnssec-domain-signed" Dnssec Domain Some("dnssec_exists"), Words(&[Present, Absent]);
    /// Whether the domain validates. `Unsupported`: a DS whose algorithm or digest validators do not support;
    /// `Insecure`: keys without a chain of trust to them.
    DomainValid "dnssec-domain-valid" Dnssec Domain Some("dnssec_valid"), Words(&[Secure, Insecure, Bogus, Unsupported]);
    /// Whether an MX host's name is signed.
    MxSigned "dnssec-mx-signed" Dnssec Mx Some("dnssec_mx_exists"), Words(&[Present, Absent]);
    /// Whether an MX host's name validates. `Insecure`: it is a signed alias of an unsigned name.
    MxValid "dnssec-mx-valid" Dnssec Mx Some("dnssec_mx_valid"), Words(&[Secure, Insecure, Bogus]);
    /// The state of the MX RRset with its aliases.
    MxRrset "dnssec-mx-rrset" Dnssec Domain None, Words(&[Secure, Insecure, Bogus]);
    /// The state of the addresses of an MX host, the weaker family, aliases included.
    MxAddresses "dnssec-addresses" Dnssec Mx None, Words(&[Secure, Insecure, Bogus]);
    /// The state of the TLSA records of an MX host, or of their denial.
    TlsaState "dnssec-tlsa" Dnssec Mx None, Words(&[Secure, Insecure, Bogus]);
    /// The algorithms that sign the domain (RFC 9904).
    DnssecAlgorithm "dnssec-algorithm" Dnssec Domain None, Items;
    /// The digests of its DS records.
    DsDigest "dnssec-ds-digest" Dnssec Domain None, Items;
    /// Whether the zone tells its parent of other keys than the DS records name (RFC 7344), as while a key is being
    /// changed. `Removes`: it asks for the removal of all of them (RFC 8078 §4).
    DsWanted "dnssec-cds" Dnssec Domain None, Words(&[Same, Differs, Removes, Absent]);
    /// How often the zone hashes names once more for its denials (RFC 9276).
    Nsec3Iterations "dnssec-nsec3-iterations" Dnssec Domain None, Count;
    /// Days until the first signature of the domain expires.
    SignatureExpiry "dnssec-expiry" Dnssec Domain None, Count;

    /// Whether there is exactly one DMARC record, here or up the tree. `Inherited`: of the organisational domain as
    /// the public suffix list has it; `InheritedByWalk`: of another domain above, which only the tree walk of
    /// RFC 9989 finds.
    Dmarc "dmarc" Auth Domain Some("dmarc"), Words(&[Present, Inherited, InheritedByWalk, Several, Absent]);
    /// What the DMARC record asks of receivers, the weaker of what holds here and below. `Testing`: `t=y` with
    /// quarantine, which asks nothing; `Incomplete`: nothing is asked for subdomains (`sp`); `IncompleteNp`: nothing
    /// is asked only for those that do not exist (`np`), which RFC 7489 did not know. Of several the first in the
    /// order `Invalid`, `Nothing`, `Incomplete`, `Testing`, `IncompleteNp`, so that rules without `t` and `np` can
    /// tell. `Invalid`: the record asks for nothing that all receivers agree on (RFC 9989 §4.10.1).
    DmarcPolicy "dmarc-policy" Auth Domain Some("dmarc_policy"), Words(&[Reject, Quarantine, Testing, Incomplete, IncompleteNp, Nothing, Invalid]);
    /// Whether receivers pass over something in the DMARC record (RFC 9989 §4.7, §4.8). `Invalid`: errors, whose tags
    /// count as if they were not there; `Obsolete`: only tags that are not known, or not any more.
    DmarcTags "dmarc-tags" Auth Domain None, Words(&[Sound, Obsolete, Invalid]);
    /// Whether those outside that shall get reports agreed to it (RFC 9990).
    DmarcReports "dmarc-reports" Auth Domain None, Words(&[Authorised, Unauthorised, Internal, Absent]);
    /// Whether `_domainkey` exists: a guess, as internet.nl makes it, and checked by a name that nobody has published.
    /// `Absent`: a signature proves that it does not; `NotFound`: only the name server says so. `NoMail`: DMARC reject
    /// and `v=spf1 -all` say that the domain sends nothing.
    DkimGuess "dkim" Auth Domain Some("dkim"), Words(&[Present, Absent, NotFound, NoMail]);
    /// The real signature of the mail received, for a trial: `Valid` in alignment, `Foreign` valid for others only.
    DkimSignature "dkim-signature" Auth Domain None, Words(&[Valid, Foreign, Invalid, Absent]);
    /// Whether there is exactly one SPF record.
    Spf "spf" Auth Domain Some("spf"), Words(&[Present, Several, Absent]);
    /// How the SPF policy ends. `TooMany`: more than ten look-ups; `Invalid`: an error in it or in one it names.
    SpfPolicy "spf-policy" Auth Domain Some("spf_policy"), Words(&[HardFail, SoftFail, Neutral, PassAll, NoEnd, TooMany, Invalid]);
    /// How many void look-ups the policy costs; more than two are an error (RFC 7208 §4.6.4).
    SpfVoid "spf-void-lookups" Auth Domain None, Count;
    /// Whether a BIMI record exists.
    Bimi "bimi" Auth Domain None, Words(&[Present, Absent]);

    /// Whether STARTTLS is offered. `Refused`: announced, and refused when asked for, other than for a time.
    Starttls "starttls" Tls Address Some("starttls_exists"), Words(&[Present, Refused, Absent]);
    /// Whether the server takes mail without TLS, as far as MAIL shows.
    StarttlsMandatory "starttls-mandatory" Tls Address None, Words(&[Mandatory, Optional]);
    /// The versions it accepts.
    Versions "tls-versions" Tls Address Some("tls_version"), Items;
    /// The suites it accepts, as far as asked: each worst class is represented.
    Suites "tls-suites" Tls Address Some("tls_ciphers"), Items;
    /// Whether it accepts, below TLS 1.3, key exchange that RFC 10015 forbids: RSA, and Diffie-Hellman over finite
    /// fields.
    KeyExchange "tls-key-exchange" Tls Address None, Words(&[Absent, Present]);
    /// How it chooses among them.
    SuiteOrder "tls-suite-order" Tls Address Some("tls_cipher_order"), Order;
    /// The groups and primes it accepts for key exchange.
    Groups "tls-groups" Tls Address Some("fs_params"), Items;
    /// Whether it knows a post-quantum hybrid group.
    PostQuantum "tls-post-quantum" Tls Address None, Words(&[Present, Absent]);
    /// The hashes it signs key exchanges with.
    HandshakeHash "tls-handshake-hash" Tls Address Some("kex_hash_func"), Items;
    /// TLS compression.
    Compression "tls-compression" Tls Address Some("tls_compression"), Words(&[Absent, Present]);
    /// Secure renegotiation (RFC 5746).
    SecureRenegotiation "tls-secure-renegotiation" Tls Address Some("renegotiation_secure"), Words(&[Present, Absent]);
    /// How many client-initiated renegotiations it takes on one connection, of eleven.
    ClientRenegotiation "tls-client-renegotiation" Tls Address Some("renegotiation_client"), Count;
    /// Extended master secret (RFC 7627).
    ExtendedMasterSecret "tls-extended-master-secret" Tls Address Some("extended_master_secret"), Words(&[Present, Absent]);
    /// Early data, by what its tickets say.
    ZeroRtt "tls-zero-rtt" Tls Address Some("zero_rtt"), Words(&[Absent, Present]);
    /// Whether it asks for a certificate of the client.
    ClientCertificate "tls-client-certificate" Tls Address None, Words(&[Absent, Present]);
    /// Whether a command sent in clear behind STARTTLS is executed within TLS (CVE-2011-0411).
    Injection "starttls-injection" Tls Address None, Words(&[Discarded, Executed]);

    /// Whether every certificate has a path to a root of those it is measured by: the public ones, unless the operator
    /// set others. `Unfit`: one on the path is not meant for servers (RFC 5280 §4.2.1.12).
    CertTrust "cert-trust" Certificate Address Some("cert_trust"), Words(&[Trusted, SelfSigned, Untrusted, Unfit, Expired, NotYetValid]);
    /// Whether every certificate is for the host.
    CertName "cert-name" Certificate Address Some("cert_hostmatch"), Words(&[Matched, Unmatched]);
    /// The keys of the certificates that verifiers rely on: those on the path that was found, without the root.
    CertKey "cert-key" Certificate Address Some("cert_pubkey"), Items;
    /// Their signatures.
    CertSignature "cert-signature" Certificate Address Some("cert_signature"), Items;
    /// Days until the first of them expires; 0 if one has.
    CertExpiry "cert-expiry" Certificate Address None, Count;
    /// How much of the lifetime of the server's own certificate is left, in percent; of several the least; 0 if it is
    /// over.
    CertRenewal "cert-renewal" Certificate Address None, Count;
    /// Whether each certificate is signed by the next. `RootSent`: and the root is sent, which nobody needs; `Expired`:
    /// and one whose time is over, which no path needs.
    ChainOrder "cert-chain-order" Certificate Address None, Words(&[Ordered, RootSent, Expired, Misordered]);
    /// CAA for the host, by tree climb, with at least one `issue`.
    Caa "caa" Certificate Mx Some("mail_caa"), Words(&[Present, Incomplete, Invalid, Absent]);
    /// Whether the present certificate's issuer is one that CAA allows.
    CaaIssuer "caa-issuer" Certificate Mx None, Words(&[Agrees, Disagrees]);

    /// Whether TLSA records exist. `Insecure`: in an unsigned zone, so senders ignore them; `Unproven`: their
    /// denial is bogus or proves nothing.
    Tlsa "tlsa" Binding Mx Some("dane_exists"), Words(&[Present, Absent, Insecure, Bogus, Unproven]);
    /// Whether every certificate of an address matches a usable record. `Unusable`: no record is (RFC 7672 §3.1).
    TlsaMatch "tlsa-match" Binding Address Some("dane_valid"), Words(&[Matched, Unmatched, Unusable]);
    /// Whether the key can be changed without a gap (RFC 7671 §8): the records are of two keys, or of the issuer.
    TlsaRollover "tlsa-rollover" Binding Mx Some("dane_rollover"), Words(&[Present, Absent]);
    /// What the next renewal of a short-lived certificate of a public authority does to the records that fit it.
    /// `Survives`: one of the issuer, or of another key, is there; `Depends`: they are of its key; `Lapses`: of the
    /// certificate itself.
    TlsaRenewal "tlsa-renewal" Binding Mx None, Words(&[Survives, Depends, Lapses]);
    /// How many records match nothing that the host sends.
    TlsaStale "tlsa-stale" Binding Mx None, Count;
    /// How many records senders cannot use: usages 0 and 1, unknown selectors or matching types, wrong lengths.
    TlsaUnusable "tlsa-unusable" Binding Mx None, Count;
    /// The MTA-STS record.
    MtaStsRecord "mta-sts-record" Binding Domain None, Words(&[Present, Invalid, Several, Absent]);
    /// The MTA-STS policy. `Unfetched`: it could not be had by the book; `Invalid`: it does not keep to the grammar.
    MtaStsPolicy "mta-sts-policy" Binding Domain None, Words(&[Enforce, Testing, Nothing, Invalid, Unfetched]);
    /// How long the policy holds, in days.
    MtaStsMaxAge "mta-sts-max-age" Binding Domain None, Count;
    /// The name `mta-sts` below the domain. `Orphaned`: it has addresses, and no record announces a policy;
    /// `Dangling`: it is an alias of a name that does not exist.
    MtaStsHost "mta-sts-host" Binding Domain None, Words(&[Present, NoAddress, Orphaned, Dangling]);
    /// Whether the policy lists an MX host and its certificates are trusted for the name: `Unlisted` or `Untrusted`.
    MtaStsMx "mta-sts-mx" Binding Mx None, Words(&[Matched, Unlisted, Untrusted]);
    /// TLS reporting (RFC 8460).
    TlsRpt "tlsrpt" Binding Domain None, Words(&[Present, Invalid, Several, Absent]);
    /// Whether DANE, MTA-STS, certificate and MX names agree: a sender of either kind reaches every MX.
    BindingsAgree "bindings-agree" Binding Domain None, Words(&[Agrees, Disagrees]);

    /// Whether every routed prefix of the MX addresses has a ROA.
    MxRpkiExists "rpki-mx-exists" Rpki Domain Some("mail_rpki_exists"), Words(&[All, Partly, Absent]);
    /// Whether every announcement of them is valid. `NotFound`: for want of a ROA.
    MxRpkiValid "rpki-mx-valid" Rpki Domain Some("mail_rpki_valid"), Words(&[Valid, NotFound, Invalid, Unrouted]);
    /// Likewise, the name servers of the domain.
    NsRpkiExists "rpki-ns-exists" Rpki Domain Some("ns_rpki_exists"), Words(&[All, Partly, Absent]);
    /// Likewise.
    NsRpkiValid "rpki-ns-valid" Rpki Domain Some("ns_rpki_valid"), Words(&[Valid, NotFound, Invalid, Unrouted]);
    /// Likewise, the name servers of the zones of the MX hosts.
    MxNsRpkiExists "rpki-mx-ns-exists" Rpki Domain Some("mail_mx_ns_rpki_exists"), Words(&[All, Partly, Absent]);
    /// Likewise.
    MxNsRpkiValid "rpki-mx-ns-valid" Rpki Domain Some("mail_mx_ns_rpki_valid"), Words(&[Valid, NotFound, Invalid, Unrouted]);

    /// Whether PTR names the address and that name has it (FCrDNS): `Absent` no PTR, `Unconfirmed` it does not.
    Ptr "smtp-ptr" Smtp Address None, Words(&[Confirmed, Unconfirmed, Absent]);
    /// Whether greeting and EHLO name the same full host name, and PTR does, too. `Absent`: they do, and the address has
    /// no PTR.
    SmtpName "smtp-name" Smtp Address None, Words(&[Same, Absent, Differs, Invalid]);
    /// The extensions announced, in TLS where it was seen.
    Extensions "smtp-extensions" Smtp Address None, Items;
    /// REQUIRETLS (RFC 8689), announced in TLS.
    RequireTls "smtp-requiretls" Smtp Address None, Words(&[Present, Absent]);
    /// Whether postmaster is accepted (RFC 5321 §4.5.1).
    Postmaster "smtp-postmaster" Smtp Address None, Words(&[Accepted, Refused]);
    /// Whether a recipient that cannot exist is refused.
    UnknownRecipient "smtp-unknown-recipient" Smtp Address None, Words(&[Refused, Accepted]);
    /// Whether mail for foreign domains is refused.
    Relay "smtp-relay" Smtp Address None, Words(&[Refused, Accepted]);
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl Check {
    /// The check with this identifier.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.id() == id)
    }
}
