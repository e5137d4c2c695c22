//! One link, projected from its observations.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::sending::persona::{Catalogue, Entrance, PersonaId, RuledCase};
use crate::sending::trial::{CaseName, HostRole, LinkId, Source};
use crate::shared::evidence::{Alert, ClientHello, Handshake, HandshakeFailure, Negotiated, Party};
use crate::shared::time::Timestamp;

use super::observation::{Fact, Observation};
use super::place::Seq;
use super::smtp::{Irregularity, Offer, Phase, Received};

/// How many EHLO names are kept of a link; the last stands for those beyond.
const EHLO_MAX: usize = 16;
/// How many transactions are kept of a link.
const TRANSACTIONS_MAX: usize = 100;
/// How many irregularities are kept of a link: a listener notes each kind once.
const IRREGULARITIES_MAX: usize = 32;

/// A link as far as the journal knows it. After a crash of ours a link may lack its end: then nothing can
/// be said of how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub id: LinkId,
    /// Its first observation.
    pub first: Seq,
    /// When it was opened.
    pub opened: Timestamp,
    pub peer: SocketAddr,
    /// The persona that alone has the address that was called.
    pub persona_by_address: Option<PersonaId>,
    /// The entrance of ruled cases that was called.
    pub entrance: Option<Entrance>,
    /// The EHLO names, in order.
    pub ehlo: Vec<String>,
    /// When the first EHLO in clear was answered: the window of a source is counted from there.
    pub greeted: Option<Timestamp>,
    /// The offer of the last EHLO before TLS, with its observation.
    pub offer: Option<(Seq, Offer)>,
    /// Whether STARTTLS was sent, and the code it was answered with.
    pub starttls: Option<u16>,
    /// TLS, from the ClientHello on.
    pub tls: Option<TlsPart>,
    /// The transactions, each with its observation.
    pub transactions: Vec<(Seq, Received)>,
    /// The codes that dots were answered with, by transaction number.
    pub answers: Vec<(u16, u16)>,
    /// How many transactions were too many to be kept.
    pub transactions_beyond: u32,
    /// What was irregular.
    pub irregularities: Vec<Irregularity>,
    pub closing: Option<Closing>,
}

/// The TLS part of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsPart {
    /// The observation of the ClientHello.
    pub seq: Seq,
    /// The ClientHello.
    pub hello: ClientHello,
    /// The persona whose certificate was chosen; none: the one for links without SNI.
    pub persona: Option<PersonaId>,
    /// The phase of the certificate for links without SNI.
    pub phase: Phase,
    /// How the handshake ended, once it did.
    pub handshake: Option<Handshake>,
    /// Whether EHLO or HELO came within TLS.
    pub greeted: bool,
    /// The observation that further commands came behind EHLO within TLS before that was answered.
    pub ahead: Option<Seq>,
}

/// The end of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// The observation.
    pub seq: Seq,
    pub at: Timestamp,
    pub by: Party,
    /// Whether the sender said QUIT.
    pub quit: bool,
    /// The alert that the sender sent.
    pub alert: Option<Alert>,
}

/// How far a link came, in the words of Lindenberg's connection history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkState {
    /// No TLS and no transaction.
    None,
    /// A ClientHello came in, and the handshake did not complete.
    SniSeen,
    /// The handshake completed, as far as we can see.
    TlsStarted,
    /// A transaction began.
    Mail,
    /// A transaction was acknowledged.
    Acked,
}

impl LinkState {
    /// The state's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::SniSeen => "SniSeen",
            Self::TlsStarted => "TlsStarted",
            Self::Mail => "Mail",
            Self::Acked => "Acked",
        }
    }
}

impl Link {
    /// A link at its opening; `None` if the observation is another fact.
    pub fn open(observation: &Observation) -> Option<Self> {
        let Fact::LinkOpened { link, source, persona, entrance, .. } = &observation.fact else { return None };
        Some(Self {
            id: *link,
            first: observation.seq,
            opened: observation.at,
            peer: *source,
            persona_by_address: persona.clone(),
            entrance: *entrance,
            ehlo: Vec::new(),
            greeted: None,
            offer: None,
            starttls: None,
            tls: None,
            transactions: Vec::new(),
            answers: Vec::new(),
            transactions_beyond: 0,
            irregularities: Vec::new(),
            closing: None,
        })
    }

    /// The link with only those transactions that `is_own`: one that is used again may carry mail of other trials, or of
    /// none.
    pub fn only(self: &Arc<Self>, is_own: impl Fn(u16) -> bool) -> Arc<Self> {
        let all_own = self.transactions.iter().all(|(_, received)| is_own(received.number))
            && self.answers.iter().all(|(number, _)| is_own(*number));
        if all_own {
            return Arc::clone(self);
        }
        let mut link = Self::clone(self);
        link.transactions.retain(|(_, received)| is_own(received.number));
        link.answers.retain(|(number, _)| is_own(*number));
        Arc::new(link)
    }

    /// Takes in one more fact about this link.
    pub fn note(&mut self, observation: &Observation) {
        let seq = observation.seq;
        match &observation.fact {
            Fact::Greeted { name, tls, offer, .. } => {
                if self.ehlo.len() >= EHLO_MAX {
                    self.ehlo.pop();
                }
                self.ehlo.push(name.clone());
                match (&mut self.tls, *tls) {
                    (Some(part), true) => part.greeted = true,
                    _ => {
                        self.greeted.get_or_insert(observation.at);
                        self.offer = Some((seq, *offer));
                    }
                }
            }
            Fact::StarttlsAsked { code, .. } => self.starttls = Some(*code),
            Fact::HelloSeen { hello, persona, phase, .. } => {
                let (hello, persona, phase) = (hello.clone(), persona.clone(), *phase);
                let (handshake, greeted, ahead) = (None, false, None);
                self.tls = Some(TlsPart { seq, hello, persona, phase, handshake, greeted, ahead });
            }
            Fact::HandshakeEnded { handshake, .. } => match &mut self.tls {
                Some(part) => part.handshake = Some(handshake.clone()),
                None => {
                    let (hello, persona, phase) = (ClientHello::default(), None, Phase::default());
                    let (handshake, greeted, ahead) = (Some(handshake.clone()), false, None);
                    self.tls = Some(TlsPart { seq, hello, persona, phase, handshake, greeted, ahead });
                }
            },
            Fact::Irregular { what, .. } if self.irregularities.len() < IRREGULARITIES_MAX => {
                self.irregularities.push(*what);
                if *what == Irregularity::UnsynchronisedPipelining && self.negotiated().is_some() {
                    // It is noted once on a link: who does so in clear already shows nothing more within TLS.
                    self.tls.iter_mut().for_each(|part| part.ahead = Some(seq));
                }
            }
            Fact::Received(_) if self.transactions.len() >= TRANSACTIONS_MAX => {
                self.transactions_beyond = self.transactions_beyond.saturating_add(1);
            }
            Fact::Received(received) => self.transactions.push((seq, (**received).clone())),
            Fact::Answered { number, code, .. } if self.answers.len() < TRANSACTIONS_MAX => {
                self.answers.push((*number, *code));
            }
            Fact::LinkClosed(closed) => {
                let (by, quit, alert) = (closed.by, closed.quit, closed.alert);
                self.closing = Some(Closing { seq, at: observation.at, by, quit, alert });
            }
            _ => {}
        }
    }

    /// The sender's address.
    pub fn address(&self) -> IpAddr {
        self.peer.ip().to_canonical()
    }

    /// The sender as a source.
    pub fn source(&self) -> Source {
        Source::new(self.address(), self.ehlo.last().map(String::as_str))
    }

    /// What the server name that the sender gave in TLS says of a ruled case, if it says anything.
    pub fn ruled_name<'c>(&self, catalogue: &'c Catalogue) -> Option<(&'c RuledCase, CaseName)> {
        catalogue.read_name(self.tls.as_ref()?.hello.sni.as_deref()?)
    }

    /// The host of a ruled case that the sender named in TLS, if it named one. Who named none, or whatever else of a case,
    /// has met one of those whose entrance was called.
    pub fn ruled_host<'c>(&self, catalogue: &'c Catalogue) -> Option<(&'c RuledCase, HostRole)> {
        let (case, name) = self.ruled_name(catalogue)?;
        Some((case, case.host_at(name.part)?))
    }

    /// What both sides agreed on in TLS, if they did.
    pub fn negotiated(&self) -> Option<&Negotiated> {
        match self.tls.as_ref()?.handshake.as_ref()? {
            Handshake::Completed(negotiated) => Some(negotiated),
            Handshake::Failed(_) => None,
        }
    }

    /// Whether a transaction named a recipient or brought a message: less is no mail. What was answered at its dot
    /// did, also where the fact of it is missing.
    pub fn has_mail(&self) -> bool {
        !self.answers.is_empty() || self.transactions.iter().any(|(_, received)| !received.ended_at_mail())
    }

    /// Whether the sender left without STARTTLS having been offered and without a mail: at once, or at MAIL, as
    /// Sendmail does.
    pub fn left_without_starttls(&self) -> bool {
        self.offer.is_some_and(|(_, offer)| !offer.starttls)
            && self.tls.is_none()
            && !self.has_mail()
            && self.closing.as_ref().is_some_and(|closing| closing.by == Party::Sender)
    }

    /// Whether the sender refused the certificate it was shown: our certificate had been sent, and the sender
    /// ended the link before any EHLO within TLS, with an alert about the certificate or with none. That covers
    /// QUIT right after the handshake (Postfix, Sendmail), an alert after it (GnuTLS), a silent close after it
    /// (OpenSMTPD, Courier) and a silent close before the sender's Finished (Node). Some look at the certificate
    /// later: EHLO in TLS and a close without a word (chasquid), or MAIL, no RCPT and QUIT (Sendmail 8.18). Who has
    /// begun a mail in TLS and then breaks off has crashed or run out of time, for all that can be seen.
    pub fn refused_certificate(&self) -> bool {
        let Some(part) = &self.tls else { return false };
        let mail_in_tls = |(_, received): &(Seq, Received)| received.tls && !received.ended_at_mail();
        if part.greeted && !self.answers.is_empty() || self.transactions.iter().any(mail_in_tls) {
            return false;
        }
        let about_certificate = |alert: Option<Alert>| alert.is_none_or(Alert::is_about_the_certificate);
        match &part.handshake {
            Some(Handshake::Failed(failure)) => {
                failure.certificate_sent
                    && failure.by == Party::Sender
                    && !failure.our_limit
                    && about_certificate(failure.alert)
            }
            Some(Handshake::Completed(_)) => self.closing.as_ref().is_some_and(|closing| {
                let begun = self.transactions.iter().any(|(_, received)| received.tls);
                let on_purpose = closing.quit || closing.alert.is_some() || !begun;
                closing.by == Party::Sender && about_certificate(closing.alert) && on_purpose
            }),
            None => false,
        }
    }

    /// The alert that came with the end of TLS.
    pub fn alert(&self) -> Option<Alert> {
        let in_handshake = match self.tls.as_ref().and_then(|part| part.handshake.as_ref()) {
            Some(Handshake::Failed(failure)) => failure.alert,
            _ => None,
        };
        in_handshake.or(self.closing.as_ref().and_then(|closing| closing.alert))
    }

    /// A handshake that failed and was no refusal of the certificate: inconclusive.
    pub fn tls_failed(&self) -> Option<&HandshakeFailure> {
        match self.tls.as_ref()?.handshake.as_ref()? {
            Handshake::Failed(failure) if !self.refused_certificate() => Some(failure),
            _ => None,
        }
    }

    /// How far it came.
    pub fn state(&self) -> LinkState {
        if self.answers.iter().any(|(_, code)| *code == 250) {
            LinkState::Acked
        } else if !self.transactions.is_empty() {
            LinkState::Mail
        } else {
            match self.tls.as_ref().map(|part| &part.handshake) {
                Some(Some(Handshake::Completed(_))) => LinkState::TlsStarted,
                Some(_) => LinkState::SniSeen,
                None => LinkState::None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::evidence::TlsVersion;

    #[test]
    fn commands_ahead_of_an_answer_are_known_to_be_within_tls_or_not() {
        let id = LinkId(7);
        let noted = |facts: &[Fact]| {
            let observations = facts.iter().zip(1..).map(|(fact, seq)| Observation {
                seq: Seq(seq),
                at: Timestamp::UNIX_EPOCH,
                fact: fact.clone(),
            });
            let mut link: Option<Link> = None;
            for observation in observations {
                match &mut link {
                    Some(link) => link.note(&observation),
                    none => *none = Link::open(&observation),
                }
            }
            link.expect("it was opened").tls.and_then(|part| part.ahead)
        };
        let (source, local) = (([192, 0, 2, 1], 40_000).into(), ([192, 0, 2, 25], 25).into());
        let opened = Fact::LinkOpened { link: id, source, local, persona: None, entrance: None };
        let hello =
            Fact::HelloSeen { link: id, hello: ClientHello::default(), persona: None, phase: Phase::A };
        let (cipher_suite, group, resumed) = (String::new(), None, false);
        let negotiated = Negotiated { version: TlsVersion::TLS13, cipher_suite, group, resumed };
        let ended = Fact::HandshakeEnded { link: id, handshake: Handshake::Completed(negotiated) };
        let ahead = Fact::Irregular { link: id, what: Irregularity::UnsynchronisedPipelining };
        let other = Fact::Irregular { link: id, what: Irregularity::BadCommand };
        let in_tls = [opened.clone(), hello.clone(), ended.clone(), other.clone(), ahead.clone()];
        assert_eq!(noted(&in_tls), Some(Seq(5)));
        assert_eq!(noted(&[opened.clone(), ahead, hello.clone(), ended.clone()]), None, "in clear");
        assert_eq!(noted(&[opened, hello, ended, other]), None);
    }
}
