//! Lines to be pasted: records and settings that mend what a check found.
//!
//! Where a line follows from what was measured (the digest of a key, the names of mail servers), it is made from that.

use std::collections::BTreeSet;
use std::net::IpAddr;

use data_encoding::BASE64;

use super::super::Telling;
use super::super::checks::rated;
use super::super::results::grade_key;
use super::for_domain;
use crate::receiving::checks::{Check, Made, Measured, Word};
use crate::shared::evidence::scan::Certificate;
use crate::shared::policy::{DmarcRecord, Tlsa, is_mx_pattern};
use crate::shared::text::clean_to;

/// Of how many mail servers TLSA records are shown.
const HOSTS_MAX: usize = 4;

/// How many mail servers a policy or an SPF record names.
const NAMES_MAX: usize = 20;

/// DNS has no longer names.
const NAME_CHARS_MAX: usize = 253;

/// RFC 8461 §3.2: a week, until the policy has proved itself.
const MAX_AGE_S: u32 = 604_800;

/// What lines may belong to, in the order in which they are shown: the attribute of the text, which is also the end of
/// its name's.
const SYSTEMS: [&str; 10] = [
    "dns",
    "command",
    EXCHANGE,
    "opendkim",
    "postfix",
    "openssl",
    "exim",
    "exim-openssl",
    "exim-gnutls",
    "opensmtpd",
];

/// What a tenant of Exchange Online can set. Who has the mail servers there can set nothing else but records.
const EXCHANGE: &str = "exchange";

/// Where mail servers lie that are run for tenants who cannot configure them: Exchange Online's and Google's.
const EXCHANGE_HOSTS: [&str; 2] = [".mail.protection.outlook.com", ".mx.microsoft"];
const GOOGLE_HOSTS: [&str; 3] = [".google.com", ".googlemail.com", ".psmtp.com"];

/// RFC 5322 §2.1.1: a line of a mail should have no more characters.
const LINE_CHARS_MAX: usize = 78;

/// How long a piece of a TXT record is where the whole does not fit into a line; RFC 1035 §3.3 allows 255.
const PIECE_CHARS_MAX: usize = 66;

/// What the lines belong to, and the lines.
type Settings = Vec<(String, Vec<String>)>;

/// The lines that mend what `check` found at `hosts`.
pub(in crate::receiving::report) fn settings(telling: Telling<'_>, check: Check, hosts: &[&str]) -> Settings {
    let words = telling.words;
    let mut settings = measured(telling, check, hosts);
    let names = telling.names(hosts.first().copied());
    let known = settings.iter().map(|(_, lines)| lines.len()).sum::<usize>() > 0;
    let of_tenant = is_at(telling, &EXCHANGE_HOSTS);
    let rented = of_tenant || is_at(telling, &GOOGLE_HOSTS);
    let applies = |system: &&str| match *system {
        "dns" => true,
        // What it would print is known.
        "command" => !known && !rented,
        EXCHANGE => of_tenant,
        _ => !rented,
    };
    settings.extend(SYSTEMS.into_iter().filter(applies).filter_map(|system| {
        let fix = for_domain(telling, format!("fix-{}.{system}", check.id()));
        let lines = words.lines(&fix, &names);
        (!lines.is_empty()).then(|| (words.say(&format!("recv-advice-{system}")), lines))
    }));
    for (_, lines) in &mut settings {
        *lines = lines.iter().flat_map(|line| fitted(line)).collect();
    }
    settings
}

/// Whether all mail servers have names that end so.
fn is_at(telling: Telling<'_>, ends: &[&str]) -> bool {
    let hosts = &telling.receiving.evidence.mx;
    let is = |host: &str| {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        ends.iter().any(|end| host.ends_with(end))
    };
    !hosts.is_empty() && hosts.iter().all(|mx| is(&mx.host))
}

/// A TXT record that is too long for a line in pieces between parentheses (RFC 1035 §5.1), which readers join without
/// anything between them (RFC 7208 §3.3, RFC 8461 §3.1); another line as it is.
fn fitted(line: &str) -> Vec<String> {
    let parts = line.strip_suffix('"').and_then(|line| line.split_once(" IN TXT \""));
    let Some((owner, text)) = parts.filter(|_| line.chars().count() > LINE_CHARS_MAX) else {
        return vec![line.to_owned()];
    };
    let mut pieces: Vec<String> = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let last = pieces.len() - 1;
        if !pieces[last].is_empty() && pieces[last].len() + word.len() > PIECE_CHARS_MAX {
            pieces.push(String::new());
        }
        let last = pieces.len() - 1;
        pieces[last].push_str(word);
    }
    let count = pieces.len();
    let piece =
        |(n, piece): (usize, String)| format!("    \"{piece}\"{}", if n + 1 == count { " )" } else { "" });
    std::iter::once(format!("{owner} IN TXT (")).chain(pieces.into_iter().enumerate().map(piece)).collect()
}

/// What can be made from what was measured.
fn measured(telling: Telling<'_>, check: Check, hosts: &[&str]) -> Settings {
    let dns = |lines: Vec<String>| {
        (!lines.is_empty()).then(|| (telling.words.say("recv-advice-dns"), lines)).into_iter().collect()
    };
    match check.definition().made {
        Some(Made::Tlsa) => {
            let distinct: BTreeSet<&str> = hosts.iter().copied().collect();
            dns(distinct.into_iter().take(HOSTS_MAX).flat_map(|host| tlsa(telling, host)).collect())
        }
        Some(Made::MtaSts) => mta_sts(telling),
        Some(Made::Spf) if grade_key(telling) != "no-mail" => dns(vec![spf(telling)]),
        Some(Made::Agreements) => dns(agreements(telling)),
        Some(Made::Spf) | None => Vec::new(),
    }
}

fn domain(telling: Telling<'_>) -> String {
    clean_to(&telling.receiving.evidence.domain, NAME_CHARS_MAX)
}

/// A record `3 1 1` (RFC 7672 §3.1.1) for each key that a host shows, in the master-file format of RFC 1035 §5.1.
fn tlsa(telling: Telling<'_>, host: &str) -> Vec<String> {
    let evidence = telling.receiving.evidence;
    let shown = evidence.examined.iter().filter(|examined| examined.host == host);
    let leaves = shown.filter_map(|examined| evidence.certificates.get(examined.chain.first()?));
    let mut records: Vec<String> = Vec::new();
    for record in leaves.filter_map(key_of).map(|spki| Tlsa::dane_ee_spki(&spki).to_string()) {
        if !records.contains(&record) {
            records.push(record);
        }
    }
    let line = |record: String| {
        let (numbers, digest) = record.rsplit_once(' ')?;
        let owner = format!("_25._tcp.{}.", clean_to(host, NAME_CHARS_MAX));
        Some([format!("{owner} IN TLSA {numbers} ("), format!("    {digest} )")])
    };
    records.into_iter().filter_map(line).flatten().collect()
}

/// The SubjectPublicKeyInfo of a certificate that is kept whole.
fn key_of(certificate: &Certificate) -> Option<Vec<u8>> {
    let der = BASE64.decode(certificate.der.as_ref()?.as_bytes()).ok()?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
    Some(parsed.tbs_certificate.subject_pki.raw.to_vec())
}

/// The record and the whole policy (RFC 8461 §3.1, §3.2): in force where it was, else in test mode.
fn mta_sts(telling: Telling<'_>) -> Settings {
    let (words, domain) = (telling.words, domain(telling));
    let is = |check, word| {
        let known = rated(telling, check);
        known.iter().any(|(finding, _)| finding.measured == Measured::Is { word })
    };
    // Whoever is in test mode is asked to end it.
    let enforce = is(Check::MtaStsPolicy, Word::Enforce) || is(Check::MtaStsPolicy, Word::Testing);
    let id = telling.now.strftime("%Y%m%d%H%M%S").to_string();
    let record = format!("_mta-sts.{domain}. IN TXT \"v=STSv1; id={id}\"");
    let mut policy = vec!["version: STSv1".to_owned()];
    policy.push(format!("mode: {}", if enforce { "enforce" } else { "testing" }));
    policy.extend(mail_servers(telling).into_iter().map(|host| format!("mx: {host}")));
    policy.push(format!("max_age: {MAX_AGE_S}"));
    let file = words.tell("recv-advice-policy-file", &[("domain", domain.into())]);
    vec![(words.say("recv-advice-dns"), vec![record]), (file, policy)]
}

/// The MX hosts that a policy can list. With one that is no host name, which has to go from DNS, nobody would take it.
fn mail_servers(telling: Telling<'_>) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for mx in &telling.receiving.evidence.mx {
        let host = clean_to(&mx.host, NAME_CHARS_MAX);
        if is_mx_pattern(&host) && !hosts.contains(&host) && hosts.len() < NAMES_MAX {
            hosts.push(host);
        }
    }
    hosts
}

/// A record that allows the mail servers, and the addresses from which mail of this domain was seen to come.
fn spf(telling: Telling<'_>) -> String {
    format!("{}. IN TXT \"v=spf1 mx{} ~all\"", domain(telling), as_spf(telling.senders))
}

/// Addresses as terms of an SPF record (RFC 7208 §5.6), each after a blank.
pub fn as_spf(senders: &[IpAddr]) -> String {
    let terms = senders.iter().take(NAMES_MAX).map(|address| match address {
        IpAddr::V4(address) => format!(" ip4:{address}"),
        IpAddr::V6(address) => format!(" ip6:{address}"),
    });
    terms.collect()
}

/// The record by which each foreign recipient of reports agrees, at the name where it was looked for (RFC 9990 §4).
fn agreements(telling: Telling<'_>) -> Vec<String> {
    let external = &telling.receiving.evidence.names.dmarc.external;
    let missing = external.iter().filter(|(_, looked)| {
        looked.denied() || !looked.records().iter().any(|text| DmarcRecord::is_of_version(text))
    });
    let names: BTreeSet<&str> = missing.map(|(_, looked)| looked.name.trim_end_matches('.')).collect();
    names.into_iter().map(|name| format!("{}. IN TXT \"v=DMARC1\"", clean_to(name, NAME_CHARS_MAX))).collect()
}
