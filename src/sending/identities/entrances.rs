//! What a sender is shown at an entrance of ruled cases.

use rustls::pki_types::CertificateDer;

use crate::sending::persona::{Catalogue, Entrance, PersonaId, RuledCase, SmtpBehaviour};
use crate::sending::trial::{CasePhase, CasePhases, HostRole};

use super::cases::{entrance, resuming};
use super::certificates::CertificatesError;
use super::shown::{Choice, Identities, host_name};

impl Identities {
    /// What a sender is shown that named `sni` at an entrance: the host of that name, if it is one that is met there, else
    /// what is shown without a name. None where nothing is, since the entrance has no hosts.
    pub fn choose_at(&self, at: Entrance, sni: Option<&str>, phases: &dyn CasePhases) -> Option<Choice> {
        let shown = self.shown.load();
        let named = sni.and_then(host_name).and_then(|name| {
            let (case, role, label) = self.catalogue.ruled_host_named(&name)?;
            let id = Catalogue::ruled_host_id(&case.id, role);
            let host = shown.cases.host(&id).filter(|_| entrance(case, role) == at)?;
            let phase = label.map_or(CasePhase::First, |label| phases.phase(&case.id.0, &label));
            let later = shown.cases.later(&id).filter(|_| phase == CasePhase::Second);
            let config = later.unwrap_or(host).config.clone();
            let resumes = case.host(role).smtp == SmtpBehaviour::Resuming;
            let tickets = self.tickets.as_ref().filter(|_| resumes);
            let gives = role == HostRole::Good;
            let resuming = tickets.map(|tickets| resuming(&config, tickets, Some(&name), gives));
            Some(Choice { persona: Some(id), config: resuming.unwrap_or(config) })
        });
        let unnamed = || {
            let config = shown.cases.unnamed(at)?.config.clone();
            let tickets = self.tickets.as_ref().filter(|_| at == Entrance::Resuming);
            let resuming = tickets.map(|tickets| resuming(&config, tickets, None, false));
            Some(Choice { persona: None, config: resuming.unwrap_or(config) })
        };
        named.or_else(unnamed)
    }

    /// A chain of an RSA key, for handshakes that never complete.
    ///
    /// # Errors
    ///
    /// If the key or the certificate cannot be read or made. The error names it and says what to do.
    pub fn rsa_chain(&self) -> Result<Vec<CertificateDer<'static>>, CertificatesError> {
        let shown = self.shown.load();
        self.making(shown.made).rsa_chain(&self.catalogue, &self.addresses, &shown.cases)
    }

    /// Whether a ruled case is offered.
    pub fn offers(&self, case: &RuledCase) -> bool {
        self.addresses.offers(case)
    }

    /// The hosts of ruled cases that are offered.
    pub fn ruled_hosts(&self) -> Vec<PersonaId> {
        self.shown.load().cases.ids().cloned().collect()
    }
}
