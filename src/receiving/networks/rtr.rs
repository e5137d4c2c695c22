//! The RPKI-to-Router protocol, the router's side: all payloads of a validator (RFC 8210, and RFC 6810 where it speaks
//! no other).

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::roa::{Vrp, Vrps};

/// How many payloads are taken; all RIRs together have about 700 000.
const PAYLOADS_MAX: usize = 3_000_000;
/// The longest PDU that is read, in octets: router keys and error reports may have some hundreds.
const PDU_OCTETS_MAX: u32 = 65_536;
/// The most octets of one answer.
const ANSWER_OCTETS_MAX: u64 = 256 << 20;

/// RFC 8210 §5.10 and §6: what holds where the validator names no times, as in version 0, and its bounds, in seconds.
const REFRESH_S: u32 = 3_600;
const REFRESH_S_BOUNDS: (u32, u32) = (60, 86_400);
const EXPIRE_S: u32 = 7_200;
const EXPIRE_S_BOUNDS: (u32, u32) = (600, 172_800);

/// RFC 8210 §5: the types of PDUs.
mod pdu {
    pub(super) const RESET_QUERY: u8 = 2;
    pub(super) const CACHE_RESPONSE: u8 = 3;
    pub(super) const IPV4_PREFIX: u8 = 4;
    pub(super) const IPV6_PREFIX: u8 = 6;
    pub(super) const END_OF_DATA: u8 = 7;
    pub(super) const ERROR_REPORT: u8 = 10;
}

/// What a validator gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// All payloads.
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
        /// RFC 8210 §12.
        code: u16,
        /// In its words.
        text: String,
    },
    /// What it sent is no answer.
    #[error("it sent no answer: {0}")]
    Garbage(&'static str),
}

impl From<std::io::Error> for RtrError {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A PDU's head (RFC 8210 §5.1).
struct Head {
    version: u8,
    kind: u8,
    /// Session, or the code of an error.
    word: u16,
    /// Of what follows the head, in octets.
    rest: u32,
}

/// Asks for everything in `version` of the protocol.
pub async fn fetch(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    version: u8,
) -> Result<Fetched, RtrError> {
    stream.write_all(&[version, pdu::RESET_QUERY, 0, 0, 0, 0, 0, 8]).await?;
    stream.flush().await?;
    let mut stream = tokio::io::BufReader::with_capacity(1 << 16, stream.take(ANSWER_OCTETS_MAX));
    let mut payloads: Option<Vec<Vrp>> = None;
    let mut octets = Vec::new();
    loop {
        let head = head(&mut stream).await?;
        octets.resize(head.rest as usize, 0);
        stream.read_exact(&mut octets).await?;
        if head.kind == pdu::ERROR_REPORT {
            return Err(reported(&head, &octets, version));
        }
        if head.version != version {
            return Err(RtrError::Version(head.version));
        }
        match (head.kind, &mut payloads) {
            (pdu::CACHE_RESPONSE, none @ None) => *none = Some(Vec::new()),
            (pdu::IPV4_PREFIX | pdu::IPV6_PREFIX, Some(payloads)) => {
                if payloads.len() == PAYLOADS_MAX {
                    return Err(RtrError::Garbage("more payloads than there can be"));
                }
                let payload = payload(&octets, head.kind == pdu::IPV6_PREFIX);
                payloads.extend(payload.ok_or(RtrError::Garbage("a prefix that is none"))?);
            }
            (pdu::END_OF_DATA, Some(_)) => {
                let (refresh_s, expire_s) = times(&octets);
                let vrps = payloads.into_iter().flatten().collect();
                return Ok(Fetched { vrps, refresh_s, expire_s });
            }
            (pdu::IPV4_PREFIX | pdu::IPV6_PREFIX | pdu::CACHE_RESPONSE | pdu::END_OF_DATA, _) => {
                return Err(RtrError::Garbage("PDUs out of order"));
            }
            // Notices, router keys, and what later versions may bring.
            _ => {}
        }
    }
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Result<Head, RtrError> {
    let (version, kind) = (stream.read_u8().await?, stream.read_u8().await?);
    let word = stream.read_u16().await?;
    let length = stream.read_u32().await?;
    if !(8..=PDU_OCTETS_MAX).contains(&length) {
        return Err(RtrError::Garbage("a length that cannot be"));
    }
    Ok(Head { version, kind, word, rest: length - 8 })
}

/// RFC 8210 §5.11: the PDU that was in error, then a text. §7: a validator that does not speak our version says so
/// with code 4, or answers in its own.
fn reported(head: &Head, octets: &[u8], version: u8) -> RtrError {
    if head.version < version && matches!(head.word, 1 | 4 | 5 | 8) {
        return RtrError::Version(head.version);
    }
    if head.word == 2 {
        return RtrError::NoData;
    }
    let text = || {
        let length = |at: usize| Some(u32::from_be_bytes(octets.get(at..at + 4)?.try_into().ok()?) as usize);
        let place = 4_usize.checked_add(length(0)?)?;
        octets.get(place + 4..)?.get(..length(place)?)
    };
    let text = String::from_utf8_lossy(text().unwrap_or_default());
    let text = text.chars().filter(|c| !c.is_control()).take(200).collect();
    RtrError::Reported { code: head.word, text }
}

/// RFC 8210 §5.6 and §5.7. None for what cannot be; some of nothing for a withdrawal, which is void here.
fn payload(octets: &[u8], ipv6: bool) -> Option<Option<Vrp>> {
    let (flags, bits, length_max) = (*octets.first()?, *octets.get(1)?, *octets.get(2)?);
    let (address, asn) = octets.get(4..)?.split_at_checked(if ipv6 { 16 } else { 4 })?;
    let prefix: IpNet = if ipv6 {
        Ipv6Net::new(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?), bits).ok()?.into()
    } else {
        Ipv4Net::new(Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?), bits).ok()?.into()
    };
    let asn = u32::from_be_bytes(asn.try_into().ok()?);
    let fits = length_max >= bits && length_max <= prefix.max_prefix_len();
    fits.then_some((flags & 1 == 1).then_some(Vrp { prefix, length_max, asn }))
}

/// RFC 8210 §5.8: serial, refresh, retry, expire; version 0 has the serial alone.
fn times(octets: &[u8]) -> (u32, u32) {
    let at = |place: usize| Some(u32::from_be_bytes(octets.get(place..place + 4)?.try_into().ok()?));
    let refresh = at(4).unwrap_or(REFRESH_S).clamp(REFRESH_S_BOUNDS.0, REFRESH_S_BOUNDS.1);
    let expire = at(12).unwrap_or(EXPIRE_S).clamp(EXPIRE_S_BOUNDS.0, EXPIRE_S_BOUNDS.1);
    (refresh, expire)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A validator that waits for the question and says `answer`.
    async fn asked(version: u8, answer: &[u8]) -> Result<Fetched, RtrError> {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let serve = async {
            let mut question = [0; 8];
            theirs.read_exact(&mut question).await.unwrap();
            assert_eq!(question, [version, 2, 0, 0, 0, 0, 0, 8]);
            theirs.write_all(answer).await.unwrap();
            drop(theirs);
        };
        tokio::join!(fetch(ours, version), serve).0
    }

    const RESPONSE: [u8; 8] = [1, 3, 0, 7, 0, 0, 0, 8];
    const V4: [u8; 20] = [1, 4, 0, 0, 0, 0, 0, 20, 1, 24, 25, 0, 192, 0, 2, 0, 0, 0, 0xfb, 0xf4];
    const END: [u8; 24] = [1, 7, 0, 7, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 90, 0, 0, 0, 60, 0, 0, 3, 0];

    #[tokio::test]
    async fn everything_is_taken() {
        let mut answer = RESPONSE.to_vec();
        answer.extend(V4);
        let mut v6 = vec![1, 6, 0, 0, 0, 0, 0, 32, 1, 32, 48, 0];
        v6.extend("2001:db8::".parse::<Ipv6Addr>().unwrap().octets());
        v6.extend([0, 0, 0, 1]);
        answer.extend(v6);
        // A withdrawal and a router key.
        let mut withdrawn = V4;
        (withdrawn[8], withdrawn[14]) = (0, 3);
        answer.extend(withdrawn);
        answer.extend([1, 9, 1, 0, 0, 0, 0, 12, 0, 0, 0, 0]);
        answer.extend(END);
        let fetched = asked(1, &answer).await.unwrap();
        let vrp = |prefix: &str, length_max, asn| Vrp { prefix: prefix.parse().unwrap(), length_max, asn };
        let vrps = [vrp("192.0.2.0/24", 25, 64500), vrp("2001:db8::/32", 48, 1)].into_iter().collect();
        assert_eq!(fetched, Fetched { vrps, refresh_s: 90, expire_s: 768 });
    }

    #[tokio::test]
    async fn older_validators_are_told() {
        let error = [0, 10, 0, 4, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(asked(1, &error).await, Err(RtrError::Version(0)));
        assert_eq!(asked(1, &[0, 3, 0, 7, 0, 0, 0, 8]).await, Err(RtrError::Version(0)));
        let answer = [0, 3, 0, 7, 0, 0, 0, 8, 0, 7, 0, 7, 0, 0, 0, 12, 0, 0, 0, 1];
        let fetched = asked(0, &answer).await.unwrap();
        assert_eq!((fetched.vrps.len(), fetched.refresh_s, fetched.expire_s), (0, 3_600, 7_200));
    }

    #[tokio::test]
    async fn what_is_no_answer_is_refused() {
        let no_data = [1, 10, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(asked(1, &no_data).await, Err(RtrError::NoData));
        let mut words = vec![1, 10, 0, 3, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 5];
        words.extend(b"no\x07pe");
        let reported = RtrError::Reported { code: 3, text: "nope".to_owned() };
        assert_eq!(asked(1, &words).await, Err(reported));
        for (answer, why) in [
            (&[1, 3, 0, 7, 0, 0, 0, 7][..], "a length that cannot be"),
            (&[1, 3, 0, 7, 0xff, 0, 0, 8], "a length that cannot be"),
            (&V4, "PDUs out of order"),
            (&[&RESPONSE[..], &RESPONSE].concat(), "PDUs out of order"),
            (
                &[&RESPONSE[..], &[1, 4, 0, 0, 0, 0, 0, 20, 1, 33, 33, 0, 1, 2, 3, 4, 0, 0, 0, 1]].concat(),
                "a prefix that is none",
            ),
            (&[&RESPONSE[..], &[1, 4, 0, 0, 0, 0, 0, 12, 1, 24, 24, 0]].concat(), "a prefix that is none"),
        ] {
            assert_eq!(asked(1, answer).await, Err(RtrError::Garbage(why)));
        }
        assert!(matches!(asked(1, &RESPONSE).await, Err(RtrError::Broken(_))));
    }

    /// PDUs whose heads are sound, whatever is in them.
    fn pdus() -> impl Strategy<Value = Vec<u8>> {
        let pdu = (0_u8..3, 0_u8..12, any::<u16>(), prop::collection::vec(any::<u8>(), 0..40));
        let whole = pdu.prop_map(|(version, kind, word, body)| {
            let length = u32::try_from(8 + body.len()).unwrap_or_default();
            [&[version, kind][..], &word.to_be_bytes(), &length.to_be_bytes(), &body].concat()
        });
        prop::collection::vec(whole, 0..6).prop_map(|pdus| [&RESPONSE[..], &pdus.concat()].concat())
    }

    proptest! {
        #[test]
        fn any_octets_are_an_answer_however_they_are_cut(
            octets in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), pdus()],
            end in 0_usize..300,
            piece in 1_usize..40,
        ) {
            let octets = &octets[..end.min(octets.len())];
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let ask = |piece: usize| runtime.block_on(async {
                let (ours, mut theirs) = tokio::io::duplex(piece);
                let serve = async {
                    let mut question = [0; 8];
                    theirs.read_exact(&mut question).await.unwrap();
                    let _ = theirs.write_all(octets).await;
                    drop(theirs);
                };
                tokio::join!(fetch(ours, 1), serve).0
            });
            let (in_pieces, whole) = (ask(piece), ask(1 << 16));
            prop_assert_eq!(&in_pieces, &whole);
            if let Err(RtrError::Reported { text, .. }) = whole {
                prop_assert!(text.chars().count() <= 200);
            }
        }
    }
}
