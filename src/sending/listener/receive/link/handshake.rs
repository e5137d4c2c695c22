//! TLS on a link: what is shown to whom, and handshakes that are at fault by design.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;

use super::{Event, Link, Phase};
use crate::sending::history::Fact;
use crate::sending::identities::Choice;
use crate::sending::persona::{Entrance, PersonaId, SmtpBehaviour};
use crate::shared::evidence::{ClientHello, Handshake};
use crate::shared::tls::{self, Fault};

/// What is known of the host that a sender named in TLS.
#[derive(Default)]
struct Met {
    /// The name by which we answer.
    host: String,
    /// Whether it offers REQUIRETLS.
    requires_tls: bool,
}

impl Link {
    /// Takes the handshake, and what is said behind it.
    pub(super) async fn upgrade(&mut self, tcp: TcpStream, phase: Phase) {
        if let Some(fault) = self.fault().await {
            // On the heap, as what is below: few come to hosts of such a case.
            return Box::pin(self.let_down(tcp, phase, &fault)).await;
        }
        let mut met = Met::default();
        let handshake_s = self.shared.rules.settings.handshake_s;
        // On the heap while it lasts: else each link holds room for it to its end.
        let accepted = Box::pin(tls::accept(tcp, handshake_s, |hello| {
            let choice = self.choose(hello, phase);
            met = self.met(hello, choice.persona.as_ref());
            self.note_hello(hello, choice.persona, phase);
            choice.config
        }))
        .await;
        let handshake = accepted.handshake();
        let cipher_suite = match &handshake {
            Handshake::Completed(negotiated) => Some(negotiated.cipher_suite.clone()),
            Handshake::Failed(_) => None,
        };
        self.note(Fact::HandshakeEnded { link: self.id, handshake });
        let tls::Accepted { outcome, hello } = accepted;
        // It was noted, and is nothing to hold as long as the link lasts.
        drop(hello);
        match outcome {
            Ok((_, mut stream)) => {
                let Met { host, requires_tls } = met;
                self.perform(&mut stream, Event::Upgraded { host, cipher_suite, requires_tls }).await;
                self.converse(&mut stream).await;
            }
            Err(failure) => {
                self.alert = failure.alert;
                self.perform(&mut tokio::io::empty(), Event::Ended(failure.by)).await;
            }
        }
    }

    /// What is at fault with every handshake where this link came in.
    async fn fault(&self) -> Option<Fault> {
        match self.entrance? {
            Entrance::Garbage => Some(Fault::Garbage),
            Entrance::Reset => Some(Fault::Silence),
            Entrance::Tls10 => Some(Fault::Tls10(self.rsa_chain().await)),
            Entrance::RsaKeyTransport => Some(Fault::RsaKeyTransport(self.rsa_chain().await)),
            _ => None,
        }
    }

    /// A chain of an RSA key. The first that wants one has the key made, which would hold up all others of its thread.
    async fn rsa_chain(&self) -> Vec<CertificateDer<'static>> {
        let identities = Arc::clone(&self.shared.identities);
        let made = tokio::task::spawn_blocking(move || identities.rsa_chain()).await;
        let made = made.map_err(|error| error.to_string());
        made.and_then(|made| made.map_err(|error| error.to_string())).unwrap_or_else(|error| {
            tracing::error!(%error, "a handshake is answered without a certificate");
            Vec::new()
        })
    }

    /// A handshake that never completes.
    async fn let_down(&mut self, mut tcp: TcpStream, phase: Phase, fault: &Fault) {
        let handshake_s = self.shared.rules.settings.handshake_s;
        let see = |hello: &ClientHello| self.note_hello(hello, self.choose(hello, phase).persona, phase);
        let failure = tls::fail(&mut tcp, handshake_s, fault, see).await;
        let (by, alert) = (failure.by, failure.alert);
        self.note(Fact::HandshakeEnded { link: self.id, handshake: Handshake::Failed(failure) });
        self.alert = alert;
        match fault {
            // The sender knows by then that it was answered with 220: its hello has come.
            Fault::Silence => {
                if let Err(error) = tcp.set_zero_linger() {
                    tracing::debug!(%error, "a link cannot be reset");
                }
                self.perform(&mut tokio::io::empty(), Event::Ended(by)).await;
            }
            _ => {
                self.perform(&mut tcp, Event::Ended(by)).await;
            }
        }
    }

    fn note_hello(&self, hello: &ClientHello, persona: Option<PersonaId>, phase: Phase) {
        self.note(Fact::HelloSeen { link: self.id, hello: hello.clone(), persona, phase });
    }

    /// What a sender with this hello is shown.
    fn choose(&self, hello: &ClientHello, phase: Phase) -> Choice {
        let (identities, sni) = (&self.shared.identities, hello.sni.as_deref());
        let at = |entrance| identities.choose_at(entrance, sni, self.shared.rules.phases.as_ref());
        self.entrance.and_then(at).unwrap_or_else(|| identities.choose(sni, self.local.ip(), phase))
    }

    /// What follows for the session from the host that was named.
    fn met(&self, hello: &ClientHello, persona: Option<&PersonaId>) -> Met {
        let rules = &self.shared.rules;
        let host = rules.host_name(persona.or(self.persona.as_ref()));
        let ruled = persona.and_then(|id| rules.catalogue.ruled_host(id));
        Met {
            // The name as it was said may carry a trial's label.
            host: hello.sni.clone().filter(|_| ruled.is_some()).unwrap_or(host),
            requires_tls: ruled.is_some_and(|(case, role)| case.host(role).smtp == SmtpBehaviour::RequireTls),
        }
    }
}
