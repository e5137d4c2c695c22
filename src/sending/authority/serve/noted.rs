//! A question as it is noted.

use std::net::SocketAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;

use super::answer::Asked;
use crate::sending::history::{Queried, Transport};

/// The fact that something was asked.
pub(super) fn queried(asked: Asked, source: SocketAddr, transport: Transport) -> Queried {
    let mut name = asked.name;
    name.set_fqdn(false);
    Queried {
        source,
        transport,
        name: name.to_ascii(),
        rtype: mnemonic(asked.rtype),
        dnssec_ok: asked.dnssec_ok,
        rcode: asked.rcode.map_or_else(|| "SILENCE".to_owned(), code),
    }
}

/// A type's mnemonic, or its number as in RFC 3597 §5.
fn mnemonic(rtype: RecordType) -> String {
    match rtype {
        RecordType::Unknown(number) => format!("TYPE{number}"),
        rtype => rtype.to_string(),
    }
}

/// A response code's mnemonic in IANA's registry.
fn code(rcode: ResponseCode) -> String {
    match rcode {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::BADVERS => "BADVERS".to_owned(),
        other => format!("RCODE{}", u16::from(other)),
    }
}
