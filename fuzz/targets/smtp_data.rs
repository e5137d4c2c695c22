//! The octets of a message (`smtp::data`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::smtp::data::{DataReceiver, stuff};

const KEEP_OCTETS_MAX: usize = 4096;

// The first octet says how large the pieces are in which the rest comes.
fuzz_target!(|input: &[u8]| {
    let Some((size, octets)) = input.split_first() else { return };
    let mut whole = DataReceiver::new(KEEP_OCTETS_MAX);
    let end = whole.push(octets);

    let mut cut = DataReceiver::new(KEEP_OCTETS_MAX);
    let (mut at, mut cut_end) = (0, None);
    for piece in octets.chunks(usize::from(*size).max(1)) {
        cut_end = cut.push(piece).map(|taken| at + taken);
        at += piece.len();
        if cut_end.is_some() {
            break;
        }
    }
    assert_eq!(end, cut_end, "where a message ends depends on how it comes");

    let (message, findings) = whole.finish();
    assert_eq!(cut.finish(), (message.clone(), findings));
    assert!(message.len() <= KEEP_OCTETS_MAX && findings.octets >= message.len() as u64);
    assert!(findings.header_octets <= findings.octets && findings.longest_line_octets <= findings.octets);

    // What is whole and sound comes out as it went in.
    if end.is_some() && !findings.smuggles() && findings.octets == message.len() as u64 {
        let wire = stuff(&message);
        let mut again = DataReceiver::new(KEEP_OCTETS_MAX);
        assert_eq!(again.push(&wire), Some(wire.len()));
        assert_eq!(again.finish(), (message, findings));
    }
});
