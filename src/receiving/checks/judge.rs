//! Every check, asked of the evidence.

use jiff::Timestamp;

use super::check::Check;
use super::finding::Finding;
use super::{auth, binding, certificate, dnssec, ipv6, mx, rpki, smtp, tls};
use crate::shared::evidence::scan::Evidence;

/// A check: what it finds, at least one finding for whatever it is about.
type Judgement = fn(&Evidence, Timestamp) -> Vec<Finding>;

/// All findings, in the order of [`Check::ALL`].
pub fn judge(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    Check::ALL.iter().flat_map(|check| of(*check)(evidence, now)).collect()
}

#[expect(clippy::too_many_lines, reason = "a line for each check")]
fn of(check: Check) -> Judgement {
    match check {
        Check::MxRecords => mx::mx_records,
        Check::MxDuplicates => mx::mx_duplicates,
        Check::MxConsistency => mx::mx_consistency,
        Check::MxTarget => mx::mx_target,
        Check::NsAaaa => ipv6::ns_aaaa,
        Check::NsReach => ipv6::ns_reach,
        Check::MxAaaa => ipv6::mx_aaaa,
        Check::MxReach => ipv6::mx_reach,
        Check::MxReach4 => ipv6::mx_reach_ipv4,
        Check::MxNsReach => ipv6::mx_ns_reach,
        Check::DomainSigned => dnssec::domain_signed,
        Check::DomainValid => dnssec::domain_valid,
        Check::MxSigned => dnssec::mx_signed,
        Check::MxValid => dnssec::mx_valid,
        Check::MxRrset => dnssec::mx_rrset,
        Check::MxAddresses => dnssec::mx_addresses,
        Check::TlsaState => dnssec::tlsa_state,
        Check::DnssecAlgorithm => dnssec::dnssec_algorithm,
        Check::DsDigest => dnssec::ds_digest,
        Check::DsWanted => dnssec::ds_wanted,
        Check::Nsec3Iterations => dnssec::nsec3_iterations,
        Check::SignatureExpiry => dnssec::signature_expiry,
        Check::Dmarc => auth::dmarc,
        Check::DmarcPolicy => auth::dmarc_policy,
        Check::DmarcTags => auth::dmarc_tags,
        Check::DmarcReports => auth::dmarc_reports,
        Check::DkimGuess => auth::dkim_guess,
        Check::DkimSignature => auth::dkim_signature,
        Check::Spf => auth::spf,
        Check::SpfPolicy => auth::spf_policy,
        Check::SpfVoid => auth::spf_void_lookups,
        Check::Bimi => auth::bimi,
        Check::Starttls => tls::starttls,
        Check::StarttlsMandatory => tls::mandatory,
        Check::Versions => tls::versions,
        Check::Suites => tls::suites,
        Check::KeyExchange => tls::key_exchange,
        Check::SuiteOrder => tls::order,
        Check::Groups => tls::groups,
        Check::PostQuantum => tls::post_quantum,
        Check::HandshakeHash => tls::handshake_hash,
        Check::Compression => tls::compression,
        Check::SecureRenegotiation => tls::secure_renegotiation,
        Check::ClientRenegotiation => tls::client_renegotiation,
        Check::ExtendedMasterSecret => tls::extended_master_secret,
        Check::ZeroRtt => tls::zero_rtt,
        Check::ClientCertificate => tls::client_certificate,
        Check::Injection => tls::injection,
        Check::CertTrust => certificate::trust,
        Check::CertName => certificate::name,
        Check::CertKey => certificate::key,
        Check::CertSignature => certificate::signature,
        Check::CertExpiry => certificate::expiry,
        Check::CertRenewal => certificate::renewal,
        Check::ChainOrder => certificate::chain_order,
        Check::Caa => certificate::caa,
        Check::CaaIssuer => certificate::issuer,
        Check::Tlsa => binding::tlsa,
        Check::TlsaMatch => binding::matches,
        Check::TlsaRollover => binding::rollover,
        Check::TlsaRenewal => binding::renewal,
        Check::TlsaStale => binding::stale,
        Check::TlsaUnusable => binding::unusable,
        Check::MtaStsRecord => binding::record,
        Check::MtaStsPolicy => binding::policy,
        Check::MtaStsMaxAge => binding::max_age,
        Check::MtaStsHost => binding::host,
        Check::MtaStsMx => binding::mx,
        Check::TlsRpt => binding::tlsrpt,
        Check::BindingsAgree => binding::agree,
        Check::MxRpkiExists => rpki::mx_rpki_exists,
        Check::MxRpkiValid => rpki::mx_rpki_valid,
        Check::NsRpkiExists => rpki::ns_rpki_exists,
        Check::NsRpkiValid => rpki::ns_rpki_valid,
        Check::MxNsRpkiExists => rpki::mx_ns_rpki_exists,
        Check::MxNsRpkiValid => rpki::mx_ns_rpki_valid,
        Check::Ptr => smtp::ptr,
        Check::SmtpName => smtp::smtp_name,
        Check::Extensions => smtp::extensions,
        Check::RequireTls => smtp::requiretls,
        Check::Postmaster => smtp::postmaster,
        Check::UnknownRecipient => smtp::unknown_recipient,
        Check::Relay => smtp::relay,
    }
}
