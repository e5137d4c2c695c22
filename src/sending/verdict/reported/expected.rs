//! What a report may say of a host of a case, from the case alone.

use crate::sending::persona::{CaseCertificate, HostSpec, PolicyDefect, RuledCase, SmtpBehaviour, TlsaOf};
use crate::sending::trial::HostRole;
use crate::shared::policy::Mode;
use crate::shared::policy::tls_report::{PolicyType, ResultType};

/// Whether anything of a kind of policy is published for a case.
pub(super) fn publishes(case: &RuledCase, policy_type: PolicyType) -> bool {
    match policy_type {
        PolicyType::Tlsa => {
            case.roles().iter().any(|role| !case.tlsa_of(*role).is_empty() || has_lookup_fault(case, *role))
        }
        PolicyType::Sts => case.mta_sts.as_ref().is_some_and(|policy| policy.mode != Mode::None),
        PolicyType::NoPolicyFound | PolicyType::Other => false,
    }
}

fn has_lookup_fault(case: &RuledCase, role: HostRole) -> bool {
    case.host(role).tlsa_lookup.is_some()
}

/// The results that may be reported of a host under a policy of this kind; none: nothing is at fault with it. Where the
/// standard has no word for a fault, every word that is near it will do (RFC 8460 §4.3).
pub(super) fn results(case: &RuledCase, role: HostRole, policy_type: PolicyType) -> Vec<ResultType> {
    let host = case.host(role);
    let mut results = by_smtp(host);
    match policy_type {
        PolicyType::Tlsa => results.extend(by_tlsa(case, role)),
        PolicyType::Sts => results.extend(by_sts(case, role)),
        PolicyType::NoPolicyFound | PolicyType::Other => {
            results.extend(by_certificate(host.certificate));
            results.extend(by_sts(case, role).into_iter().filter(is_of_policy_itself));
        }
    }
    if case.zone.is_bogus() {
        results.push(ResultType::DnssecInvalid);
    }
    results.sort();
    results.dedup();
    results
}

fn is_of_policy_itself(result: &ResultType) -> bool {
    matches!(
        result,
        ResultType::StsPolicyFetchError | ResultType::StsPolicyInvalid | ResultType::StsWebpkiInvalid
    )
}

fn by_smtp(host: &HostSpec) -> Vec<ResultType> {
    match host.smtp {
        SmtpBehaviour::NoStarttls | SmtpBehaviour::Withheld => vec![ResultType::StarttlsNotSupported],
        SmtpBehaviour::Starttls454 => vec![ResultType::StarttlsNotSupported, ResultType::ValidationFailure],
        SmtpBehaviour::Garbage
        | SmtpBehaviour::Reset
        | SmtpBehaviour::Tls10
        | SmtpBehaviour::RsaKeyTransport
        | SmtpBehaviour::Injecting => vec![ResultType::ValidationFailure],
        SmtpBehaviour::Sound | SmtpBehaviour::RequireTls | SmtpBehaviour::Resuming => Vec::new(),
    }
}

fn by_certificate(certificate: CaseCertificate) -> Vec<ResultType> {
    use ResultType::{CertificateExpired, CertificateHostMismatch, CertificateNotTrusted};
    match certificate {
        CaseCertificate::PublicCa => Vec::new(),
        CaseCertificate::SelfSigned | CaseCertificate::PrivateCa | CaseCertificate::PrivateCaNotSent => {
            vec![CertificateNotTrusted]
        }
        CaseCertificate::Expired => vec![CertificateExpired],
        CaseCertificate::OtherName | CaseCertificate::OfOtherHost => vec![CertificateHostMismatch],
        CaseCertificate::PrivateCaOtherName => vec![CertificateNotTrusted, CertificateHostMismatch],
    }
}

fn by_tlsa(case: &RuledCase, role: HostRole) -> Vec<ResultType> {
    let host = case.host(role);
    let mut results = match host.tlsa_lookup {
        None => Vec::new(),
        Some(fault) if fault.is_bogus() => vec![ResultType::DnssecInvalid, ResultType::TlsaInvalid],
        Some(_) => {
            vec![ResultType::DnssecInvalid, ResultType::TlsaInvalid, ResultType::ValidationFailure]
        }
    };
    let records = case.tlsa_of(role);
    if records.is_empty() && host.tlsa_lookup.is_none() {
        results.push(ResultType::DaneRequired);
    }
    let usable = || records.iter().filter(|record| record.is_usable());
    if !records.is_empty() && usable().next().is_none() {
        results.extend([ResultType::TlsaInvalid, ResultType::DaneRequired]);
    }
    if usable().next().is_some() && usable().all(|record| record.of != TlsaOf::Right) {
        results.extend([
            ResultType::TlsaInvalid,
            ResultType::CertificateNotTrusted,
            ResultType::ValidationFailure,
        ]);
    }
    // With DANE-EE neither name nor time counts (RFC 7672 §3.1.1), and no CA but that of the records.
    if usable().any(|record| record.usage == 2) {
        results.extend(by_certificate(host.certificate));
    }
    results
}

fn by_sts(case: &RuledCase, role: HostRole) -> Vec<ResultType> {
    let Some(policy) = &case.mta_sts else { return Vec::new() };
    let mut results = match policy.defect {
        None | Some(PolicyDefect::AtParent) => Vec::new(),
        Some(PolicyDefect::BadCertificate) => {
            vec![ResultType::StsWebpkiInvalid, ResultType::StsPolicyFetchError]
        }
        Some(
            PolicyDefect::Redirect
            | PolicyDefect::NotFound
            | PolicyDefect::ServerError
            | PolicyDefect::TooLarge
            | PolicyDefect::Slow
            | PolicyDefect::MediaType,
        ) => vec![ResultType::StsPolicyFetchError, ResultType::StsPolicyInvalid],
        Some(
            PolicyDefect::TwoRecords
            | PolicyDefect::NoId
            | PolicyDefect::Version
            | PolicyDefect::MisspeltKey
            | PolicyDefect::NoMaxAge,
        ) => vec![ResultType::StsPolicyInvalid],
    };
    if !is_listed(case, role) {
        results.extend([ResultType::CertificateHostMismatch, ResultType::ValidationFailure]);
    }
    results.extend(by_certificate(case.host(role).certificate));
    results
}

fn is_listed(case: &RuledCase, role: HostRole) -> bool {
    case.mta_sts.as_ref().is_some_and(|policy| policy.lists_host(role))
}

/// Whether a sender may give up a host before it connects, so that our log has no session where a report counts one.
pub(super) fn may_fail_unseen(case: &RuledCase, role: HostRole, policy_type: PolicyType) -> bool {
    let unlisted = case.has_policy() && !is_listed(case, role);
    let by_policy = case.mta_sts.as_ref().is_some_and(|policy| policy.defect.is_some());
    let records = case.tlsa_of(role);
    let no_usable = !records.iter().any(|record| record.is_usable());
    match policy_type {
        PolicyType::Sts => unlisted || by_policy || case.zone.is_bogus(),
        PolicyType::Tlsa => has_lookup_fault(case, role) || case.zone.is_bogus() || no_usable,
        PolicyType::NoPolicyFound | PolicyType::Other => by_policy || case.zone.is_bogus(),
    }
}
