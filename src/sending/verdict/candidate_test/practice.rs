//! What a reading does about a mechanism.

use super::CandidateTest;
use crate::sending::persona::Case;
use crate::sending::verdict::finding::{FindingResult, Mechanism};
use crate::sending::verdict::meeting::WAYS;
use crate::sending::verdict::model::reading::Reading;
use crate::sending::verdict::model::{Act, Certificates, Dane, Precedence, SenderModel, Sni, Starttls};

/// What a reading does about a mechanism.
pub(in crate::sending::verdict) fn of_reading(
    test: &CandidateTest<'_>,
    mechanism: Mechanism,
    reading: &Reading,
) -> FindingResult {
    let practised =
        |practises: bool| if practises { FindingResult::Practised } else { FindingResult::NotPractised };
    let all = |does: fn(&SenderModel) -> bool| practised(reading.models().into_iter().all(does));
    let any = |does: fn(&SenderModel) -> bool| practised(reading.models().into_iter().any(does));
    match mechanism {
        Mechanism::ClearTextEt => practised(sends_in_clear(test, reading, |case| case.mta_sts.is_some())),
        Mechanism::ClearTextUt => practised(sends_in_clear(test, reading, |case| case.mta_sts.is_none())),
        // Without TLS that DANE authenticates there is no delivery either.
        Mechanism::MandatoryTls => {
            all(|model| model.starttls == Starttls::Required || model.dane == Dane::Required)
        }
        // Where DANE is required everywhere, no certificate is ever judged by CA alone.
        Mechanism::CertificateChecking => {
            all(|model| model.certificates == Certificates::Verified && model.dane != Dane::Required)
        }
        Mechanism::Dane if reading.models().iter().all(|model| overrides(model)) => FindingResult::Broken,
        Mechanism::Dane => any(|model| model.dane != Dane::Off),
        Mechanism::MtaSts => any(|model| model.mta_sts),
        Mechanism::Sni => any(|model| {
            let policies = model.dane != Dane::Off || model.mta_sts;
            model.sni == Sni::Always || model.sni == Sni::ForPolicy && policies
        }),
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer => {
            FindingResult::NotPractised
        }
    }
}

fn overrides(model: &SenderModel) -> bool {
    model.mta_sts && model.precedence == Precedence::MtaStsOverrides
}

fn sends_in_clear(test: &CandidateTest<'_>, reading: &Reading, of: impl Fn(&Case) -> bool) -> bool {
    let mut hosts = test.hosts.iter().filter(|host| of(host.case));
    hosts.any(|host| test.act(reading.model(host.bare), host, WAYS[0]) == Act::Clear)
}
