//! The first session: greeting, EHLO, MAIL in clear, STARTTLS, a real handshake, EHLO in TLS, QUIT.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};

use crate::shared::evidence::scan::{Intrusive, RealHandshake, SessionFault, SmtpReply, Stage};
use crate::shared::smtp::{Client, ClientError, Starttls};
use crate::shared::tls::client;

use super::bounded::Bounded;
use super::limits::SessionLimits;
use super::port::{Call, First};
use super::said::{fault, kept, leave};

/// Talks, and writes down what is seen as it is seen.
pub(super) async fn talk<S>(
    stream: &mut Bounded<S>,
    call: &Call,
    limits: &SessionLimits,
    seen: &mut First,
    stage: &mut Stage,
) -> Result<(), SessionFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let began = Instant::now();
    let connected = Client::connected(stream, limits.client()).await;
    let (mut client, greeting) = connected.map_err(|error| fault(error, *stage))?;
    seen.session.greeting_ms = Some(u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX));
    seen.session.greeting = Some(kept(&greeting));
    if greeting.code != 220 {
        return Err(leave(client, *stage, &greeting).await);
    }
    *stage = Stage::Ehlo;
    let ehlo = client.ehlo(&call.helo).await.map_err(|error| fault(error, *stage))?;
    seen.session.ehlo = Some(kept(&ehlo.reply));
    if !ehlo.reply.is_positive() {
        return Err(leave(client, *stage, &ehlo.reply).await);
    }
    // What is needed of it is kept; all of it would be 64 KiB for as long as the session.
    let starttls = ehlo.starttls();
    drop(ehlo);
    *stage = Stage::Mail;
    // The null reverse-path, as bounces have it (RFC 5321 §4.5.5): whether 530 comes (RFC 3207 §4), and no mail.
    let mail = client.mail(None, "").await.map_err(|error| fault(error, *stage))?;
    seen.session.mail_in_clear = Some(kept(&mail));
    if mail.code == 421 {
        return Err(leave(client, *stage, &mail).await);
    }
    client.rset().await.map_err(|error| fault(error, *stage))?;
    if !starttls {
        recipients(&mut client, call, seen).await;
        let _ = client.quit().await;
        return Ok(());
    }
    *stage = Stage::Starttls;
    let stream = match client.starttls().await.map_err(|error| fault(error, *stage))? {
        Starttls::Go(stream) => {
            seen.session.starttls = Some(SmtpReply { code: 220, lines: Vec::new() });
            stream
        }
        Starttls::Refused(client, reply) => {
            seen.session.starttls = Some(kept(&reply));
            let fault = leave(client, *stage, &reply).await;
            // Only a passing refusal leaves open what is behind it.
            return if reply.is_transient() { Err(fault) } else { Ok(()) };
        }
    };
    stream.allow(limits.tls.octets_max);
    in_tls(stream, call, limits, seen).await;
    Ok(())
}

/// The handshake and what follows in TLS. What fails here is in the handshake's outcome, or just not seen.
async fn in_tls<S>(stream: &mut Bounded<S>, call: &Call, limits: &SessionLimits, seen: &mut First)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let recorded = client::record(stream, &call.host, limits.handshake_s).await;
    seen.handshake = Some(recorded.outcome);
    seen.chain = recorded.chain;
    let Some(stream) = recorded.stream else { return };
    let mut client = Client::in_tls(*stream, limits.client());
    if let Ok(ehlo) = client.ehlo(&call.helo).await {
        seen.session.ehlo_in_tls = Some(kept(&ehlo.reply));
        recipients(&mut client, call, seen).await;
        // Tickets come with the first answers (RFC 8446 §4.6.1).
        let _ = timeout(Duration::from_secs(u64::from(limits.command_s)), client.quit()).await;
    }
    if let Some(RealHandshake::Completed(completed)) = &mut seen.handshake {
        completed.early_data_octets = recorded.tickets.early_data_octets();
    }
}

/// Whom the operator asked to try: postmaster, nobody, and a stranger. Nothing is sent.
async fn recipients<S>(client: &mut Client<S>, call: &Call, seen: &mut First)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(domain) = &call.intrusive else { return };
    let postmaster = recipient(client, None, &format!("postmaster@{domain}")).await;
    let nobody = format!("mailassay-no-such-recipient@{domain}");
    let unknown_recipient = recipient(client, None, &nobody).await;
    // Both names are reserved (RFC 2606 §3): nothing could arrive there.
    let relay = recipient(client, Some("mailassay@example.com"), "mailassay@example.org").await;
    seen.intrusive = Some(Intrusive {
        postmaster: postmaster.ok().flatten(),
        unknown_recipient: unknown_recipient.ok().flatten(),
        relay: relay.ok().flatten(),
    });
}

async fn recipient<S>(
    client: &mut Client<S>,
    from: Option<&str>,
    to: &str,
) -> Result<Option<SmtpReply>, ClientError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mail = client.mail(from, "").await?;
    // A sender that is refused tells as much of the recipient as none.
    let reply = match mail.is_positive() {
        true => Some(kept(&client.rcpt(to).await?)),
        false if from.is_some() => Some(kept(&mail)),
        false => None,
    };
    client.rset().await?;
    Ok(reply)
}
