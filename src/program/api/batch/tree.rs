//! The names of internet.nl's batch API: what a report on mail holds, and how it is arranged. Names are theirs, so that
//! programs which know them find what they look for; what they leave open is computed from our profile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::receiving::checks::{Check, Level, Scale, Word};
use crate::receiving::profiles::{Entry, Profile, Profiles, Rule, Section, Status, Worst};

/// The profile whose results are given.
pub(super) const PROFILE: &str = "internetnl-2025";
/// The verdict of a test that was not made because another one failed, or whose question does not arise.
pub(super) const NOT_TESTED: &str = "detail verdict not-tested";
/// The verdict of a test whose question could not be answered.
pub(super) const COULD_NOT_TEST: &str = "detail verdict could-not-test";

/// A test: its name, the key of its texts, and what its subtest is called in their report, as our checks are.
type Test = (&'static str, &'static str, &'static str);

struct Group {
    name: &'static str,
    key: &'static str,
    tests: &'static [Test],
}

pub(super) struct Category {
    pub(super) section: Section,
    pub(super) name: &'static str,
    key: &'static str,
    groups: &'static [Group],
}

/// All of it, in the order of their report.
pub(super) const TREE: [Category; 5] = [
    Category {
        section: Section::Ipv6,
        name: "mail_ipv6",
        key: "mailipv6",
        groups: &[
            Group {
                name: "mail_ipv6_nameservers",
                key: "domain-mail ipv6 name-servers",
                tests: &[
                    ("mail_ipv6_ns_address", "web-mail ipv6 ns-AAAA", "ns_aaaa"),
                    ("mail_ipv6_ns_reach", "web-mail ipv6 ns-reach", "ns_reach"),
                ],
            },
            Group {
                name: "mail_ipv6_mailserver",
                key: "mail ipv6 mail-servers",
                tests: &[
                    ("mail_ipv6_mx_address", "mail ipv6 mx-AAAA", "mx_aaaa"),
                    ("mail_ipv6_mx_reach", "mail ipv6 mx-reach", "mx_reach"),
                ],
            },
        ],
    },
    Category {
        section: Section::Dnssec,
        name: "mail_dnssec",
        key: "maildnssec",
        groups: &[
            Group {
                name: "mail_dnssec_domain",
                key: "mail dnssec domain",
                tests: &[
                    ("mail_dnssec_mailto_exist", "mail dnnsec exists", "dnssec_exists"),
                    ("mail_dnssec_mailto_valid", "mail dnnsec valid", "dnssec_valid"),
                ],
            },
            Group {
                name: "mail_dnssec_mailservers",
                key: "mail dnssec mail-servers",
                tests: &[
                    ("mail_dnssec_mx_exist", "mail dnnsec mx-exists", "dnssec_mx_exists"),
                    ("mail_dnssec_mx_valid", "mail dnnsec mx-valid", "dnssec_mx_valid"),
                ],
            },
        ],
    },
    Category {
        section: Section::Auth,
        name: "mail_auth",
        key: "mailauth",
        groups: &[
            Group {
                name: "mail_auth_dmarc",
                key: "mail auth dmarc",
                tests: &[
                    ("mail_auth_dmarc_exist", "mail auth dmarc", "dmarc"),
                    ("mail_auth_dmarc_policy", "mail auth dmarc-policy", "dmarc_policy"),
                ],
            },
            Group {
                name: "mail_auth_dkim",
                key: "mail auth dkim",
                tests: &[("mail_auth_dkim_exist", "mail auth dkim", "dkim")],
            },
            Group {
                name: "mail_auth_spf",
                key: "mail auth spf",
                tests: &[
                    ("mail_auth_spf_exist", "mail auth spf", "spf"),
                    ("mail_auth_spf_policy", "mail auth spf-policy", "spf_policy"),
                ],
            },
        ],
    },
    Category { section: Section::Tls, name: "mail_starttls", key: "mailtls", groups: TLS },
    Category {
        section: Section::Rpki,
        name: "mail_rpki",
        key: "mailrpki",
        groups: &[
            Group {
                // Theirs has the name of the category, which the items of a report cannot share.
                name: "mail_mx_rpki",
                key: "mail rpki mail-servers",
                tests: &[
                    ("mail_rpki_exists", "mail rpki exists", "mail_rpki_exists"),
                    ("mail_rpki_valid", "mail rpki valid", "mail_rpki_valid"),
                ],
            },
            Group {
                name: "mail_ns_rpki",
                key: "domain-mail rpki name-servers",
                tests: &[
                    ("mail_ns_rpki_exists", "web-mail rpki ns-exists", "ns_rpki_exists"),
                    ("mail_ns_rpki_valid", "web-mail rpki ns-valid", "ns_rpki_valid"),
                ],
            },
            Group {
                name: "mail_mx_ns_rpki",
                key: "domain-mail rpki mx-name-servers",
                tests: &[
                    ("mail_mx_ns_rpki_exists", "mail rpki mx-ns-exists", "mail_mx_ns_rpki_exists"),
                    ("mail_mx_ns_rpki_valid", "mail rpki mx-ns-valid", "mail_mx_ns_rpki_valid"),
                ],
            },
        ],
    },
];

const TLS: &[Group] = &[
    Group {
        name: "mail_starttls_tls",
        key: "mail tls starttls",
        tests: &[
            ("mail_starttls_tls_available", "mail tls starttls-exists", "starttls_exists"),
            ("mail_starttls_tls_version", "mail tls version", "tls_version"),
            ("mail_starttls_tls_ciphers", "mail tls ciphers", "tls_ciphers"),
            ("mail_starttls_tls_cipherorder", "mail tls cipher-order", "tls_cipher_order"),
            ("mail_starttls_tls_keyexchange", "mail tls fs-params", "fs_params"),
            ("mail_starttls_tls_keyexchangehash", "mail tls kex-hash-func", "kex_hash_func"),
            ("mail_starttls_tls_compress", "mail tls compression", "tls_compression"),
            ("mail_starttls_tls_secreneg", "mail tls renegotiation-secure", "renegotiation_secure"),
            ("mail_starttls_tls_clientreneg", "mail tls renegotiation-client", "renegotiation_client"),
            ("mail_starttls_tls_0rtt", "mail tls zero-rtt", "zero_rtt"),
            // Ours by name: the version that this keeps to has no such test.
            ("mail_starttls_tls_ems", "mail tls extended-master-secret", "extended_master_secret"),
        ],
    },
    Group {
        name: "mail_starttls_certificate",
        key: "domain-mail tls certificate",
        tests: &[
            ("mail_starttls_cert_chain", "mail tls cert-trust", "cert_trust"),
            ("mail_starttls_cert_pubkey", "mail tls cert-pubkey", "cert_pubkey"),
            ("mail_starttls_cert_sig", "mail tls cert-signature", "cert_signature"),
            ("mail_starttls_cert_domain", "mail tls cert-hostmatch", "cert_hostmatch"),
            // Ours by name, likewise.
            ("mail_starttls_cert_caa", "mail tls caa", "mail_caa"),
        ],
    },
    Group {
        name: "mail_starttls_dane",
        key: "domain-mail tls dane",
        tests: &[
            ("mail_starttls_dane_exist", "mail tls dane-exists", "dane_exists"),
            ("mail_starttls_dane_valid", "mail tls dane-valid", "dane_valid"),
            ("mail_starttls_dane_rollover", "mail tls dane-rollover", "dane_rollover"),
        ],
    },
];

/// The name of the test that a check is.
pub(super) fn test_of(check: Check) -> Option<&'static str> {
    let subtest = check.internetnl()?;
    let tests = TREE.iter().flat_map(|category| category.groups).flat_map(|group| group.tests);
    tests.into_iter().find(|(_, _, known)| *known == subtest).map(|(name, _, _)| *name)
}

/// The status of a test, in their words; none: the test is not part of the report.
pub(super) fn status_of(status: Status) -> Option<&'static str> {
    Some(match status {
        Status::Passed => "passed",
        Status::Info => "info",
        Status::Recommendation => "warning",
        Status::Failed => "failed",
        Status::NotApplicable => "not_tested",
        Status::Inconclusive => "error",
        Status::NotScored => return None,
    })
}

/// The verdict of a test that has no word of its own.
pub(super) fn plain_verdict(status: Status) -> &'static str {
    match status {
        Status::Passed => "good",
        Status::Info => "info",
        Status::Recommendation => "phase-out",
        Status::Failed => "bad",
        Status::NotApplicable | Status::NotScored => NOT_TESTED,
        Status::Inconclusive => COULD_NOT_TEST,
    }
}

/// A check's word as text.
pub(super) fn word_of(word: Word) -> String {
    serde_json::to_value(word).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a report holds: `report` of the answer to `/metadata/report`.
pub(super) fn metadata() -> Value {
    let profile = Profiles::embedded().get(PROFILE).expect("the profile is embedded");
    let checks: BTreeMap<&str, Check> =
        profile.checks().filter_map(|check| Some((check.internetnl()?, check))).collect();
    let mut data = Map::new();
    let mut hierarchy = Vec::new();
    for category in &TREE {
        data.insert(category.name.to_owned(), json!({ "type": "category", "translation_key": category.key }));
        let mut groups = Vec::new();
        for group in category.groups {
            data.insert(group.name.to_owned(), json!({ "type": "section", "translation_key": group.key }));
            let mut tests = Vec::new();
            for (name, key, subtest) in group.tests {
                let verdicts = checks.get(subtest).map(|check| verdicts(profile, *check)).unwrap_or_default();
                let test = json!({ "type": "test", "translation_key": key, "status_verdict_map": verdicts });
                data.insert((*name).to_owned(), test);
                tests.push(json!({ "name": name }));
            }
            groups.push(json!({ "name": group.name, "children": tests }));
        }
        hierarchy.push(json!({ "name": category.name, "children": groups }));
    }
    json!({ "data": data, "hierarchy": { "web": [], "mail": hierarchy } })
}

/// Which verdicts go with which status.
fn verdicts(profile: &Profile, check: Check) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut map: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |status: Status, verdict: String| {
        if let Some(status) = status_of(status) {
            map.entry(status).or_default().insert(verdict);
        }
    };
    for open in [Status::NotApplicable, Status::Inconclusive] {
        add(open, plain_verdict(open).to_owned());
    }
    for entry in profile.entries(check) {
        match (&entry.rule, check.scale()) {
            (Rule::Words(levels), _) => {
                for (word, level) in levels {
                    for status in statuses(entry, *level) {
                        add(status, word_of(*word));
                    }
                }
            }
            // What is not tested has the profile's answer whatever the word is.
            (Rule::Always(level), Scale::Words(words)) => {
                for word in words {
                    add((*level).into(), word_of(*word));
                }
            }
            _ => {
                for level in [Level::Good, Level::Info, Level::PhaseOut, Level::Insufficient] {
                    for status in statuses(entry, level) {
                        add(status, plain_verdict(status).to_owned());
                    }
                }
            }
        }
    }
    map
}

/// What a level may come to: no worse than the check is worth, and more where circumstances make it required.
fn statuses(entry: &Entry, level: Level) -> BTreeSet<Status> {
    let required = Status::from(level);
    let excused = match level {
        Level::Insufficient => Status::Recommendation,
        _ => required,
    };
    let usual = match (entry.worst, level) {
        (Worst::Notice, Level::Insufficient) => Status::Recommendation,
        (Worst::Info, Level::Notice | Level::PhaseOut | Level::Insufficient) => Status::Info,
        _ => required,
    };
    let mut statuses = BTreeSet::from([usual]);
    statuses.extend(entry.required_with.map(|_| required));
    statuses.extend(entry.excused_with.map(|_| excused));
    statuses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tests_of_the_profile_have_a_name() {
        let profile = Profiles::embedded().get(PROFILE).unwrap();
        let scored = |check: &Check| profile.entry(*check).is_some_and(|entry| entry.section.is_some());
        let nameless: Vec<_> = profile
            .checks()
            .filter(scored)
            .filter(|check| check.internetnl().is_some() && test_of(*check).is_none())
            .collect();
        assert!(nameless.is_empty(), "{nameless:?}");
    }

    #[test]
    fn every_test_says_which_verdicts_it_may_give() {
        let metadata = metadata();
        let data = metadata["data"].as_object().unwrap();
        let names = TREE
            .iter()
            .map(|category| 1 + category.groups.iter().map(|group| 1 + group.tests.len()).sum::<usize>());
        assert_eq!(data.len(), names.sum::<usize>());
        for (name, item) in data.iter().filter(|(_, item)| item["type"] == "test") {
            assert!(item["status_verdict_map"]["passed"].is_array(), "{name}");
        }
        assert_eq!(data["mail_starttls_dane_exist"]["status_verdict_map"]["passed"], json!(["present"]));
        assert_eq!(data["mail_starttls_cert_domain"]["status_verdict_map"]["info"], json!(["unmatched"]));
    }
}
