//! The domain of MAIL FROM, where mail of the domain comes from another: what DNS alone says of it.

use super::super::Telling;
use super::{plain, table};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Envelope, LookupResult, NameAnswer};
use crate::shared::policy::SpfRecord;
use crate::shared::text::{Field, Section, Tone, clean, clean_to};

/// How much of a record is shown, in characters.
const RECORD_CHARS_MAX: usize = 200;

/// Its MX and SPF records and whether it is signed, if there is such a domain.
pub(super) fn section(telling: Telling<'_>) -> Option<Section> {
    let Envelope { domain, mx, soa, spf } = telling.receiving.evidence.envelope.as_ref()?;
    let hosts = mx.records().iter().map(|mx| {
        let host = if mx.host.is_empty() { "." } else { mx.host.as_str() };
        format!("{} {}", mx.preference, clean_to(host, RECORD_CHARS_MAX))
    });
    let policies = spf.records().iter().filter(|text| SpfRecord::is_of_version(text));
    let rows = vec![
        row(telling, "MX", mx, hosts.collect()),
        row(telling, "SPF", spf, policies.map(|text| clean_to(text, RECORD_CHARS_MAX)).collect()),
        row(telling, "SOA", soa, soa.records().iter().map(|text| clean_to(text, RECORD_CHARS_MAX)).collect()),
    ];
    let blanks = [("domain", clean(domain).into())];
    Some(Section {
        title: telling.words.say("recv-envelope-title"),
        intro: telling.words.tell("recv-envelope-intro", &blanks),
        body: table(telling, "envelope", &["type", "records", "dnssec"], rows),
        detailed: false,
    })
}

fn row<T>(telling: Telling<'_>, name: &str, looked: &LookupResult<T>, records: Vec<String>) -> Vec<Field> {
    let (tone, state) = match looked.weakest() {
        Security::Secure => (Some(Tone::Good), "secure"),
        Security::Insecure => (None, "insecure"),
        Security::Bogus => (Some(Tone::Bad), "bogus"),
        Security::Indeterminate => (Some(Tone::Inconclusive), "indeterminate"),
    };
    let answer = match &looked.answer {
        NameAnswer::Records { .. } if !records.is_empty() => records.join("; "),
        NameAnswer::Failed { .. } | NameAnswer::NotAsked => "?".to_owned(),
        _ => "–".to_owned(),
    };
    vec![
        plain(name),
        plain(answer),
        Field { tone, text: telling.words.say(&format!("recv-security-{state}")) },
    ]
}
