//! Reading a report (RFC 8460 §4.4).

use std::borrow::Cow;

use serde_json::{Deserializer, Map, Value};

use super::defect::{Defect, DefectKind, add};
use super::lenient::Lenient;
use super::report::{FailureDetails, PolicyType, ReportedPolicy, ResultType, TlsReport};
use super::{TlsReportError, UNPACKED_OCTETS_MAX, range, shape};

/// How many policies are kept of a report.
const POLICIES_MAX: usize = 64;
/// How many failures are kept of a report, over all its policies.
const FAILURES_MAX: usize = 128;
/// How many lines are kept of a policy, or hosts that it names.
const LINES_MAX: usize = 32;

impl TlsReport {
    /// Reads a report that is not packed.
    ///
    /// # Errors
    ///
    /// If it is too much, or no report.
    pub fn read(text: &[u8]) -> Result<Self, TlsReportError> {
        if text.len() > UNPACKED_OCTETS_MAX {
            return Err(TlsReportError::TooLarge);
        }
        shape::measure(text)?;
        let mut lenient = Lenient::default();
        let value = parse(&mut lenient, text)?;
        let report = value.as_object().ok_or(TlsReportError::NotAReport)?;
        if !report.contains_key("policies") && !report.contains_key("date-range") {
            return Err(TlsReportError::NotAReport);
        }
        let organization_name = lenient.text(report, "organization-name", true).unwrap_or_default();
        // Whom to ask about it, which nobody here does: it is looked at, and not kept.
        let _ = lenient.text(report, "contact-info", true);
        let report_id = lenient.text(report, "report-id", true).unwrap_or_default();
        let (start, end) = range::range(&mut lenient, report);
        let listed = lenient.objects(report, "policies", true);
        let policies_beyond = listed.len().saturating_sub(POLICIES_MAX);
        let mut failures_left = FAILURES_MAX;
        let policies =
            listed.into_iter().take(POLICIES_MAX).map(|one| policy(&mut lenient, one, &mut failures_left));
        let policies = policies.collect();
        let defects = lenient.defects;
        Ok(Self { organization_name, report_id, start, end, policies, policies_beyond, defects })
    }

    /// Notes a defect of how the report came.
    pub fn note(&mut self, kind: DefectKind, field: &str) {
        add(&mut self.defects, kind, field);
    }

    /// Whether a defect was found.
    pub fn has(&self, kind: DefectKind, field: &str) -> bool {
        self.defects.contains(&Defect::new(kind, field))
    }
}

fn parse(lenient: &mut Lenient, text: &[u8]) -> Result<Value, TlsReportError> {
    let text = String::from_utf8_lossy(text);
    if matches!(text, Cow::Owned(_)) {
        lenient.note(DefectKind::NotUtf8, "");
    }
    let bare = text.trim_start_matches('\u{feff}');
    if bare.len() < text.len() {
        lenient.note(DefectKind::ByteOrderMark, "");
    }
    let mut values = Deserializer::from_str(bare).into_iter::<Value>();
    let read = values.next().ok_or(TlsReportError::NotAReport)?;
    let value = read.map_err(|error| TlsReportError::Json { line: error.line(), column: error.column() })?;
    if !bare[values.byte_offset()..].trim().is_empty() {
        lenient.note(DefectKind::TextBehind, "");
    }
    Ok(value)
}

fn policy(lenient: &mut Lenient, of: &Map<String, Value>, failures_left: &mut usize) -> ReportedPolicy {
    let empty = Map::new();
    let described = lenient.object(of, "policy").unwrap_or(&empty);
    let policy_type = policy_type(lenient, described);
    let policy_string = lenient.texts(described, "policy-string", LINES_MAX);
    if policy_string.is_empty() && matches!(policy_type, PolicyType::Sts | PolicyType::Tlsa) {
        lenient.note(DefectKind::Missing, "policy-string");
    }
    let policy_domain = lenient.host(described, "policy-domain", true);
    let mx_host = mx_host(lenient, described);
    let summary = lenient.object(of, "summary").unwrap_or(&empty);
    let successful_sessions = lenient.count(summary, "total-successful-session-count", true);
    let failed_sessions = lenient.count(summary, "total-failure-session-count", true);
    let listed = lenient.objects(of, "failure-details", false);
    let kept = listed.len().min(*failures_left);
    *failures_left -= kept;
    let failures_beyond = listed.len() - kept;
    let failures: Vec<_> = listed[..kept].iter().map(|one| failure(lenient, one)).collect();
    let sum = failures.iter().filter_map(|one| one.failed_sessions).fold(0, u64::saturating_add);
    if failures_beyond == 0 && failed_sessions.is_some_and(|total| total != sum) {
        lenient.note(DefectKind::CountsDisagree, "total-failure-session-count");
    }
    ReportedPolicy {
        policy_type,
        policy_string,
        policy_domain,
        mx_host,
        successful_sessions,
        failed_sessions,
        failures,
        failures_beyond,
    }
}

/// A word of a closed list: as it is written, or in lower case.
fn word<T>(lenient: &mut Lenient, text: &str, field: &str, of: impl Fn(&str) -> Option<T>) -> Option<T> {
    if let Some(found) = of(text) {
        return Some(found);
    }
    let found = of(&text.to_ascii_lowercase());
    lenient.note(if found.is_some() { DefectKind::Capitals } else { DefectKind::UnknownWord }, field);
    found
}

fn policy_type(lenient: &mut Lenient, of: &Map<String, Value>) -> PolicyType {
    let known = [PolicyType::Tlsa, PolicyType::Sts, PolicyType::NoPolicyFound];
    let Some(text) = lenient.text(of, "policy-type", true) else { return PolicyType::Other };
    let named = |text: &str| known.into_iter().find(|known| known.name() == text);
    word(lenient, &text, "policy-type", named).unwrap_or(PolicyType::Other)
}

/// The hosts of a policy. RFC 8460 describes one text in its appendix B and a list by erratum 6241: both are usual, and
/// neither is a defect.
fn mx_host(lenient: &mut Lenient, of: &Map<String, Value>) -> Vec<String> {
    let field = match of.contains_key("mx-host-pattern") && !of.contains_key("mx-host") {
        true => {
            lenient.note(DefectKind::DraftName, "mx-host");
            "mx-host-pattern"
        }
        false => "mx-host",
    };
    let hosts = match of.get(field) {
        Some(Value::String(_)) => lenient.text(of, field, false).into_iter().collect(),
        _ => lenient.texts(of, field, LINES_MAX),
    };
    hosts.iter().map(|host| host.trim_end_matches('.').to_lowercase()).collect()
}

fn failure(lenient: &mut Lenient, of: &Map<String, Value>) -> FailureDetails {
    let written = lenient.text(of, "result-type", true).unwrap_or_default();
    let named = |text: &str| ResultType::REGISTERED.into_iter().find(|known| known.name() == text);
    let result_type = match written.is_empty() {
        true => ResultType::Other(String::new()),
        false => word(lenient, &written, "result-type", named).unwrap_or(ResultType::Other(written)),
    };
    // Where the policy itself could not be had, no host was called.
    let called = !matches!(
        result_type,
        ResultType::StsPolicyFetchError | ResultType::StsPolicyInvalid | ResultType::StsWebpkiInvalid
    );
    // What nobody compares with anything is looked at, and not kept.
    for field in ["receiving-mx-helo", "failure-reason-code"] {
        let _ = lenient.text(of, field, false);
    }
    FailureDetails {
        sending_mta_ip: lenient.parsed(of, "sending-mta-ip", called),
        receiving_mx_hostname: lenient.host(of, "receiving-mx-hostname", called),
        receiving_ip: lenient.parsed(of, "receiving-ip", false),
        failed_sessions: lenient.count(of, "failed-session-count", true),
        result_type,
    }
}
