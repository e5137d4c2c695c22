//! How much is kept of a report.

use std::mem::take;

use serde::Serialize;

use super::report::TlsReport;

/// How much is kept of a report, in octets of JSON: one of a day about a domain has some thousand.
pub const KEPT_OCTETS_MAX: usize = 32_768;

impl TlsReport {
    /// Lets go what is beyond [`KEPT_OCTETS_MAX`], and counts it: a policy as a whole, since half of one would say
    /// something else, or failures of one.
    pub fn shorten(&mut self) {
        let policies = take(&mut self.policies);
        let mut left = KEPT_OCTETS_MAX.saturating_sub(octets(self));
        let mut fits = |octets: usize| {
            let fits = octets <= left;
            left -= if fits { octets } else { 0 };
            fits
        };
        for mut policy in policies {
            let failures = take(&mut policy.failures);
            if !fits(octets(&policy)) {
                self.policies_beyond += 1;
                continue;
            }
            let all = failures.len();
            policy.failures = failures.into_iter().filter(|failure| fits(octets(failure))).collect();
            policy.failures_beyond += all - policy.failures.len();
            self.policies.push(policy);
        }
    }
}

/// With the comma behind it. What cannot be written takes more than there is.
fn octets(of: &impl Serialize) -> usize {
    serde_json::to_string(of).map_or(usize::MAX, |json| json.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report about so many policies, each with so many failures, of which each text is as long as it may be.
    fn report(policies: usize, failures: usize, text: &str) -> Vec<u8> {
        let failure = format!(
            r#"{{"result-type":"{text}","receiving-mx-helo":"{text}","failure-reason-code":"{text}","failed-session-count":1}}"#
        );
        let policy = format!(
            r#"{{"policy":{{"policy-type":"sts","policy-domain":"a.example","policy-string":["{text}"],"mx-host":["{text}"]}},
                "failure-details":[{}]}}"#,
            vec![failure; failures].join(",")
        );
        format!(r#"{{"organization-name":"{text}","policies":[{}]}}"#, vec![policy; policies].join(","))
            .into_bytes()
    }

    #[test]
    fn only_so_much_is_kept_and_what_is_not_is_counted() {
        // What is not UTF-8 takes three octets for one, and a control character six in JSON.
        for text in [vec![b'a'; 300], vec![0xff; 300], b"\\u0001".repeat(300)] {
            let marker = "TEXT";
            let whole = report(64, 2, marker);
            let mut long = Vec::new();
            for part in String::from_utf8(whole).expect("text").split(marker) {
                long.extend_from_slice(part.as_bytes());
                long.extend_from_slice(&text);
            }
            long.truncate(long.len() - text.len());
            let mut read = TlsReport::read(&long).expect("read");
            assert_eq!((read.policies.len(), read.policies_beyond), (64, 0));
            assert!(read.organization_name.len() <= 255);
            read.shorten();
            let octets = serde_json::to_string(&read).expect("JSON").len();
            assert!((KEPT_OCTETS_MAX / 2..=KEPT_OCTETS_MAX).contains(&octets), "{octets}");
            assert_eq!(read.policies.len() + read.policies_beyond, 64);
            assert!(!read.policies.is_empty() && read.policies_beyond > 0);
            for policy in &read.policies {
                assert_eq!(policy.failures.len() + policy.failures_beyond, 2);
            }
        }
    }

    #[test]
    fn a_usual_report_is_kept_whole() {
        let mut read = TlsReport::read(&report(8, 8, "as usual")).expect("read");
        let whole = read.clone();
        read.shorten();
        assert_eq!(read, whole);
    }
}
