//! One session with one address of one host.

use std::net::IpAddr;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::sending::verdict::model::ruled::{CaseModel, Certified, Compared, FailedStarttls};
use crate::sending::verdict::model::{Published, Starttls};
use crate::shared::dial;
use crate::shared::evidence::Negotiated;
use crate::shared::policy::{Policy, Tlsa};
use crate::shared::smtp::Starttls as Upgrade;
use crate::shared::smtp::{Capabilities, Client, ClientError, ClientSettings, ServerReply};
use crate::shared::tls::client::{self, ChainFacts, Roots};

use super::habit::{Doing, Habit};
use super::{HostOutcome, Mail};

/// What a session is to do.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) mail: &'a Mail<'a>,
    pub(super) ehlo: &'a str,
    /// The recipient domain: for DANE-TA it is a name that the certificate may have (RFC 7672 §3.2.2).
    pub(super) next_hop: &'a str,
    /// The MX host's name: what WebPKI wants in the certificate (RFC 8461 §4.1).
    pub(super) host: &'a str,
    /// The TLSA base domain: what DANE wants in SNI (RFC 7672 §8.1) and, for DANE-TA, in the certificate.
    pub(super) base: &'a str,
    /// The TLSA records that are used.
    pub(super) tlsa: &'a [Tlsa],
    pub(super) model: &'a CaseModel,
    pub(super) published: Published,
    pub(super) policy: Option<&'a Policy>,
    pub(super) doing: Doing,
    pub(super) habit: Habit,
    pub(super) dial: &'a dial::Settings,
    pub(super) roots: &'a Roots,
    pub(super) client: ClientSettings,
    pub(super) handshake_s: u32,
    pub(super) now: Timestamp,
}

/// What came of a session.
pub(super) struct Ended {
    pub(super) tls: Option<Negotiated>,
    pub(super) outcome: HostOutcome,
    /// Whether MAIL was sent.
    pub(super) reached_mail: bool,
    /// Whether TLS was begun and could not be had, for another reason than the certificate.
    pub(super) tls_failed: bool,
}

impl Ended {
    fn before_mail(outcome: HostOutcome) -> Self {
        Self { tls: None, outcome, reached_mail: false, tls_failed: false }
    }
}

impl Plan<'_> {
    /// Calls `address` and does what is planned.
    pub(super) async fn run(&self, address: IpAddr) -> Ended {
        match self.attempt(address).await {
            Ok(ended) => ended,
            Err(reason) => Ended::before_mail(HostOutcome::Failed(reason)),
        }
    }

    async fn attempt(&self, address: IpAddr) -> Result<Ended, String> {
        let stream = self.dial.smtp(address).await.map_err(|error| error.to_string())?;
        let (mut session, greeting) =
            Client::connected(stream, self.client).await.map_err(|error| error.to_string())?;
        if !greeting.is_positive() {
            return Ok(leave(session, HostOutcome::Failed(format!("greeted with {greeting}"))).await);
        }
        let offered = greet(&mut session, self.ehlo).await?;
        let starttls = offered.as_ref().is_some_and(Capabilities::starttls);
        match (self.doing.tls, starttls) {
            (Starttls::Never, _) | (Starttls::IfOffered, false) => {
                Ok(self.transact(session, offered.as_ref(), None).await)
            }
            (Starttls::Required, false) => {
                self.say_mail(&mut session).await;
                Ok(leave(session, HostOutcome::NoStarttls).await)
            }
            (_, true) => self.upgrade(session, offered.as_ref()).await,
        }
    }

    async fn upgrade(
        &self,
        session: Client<TcpStream>,
        offered: Option<&Capabilities>,
    ) -> Result<Ended, String> {
        let stream = match session.starttls().await.map_err(|error| error.to_string())? {
            Upgrade::Go(stream) => stream,
            // RFC 3207 §4: it is the client's choice whether to go on in clear.
            Upgrade::Refused(session, _)
                if self.doing.tls == Starttls::IfOffered && self.goes_on_in_clear() =>
            {
                return Ok(self.transact(session, offered, None).await);
            }
            Upgrade::Refused(session, _) => {
                let ended = leave(session, HostOutcome::NoStarttls).await;
                return Ok(Ended { tls_failed: true, ..ended });
            }
        };
        let name = if self.doing.check.tlsa { self.base } else { self.host };
        let connected = match client::connect(stream, name, self.doing.sni, self.handshake_s).await {
            Ok(connected) => connected,
            Err(failure) => {
                let outcome = HostOutcome::Failed(format!("TLS failed: {failure}"));
                return Ok(Ended { tls_failed: true, ..Ended::before_mail(outcome) });
            }
        };
        let refusal = self.refusal(&connected.chain);
        let mut session = Client::in_tls(connected.stream, self.client);
        if let Some(reason) = refusal {
            if matches!(self.habit, Habit::RefusesAfterEhlo | Habit::RefusesAfterMail) {
                greet(&mut session, self.ehlo).await?;
            }
            self.say_mail(&mut session).await;
            // Without a habit as Postfix does: TLS is up, and the session ends without an EHLO in it.
            let ended = leave(session, HostOutcome::CertificateRefused(reason)).await;
            return Ok(Ended { tls: Some(connected.negotiated), ..ended });
        }
        let offered = greet(&mut session, self.ehlo).await?;
        Ok(self.transact(session, offered.as_ref(), Some(connected.negotiated)).await)
    }

    /// Why the certificate is refused, if it is.
    fn refusal(&self, chain: &[CertificateDer<'_>]) -> Option<String> {
        let Doing { check, refuses, .. } = self.doing;
        let webpki = match self.habit {
            Habit::KnowsNoCa => Err("its CA is not known".to_owned()),
            _ => client::webpki(chain, self.host, self.roots, self.now).map_err(|fault| fault.to_string()),
        };
        let dane = client::dane(chain, &[self.base, self.next_hop], self.tlsa, self.now);
        let faultless = dane.is_ok();
        let shown =
            self.model.judges(self.published, &self.compared(chain), self.certified(chain, webpki.is_ok()));
        if check.accepts(shown) && !refuses {
            return None;
        }
        let faults = [
            webpki.err().filter(|_| check.webpki),
            dane.err().filter(|_| check.tlsa && !shown.tlsa).map(|fault| format!("DANE: {fault}")),
            (check.tlsa && !shown.tlsa && faultless).then(|| "DANE: another rule of this sender".to_owned()),
            refuses.then(|| "whatever it is".to_owned()),
        ];
        Some(faults.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }

    /// Whether mail goes in clear at once where STARTTLS is taken back.
    fn goes_on_in_clear(&self) -> bool {
        let Doing { check, .. } = self.doing;
        !check.webpki && !check.tlsa && self.model.traits.failed_starttls == FailedStarttls::ClearText
    }

    /// What the certificates are by WebPKI, by the policy's names, and by themselves.
    fn certified(&self, chain: &[CertificateDer<'_>], webpki: bool) -> Certified {
        let names = [self.base, self.host, self.next_hop];
        let ChainFacts { named, in_time } = ChainFacts::of(chain, &names, self.now);
        let patterns = self.policy.into_iter().flat_map(|policy| &policy.mx);
        let (deep, listed): (Vec<_>, Vec<_>) = patterns.partition(|pattern| pattern.starts_with("*."));
        let listed_deep = webpki && deep.iter().any(|pattern| self.host.ends_with(&pattern[1..]));
        let listed = listed.iter().any(|name| client::webpki(chain, name, self.roots, self.now).is_ok());
        let leads = |record: &&Tlsa| record.usage == 2 && client::compare(chain, record, self.now).1;
        Certified {
            webpki,
            listed,
            listed_deep,
            named,
            in_time,
            chain: self.tlsa.iter().any(|record| leads(&record)),
        }
    }

    fn compared(&self, chain: &[CertificateDer<'_>]) -> Vec<Compared> {
        let wants_chain = self.model.traits.wants_chain();
        let of = |record: &Tlsa| Compared {
            usage: record.usage,
            selector: record.selector,
            matching: record.matching,
            matches: client::compare(chain, record, self.now).0 || record.usage == 2 && !wants_chain,
        };
        self.tlsa.iter().map(of).collect()
    }

    /// Where it is the habit: MAIL and RSET before a host is left. What comes of them changes nothing.
    async fn say_mail<S>(&self, session: &mut Client<S>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if self.habit == Habit::RefusesAfterMail {
            let said = session.mail(self.mail.from, "").await;
            let _ = if said.is_ok() { session.rset().await } else { said };
        }
    }

    async fn transact<S>(
        &self,
        mut session: Client<S>,
        offered: Option<&Capabilities>,
        tls: Option<Negotiated>,
    ) -> Ended
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let outcome = match self.send(&mut session, offered).await {
            Ok(reply) if reply.is_positive() => HostOutcome::Delivered(reply.to_string()),
            Ok(reply) if reply.code / 100 == 5 => {
                HostOutcome::Rejected { code: reply.code, text: reply.to_string() }
            }
            Ok(reply) => HostOutcome::Held { code: reply.code, text: reply.to_string() },
            Err(error) => HostOutcome::Failed(error.to_string()),
        };
        let ended = leave(session, outcome).await;
        Ended { tls, reached_mail: true, ..ended }
    }

    /// MAIL, RCPT, DATA; the first answer that is not positive, or the answer to the dot.
    async fn send<S>(
        &self,
        session: &mut Client<S>,
        offered: Option<&Capabilities>,
    ) -> Result<ServerReply, ClientError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let offers = |keyword| offered.is_some_and(|offered| offered.get(keyword).is_some());
        let mut parameters = Vec::new();
        if offers("SIZE") {
            parameters.push(format!("SIZE={}", self.mail.message.len()));
        }
        if offers("8BITMIME") && !self.mail.message.is_ascii() {
            parameters.push("BODY=8BITMIME".to_owned());
        }
        let reply = session.mail(self.mail.from, &parameters.join(" ")).await?;
        if !reply.is_positive() {
            return Ok(reply);
        }
        let reply = session.rcpt(self.mail.to).await?;
        if !reply.is_positive() {
            return Ok(reply);
        }
        session.data(self.mail.message).await
    }
}

/// EHLO, or HELO where the server does not know EHLO (RFC 5321 §3.2).
async fn greet<S>(session: &mut Client<S>, name: &str) -> Result<Option<Capabilities>, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let offered = session.ehlo(name).await.map_err(|error| error.to_string())?;
    if offered.reply.is_positive() {
        return Ok(Some(offered));
    }
    if offered.reply.is_transient() {
        return Err(format!("EHLO answered with {}", offered.reply));
    }
    let reply = session.helo(name).await.map_err(|error| error.to_string())?;
    if reply.is_positive() { Ok(None) } else { Err(format!("HELO answered with {reply}")) }
}

/// QUIT; what comes of it changes nothing.
async fn leave<S>(session: Client<S>, outcome: HostOutcome) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let _ = session.quit().await;
    Ended::before_mail(outcome)
}
