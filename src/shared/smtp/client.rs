//! The client's side of a session, over any stream.
//!
//! It speaks and reports; it decides nothing. TLS is the caller's: [`Client::starttls`] gives the bare stream
//! back, and [`Client::in_tls`] goes on over the encrypted one, which begins without a greeting (RFC 3207 §4.2).

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::data;
use super::reply::{ReplyError, ReplyLimits, ReplyReader, ServerReply};

/// How long to wait for what, in seconds (RFC 5321 §4.5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The greeting (§4.5.3.2.1).
    pub greeting_s: u32,
    /// EHLO, HELO, STARTTLS, RSET and QUIT, for which the standard names nothing.
    pub command_s: u32,
    /// MAIL (§4.5.3.2.2).
    pub mail_s: u32,
    /// RCPT (§4.5.3.2.3).
    pub rcpt_s: u32,
    /// DATA's 354 (§4.5.3.2.4).
    pub data_s: u32,
    /// A block of the message to be taken (§4.5.3.2.5).
    pub block_s: u32,
    /// The dot (§4.5.3.2.6).
    pub dot_s: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            greeting_s: 300,
            command_s: 300,
            mail_s: 300,
            rcpt_s: 300,
            data_s: 120,
            block_s: 180,
            dot_s: 600,
        }
    }
}

/// The settings of a client session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientSettings {
    pub timeouts: Timeouts,
    /// Limits of replies.
    pub limits: ReplyLimits,
}

/// Why a session broke off.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The stream failed; over TLS this may carry an alert.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server closed the link.
    #[error("the server closed the link")]
    Closed,
    /// The server did not answer in time.
    #[error("no answer within {0} s")]
    TimedOut(u32),
    /// The server's octets are no reply.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// The server sent more than it was asked for: with STARTTLS an injection (CVE-2021-38371 and others).
    #[error("the server sent more than the answer to {0}")]
    Unasked(&'static str),
    /// An argument that would break its line.
    #[error("{0} holds a line end, and would forge a command")]
    Argument(&'static str),
}

/// What a server offers in its answer to EHLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub reply: ServerReply,
}

impl Capabilities {
    /// The parameters of an extension, if it is offered: `Some("")` where it has none.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        let offered = self.reply.is_positive().then_some(&self.reply.lines)?;
        offered.iter().skip(1).find_map(|line| {
            let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
            first.eq_ignore_ascii_case(keyword).then_some(rest)
        })
    }

    /// Whether STARTTLS is offered.
    pub fn starttls(&self) -> bool {
        self.get("STARTTLS").is_some()
    }
}

/// What came of STARTTLS.
#[derive(Debug)]
pub enum Starttls<S> {
    /// 220: the stream is the caller's to begin TLS on.
    Go(S),
    /// Another answer; the session goes on in clear.
    Refused(Client<S>, ServerReply),
}

/// A session as its client.
#[derive(Debug)]
pub struct Client<S> {
    stream: S,
    reader: ReplyReader,
    settings: ClientSettings,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// A session over a stream that was just connected: reads the greeting.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn connected(stream: S, settings: ClientSettings) -> Result<(Self, ServerReply), ClientError> {
        let mut client = Self::in_tls(stream, settings);
        let greeting = client.read(settings.timeouts.greeting_s).await?;
        client.nothing_more("the connection")?;
        Ok((client, greeting))
    }

    /// A session over a stream on which TLS was begun by STARTTLS: there is no greeting, and nothing that was
    /// learnt before is known.
    pub fn in_tls(stream: S, settings: ClientSettings) -> Self {
        Self { stream, reader: ReplyReader::new(settings.limits), settings }
    }

    /// Sends EHLO; what the server answers, also where it refuses.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn ehlo(&mut self, name: &str) -> Result<Capabilities, ClientError> {
        let reply = self.ask("EHLO", &format!("EHLO {name}"), self.settings.timeouts.command_s).await?;
        Ok(Capabilities { reply })
    }

    /// HELO, for servers that refuse EHLO.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn helo(&mut self, name: &str) -> Result<ServerReply, ClientError> {
        self.ask("HELO", &format!("HELO {name}"), self.settings.timeouts.command_s).await
    }

    /// STARTTLS. What came behind its 220 in clear is an injection, and an error.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn starttls(self) -> Result<Starttls<S>, ClientError> {
        self.starttls_with("STARTTLS\r\n").await
    }

    /// STARTTLS with `NOOP` behind it in the same segment, which a server must forget (CVE-2011-0411). To see
    /// whether it does; nobody else sends such a thing.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn starttls_with_noop(self) -> Result<Starttls<S>, ClientError> {
        self.starttls_with("STARTTLS\r\nNOOP\r\n").await
    }

    async fn starttls_with(mut self, wire: &'static str) -> Result<Starttls<S>, ClientError> {
        let reply = self.send("STARTTLS", wire, self.settings.timeouts.command_s).await?;
        Ok(match reply.code {
            220 => Starttls::Go(self.stream),
            _ => Starttls::Refused(self, reply),
        })
    }

    /// MAIL. `from` is `local@domain` or the null reverse-path; `parameters` is empty or such as `SIZE=1000`.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn mail(&mut self, from: Option<&str>, parameters: &str) -> Result<ServerReply, ClientError> {
        let space = if parameters.is_empty() { "" } else { " " };
        let line = format!("MAIL FROM:<{}>{space}{parameters}", from.unwrap_or_default());
        self.ask("MAIL", &line, self.settings.timeouts.mail_s).await
    }

    /// RCPT, to `local@domain`.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn rcpt(&mut self, to: &str) -> Result<ServerReply, ClientError> {
        self.ask("RCPT", &format!("RCPT TO:<{to}>"), self.settings.timeouts.rcpt_s).await
    }

    /// DATA and, where it is answered with 354, the message: its dots are stuffed here. Gives the answer to
    /// the dot, or to DATA.
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn data(&mut self, message: &[u8]) -> Result<ServerReply, ClientError> {
        let timeouts = self.settings.timeouts;
        let reply = self.ask("DATA", "DATA", timeouts.data_s).await?;
        if reply.code != 354 {
            return Ok(reply);
        }
        for block in data::stuff(message).chunks(65_536) {
            within(timeouts.block_s, async { Ok(self.stream.write_all(block).await?) }).await?;
        }
        within(timeouts.block_s, async { Ok(self.stream.flush().await?) }).await?;
        let reply = self.read(timeouts.dot_s).await?;
        self.nothing_more("the dot")?;
        Ok(reply)
    }

    /// Sends RSET, which ends a transaction (RFC 5321 §4.1.1.5).
    ///
    /// # Errors
    ///
    /// If the line cannot be sent, no reply comes in time, or what comes is more or other than one reply.
    pub async fn rset(&mut self) -> Result<ServerReply, ClientError> {
        self.ask("RSET", "RSET", self.settings.timeouts.command_s).await
    }

    /// QUIT, and the end of the stream.
    ///
    /// # Errors
    ///
    /// If QUIT cannot be sent or is not answered; that the stream does not close is none.
    pub async fn quit(mut self) -> Result<ServerReply, ClientError> {
        let command_s = self.settings.timeouts.command_s;
        let reply = self.ask("QUIT", "QUIT", command_s).await?;
        // The server may have closed first: the mail is delivered all the same.
        let _ = within(command_s, async { Ok(self.stream.shutdown().await?) }).await;
        Ok(reply)
    }

    /// The stream, for instance to ask TLS what was agreed on.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    async fn ask(
        &mut self,
        verb: &'static str,
        line: &str,
        limit_s: u32,
    ) -> Result<ServerReply, ClientError> {
        if line.contains(['\r', '\n', '\0']) {
            return Err(ClientError::Argument(verb));
        }
        self.send(verb, &format!("{line}\r\n"), limit_s).await
    }

    async fn send(
        &mut self,
        verb: &'static str,
        wire: &str,
        limit_s: u32,
    ) -> Result<ServerReply, ClientError> {
        within(limit_s, async {
            self.stream.write_all(wire.as_bytes()).await?;
            Ok(self.stream.flush().await?)
        })
        .await?;
        let reply = self.read(limit_s).await?;
        self.nothing_more(verb)?;
        Ok(reply)
    }

    /// This client never pipelines: what comes behind an answer was not asked for.
    fn nothing_more(&self, to: &'static str) -> Result<(), ClientError> {
        match self.reader.has_more() {
            true => Err(ClientError::Unasked(to)),
            false => Ok(()),
        }
    }

    async fn read(&mut self, limit_s: u32) -> Result<ServerReply, ClientError> {
        let (stream, reader) = (&mut self.stream, &mut self.reader);
        within(limit_s, async {
            let mut chunk = [0; 4096];
            loop {
                if let Some(reply) = reader.next_reply()? {
                    return Ok(reply);
                }
                match stream.read(&mut chunk).await? {
                    0 => return Err(ClientError::Closed),
                    n => reader.push(&chunk[..n]),
                }
            }
        })
        .await
    }
}

async fn within<T>(
    limit_s: u32,
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let limit = Duration::from_secs(u64::from(limit_s));
    tokio::time::timeout(limit, work).await.unwrap_or(Err(ClientError::TimedOut(limit_s)))
}

#[cfg(test)]
mod tests;
