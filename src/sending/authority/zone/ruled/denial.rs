//! Names around a name that does not exist, so close that none that exists lies between (RFC 4470).

use hickory_proto::rr::{LowerName, Name};

/// How long a label may be, in octets (RFC 1035 §2.3.4).
const LABEL_OCTETS_MAX: usize = 63;

/// The name next behind `name` in canonical order: its first descendant (RFC 4471 §3.1.2). None: it is too long.
pub(super) fn first_below(name: &LowerName) -> Option<Name> {
    Name::from(name).prepend_label(&b"\0"[..]).ok()
}

/// Names just before and just behind `name` and all that lies below it, beside it in its parent. None: there are no such
/// names.
pub(super) fn around(name: &LowerName) -> Option<(Name, Name)> {
    let name = Name::from(name);
    let label = name.iter().next()?.to_vec();
    let parent = name.base_name();
    let at = |label: Vec<u8>| parent.prepend_label(label.as_slice()).ok();
    Some((at(before(&label)?)?, at(behind(&label)?)?))
}

/// A label before `label` and behind every one that hosts and records have. Letters are small in canonical order.
fn before(label: &[u8]) -> Option<Vec<u8>> {
    let (last, rest) = label.split_last()?;
    let less = match last.checked_sub(1)? {
        b'A'..=b'Z' => b'@',
        less => less,
    };
    let mut before = [rest, &[less]].concat();
    if before.len() < LABEL_OCTETS_MAX {
        before.push(u8::MAX);
    }
    Some(before)
}

/// The label next behind `label`.
fn behind(label: &[u8]) -> Option<Vec<u8>> {
    if label.len() < LABEL_OCTETS_MAX {
        return Some([label, b"\0"].concat());
    }
    let (last, rest) = label.split_last()?;
    let more = match last.checked_add(1)? {
        b'A'..=b'Z' => b'[',
        more => more,
    };
    Some([rest, &[more]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(labels: &[&[u8]]) -> LowerName {
        LowerName::from(Name::from_labels(labels.to_vec()).expect("a name"))
    }

    #[test]
    fn what_lies_around_a_name_encloses_it_and_what_is_below() {
        let long = [b'z'; 63];
        for label in [&b"zz"[..], b"*", b"a", b"[", b"{", b"\xff", b"good-", &long] {
            let name = lower(&[label, b"case", b"test"]);
            let below = lower(&[b"\xff", label, b"case", b"test"]);
            let (before, behind) = around(&name).expect("names");
            let (before, behind) = (LowerName::from(before), LowerName::from(behind));
            assert!(before < name && name < below && below < behind, "{name}: {before} {behind}");
            for existing in [&b"good"[..], b"bad", b"_tls", b"mta-sts", b"k3f9a2m7"] {
                let existing = lower(&[existing, b"case", b"test"]);
                assert!(existing < before || behind < existing, "{existing} between {before} and {behind}");
            }
        }
        assert_eq!(around(&lower(&[b"good\0", b"case", b"test"])), None);
    }
}
