//! How large something is when it is written, in octets, roughly and rather too much.

use crate::shared::dns::RData;
use crate::shared::dns::records::{CAA, MX, NS, PTR, SOA, TLSA, TXT};
use crate::shared::evidence::scan::{LookupResult, MxRecord};

/// The frame of a look-up: keys, state, answer.
const LOOK_UP: usize = 160;
/// A signature, apart from its signer and what it is over.
const SIGNATURE: usize = 180;
/// A reason, an extended error, a hop, apart from their texts.
const PART: usize = 60;
/// The frame of a record.
const RECORD: usize = 40;

/// A look-up with everything beside its records.
pub(super) fn of_look_up(looked: &LookupResult<RData>) -> usize {
    let hops = looked.hops.iter().map(|hop| PART + of_text(&hop.from) + of_text(&hop.to));
    let errors = looked.extended_errors.iter().map(|error| PART + of_text(&error.text));
    let signature = looked.signature.as_ref().map(|signature| {
        let over = signature.over.as_ref().map_or(0, |over| of_text(&over.owner));
        SIGNATURE + of_text(&signature.signer) + over
    });
    let parts: usize = hops.chain(errors).chain(signature).sum();
    // The reason of a failure and of a broken chain are no longer than a name or the text of an error.
    LOOK_UP + 2 * PART + of_text(&looked.name) + parts + looked.records().iter().map(of_record).sum::<usize>()
}

pub(super) fn of_record(data: &RData) -> usize {
    let text = || [TXT, NS, PTR, SOA].into_iter().find_map(|rtype| rtype.read(data));
    let caa = || CAA.read(data).map(|caa| of_text(&caa.tag) + of_text(&caa.value));
    let mx = || MX.read(data).map(|mx| of_text(&mx.host));
    // Written in decimal, octet by octet.
    let tlsa = || TLSA.read(data).map(|tlsa| 4 * tlsa.data.len());
    RECORD + text().map(|text| of_text(&text)).or_else(caa).or_else(mx).or_else(tlsa).unwrap_or(40)
}

/// The MX records of one name server.
pub(super) fn of_mx_records(records: &[MxRecord]) -> usize {
    2 * PART + records.iter().map(|mx| RECORD + of_text(&mx.host)).sum::<usize>()
}

/// A text in JSON: control characters are written as six.
pub(super) fn of_text(text: &str) -> usize {
    text.chars()
        .map(|c| if c.is_control() { 6 } else { c.len_utf8() + usize::from(matches!(c, '"' | '\\')) })
        .sum()
}
