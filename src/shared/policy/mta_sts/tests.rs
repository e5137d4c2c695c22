//! Tests of policies.

use super::reading::MAX_AGE_S_MAX;
use super::{Mode, Policy, PolicyError, PolicyReading, mx_matches};

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 1\n";

#[test]
fn a_policy_reads_back_as_it_was_written() {
    let policy = Policy {
        mode: Mode::Enforce,
        mx: vec!["mx04.et.example".to_owned(), "*.b.example".to_owned()],
        max_age_s: 86_400,
    };
    assert_eq!(Policy::parse(&policy.to_string()), Ok(policy.clone()));
    assert_eq!(Policy::parse(&policy.to_string().replace('\r', "")), Ok(policy));
}

#[test]
fn says_what_is_wrong_with_a_policy() {
    use PolicyError::{Line, MaxAge, Mx, Version};
    assert!(Policy::parse(GOOD).is_ok());
    for (from, to, error) in [
        ("STSv1", "STSv2", Version),
        ("STSv1", "STSv10", Version),
        ("version: STSv1\n", "", Version),
        ("enforce", "strict", PolicyError::Mode),
        ("mode: enforce\n", "", PolicyError::Mode),
        ("max_age: 1", "max_age: +1", MaxAge),
        ("max_age: 1", "max_age: 01234567890", MaxAge),
        ("max_age: 1", "max_age: 31557601", MaxAge),
        ("max_age: 1", "max_age: 9999999999", MaxAge),
        ("max_age: 1", "max_age:", MaxAge),
        ("mx: a.b", "mx a.b", Line(3)),
        ("mx: a.b\n", "", Mx),
    ] {
        assert_eq!(Policy::parse(&GOOD.replace(from, to)), Err(error), "{to}");
    }
}

/// What strict senders throw away and others obey.
#[test]
fn lines_are_read_by_the_grammar_and_their_faults_passed_over_by_some() {
    use PolicyError::{Host, Key, Line, Value};
    for (line, fault) in [
        ("mx: 192.0.2.56", Host(3)),
        ("mx: [192.0.2.56]", Host(3)),
        ("mx: .a.example", Host(3)),
        ("mx: a.example.", Host(3)),
        ("mx: a..example", Host(3)),
        ("mx: *.*.example", Host(3)),
        ("mx: **.example", Host(3)),
        ("mx: a*.example", Host(3)),
        ("mx:", Host(3)),
        ("mx: a.example-", Host(3)),
        ("mx: -a.example", Host(3)),
        ("mx: a_b.example", Host(3)),
        ("mx: m\u{f8}x.example", Host(3)),
        ("mx: a.example b.example", Host(3)),
        ("mx: a.example, b.example", Host(3)),
        ("mx: a.example\u{a0}", Host(3)),
        ("  mx: a.example", Key(3)),
        ("mx : a.example", Key(3)),
        ("_bad: x", Key(3)),
        (": x", Key(3)),
        ("a12345678901234567890123456789012: x", Key(3)),
        ("ext:", Value(3)),
        ("ext: a\tb", Value(3)),
        ("nonsense", Line(3)),
    ] {
        let text = GOOD.replace("mx: a.b", &format!("{line}\nmx: a.b"));
        assert_eq!(Policy::parse(&text), Err(fault.clone()), "{line:?}");
        let reading = PolicyReading::of(&text);
        assert_eq!(reading.faults, [fault], "{line:?}");
        assert!(reading.policy.is_some_and(|policy| policy.lists("a.b")), "{line:?}");
    }
    for line in ["mx: *.A.example \t", "mx:\t\t a", "ext: some  \u{fc}ber text", "e.x_t-1:x", "mode: testing"]
    {
        let text = GOOD.replace("mx: a.b", &format!("mx: a.b\n{line}"));
        assert_eq!(Policy::parse(&text).map(|policy| policy.mode), Ok(Mode::Enforce), "{line:?}");
    }
}

#[test]
fn too_long_a_time_is_the_longest_for_those_that_pass_over_it() {
    let reading = PolicyReading::of(&GOOD.replace("max_age: 1", "max_age: 63072000"));
    assert_eq!(reading.policy.map(|policy| policy.max_age_s), Some(MAX_AGE_S_MAX));
    assert_eq!(reading.faults, [PolicyError::MaxAge]);
}

#[test]
fn blank_lines_are_seen_and_borne() {
    for (text, blank) in [
        (GOOD.to_owned(), false),
        (GOOD.trim_end().to_owned(), false),
        (GOOD.replace('\n', "\r\n"), false),
        (format!("{GOOD}\n"), true),
        (format!("{GOOD}\r\n"), true),
        (GOOD.replace("mx:", "\nmx:"), true),
    ] {
        let reading = PolicyReading::of(&text);
        assert_eq!((reading.blank_lines, reading.faults.len()), (blank, 0), "{text:?}");
        assert!(reading.policy.is_some(), "{text:?}");
    }
    assert_eq!(PolicyReading::of("").policy, None);
}

#[test]
fn a_star_is_one_whole_label() {
    assert!(mx_matches("*.b.example", "A.B.Example."));
    assert!(!mx_matches("*.b.example", "x.a.b.example"));
    assert!(!mx_matches("*.b.example", "b.example"));
    assert!(!mx_matches("*.b.example", ".b.example"));
}
