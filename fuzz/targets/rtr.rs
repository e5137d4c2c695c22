//! What an RPKI validator says (`scan::networks::rtr_fetch`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::receiving::networks::{RtrError, rtr_fetch};
use mailassay_fuzz::{Stranger, run};

// The first octet says which version we speak, the second how large the pieces are in which the rest comes.
fuzz_target!(|input: &[u8]| {
    let [version, size, octets @ ..] = input else { return };
    let version = version % 2;
    let fetched = run(rtr_fetch(Stranger::new(octets, usize::from(*size)), version));
    match &fetched {
        // RFC 8210 §6.
        Ok(fetched) => {
            assert!((1..=86_400).contains(&fetched.refresh_s) && (600..=172_800).contains(&fetched.expire_s));
        }
        Err(RtrError::Version(other)) => assert_ne!(*other, version),
        Err(RtrError::Reported { text, .. }) => assert!(text.len() <= 4 * 200 && !text.contains('\n')),
        Err(_) => {}
    }
    let whole = run(rtr_fetch(Stranger::new(octets, usize::MAX), version));
    assert_eq!(fetched.is_ok(), whole.is_ok(), "{fetched:?} in pieces, {whole:?} at once");
});
