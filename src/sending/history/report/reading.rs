//! From what came to what is kept of it: the same by mail and by POST.

use crate::shared::policy::tls_report::{Defect, DefectKind, TlsReport, TlsReportError, unpacked};

use super::ReportReading;

/// A report as it came, with what is known of it beside its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enclosed {
    pub content: Vec<u8>,
    /// Whether its media type says that it is packed; none where that says neither.
    pub said_packed: Option<bool>,
    /// The domain that it is about by what stands around it: some leave it out within.
    pub domain: Option<String>,
    /// What is wrong with the way it came.
    pub defects: Vec<Defect>,
}

impl Enclosed {
    /// Reads it; of its policies those of names at or below `origin` are kept.
    pub fn read(self, origin: &str) -> ReportReading {
        let packed_otherwise = |packed: bool| self.said_packed.is_some_and(|said| said != packed);
        let read = unpacked(&self.content)
            .and_then(|(text, packed)| Ok((TlsReport::read(&text)?, packed_otherwise(packed))));
        let (mut report, otherwise) = match read {
            Ok(read) => read,
            Err(error) => return unread(&error),
        };
        if otherwise {
            report.note(DefectKind::PackedOtherwise, "Content-Type");
        }
        for defect in self.defects {
            report.note(defect.kind, &defect.field);
        }
        for policy in &mut report.policies {
            if policy.policy_domain.is_none() {
                policy.policy_domain.clone_from(&self.domain);
            }
        }
        let all = report.policies.len();
        let is_ours = |domain: &str| {
            domain.strip_suffix(origin).is_some_and(|below| below.is_empty() || below.ends_with('.'))
        };
        report.policies.retain(|policy| policy.policy_domain.as_deref().is_some_and(is_ours));
        let foreign = all - report.policies.len();
        let is_about_us = !report.policies.is_empty();
        report.shorten();
        if is_about_us && report.policies.is_empty() {
            return unread(&TlsReportError::TooWordy);
        }
        ReportReading::Read { report: Box::new(report), foreign }
    }
}

fn unread(error: &TlsReportError) -> ReportReading {
    ReportReading::Unread { why: error.to_string() }
}

/// Whether a file is called as RFC 8460 §5.1 wants: `SUBMITTER!POLICY-DOMAIN!BEGIN!END[!UNIQUE].json[.gz]`; and the domain
/// that its name says.
pub fn read_file_name(name: &str) -> (bool, Option<String>) {
    let bare = name.strip_suffix(".gz").unwrap_or(name);
    let Some(bare) = bare.strip_suffix(".json") else { return (false, None) };
    let parts: Vec<&str> = bare.split('!').collect();
    let is_time = |text: &&str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let fits = (4..=5).contains(&parts.len()) && parts[2..4].iter().all(is_time);
    let domain = parts.get(1).filter(|_| fits).map(|domain| domain.trim_end_matches('.').to_lowercase());
    (fits, domain.filter(|domain| !domain.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_tell_the_domain() {
        let name = "mail.sender.example!K3f9.none.test.example!1732924800!1733011199!001.json.gz";
        assert_eq!(read_file_name(name), (true, Some("k3f9.none.test.example".to_owned())));
        for other in ["a.json", "report.json.gz", "a!b!c!d.json", "a!b!1!2.xml.gz", ""] {
            assert!(!read_file_name(other).0, "{other}");
        }
    }

    #[test]
    fn a_domain_that_is_left_out_is_taken_from_around_and_others_are_left_out() {
        let policy = |domain: &str| {
            format!(
                "{{\"policy\":{{\"policy-type\":\"no-policy-found\"{domain}}},\"summary\":\
                 {{\"total-successful-session-count\":1,\"total-failure-session-count\":0}}}}"
            )
        };
        let other = policy(",\"policy-domain\":\"nottest.example\"");
        let content = format!("{{\"policies\":[{},{other}]}}", policy("")).into_bytes();
        let domain = Some("none.test.example".to_owned());
        let enclosed = Enclosed { content, domain, said_packed: Some(true), ..Enclosed::default() };
        let ReportReading::Read { report, foreign } = enclosed.read("test.example") else { panic!("read") };
        assert_eq!((report.policies.len(), foreign), (1, 1));
        assert_eq!(report.policies[0].policy_domain.as_deref(), Some("none.test.example"));
        assert!(report.has(DefectKind::Missing, "policy-domain"));
        assert!(report.has(DefectKind::PackedOtherwise, "Content-Type"));
        let none = Enclosed { content: b"{}".to_vec(), ..Enclosed::default() };
        assert!(matches!(none.read("test.example"), ReportReading::Unread { .. }));
    }

    #[test]
    fn a_policy_that_is_too_long_is_not_kept_in_part() {
        let line = "\\u0001".repeat(255);
        let lines = vec![format!("\"{line}\""); 32].join(",");
        let about = |domain: &str| {
            format!(
                r#"{{"policy":{{"policy-type":"sts","policy-domain":"{domain}","policy-string":[{lines}]}}}}"#
            )
        };
        let read = |policies: &str| {
            let content = format!(r#"{{"policies":[{policies}]}}"#).into_bytes();
            Enclosed { content, ..Enclosed::default() }.read("test.example")
        };
        let ReportReading::Unread { why } = read(&about("none.test.example")) else { panic!("kept") };
        assert!(why.contains("32768 octets"), "{why}");
        // Nor does one of others take the room of ours.
        let short = about("none.test.example").replace(&lines, "\"version: STSv1\"");
        let ReportReading::Read { report, foreign } = read(&format!("{},{short}", about("other.example")))
        else {
            panic!("read")
        };
        assert_eq!((report.policies.len(), report.policies_beyond, foreign), (1, 0, 1));
    }
}
