//! What a sender is shown at an entrance of ruled cases.

use crate::sending::history::SelfCheck;
use crate::sending::identities::Identities;
use crate::sending::identities::shown::{Choice, check, host_name};
use crate::sending::persona::{Catalogue, Entrance, PersonaId, RuledCase};
use crate::sending::trial::{CasePhase, CasePhases};
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

use super::names::entrance;

impl Identities {
    /// What a sender is shown that named `sni` at an entrance: the host of that name, if it is one that is met there, else
    /// what is shown without a name. None where nothing is, since the entrance has no hosts.
    pub fn choose_at(&self, at: Entrance, sni: Option<&str>, phases: &dyn CasePhases) -> Option<Choice> {
        let shown = self.shown.load();
        let named = sni.and_then(host_name).and_then(|name| {
            let (case, role, label) = self.catalogue.ruled_host_named(&name)?;
            let id = Catalogue::ruled_host_id(&case.id, role);
            let host = shown.cases.hosts.get(&id).filter(|_| entrance(case, role) == at)?;
            let phase = label.map_or(CasePhase::First, |label| phases.phase(&case.id.0, &label));
            let later = shown.cases.later.get(&id).filter(|_| phase == CasePhase::Second);
            Some((id, later.unwrap_or(&host.identity).config.clone()))
        });
        if let Some((id, config)) = named {
            return Some(Choice { persona: Some(id), config });
        }
        let unnamed = shown.cases.unnamed.get(&at)?;
        Some(Choice { persona: None, config: unnamed.config.clone() })
    }

    /// Whether a ruled case is offered.
    pub fn offers(&self, case: &RuledCase) -> bool {
        self.addresses.offers(case)
    }

    /// The hosts of ruled cases that are offered.
    pub fn ruled_hosts(&self) -> Vec<PersonaId> {
        self.shown.load().cases.ids().cloned().collect()
    }

    /// As [`Self::check`], of the hosts of ruled cases: for all of them whose certificates should verify.
    pub fn check_cases(&self, roots: &Roots, now: Timestamp) -> SelfCheck {
        check(self.shown.load().cases.all(), roots, now)
    }
}
