//! MTA-STS policies as they were fetched (`policy::mta_sts`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::policy::{Policy, PolicyReading, mx_matches};

fuzz_target!(|octets: &[u8]| {
    let text = String::from_utf8_lossy(octets);
    let reading = PolicyReading::of(&text);
    let lines = text.split('\n').count();
    // At most one fault a line, and each of four things may be missing.
    assert!(reading.faults.len() <= 2 * lines + 4);
    let parsed = Policy::parse(&text);
    assert_eq!(parsed.is_ok(), reading.faults.is_empty() && reading.policy.is_some());
    let Ok(policy) = parsed else { return };
    assert_eq!(Some(&policy), reading.policy.as_ref());
    assert_eq!(Policy::parse(&policy.to_string()), Ok(policy.clone()), "{policy}");
    for pattern in &policy.mx {
        let host = pattern.replacen("*.", "mx.", 1);
        assert!(mx_matches(pattern, &host) && policy.lists(&host), "{pattern}");
    }
});
