//! From mail-auth's words to those of RFC 8601.

use mail_auth::common::crypto::Algorithm;
use mail_auth::common::verify::VerifySignature;
use mail_auth::dkim::DkimError;
use mail_auth::dmarc::Policy;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, Error, SpfResult};

use crate::shared::evidence::{DkimOutcome, DmarcOutcome, Result8601};

/// The longest name or reason of a sender's that is kept.
const TEXT_CHARS_MAX: usize = 255;

/// `text` as it may be kept: printable, cut.
pub(super) fn kept(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// One signature's outcome. `None` for outputs that mail-auth makes of fields which do not parse.
pub(super) fn dkim(output: &DkimOutput<'_>) -> Option<DkimOutcome> {
    let signature = output.signature()?;
    let (mut result, mut reason) = dkim_result(output.result());
    if result == Result8601::Pass && signature.a == Algorithm::RsaSha1 {
        // RFC 8301 §3.1: verifiers MUST NOT take rsa-sha1.
        (result, reason) =
            (Result8601::PermError, Some("rsa-sha1 must not be used (RFC 8301 §3.1)".to_owned()));
    } else if result == Result8601::Pass && signature.l > 0 {
        reason = Some(format!("l={}: the body is signed only that far (RFC 6376 §8.2)", signature.l));
    }
    Some(DkimOutcome {
        result,
        domain: kept(&signature.domain().to_ascii_lowercase()),
        selector: kept(signature.selector()),
        algorithm: signature.a.name().to_owned(),
        reason,
    })
}

/// RFC 8601 §2.7.1. mail-auth calls a wrong body hash neutral; it is a test that failed.
pub(super) fn dkim_result(result: &DkimResult) -> (Result8601, Option<String>) {
    let because = |error: &Error| Some(kept(&error.to_string()));
    match result {
        DkimResult::Pass => (Result8601::Pass, None),
        DkimResult::None => (Result8601::None, None),
        DkimResult::Fail(error) => (Result8601::Fail, because(error)),
        DkimResult::Neutral(
            error @ Error::Dkim(DkimError::FailedBodyHashMatch | DkimError::SignatureExpired),
        ) => (Result8601::Fail, because(error)),
        DkimResult::Neutral(error) => (Result8601::Neutral, because(error)),
        DkimResult::PermError(error) => (Result8601::PermError, because(error)),
        DkimResult::TempError(error) => (Result8601::TempError, because(error)),
    }
}

/// The signatures of a message that do not parse: `neutral`, "syntax errors" (RFC 8601 §2.7.1).
pub(super) fn malformed(message: &AuthenticatedMessage<'_>) -> Vec<DkimOutcome> {
    let of_dkim = message.errors.iter().filter(|field| field.name.eq_ignore_ascii_case(b"DKIM-Signature"));
    of_dkim
        .map(|field| {
            let value = String::from_utf8_lossy(field.value);
            let tag = |name: &str| {
                let tags = value.split(';').filter_map(|tag| tag.split_once('='));
                let found = tags.map(|(tag, value)| (tag.trim(), value.trim())).find(|(tag, _)| *tag == name);
                kept(found.map_or("", |(_, value)| value))
            };
            DkimOutcome {
                result: Result8601::Neutral,
                domain: tag("d").to_ascii_lowercase(),
                selector: tag("s"),
                algorithm: tag("a"),
                reason: Some(kept(&field.header.to_string())),
            }
        })
        .collect()
}

pub(super) fn spf(result: SpfResult) -> Result8601 {
    match result {
        SpfResult::Pass => Result8601::Pass,
        SpfResult::Fail => Result8601::Fail,
        SpfResult::SoftFail => Result8601::SoftFail,
        SpfResult::Neutral => Result8601::Neutral,
        SpfResult::TempError => Result8601::TempError,
        SpfResult::PermError => Result8601::PermError,
        SpfResult::None => Result8601::None,
    }
}

pub(super) fn dmarc(output: &DmarcOutput) -> DmarcOutcome {
    let result = match output.result() {
        DmarcResult::Pass => Result8601::Pass,
        DmarcResult::Fail(_) => Result8601::Fail,
        DmarcResult::TempError(_) => Result8601::TempError,
        DmarcResult::PermError(_) => Result8601::PermError,
        DmarcResult::None => Result8601::None,
    };
    let policy = match output.policy() {
        Policy::None => Some("none"),
        Policy::Quarantine => Some("quarantine"),
        Policy::Reject => Some("reject"),
        Policy::Unspecified => None,
    };
    let policy = policy.filter(|_| output.dmarc_record().is_some()).map(str::to_owned);
    DmarcOutcome { result, domain: kept(output.domain()), policy }
}
