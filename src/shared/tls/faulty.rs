//! The server's side of a handshake that is at fault by design and never completes. What the sender does about it is evidence.

use std::io;
use std::time::Duration;

use rustls::AlertDescription;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::shared::evidence::{Alert, ClientHello, HandshakeFailure, Party, TlsVersion};

use super::ending::is_bare_end;
use super::hello;

/// How much of what a sender says is read, in octets.
const READ_OCTETS_MAX: usize = 65_536;
const CHUNK_OCTETS: usize = 4096;
/// What no TLS begins with.
const GARBAGE: &[u8] = b"This is a test, and these octets are no TLS.\r\n";
/// The first octets of a sender's handshake messages (RFC 5246 §7.4).
const CLIENT_KEY_EXCHANGE: u8 = 16;
const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const FATAL: u8 = 2;
/// Key exchange by RSA, which forward secrecy is not had of (RFC 9325 §4.1): with AES in GCM, CBC and SHA-256, CBC and SHA-1.
const RSA_SUITES: [u16; 7] = [0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x000a];
/// What TLS 1.0 has, ours first. With the last two a sender is told nothing of a key: who speaks TLS 1.0 protests at that,
/// and who does not, before it.
const TLS10_SUITES: [u16; 5] = [0x002f, 0x0035, 0x000a, 0xc013, 0xc014];
const TLS10: TlsVersion = TlsVersion(0x0301);

/// What is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What is answered is no TLS.
    Garbage,
    /// Nothing is answered.
    Silence,
    /// A server that speaks TLS 1.0 alone (RFC 8996), with this chain of an RSA key.
    Tls10(Vec<CertificateDer<'static>>),
    /// A server that knows no other key exchange than RSA's.
    RsaKeyTransport(Vec<CertificateDer<'static>>),
}

/// Answers the ClientHello that comes on `stream` with a fault, and waits for what the sender does about it, all within
/// `timeout_s` seconds. `see` is called with the hello, if it comes in whole.
pub async fn fail<S>(
    stream: &mut S,
    timeout_s: u32,
    fault: &Fault,
    see: impl FnOnce(&ClientHello),
) -> HandshakeFailure
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut told = Told::default();
    let handshake = answer(stream, fault, see, &mut told);
    let ended = tokio::time::timeout(Duration::from_secs(u64::from(timeout_s)), handshake).await;
    let (by, reason) = match ended {
        Ok(Ok(End { by, reason })) => (by, reason.to_owned()),
        Ok(Err(error)) if is_bare_end(&error) => (Party::Sender, error.to_string()),
        Ok(Err(error)) => (Party::Us, error.to_string()),
        Err(_) => (Party::Timeout, format!("nothing came within {timeout_s} s")),
    };
    let Told { certificate_sent, alert, went_on } = told;
    HandshakeFailure { certificate_sent, by, alert, our_limit: false, went_on, reason }
}

/// What became known until the end.
#[derive(Default)]
struct Told {
    certificate_sent: bool,
    alert: Option<Alert>,
    went_on: bool,
}

struct End {
    by: Party,
    reason: &'static str,
}

async fn answer<S>(
    stream: &mut S,
    fault: &Fault,
    see: impl FnOnce(&ClientHello),
    told: &mut Told,
) -> io::Result<End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let ended = End { by: Party::Sender, reason: "the sender ended it" };
    let mut heard = Vec::new();
    let hello = loop {
        if let Some(hello) = hello::read(&heard) {
            break hello;
        }
        if !more(stream, &mut heard).await? {
            return Ok(ended);
        }
    };
    see(&hello);
    let old = match fault {
        Fault::Silence => return Ok(End { by: Party::Us, reason: "it is left unanswered by design" }),
        Fault::Garbage => None,
        Fault::Tls10(chain) => Some((chain, TLS10, common(&hello, &TLS10_SUITES))),
        Fault::RsaKeyTransport(chain) if !hello.versions.contains(&TlsVersion::TLS12) => {
            Some((chain, TlsVersion::TLS12, None))
        }
        Fault::RsaKeyTransport(chain) => Some((chain, TlsVersion::TLS12, common(&hello, &RSA_SUITES))),
    };
    match old {
        None => stream.write_all(GARBAGE).await?,
        Some((_, version, None)) => {
            let refused = [FATAL, u8::from(AlertDescription::HandshakeFailure)];
            stream.write_all(&record(ALERT, version, &refused)).await?;
            stream.flush().await?;
            return Ok(End {
                by: Party::Us,
                reason: "the sender offers no cipher suite that this server has",
            });
        }
        Some((chain, version, Some(suite))) => {
            stream.write_all(&flight(&heard, version, suite, chain)).await?;
            told.certificate_sent = true;
        }
    }
    stream.flush().await?;
    heard.clear();
    loop {
        if let Some((went_on, alert)) = reaction(&heard) {
            (told.went_on, told.alert) = (went_on, alert);
            return Ok(match went_on {
                true => End { by: Party::Us, reason: "the sender went on, and is let down by design" },
                false => ended,
            });
        }
        if !more(stream, &mut heard).await? {
            return Ok(ended);
        }
    }
}

/// Reads on; whether anything came.
async fn more<S: AsyncRead + Unpin>(stream: &mut S, heard: &mut Vec<u8>) -> io::Result<bool> {
    if heard.len() >= READ_OCTETS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "more than a handshake has"));
    }
    let mut chunk = [0; CHUNK_OCTETS];
    let octets = stream.read(&mut chunk).await?;
    heard.extend_from_slice(&chunk[..octets]);
    Ok(octets > 0)
}

fn common(hello: &ClientHello, ours: &[u16]) -> Option<u16> {
    ours.iter().find(|suite| hello.cipher_suites.contains(suite)).copied()
}

/// Whether the sender went on with the key exchange, or the fatal alert that it sent; none where neither is there yet.
fn reaction(heard: &[u8]) -> Option<(bool, Option<Alert>)> {
    hello::records(heard).find_map(|(content, payload, whole)| match (content, payload) {
        (HANDSHAKE, [CLIENT_KEY_EXCHANGE, ..]) => Some((true, None)),
        (ALERT, [FATAL, code, ..]) if whole => Some((false, Some(Alert(*code)))),
        _ => None,
    })
}

/// ServerHello, Certificate and ServerHelloDone (RFC 5246 §7.4.1.3, §7.4.2, §7.4.5).
fn flight(client: &[u8], version: TlsVersion, suite: u16, chain: &[CertificateDer<'_>]) -> Vec<u8> {
    let mut hello = version.0.to_be_bytes().to_vec();
    // Nothing is ever encrypted with it: it need not be unknown, but another each time.
    hello.extend(Sha256::digest(client));
    hello.push(0);
    hello.extend(suite.to_be_bytes());
    hello.push(0);
    if hello::takes_renegotiation_info(client) {
        // RFC 5746 §3.6: senders leave a server that does not say so.
        hello.extend([0, 5, 0xff, 0x01, 0, 1, 0]);
    }
    let certificates: Vec<u8> = chain.iter().flat_map(|one| with_length(one)).collect();
    let messages = [message(2, &hello), message(11, &with_length(&certificates)), message(14, &[])].concat();
    messages.chunks(16_384).flat_map(|part| record(HANDSHAKE, version, part)).collect()
}

/// Octets behind their number, in three octets.
fn with_length(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[1..], octets].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &with_length(body)].concat()
}

fn record(content: u8, version: TlsVersion, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[content][..], &version.0.to_be_bytes(), &length, payload].concat()
}
