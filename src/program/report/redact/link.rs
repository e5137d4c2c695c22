//! Links of a redacted history.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sending::history::{
    Attributed, Closing, Irregularity, Link, Offer, Phase, Seq, Strength, TlsPart,
};
use crate::sending::persona::{Entrance, PersonaId};
use crate::sending::trial::LinkId;
use crate::shared::evidence::{Alert, ClientHello, Handshake, Party, TlsVersion};
use crate::shared::time::Timestamp;

use super::address::{Numbered, RedactedAddress};
use super::mail::RedactedMail;
use super::names::{self, Names, WITHHELD};

/// A link: one connection of whoever sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedLink {
    /// How surely it belongs to the trial.
    pub strength: Strength,
    /// Its first observation.
    pub first: Seq,
    pub opened: Timestamp,
    pub source: RedactedAddress,
    /// The persona that alone has the address that was called.
    pub persona_by_address: Option<PersonaId>,
    /// The entrance of ruled cases that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrance: Option<Entrance>,
    /// The registrable domains of the EHLO names, in order; none where a name has none.
    pub ehlo: Vec<Option<String>>,
    pub greeted: Option<Timestamp>,
    /// The offer of the last EHLO before TLS, with its observation.
    pub offer: Option<(Seq, Offer)>,
    /// The code that STARTTLS was answered with.
    pub starttls: Option<u16>,
    pub tls: Option<RedactedTls>,
    pub mails: Vec<RedactedMail>,
    /// The codes that dots were answered with, by transaction number.
    pub answers: Vec<(u16, u16)>,
    /// How many transactions were too many to be kept.
    pub transactions_beyond: u32,
    pub irregularities: Vec<Irregularity>,
    pub closing: Option<RedactedClosing>,
}

/// The TLS part of a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedTls {
    pub seq: Seq,
    pub sni: Sni,
    pub versions: Vec<TlsVersion>,
    pub cipher_suites: Vec<u16>,
    pub groups: Vec<u16>,
    pub signature_schemes: Vec<u16>,
    /// The persona whose certificate was chosen.
    pub persona: Option<PersonaId>,
    pub phase: Phase,
    pub handshake: Option<Handshake>,
    /// Whether EHLO or HELO came within TLS.
    pub greeted: bool,
    /// The observation that commands came behind EHLO within TLS before that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Seq>,
}

/// The name in SNI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sni {
    /// None was sent.
    None,
    /// A name of the suite.
    Ours(String),
    /// Another name, which is withheld.
    Other,
}

/// The end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedClosing {
    pub seq: Seq,
    pub at: Timestamp,
    pub by: Party,
    /// Whether the sender said QUIT.
    pub quit: bool,
    pub alert: Option<Alert>,
}

impl RedactedLink {
    pub(super) fn of(numbered: &Numbered, names: &Names<'_>, attributed: &Attributed) -> Self {
        let Attributed { link, strength } = attributed;
        let Link {
            // Its number is nobody's business but the journal's.
            id: _,
            first,
            opened,
            peer: _,
            persona_by_address,
            entrance,
            ehlo,
            greeted,
            offer,
            starttls,
            tls,
            transactions,
            answers,
            transactions_beyond,
            irregularities,
            closing,
        } = &**link;
        Self {
            strength: *strength,
            first: *first,
            opened: *opened,
            source: numbered.address(link.address()),
            persona_by_address: persona_by_address.clone(),
            entrance: *entrance,
            ehlo: ehlo.iter().map(|name| names::host(name)).collect(),
            greeted: *greeted,
            offer: *offer,
            starttls: *starttls,
            tls: tls.as_ref().map(|part| RedactedTls::of(names, part)),
            mails: transactions
                .iter()
                .map(|(seq, received)| RedactedMail::of(names, *seq, received))
                .collect(),
            answers: answers.clone(),
            transactions_beyond: *transactions_beyond,
            irregularities: irregularities.clone(),
            closing: closing.as_ref().map(RedactedClosing::of),
        }
    }

    /// The link for a judge, under a number of its own.
    pub(super) fn attributed(&self, id: LinkId) -> Attributed {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| WITHHELD.to_owned());
        let link = Link {
            id,
            first: self.first,
            opened: self.opened,
            peer: SocketAddr::new(self.source.stand_in(), 0),
            persona_by_address: self.persona_by_address.clone(),
            entrance: self.entrance,
            ehlo: self.ehlo.iter().map(name).collect(),
            greeted: self.greeted,
            offer: self.offer,
            starttls: self.starttls,
            tls: self.tls.as_ref().map(RedactedTls::part),
            transactions: self.mails.iter().map(|mail| (mail.seq, mail.received(id))).collect(),
            answers: self.answers.clone(),
            transactions_beyond: self.transactions_beyond,
            irregularities: self.irregularities.clone(),
            closing: self.closing.as_ref().map(RedactedClosing::closing),
        };
        Attributed { link: Arc::new(link), strength: self.strength }
    }
}

impl RedactedTls {
    fn of(names: &Names<'_>, part: &TlsPart) -> Self {
        let TlsPart { seq, hello, persona, phase, handshake, greeted, ahead } = part;
        // Protocols are texts of the sender's, and nothing is judged by them.
        let ClientHello { sni, versions, cipher_suites, groups, signature_schemes, alpn: _ } = hello;
        Self {
            seq: *seq,
            sni: match sni {
                None => Sni::None,
                Some(name) => names.ours(name).map_or(Sni::Other, Sni::Ours),
            },
            versions: versions.clone(),
            cipher_suites: cipher_suites.clone(),
            groups: groups.clone(),
            signature_schemes: signature_schemes.clone(),
            persona: persona.clone(),
            phase: *phase,
            handshake: handshake.clone(),
            greeted: *greeted,
            ahead: *ahead,
        }
    }

    fn part(&self) -> TlsPart {
        let hello = ClientHello {
            sni: match &self.sni {
                Sni::None => None,
                Sni::Ours(name) => Some(name.clone()),
                Sni::Other => Some(WITHHELD.to_owned()),
            },
            versions: self.versions.clone(),
            cipher_suites: self.cipher_suites.clone(),
            groups: self.groups.clone(),
            signature_schemes: self.signature_schemes.clone(),
            alpn: Vec::new(),
        };
        TlsPart {
            seq: self.seq,
            hello,
            persona: self.persona.clone(),
            phase: self.phase,
            handshake: self.handshake.clone(),
            greeted: self.greeted,
            ahead: self.ahead,
        }
    }
}

impl RedactedClosing {
    fn of(closing: &Closing) -> Self {
        let Closing { seq, at, by, quit, alert } = *closing;
        Self { seq, at, by, quit, alert }
    }

    fn closing(&self) -> Closing {
        let Self { seq, at, by, quit, alert } = *self;
        Closing { seq, at, by, quit, alert }
    }
}
