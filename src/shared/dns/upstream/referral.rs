//! What the servers of a parent say of a zone below theirs.

use std::net::IpAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};

use super::NameServers;
use crate::shared::dns::lookup::Over;
use crate::shared::dns::plain;
use crate::shared::dns::question::Question;

/// A delegation, as a server of the parent tells it (RFC 1034 §4.2.1). Names are in lower case without the final dot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referral {
    /// The name servers.
    pub servers: Vec<String>,
    /// Addresses of those whose names lie below the parent.
    pub glue: Vec<(String, IpAddr)>,
}

impl NameServers {
    /// Asks one server of a parent whom it delegates a zone to. No name servers: it delegates to nobody.
    pub(in crate::shared::dns) async fn refer(&self, server: IpAddr, zone: &str) -> Result<Referral, String> {
        let question = Question::whole(zone, RecordType::NS).map_err(|error| error.to_string())?;
        let answer = self.message(server, Over::Udp, &question).await?;
        let answer = match Message::from_vec(&answer) {
            Ok(answer) if answer.metadata.truncation => self.message(server, Over::Tcp, &question).await?,
            _ => answer,
        };
        referral(&answer, &question)
    }
}

/// Reads the octets of an answer to the question for NS of a zone.
fn referral(octets: &[u8], question: &Question) -> Result<Referral, String> {
    let answer = Message::from_vec(octets).map_err(|_| "its answer cannot be read".to_owned())?;
    match answer.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Ok(Referral::default()),
        code => return Err(code.to_string()),
    }
    // A server that has the zone itself answers with it.
    let records = answer.answers.iter().chain(&answer.authorities);
    let named = |record: &&Record| record.name.to_lowercase() == question.name;
    let mut servers: Vec<String> = records
        .filter(named)
        .filter_map(|record| match &record.data {
            RData::NS(name) => Some(plain(name)),
            _ => None,
        })
        .collect();
    servers.sort();
    servers.dedup();
    let mut glue: Vec<(String, IpAddr)> = answer
        .additionals
        .iter()
        .filter_map(|record| match &record.data {
            RData::A(address) => Some((plain(&record.name), address.0.into())),
            RData::AAAA(address) => Some((plain(&record.name), address.0.into())),
            _ => None,
        })
        .filter(|(name, _)| servers.contains(name))
        .collect();
    glue.sort();
    Ok(Referral { servers, glue })
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::Name;
    use hickory_proto::rr::rdata::{A, NS};

    use super::*;

    fn record(owner: &str, data: RData) -> Record {
        Record::from_rdata(Name::from_ascii(owner).unwrap(), 60, data)
    }

    #[test]
    fn name_servers_and_their_addresses_are_read_from_a_referral() {
        let question = Question::whole("test.example", RecordType::NS).unwrap();
        let mut message = Message::query();
        let server = |name: &str| RData::NS(NS(Name::from_ascii(name).unwrap()));
        message.add_authority(record("Test.example.", server("NS1.test.example.")));
        message.add_authority(record("example.", server("ns.example.")));
        message.add_additional(record("ns1.test.example.", RData::A(A([192, 0, 2, 25].into()))));
        message.add_additional(record("ns.example.", RData::A(A([192, 0, 2, 53].into()))));
        let read = referral(&message.to_vec().unwrap(), &question).unwrap();
        let ns1 = || "ns1.test.example".to_owned();
        assert_eq!(read, Referral { servers: vec![ns1()], glue: vec![(ns1(), [192, 0, 2, 25].into())] });
        message.metadata.response_code = ResponseCode::Refused;
        assert!(referral(&message.to_vec().unwrap(), &question).is_err());
        message.metadata.response_code = ResponseCode::NXDomain;
        assert_eq!(referral(&message.to_vec().unwrap(), &question), Ok(Referral::default()));
        assert!(referral(b"?", &question).is_err());
    }
}
