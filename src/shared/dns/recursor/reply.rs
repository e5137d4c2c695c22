//! What an answer is: of authority, a referral, or neither. Pure.
//!
//! Only what a zone's servers may speak of is taken from them, and only what was asked for: records of the name that
//! was asked, a DNAME above it, and what denies it, with their signatures. What lies behind an alias is asked for
//! where it belongs (RFC 2181 §5.4.1).

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, Record, RecordType};

use super::delegation::Delegation;
use crate::shared::dns::Question;
use crate::shared::dns::validate::{covered, signature};

/// What a server's answer is worth.
#[derive(Debug)]
pub(super) enum Reading {
    /// Records or their denial.
    Answer(Message),
    /// The same, of a kind that another server may give better: without authority, or without the signatures that it
    /// should have.
    Weak(Message),
    /// The servers of a zone nearer to the name, for so many seconds.
    Referral(Delegation, u32),
    /// It does not serve the zone, or says nothing that helps; in words.
    Lame(String),
    /// It failed, which may be over by the next question.
    Failing(String),
}

/// Reads an answer of a server of `zone`. `plain`: it was asked without EDNS, so that no signatures can come.
pub(super) fn read(answer: &Message, question: &Question, zone: &Delegation, plain: bool) -> Reading {
    match answer.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {}
        code @ ResponseCode::ServFail => return Reading::Failing(code.to_string()),
        code => return Reading::Lame(code.to_string()),
    }
    let graded = |message: Message| {
        let unsigned = zone.signed && !all(&message).any(|record| signature(record).is_some());
        match plain || unsigned || !answer.metadata.authoritative {
            true => Reading::Weak(message),
            false => Reading::Answer(message),
        }
    };
    let scrubbed = scrubbed(answer, question, &zone.zone);
    if !scrubbed.answers.is_empty() {
        let is_ns = question.rtype == RecordType::NS && question.name != zone.zone;
        // A parent that puts the delegation where an answer would be.
        let referral = (is_ns && !answer.metadata.authoritative)
            .then(|| referral(answer, answer.answers.iter(), &question.name, zone))
            .flatten();
        return referral.unwrap_or_else(|| graded(scrubbed));
    }
    let denies =
        |record: &&Record| record.record_type() == RecordType::SOA && record.name.zone_of(&question.name);
    let soa = scrubbed.authorities.iter().find(denies);
    if question.rtype == RecordType::DS && soa.is_some_and(|soa| soa.name == question.name) {
        // The child has no say in it (RFC 4035 §3.1.4.1).
        return Reading::Weak(scrubbed);
    }
    if answer.metadata.response_code == ResponseCode::NXDomain || soa.is_some() {
        return graded(scrubbed);
    }
    without_denial(answer, question, zone).unwrap_or_else(|| match answer.metadata.authoritative {
        // Load balancers say no more than this where there are no records.
        true => graded(scrubbed),
        false => Reading::Weak(scrubbed),
    })
}

/// An answer with neither records of the name nor a SOA: a referral, if it has NS records.
fn without_denial(answer: &Message, question: &Question, zone: &Delegation) -> Option<Reading> {
    let servers = || answer.authorities.iter().filter(|record| record.record_type() == RecordType::NS);
    let first = servers().next()?;
    let below =
        |owner: &Name| zone.zone.zone_of(owner) && *owner != zone.zone && owner.zone_of(&question.name);
    let nearest = servers().map(|record| &record.name).filter(|owner| below(owner));
    let Some(owner) = nearest.max_by_key(|owner| owner.iter().count()) else {
        if first.name == zone.zone && answer.metadata.authoritative {
            return None;
        }
        return Some(Reading::Lame(match first.name.zone_of(&zone.zone) {
            true => format!("refers upwards, to {}", first.name),
            false => format!("refers elsewhere, to {}", first.name),
        }));
    };
    if question.rtype == RecordType::DS && *owner == question.name {
        // A parent that knows nothing of DS: it has none.
        return Some(Reading::Weak(empty(question)));
    }
    referral(answer, answer.authorities.iter(), owner, zone)
}

/// The delegation that an answer tells.
fn referral<'a>(
    answer: &Message,
    records: impl Iterator<Item = &'a Record> + Clone,
    owner: &Name,
    zone: &Delegation,
) -> Option<Reading> {
    let delegation = Delegation::read(owner, &zone.zone, records.clone(), &answer.additionals)?;
    let named = records.filter(|record| record.name == *owner && record.record_type() == RecordType::NS);
    Some(Reading::Referral(delegation, named.map(|record| record.ttl).min().unwrap_or_default()))
}

/// An answer without anything.
fn empty(question: &Question) -> Message {
    let mut message = Message::new(0, MessageType::Response, OpCode::Query);
    message.add_query(Query::query(question.name.clone(), question.rtype));
    message
}

/// What of an answer concerns the question and lies within the zone that was asked; and of the root's own servers
/// their addresses, which priming is for (RFC 8109 §3.3).
fn scrubbed(answer: &Message, question: &Question, zone: &Name) -> Message {
    let mut message = empty(question);
    message.metadata.authoritative = answer.metadata.authoritative;
    let within = |record: &&Record| record.dns_class == DNSClass::IN && zone.zone_of(&record.name);
    let concerns = |record: &&Record| {
        let rtype = covered(record);
        (record.name == question.name && (rtype == question.rtype || rtype == RecordType::CNAME))
            || (rtype == RecordType::DNAME
                && record.name.zone_of(&question.name)
                && record.name != question.name)
    };
    message.answers = answer.answers.iter().filter(within).filter(concerns).cloned().collect();
    let proves =
        |record: &&Record| matches!(covered(record), RecordType::SOA | RecordType::NSEC | RecordType::NSEC3);
    message.authorities = answer.authorities.iter().filter(within).filter(proves).cloned().collect();
    if question.rtype == RecordType::NS && question.name.is_root() {
        message.additionals = answer.additionals.iter().filter(within).cloned().collect();
    }
    // The code of an answer with an alias is that of its last target (RFC 6604 §3), which is asked for by itself.
    if message.answers.is_empty() {
        message.metadata.response_code = answer.metadata.response_code;
    }
    message
}

fn all(message: &Message) -> impl Iterator<Item = &Record> {
    message.answers.iter().chain(&message.authorities)
}
