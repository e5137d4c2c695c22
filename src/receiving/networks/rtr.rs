//! The RPKI-to-Router protocol, the router's side: all payloads of a validator (RFC 8210, and RFC 6810 where it speaks
//! no other).

use ipnet::IpNet;
use rpki::rtr::payload::{Payload, Timing};
use rpki::rtr::pdu;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::roa::{Vrp, Vrps};

/// How many payloads are taken; all RIRs together have about 700 000.
const PAYLOADS_MAX: usize = 3_000_000;
/// The longest PDU that is read, in octets: router keys and error reports may have some hundreds.
const PDU_OCTETS_MAX: u32 = 65_536;
/// The most octets of one answer.
const ANSWER_OCTETS_MAX: u64 = 256 << 20;

/// RFC 8210 §6: the bounds of what a validator may ask for, in seconds.
const REFRESH_S_BOUNDS: (u32, u32) = (60, 86_400);
const EXPIRE_S_BOUNDS: (u32, u32) = (600, 172_800);

/// What a validator gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    pub vrps: Vrps,
    /// After how many seconds to ask again.
    pub refresh_s: u32,
    /// For how many seconds they may be used if it does not answer any more.
    pub expire_s: u32,
}

/// Why there are no payloads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtrError {
    /// The connection broke.
    #[error("{0}")]
    Broken(String),
    /// The validator speaks another version: to be asked again with that.
    #[error("it speaks version {0}")]
    Version(u8),
    /// It has no data yet (RFC 8210 §12, code 2).
    #[error("it has no data yet")]
    NoData,
    /// It reported another error.
    #[error("it reports error {code}: {text}")]
    Reported {
        /// The code of the error (RFC 8210 §12).
        code: u16,
        text: String,
    },
    /// What it sent is no answer.
    #[error("it sent no answer: {0}")]
    Garbage(String),
}

impl From<std::io::Error> for RtrError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::InvalidData => Self::Garbage(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Asks for everything in `version` of the protocol.
///
/// # Errors
/// Why there are no payloads.
pub async fn fetch(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    version: u8,
) -> Result<Fetched, RtrError> {
    pdu::ResetQuery::new(version).write(&mut stream).await?;
    stream.flush().await?;
    let stream = &mut tokio::io::BufReader::with_capacity(1 << 16, stream.take(ANSWER_OCTETS_MAX));
    let mut vrps: Option<Vrps> = None;
    loop {
        let head = pdu::Header::read(stream).await?;
        if !(8..=PDU_OCTETS_MAX).contains(&head.length()) {
            return Err(garbage("a length that cannot be"));
        }
        if head.pdu() == pdu::Error::PDU {
            return Err(reported(head, &rest(head, stream).await?, version));
        }
        if head.version() != version {
            return Err(RtrError::Version(head.version()));
        }
        match (head.pdu(), &mut vrps) {
            (pdu::CacheResponse::PDU, none @ None) => {
                pdu::CacheResponse::read_payload(head, stream).await?;
                *none = Some(Vrps::default());
            }
            (pdu::Ipv4Prefix::PDU, Some(vrps)) => {
                take(vrps, &pdu::Payload::V4(pdu::Ipv4Prefix::read_payload(head, stream).await?))?;
            }
            (pdu::Ipv6Prefix::PDU, Some(vrps)) => {
                take(vrps, &pdu::Payload::V6(pdu::Ipv6Prefix::read_payload(head, stream).await?))?;
            }
            (pdu::EndOfData::PDU, Some(vrps)) => {
                // Version 0 names no times.
                let end = pdu::EndOfData::read_payload(head, stream).await?;
                let Timing { refresh, expire, .. } = end.timing().unwrap_or_default();
                return Ok(Fetched {
                    vrps: std::mem::take(vrps),
                    refresh_s: refresh.clamp(REFRESH_S_BOUNDS.0, REFRESH_S_BOUNDS.1),
                    expire_s: expire.clamp(EXPIRE_S_BOUNDS.0, EXPIRE_S_BOUNDS.1),
                });
            }
            (
                pdu::CacheResponse::PDU | pdu::Ipv4Prefix::PDU | pdu::Ipv6Prefix::PDU | pdu::EndOfData::PDU,
                _,
            ) => return Err(garbage("PDUs out of order")),
            // Notices, router keys, and what later versions may bring.
            _ => {
                rest(head, stream).await?;
            }
        }
    }
}

fn garbage(what: &str) -> RtrError {
    RtrError::Garbage(what.to_owned())
}

/// What follows the head of a PDU, of at most [`PDU_OCTETS_MAX`] octets.
async fn rest(head: pdu::Header, stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut octets = vec![0; head.length() as usize - 8];
    stream.read_exact(&mut octets).await?;
    Ok(octets)
}

/// Takes an announcement; a withdrawal is void here.
fn take(vrps: &mut Vrps, pdu: &pdu::Payload) -> Result<(), RtrError> {
    if vrps.len() == PAYLOADS_MAX {
        return Err(garbage("more payloads than there can be"));
    }
    let (action, payload) = pdu.to_payload().map_err(|_| garbage("a prefix that is none"))?;
    if let (true, Payload::Origin(origin)) = (action.is_announce(), payload) {
        let (prefix, asn) = (origin.prefix, origin.asn.into_u32());
        let net =
            IpNet::new(prefix.addr(), prefix.prefix_len()).map_err(|_| garbage("a prefix that is none"))?;
        vrps.insert(Vrp { prefix: net, length_max: prefix.resolved_max_len(), asn });
    }
    Ok(())
}

/// RFC 8210 §5.11: the PDU that was in error, then a text. §7: a validator that does not speak our version says so
/// with code 4, or answers in its own.
fn reported(head: pdu::Header, octets: &[u8], version: u8) -> RtrError {
    let code = head.session();
    if head.version() < version && matches!(code, 1 | 4 | 5 | 8) {
        return RtrError::Version(head.version());
    }
    if pdu::ErrorCode::NO_DATA_AVAILABLE == code {
        return RtrError::NoData;
    }
    let text = || {
        let length = |at: usize| Some(u32::from_be_bytes(octets.get(at..at + 4)?.try_into().ok()?) as usize);
        let place = 4_usize.checked_add(length(0)?)?;
        octets.get(place + 4..)?.get(..length(place)?)
    };
    let text = String::from_utf8_lossy(text().unwrap_or_default());
    let text = text.chars().filter(|c| !c.is_control()).take(200).collect();
    RtrError::Reported { code, text }
}

#[cfg(test)]
mod tests;
