//! A whole handshake of TLS 1.2 (RFC 5246 §7.3), the first or a further one on the connection.

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::shared::evidence::scan::{Flight, Hello};
use crate::shared::evidence::{Alert, TlsVersion};

use super::super::flight::{FlightReader, kind};
use super::super::hello::{self, Particulars, extension, key_exchange, prefixed};
use super::super::records::{End, Unreadable, content};
use super::connection::Connection;
use super::keys::{Secrets, Suite, Transcript, VERIFY_DATA_OCTETS, record};

/// no_renegotiation: a warning (RFC 5246 §7.2.2), and the end of the matter.
const NO_RENEGOTIATION: Alert = Alert(100);

/// A handshake that was finished.
pub(super) struct Finished {
    pub(super) flight: Flight,
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// What our Finished said: a renegotiation names it (RFC 5746 §3.5).
    pub(super) verify_data: [u8; VERIFY_DATA_OCTETS],
}

/// A handshake that was not.
pub(super) struct Failure {
    pub(super) why: Why,
    pub(super) flight: Option<Flight>,
    pub(super) chain: Vec<CertificateDer<'static>>,
}

pub(super) enum Why {
    /// How the server ended it.
    End(End),
    /// It wants what the mini client lacks.
    OurLimit(String),
}

impl From<End> for Why {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

/// Does a handshake. Between two of them only what they agreed on lives on, in `connection`.
pub(super) async fn handshake<S>(
    connection: &mut Connection<S>,
    offered: &Hello,
    particulars: &Particulars<'_>,
) -> Result<Finished, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader =
        FlightReader { without_chain: particulars.renegotiates.is_some(), ..FlightReader::default() };
    match run(connection, offered, particulars, &mut reader).await {
        Ok((flight, verify_data)) => Ok(Finished { flight, chain: reader.chain, verify_data }),
        Err(why) => Err(Failure { why, flight: reader.flight, chain: reader.chain }),
    }
}

async fn run<S>(
    connection: &mut Connection<S>,
    offered: &Hello,
    particulars: &Particulars<'_>,
    reader: &mut FlightReader,
) -> Result<(Flight, [u8; VERIFY_DATA_OCTETS]), Why>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut transcript = Transcript::default();
    let message = hello::message(offered, particulars);
    transcript.add(&message);
    let records = match connection.is_encrypted() {
        true => connection.sealed(content::HANDSHAKE, &message)?,
        false => hello::in_records(&message, offered.version),
    };
    connection.write(&records).await?;
    take_flight(connection, reader, &mut transcript).await?;
    let Some(flight) = reader.flight.clone() else { return Err(End::Dropped.into()) };
    let suite = spoken(&flight, offered)?;

    let group = flight.group.unwrap_or_default();
    let ours = key_exchange(group).filter(|_| offered.groups.contains(group)).ok_or_else(|| {
        Why::OurLimit(format!("the server wants group {group:04x}, which our mini client does not have"))
    })?;
    let mut replies = Vec::new();
    if flight.client_certificate {
        // None (RFC 5246 §7.4.6).
        replies.push(vec![kind::CERTIFICATE, 0, 0, 3, 0, 0, 0]);
    }
    let mut exchange = vec![kind::CLIENT_KEY_EXCHANGE];
    prefixed(&mut exchange, 3, |body| prefixed(body, 1, |body| body.extend(ours.pub_key())));
    replies.push(exchange);
    replies.iter().for_each(|message| transcript.add(message));
    // The signature over the server's point is not verified: no secret is entrusted to the server, and whoever sits
    // in between could as well refuse the renegotiation himself.
    let shared = ours
        .complete(&reader.public)
        .map_err(|_| End::Unreadable(Unreadable::new("a point that is not on its curve", &reader.public)))?;
    let extended = flight.extensions.contains(extension::EXTENDED_MASTER_SECRET);
    let randoms = (&particulars.random, &reader.random);
    let secrets = Secrets::new(suite, shared.secret_bytes(), randoms, extended, &transcript);
    let verify_data = finish(connection, &replies.concat(), &secrets, &mut transcript).await?;
    Ok((flight, verify_data))
}

/// Reads up to ServerHelloDone.
async fn take_flight<S>(
    connection: &mut Connection<S>,
    reader: &mut FlightReader,
    transcript: &mut Transcript,
) -> Result<(), End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let (content, payload) = connection.next().await?;
        match content {
            content::HANDSHAKE => {
                let mut payload = &payload[..];
                while let Some(message) = connection.messages.next(&mut payload).map_err(End::Unreadable)? {
                    // RFC 5246 §7.4.1.1: HelloRequest is in no transcript.
                    if message.kind != kind::HELLO_REQUEST {
                        transcript.add(message.whole);
                    }
                    if reader.take(message).map_err(End::Unreadable)? {
                        return Ok(());
                    }
                }
            }
            content::ALERT if connection.alert(&payload)? == NO_RENEGOTIATION => {
                return Err(End::Alert(NO_RENEGOTIATION));
            }
            // Another warning; and what the server still had to say before it read our hello.
            content::ALERT => {}
            content::APPLICATION_DATA if connection.is_encrypted() => {}
            _ => return Err(unexpected(content)),
        }
    }
}

/// The suite, if the server chose what we offered and speak.
fn spoken(flight: &Flight, offered: &Hello) -> Result<Suite, Why> {
    if flight.version != TlsVersion::TLS12 {
        return Err(Why::OurLimit(format!(
            "the server speaks {}, our mini client TLS 1.2 only",
            flight.version
        )));
    }
    Suite::of(flight.suite).filter(|_| offered.suites.contains(flight.suite)).ok_or_else(|| {
        let reason = format!("the server chose suite {:04x}, which was not offered", flight.suite);
        Why::End(End::Unreadable(Unreadable(reason)))
    })
}

/// From ClientKeyExchange to the server's Finished; what our Finished said.
async fn finish<S>(
    connection: &mut Connection<S>,
    replies: &[u8],
    secrets: &Secrets,
    transcript: &mut Transcript,
) -> Result<[u8; VERIFY_DATA_OCTETS], End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut ours, theirs) = secrets.keys().ok_or_else(broken)?;
    let verify_data = secrets.verify_data(b"client finished", transcript);
    let mut finished = vec![kind::FINISHED];
    prefixed(&mut finished, 3, |body| body.extend(verify_data));
    transcript.add(&finished);
    // In a renegotiation all up to ChangeCipherSpec is sealed with the keys of the handshake before.
    let mut records = connection.sealed(content::HANDSHAKE, replies)?;
    records.extend(connection.sealed(content::CHANGE_CIPHER_SPEC, &[1])?);
    records.extend(record(content::HANDSHAKE, &finished, Some(&mut ours)).ok_or_else(broken)?);
    connection.ours = Some(ours);
    connection.write(&records).await?;

    let mut theirs = Some(theirs);
    loop {
        let (content, payload) = connection.next().await?;
        match content {
            content::CHANGE_CIPHER_SPEC if theirs.is_some() => connection.theirs = theirs.take(),
            content::HANDSHAKE => {
                let mut payload = &payload[..];
                while let Some(message) = connection.messages.next(&mut payload).map_err(End::Unreadable)? {
                    if message.kind == kind::FINISHED && theirs.is_none() {
                        let expected = secrets.verify_data(b"server finished", transcript);
                        return match message.body == expected {
                            true => Ok(verify_data),
                            false => {
                                Err(End::Unreadable(Unreadable("a Finished that does not fit".to_owned())))
                            }
                        };
                    }
                    // NewSessionTicket, of a server that was not asked.
                    if message.kind != kind::HELLO_REQUEST {
                        transcript.add(message.whole);
                    }
                }
            }
            content::ALERT => {
                connection.alert(&payload)?;
            }
            content::APPLICATION_DATA if connection.is_encrypted() => {}
            _ => return Err(unexpected(content)),
        }
    }
}

fn unexpected(content: u8) -> End {
    End::Unreadable(Unreadable(format!("a record of type {content} in a handshake")))
}

fn broken() -> End {
    End::Unreadable(Unreadable("keys that do not fit their suite".to_owned()))
}
