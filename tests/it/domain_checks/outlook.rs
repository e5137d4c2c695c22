//! Who would not deliver, in faked worlds.

use mailassay::program::domains::{Delivery, Outlook, Reason};
use mailassay::receiving::grades::Receiving;

use crate::domains::evidence_of;

/// Each term with what becomes of its mail and why, in short: `dane ✘ tlsa-mismatch`.
fn told(world: &str) -> Option<Vec<String>> {
    let evidence = evidence_of(world);
    let outlook = Outlook::of(&Receiving::of(&evidence, evidence.to))?;
    let line = |group: &mailassay::program::domains::Group| {
        let sign = match group.delivery {
            Delivery::Refused => "✘",
            Delivery::SomeRefuse => "✘?",
            Delivery::Clear => "clear",
            Delivery::Encrypted => "✔",
            Delivery::Open => "?",
        };
        let mut reasons: Vec<&str> = group.reasons.iter().map(|(reason, _)| reason.name()).collect();
        reasons.dedup();
        [vec![group.term.name(), sign], reasons].concat().join(" ")
    };
    Some(outlook.groups.iter().map(line).collect())
}

fn all(lines: &[&str]) -> Option<Vec<String>> {
    Some(lines.iter().map(ToString::to_string).collect())
}

#[test]
fn a_sound_domain_gets_the_mail_of_all() {
    let expected = all(&[
        "none clear",
        "may ✔",
        "may+sni ✔",
        "may+verify ✔",
        "encrypt ✔",
        "encrypt+sni ✔",
        "verify ✔",
        "verify+sni ✔",
        "dane ✔",
        "dane-only ✔",
        "mta-sts ✔",
        "dane+mta-sts ✔",
    ]);
    assert_eq!(told("sound"), expected);
}

#[test]
fn without_starttls_whoever_insists_does_not_deliver() {
    let told = told("no-starttls").unwrap();
    for line in ["none clear", "may clear", "encrypt ✘ no-starttls", "verify ✘ no-starttls"] {
        assert!(told.iter().any(|told| told == line), "{line} in {told:#?}");
    }
}

#[test]
fn a_record_that_fits_nothing_turns_away_those_that_look_for_it() {
    let told = told("dane-mismatch").unwrap();
    for line in ["may ✔", "encrypt ✔", "dane ✘ tlsa-mismatch", "dane-only ✘ tlsa-mismatch"] {
        assert!(told.iter().any(|told| told == line), "{line} in {told:#?}");
    }
}

#[test]
fn where_nobody_answers_nothing_is_said() {
    assert_eq!(told("refused"), None);
    assert_eq!(told("null-mx"), None);
}

#[test]
fn a_failed_look_up_makes_those_wait_that_need_it() {
    let told = told("dane-bogus").unwrap();
    assert!(told.iter().any(|line| line == "dane ✘ tlsa-failed"), "{told:#?}");
    assert!(told.iter().any(|line| line == "may ✔"), "{told:#?}");
    assert_eq!(Reason::TlsaFailed.name(), "tlsa-failed");
}

#[test]
fn what_could_not_be_found_out_stays_open() {
    let told = told("starttls-sometimes").unwrap();
    assert!(told.iter().any(|line| line.starts_with("encrypt ?")), "{told:#?}");
}
