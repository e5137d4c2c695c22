//! Signatures of transactions (RFC 8945): whether a query's is right, and those of the answers to it.

use std::collections::BTreeMap;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::tsig::{TSIG, TsigAlgorithm as Algorithm, TsigError, make_tsig_record};
use hickory_proto::rr::{LowerName, Record, TSigResponseContext, TSigVerifier, TSigner};
use hickory_proto::serialize::binary::BinEncodable;

use super::settings::{TsigAlgorithm, TsigKey};
use crate::shared::time::Timestamp;

/// RFC 8945 §10: how far clocks may be apart, in seconds.
const FUDGE_S: u16 = 300;
/// Where the number of additional records stands in a header (RFC 1035 §4.1.1).
const ADDITIONALS_AT: usize = 10;

/// What was found of the signature of a query.
pub(in crate::sending::authority::serve) enum Checked {
    /// It has none.
    Unsigned,
    /// It is right, and what answers it is to be signed.
    Signed(Signing),
    /// It is not: this is the whole answer, if it can be made.
    Refused(Option<Vec<u8>>),
}

/// The keys that we share with others.
pub(super) struct TsigKeys(BTreeMap<LowerName, TSigner>);

impl TsigKeys {
    /// Keys whose secrets were read.
    pub(super) fn new(keys: &[TsigKey]) -> Self {
        let signer = |key: &TsigKey| {
            let algorithm = match key.algorithm {
                TsigAlgorithm::HmacSha256 => Algorithm::HmacSha256,
                TsigAlgorithm::HmacSha384 => Algorithm::HmacSha384,
                TsigAlgorithm::HmacSha512 => Algorithm::HmacSha512,
            };
            let name = key.name.to_name();
            let signer = TSigner::new(key.secret.clone(), algorithm, (&name).into(), FUDGE_S).ok()?;
            Some((name, signer))
        };
        Self(keys.iter().filter_map(signer).collect())
    }

    /// Whether the signature of a query is right: key, MAC, time, in that order (RFC 8945 §5.2).
    pub(super) fn check(&self, octets: &[u8], query: &Message, now: Timestamp) -> Checked {
        let Some(signature) = query.signature() else { return Checked::Unsigned };
        let (id, now_s) = (query.metadata.id, seconds(now));
        let mut reply = Message::error_msg(id, query.metadata.op_code, ResponseCode::NotAuth);
        reply.add_queries(query.queries.iter().cloned());
        let refused = |context: TSigResponseContext| {
            let octets = reply.to_vec().ok()?;
            let record = context.sign(&octets).ok()?;
            with_record(octets, &record)
        };
        let name = LowerName::from(&signature.name);
        let signer = self.0.get(&name).filter(|signer| *signer.algorithm() == signature.data.algorithm);
        let Some(signer) = signer else {
            let context = TSigResponseContext::unknown_key(id, now_s, signature.name.clone());
            return Checked::Refused(refused(context));
        };
        let Ok((mac, at_s, _)) = signer.verify_message_byte(octets, None, true) else {
            let context = TSigResponseContext::bad_signature(id, now_s, signer.clone());
            return Checked::Refused(refused(context));
        };
        if at_s.abs_diff(now_s) > u64::from(signature.data.fudge) {
            let (signer, error) = (signer.clone(), Some(TsigError::BadTime));
            let context = TSigResponseContext::new(id, now_s, signer, mac, error);
            return Checked::Refused(refused(context));
        }
        Checked::Signed(Signing { name, signer: signer.clone(), mac, is_first: true, id, now_s })
    }

    /// Signs a request of ours with a key.
    pub(super) fn sign(
        &self,
        key: &LowerName,
        request: &Message,
        now: Timestamp,
    ) -> Option<(Vec<u8>, TSigVerifier)> {
        let (record, verifier) = self.0.get(key)?.sign_message(request, seconds(now)).ok()?;
        Some((with_record(request.to_vec().ok()?, &record)?, verifier?))
    }
}

/// Signs the answers to one query.
#[derive(Clone)]
pub(in crate::sending::authority::serve) struct Signing {
    name: LowerName,
    signer: TSigner,
    /// The MAC of the query, then that of the answer before.
    mac: Vec<u8>,
    is_first: bool,
    id: u16,
    now_s: u64,
}

impl Signing {
    /// The name of the key.
    pub(super) fn key(&self) -> &LowerName {
        &self.name
    }

    /// The next answer with its signature. Of several each is signed, from the second on over the MAC before, the
    /// message and the time alone (RFC 8945 §5.3.1).
    pub(in crate::sending::authority::serve) fn sign(&mut self, octets: Vec<u8>) -> Option<Vec<u8>> {
        let record = if self.is_first {
            let (signer, mac) = (self.signer.clone(), std::mem::take(&mut self.mac));
            *TSigResponseContext::new(self.id, self.now_s, signer, mac, None).sign(&octets).ok()?
        } else {
            let mut signed = u16::try_from(self.mac.len()).ok()?.to_be_bytes().to_vec();
            signed.extend(&self.mac);
            signed.extend(&octets);
            // 48 bits of time, and the fudge.
            signed.extend(&self.now_s.to_be_bytes()[2..]);
            signed.extend(FUDGE_S.to_be_bytes());
            let (mac, algorithm) = (self.signer.sign(&signed).ok()?, self.signer.algorithm().clone());
            let data = TSIG::new(algorithm, self.now_s, FUDGE_S, mac, self.id, None, Vec::new());
            make_tsig_record(self.signer.signer_name().clone(), data)
        };
        self.is_first = false;
        self.mac.clone_from(&record.data.mac);
        with_record(octets, &record)
    }
}

/// A message with one more record at its end. Whoever takes it off again must find the octets as they were signed.
fn with_record(mut octets: Vec<u8>, record: &Record<TSIG>) -> Option<Vec<u8>> {
    let count = octets.get_mut(ADDITIONALS_AT..ADDITIONALS_AT + 2)?;
    let one_more = u16::from_be_bytes([count[0], count[1]]).checked_add(1)?;
    count.copy_from_slice(&one_more.to_be_bytes());
    octets.extend(record.to_bytes().ok()?);
    Some(octets)
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}
