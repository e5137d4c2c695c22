//! The messages of a transfer (RFC 5936 §2.2).

use hickory_proto::op::Message;
use hickory_proto::rr::Record;

use super::tsig::Signing;

/// How many records are tried in one message.
const RECORDS_MAX: usize = 256;
/// How long a message may become, in octets: 65 535 go into one, and a signature follows.
const OCTETS_MAX: usize = 60_000;

/// `records` in as few messages as they need. The first has the question, each has a signature where there is a key.
/// None: a record is too long, or a signature could not be made.
pub(super) fn messages(
    head: &Message,
    records: Vec<Record>,
    mut signing: Option<&mut Signing>,
) -> Option<Vec<Vec<u8>>> {
    let mut messages = Vec::new();
    let mut rest = records.as_slice();
    let mut head = head.clone();
    while !rest.is_empty() {
        let (octets, taken) = fill(&head, rest)?;
        messages.push(match &mut signing {
            Some(signing) => signing.sign(octets)?,
            None => octets,
        });
        rest = &rest[taken..];
        head.queries.clear();
    }
    Some(messages)
}

/// One message with as many of `records` as go into it.
fn fill(head: &Message, records: &[Record]) -> Option<(Vec<u8>, usize)> {
    let mut count = records.len().min(RECORDS_MAX);
    while count > 0 {
        let mut message = head.clone();
        message.add_answers(records[..count].iter().cloned());
        let octets = message.to_vec().ok().filter(|octets| octets.len() <= OCTETS_MAX);
        if let Some(octets) = octets {
            return Some((octets, count));
        }
        count /= 2;
    }
    None
}
