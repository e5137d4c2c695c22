//! Tests of the end of DATA, of dots, and of what is counted.

use proptest::prelude::*;

use super::*;

fn receive(chunks: &[&[u8]]) -> (Option<usize>, Vec<u8>, Findings) {
    let mut receiver = DataReceiver::new(1 << 20);
    let mut taken = 0;
    for chunk in chunks {
        if let Some(end) = receiver.push(chunk) {
            let (message, findings) = receiver.finish();
            return (Some(taken + end), message, findings);
        }
        taken += chunk.len();
    }
    let (message, findings) = receiver.finish();
    (None, message, findings)
}

/// Octets that matter to the machine, more often than others.
fn wire() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        6 => Just(b'\r'), 6 => Just(b'\n'), 6 => Just(b'.'), 1 => Just(0u8), 2 => any::<u8>()
    ];
    let piece = prop_oneof![2 => Just(b"\r\n".to_vec()), 3 => octet.prop_map(|octet| vec![octet])];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunks_make_no_difference(wire in wire(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5)) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect();
        prop_assert_eq!(receive(&chunks), receive(&[&wire]));
    }

    #[test]
    fn the_end_is_where_a_naive_search_finds_it(wire in wire()) {
        // DATA's own CRLF is the first of the five octets where the message is empty.
        let searched = [b"\r\n".as_slice(), &wire].concat();
        let naive = searched.windows(5).position(|window| window == b"\r\n.\r\n").map(|at| at + 5 - 2);
        prop_assert_eq!(receive(&[&wire]).0, naive);
    }

    #[test]
    fn what_was_stuffed_comes_back(lines in prop::collection::vec("[.a\u{e9} ]{0,6}", 0..12)) {
        let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let wire = stuff(message.as_bytes());
        let (end, received, findings) = receive(&[&wire]);
        prop_assert_eq!(end, Some(wire.len()));
        prop_assert_eq!(received, message.as_bytes());
        prop_assert!(!findings.smuggles());
    }

    #[test]
    fn an_odd_line_end_is_always_counted(wire in wire()) {
        let (end, _, findings) = receive(&[&wire]);
        let Some(end) = end else { return Ok(()) };
        let message = String::from_utf8_lossy(&wire[..end]).replace("\r\n", "");
        prop_assert_eq!(message.contains(['\r', '\n', '\0']), findings.smuggles());
    }

    #[test]
    fn smtp_proto_agrees_where_it_is_right(lines in prop::collection::vec("[.a ]{0,6}", 1..12)) {
        // Not on a first line that begins with a dot, which it neither ends at nor unstuffs.
        prop_assume!(!lines[0].starts_with('.'));
        let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let wire = stuff(message.as_bytes());
        let mut oracle = smtp_proto::request::receiver::DataReceiver::new();
        let mut theirs = Vec::new();
        let mut octets = wire.iter();
        prop_assert!(oracle.ingest(&mut octets, &mut theirs));
        prop_assert_eq!(octets.len(), 0);
        prop_assert_eq!(theirs, receive(&[&wire]).1);
    }
}

#[test]
fn false_ends_are_counted_and_end_nothing() {
    let false_ends: [&[u8]; 13] = [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r",
        b"\r.\n",
        b"\r.\r\n",
        b"\n.\r",
        b"\n\n.\r\n",
        b"\r\n.\r\r\n",
        b"\r\r\n.\r\r\n",
        b"\r\n\n.\r\n",
        b"\n\r.\r\n",
    ];
    for end in false_ends {
        let wire = [b"a".as_slice(), end, b"MAIL FROM:<smuggled@example.net>\r\n.\r\n"].concat();
        let (at, _, findings) = receive(&[&wire]);
        assert_eq!(at, Some(wire.len()), "{:?}", String::from_utf8_lossy(end));
        assert_eq!(findings.false_ends, 1, "{:?}", String::from_utf8_lossy(end));
    }
}

#[test]
fn sizes_are_counted_also_beyond_what_is_kept() {
    let mut receiver = DataReceiver::new(4);
    assert_eq!(receiver.push(b"A: b\r\n\r\n..long\r\n.\r\nQUIT\r\n"), Some(19));
    let (message, findings) = receiver.finish();
    assert_eq!(message, b"A: b");
    assert_eq!((findings.octets, findings.header_octets, findings.longest_line_octets), (15, 8, 7));
}

#[test]
fn hops_are_counted_in_the_header_alone() {
    let message = b"Received: a\r\n b\r\nreceived: c\r\nX-Received: d\r\n\r\nReceived: e\r\n.\r\n";
    assert_eq!(receive(&[message]).2.hops, 2);
}

#[test]
fn an_empty_message_ends() {
    assert_eq!(receive(&[b".\r\n"]).0, Some(3));
}
