//! Whether CAA exists for a host and reads.

use jiff::Timestamp;

use crate::evidence::scan::{CaaRecord, Evidence, Looked, MxHost};
use crate::verdict::receiving::check::Check;
use crate::verdict::receiving::finding::{Finding, Unknown, Word};
use crate::verdict::receiving::lines;
use crate::verdict::receiving::subjects::{Said, each_host};

/// [`Check::Caa`].
pub(in crate::verdict::receiving) fn caa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::Caa, evidence, |mx| {
        let said = match relevant(mx) {
            Err(why) => Said::inconclusive(why),
            Ok([]) => Said::is(Word::Absent),
            // What is missing, or was shortened, may be what is looked for.
            Ok(_) if cut(evidence, mx).is_some() => Said::inconclusive(Unknown::Cut),
            Ok(records) => {
                let faults: Vec<_> = records.iter().filter_map(fault).collect();
                let issue = records.iter().any(|record| record.tag == "issue");
                let word = match (faults.is_empty(), issue) {
                    (false, _) => Word::Invalid,
                    (true, true) => Word::Present,
                    (true, false) => Word::Incomplete,
                };
                Said::is(word).details(faults)
            }
        };
        said.seen(climb(mx))
    })
}

/// The names asked from the host upwards, as far as they decide: up to the first that has records, or that could not be
/// asked.
pub(super) fn climb(mx: &MxHost) -> Vec<String> {
    let decides =
        |looked: &Looked<CaaRecord>| lines::unknown(looked).is_some() || !looked.records().is_empty();
    let asked = mx.caa.iter().position(decides).map_or(mx.caa.len(), |at| at + 1);
    mx.caa.iter().take(asked).flat_map(lines::of).collect()
}

/// The relevant record set: of the host, else of the nearest name above that has one (RFC 8659 §3). A name on the
/// way that could not be asked leaves open what is above it.
pub(super) fn relevant(mx: &MxHost) -> Result<&[CaaRecord], Unknown> {
    for looked in &mx.caa {
        if let Some(why) = lines::unknown(looked) {
            return Err(why);
        }
        if !looked.records().is_empty() {
            return Ok(looked.records());
        }
    }
    if mx.caa.is_empty() { Err(Unknown::Cut) } else { Ok(&[]) }
}

/// Why the relevant record set does not say all: some of it was left out.
pub(super) fn cut(evidence: &Evidence, mx: &MxHost) -> Option<Unknown> {
    let relevant = mx.caa.iter().find(|looked| !looked.records().is_empty());
    relevant.and_then(|looked| lines::cut(evidence, looked))
}

/// What is wrong with a record, as a row of details.
fn fault(record: &CaaRecord) -> Option<String> {
    let sound = match record.tag.as_str() {
        "issue" | "issuewild" | "issuemail" | "issuevmc" => issuer_value(&record.value).is_some(),
        // RFC 8659 §4.4 knows http, too; RFC 6546, which it needs for that, is spoken over TLS only.
        "iodef" => record.value.starts_with("mailto:") || record.value.starts_with("https://"),
        "contactemail" | "contactphone" => !record.value.is_empty(),
        // An authority must not issue where it does not understand a critical property (RFC 8659 §4.1).
        tag => record.flags & 0x80 == 0 && !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric()),
    };
    (!sound).then(|| format!("{} {} \"{}\"", record.flags, record.tag, record.value))
}

/// The issuer's domain of an `issue` property, in lower case; empty: nobody. None: the value does not read
/// (RFC 8659 §4.2).
pub(super) fn issuer_value(value: &str) -> Option<String> {
    let (domain, parameters) = value.split_once(';').unwrap_or((value, ""));
    let domain = domain.trim_matches([' ', '\t']);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let parameter = |parameter: &str| {
        let parameter = parameter.trim_matches([' ', '\t']);
        // tag "=" value, the value of any printable character but semicolon and space.
        parameter.split_once('=').is_some_and(|(tag, value)| {
            label(tag.trim_end_matches([' ', '\t']))
                && value.trim_start_matches([' ', '\t']).bytes().all(|byte| byte.is_ascii_graphic())
        })
    };
    let parameters = parameters.trim_matches([' ', '\t']);
    let sound = (domain.is_empty() || domain.split('.').all(label))
        && (parameters.is_empty() || parameters.split(';').all(parameter));
    sound.then(|| domain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_issuers_as_rfc_8659_writes_them() {
        for (value, expected) in [
            ("ca1.example.net", Some("ca1.example.net")),
            (" CA1.example.net ; account=230123", Some("ca1.example.net")),
            (
                "letsencrypt.org; validationmethods=dns-01; accounturi=https://a.example/1",
                Some("letsencrypt.org"),
            ),
            (";", Some("")),
            ("", Some("")),
            ("%%%%%", None),
            ("ca1..example", None),
            ("ca1.example.net; policy", None),
            ("two words", None),
        ] {
            assert_eq!(issuer_value(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn refuses_what_an_authority_would_stumble_over() {
        for (flags, tag, value, sound) in [
            (0, "issue", "ca.example", true),
            (128, "issue", "ca.example", true),
            (0, "iodef", "mailto:a@example.net", true),
            (0, "iodef", "https://example.net/", true),
            (0, "iodef", "http://example.net/", false),
            (0, "iodef", "a@example.net", false),
            (0, "future", "x", true),
            (128, "future", "x", false),
            (0, "with-dash", "x", false),
            (0, "issuemail", ";", true),
            (0, "contactphone", "", false),
        ] {
            let record = CaaRecord { flags, tag: tag.to_owned(), value: value.to_owned() };
            assert_eq!(fault(&record).is_none(), sound, "{record:?}");
        }
    }
}
