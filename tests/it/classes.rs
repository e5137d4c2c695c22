//! The table of what classes of senders do at cases (docs/cases.md, from the models) beside what real senders were seen to do
//! there (tests/interop/cases). Where they disagree is known, with the reason; nothing else may.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The class that each row is of, behind a resolver that validates and behind one that does not.
const CLASSES: [(&str, &str, &str); 25] = [
    ("chasquid", "mta-sts", "mta-sts"),
    ("courier", "mta-sts", "mta-sts"),
    ("dma", "may", "may"),
    ("exim", "dane", "dane, no validation"),
    ("exim-nodane", "may", "may"),
    ("exim-verify", "verify", "verify"),
    ("opensmtpd", "may", "may"),
    ("opensmtpd-tls", "verify", "verify"),
    ("postfix-dane", "dane", "dane, no validation"),
    ("postfix-dane-mta-sts", "mta-sts over dane", "mta-sts"),
    ("postfix-dane-only", "dane-only", "dane-only"),
    ("postfix-encrypt", "encrypt", "encrypt"),
    ("postfix-half-dane-encrypt", "dane", "dane, no validation"),
    ("postfix-half-dane-may", "dane", "dane, no validation"),
    ("postfix-may", "may", "may"),
    ("postfix-mta-sts", "mta-sts", "mta-sts"),
    ("postfix-none", "none", "none"),
    ("postfix-policy-service", "dane+mta-sts", "mta-sts"),
    ("postfix-verify", "verify", "verify"),
    ("postfix-verify-sni", "verify", "verify"),
    ("sendmail", "may", "may"),
    ("sendmail-sts", "mta-sts", "mta-sts"),
    ("sendmail-sts-wildcard", "mta-sts", "mta-sts"),
    ("sendmail13-dane", "dane", "dane, no validation"),
    ("sendmail13-dane-sts", "dane+mta-sts", "mta-sts"),
];

/// Behind which resolver.
const RESOLVERS: [&str; 2] = ["validating", "plain"];

/// A disagreement that is known.
struct Known {
    /// The rows; none stands for all.
    rows: &'static [&'static str],
    resolver: &'static str,
    cases: &'static [&'static str],
    /// The letters of the table and of what was seen.
    letters: [char; 2],
    why: &'static str,
}

const KNOWN: [Known; 8] = [
    Known {
        rows: &[],
        resolver: "plain",
        cases: &["bogus-ds"],
        letters: ['h', 'D'],
        why: "the table's classes have a resolver that validates, but for those that say so",
    },
    Known {
        rows: &["postfix-none"],
        resolver: "plain",
        cases: &["bogus-ds"],
        letters: ['h', 'P'],
        why: "the same, without TLS",
    },
    Known {
        rows: &["postfix-dane", "postfix-policy-service"],
        resolver: "validating",
        cases: &["half-dane"],
        letters: ['D', 'g'],
        why: "Postfix uses DANE where only the MX records are insecure (smtp_tls_dane_insecure_mx_policy = dane)",
    },
    Known {
        rows: &["postfix-policy-service"],
        resolver: "validating",
        cases: &["tlsa-servfail"],
        letters: ['g', 'h'],
        why: "a policy service that cannot look up TLSA records has all mail to the domain wait",
    },
    Known {
        rows: &["postfix-dane-only"],
        resolver: "plain",
        cases: &["dane-good"],
        letters: ['D', 'h'],
        why: "nothing is secure to it, and it demands that: no class of the table is so",
    },
    Known {
        rows: &["postfix-dane-only"],
        resolver: "plain",
        cases: &["dane-mismatch", "both-conflict", "tlsa-servfail"],
        letters: ['g', 'h'],
        why: "the same",
    },
    Known {
        rows: &["sendmail-sts-wildcard"],
        resolver: "*",
        cases: &["sts-unlisted", "sts-badcert"],
        letters: ['g', 'h'],
        why: "Sendmail takes a wildcard certificate for none of a listed host's, so that the sound host is refused, too",
    },
    Known {
        rows: &["sendmail-sts-wildcard"],
        resolver: "*",
        cases: &["both-conflict"],
        letters: ['D', 'h'],
        why: "the same",
    },
];

impl Known {
    fn is_of(&self, row: &str, resolver: &str, case: &str, letters: [char; 2]) -> bool {
        (self.rows.is_empty() || self.rows.contains(&row))
            && (self.resolver == "*" || self.resolver == resolver)
            && self.cases.contains(&case)
            && self.letters == letters
    }
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The letters of docs/cases.md, by class and case.
fn table() -> BTreeMap<(String, String), char> {
    let text = read("docs/cases.md");
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| case |"));
    let classes = cells(lines.next().expect("a table of cases"));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells);
    let of_row = |row: Vec<String>| {
        let case = row[0].clone();
        let letters = row.into_iter().map(|cell| cell.chars().next().expect("a letter"));
        let each = classes.clone().into_iter().zip(letters).skip(1);
        each.map(|(class, letter)| ((class, case.clone()), letter)).collect::<Vec<_>>()
    };
    rows.flat_map(of_row).collect()
}

/// How the cases of a row came out behind a resolver, by their letters.
fn seen(row: &str, resolver: usize) -> Vec<(String, char)> {
    let file: toml::Table = read(&format!("tests/interop/cases/{row}/row.toml")).parse().expect("a row");
    let outcomes = file["outcomes"].as_table().expect("outcomes");
    let of = |(case, outcome): (&String, &toml::Value)| {
        let each: Vec<&str> = outcome.as_str().expect("a text").split(", ").collect();
        let letter = match each[resolver.min(each.len() - 1)] {
            "clear" => 'P',
            "delivered" => 'D',
            "refused" | "passed-over" => 'g',
            "held" => 'h',
            "unseen" => return None,
            other => panic!("{row}: {case}: {other} is no outcome"),
        };
        Some((case.clone(), letter))
    };
    outcomes.iter().filter_map(of).collect()
}

#[test]
fn real_senders_do_at_cases_what_the_table_says_but_for_what_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/cases");
    let mut rows: Vec<String> = fs::read_dir(folder)
        .expect("rows")
        .map(|entry| entry.expect("a row").file_name().into_string().expect("a name"))
        .collect();
    rows.sort();
    assert_eq!(rows, CLASSES.map(|(row, _, _)| row), "every row is of a class");

    let table = table();
    let (mut said, mut compared) = (Vec::new(), 0);
    let mut used = [false; KNOWN.len()];
    for (row, validating, plain) in CLASSES {
        for (n, (resolver, class)) in RESOLVERS.into_iter().zip([validating, plain]).enumerate() {
            for (case, seen) in seen(row, n) {
                compared += 1;
                let Some(told) = table.get(&(class.to_owned(), case.clone())).copied() else {
                    said.push(format!("{row}: the table has no {case} of class {class}"));
                    continue;
                };
                if told == seen {
                    continue;
                }
                let known = KNOWN.iter().position(|one| one.is_of(row, resolver, &case, [told, seen]));
                match known {
                    Some(place) => used[place] = true,
                    None => said.push(format!(
                        "{row}, {resolver}: at {case} the table says {told} of class {class}, and {seen} was seen"
                    )),
                }
            }
        }
    }
    assert!(compared > 400, "{compared}");
    let unused = KNOWN.iter().zip(used).filter(|(_, used)| !used);
    said.extend(unused.map(|(one, _)| {
        format!("{:?}, {}: {:?} agree by now: {}", one.rows, one.resolver, one.cases, one.why)
    }));
    assert!(said.is_empty(), "{}", said.join("\n"));
}
