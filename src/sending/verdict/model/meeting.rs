//! What a model does at a persona: published and offered, derived from the catalogue.

use crate::sending::history::Phase;
use crate::sending::persona::{
    Case, CaseId, Catalogue, Certificate, Dnssec, Persona, PersonaId, StandsFor, TlsaSpec,
};
use crate::shared::policy::Mode;

use super::{Act, Offered, PolicyState, Published, SenderModel, Shown, TlsaState};

/// What a sender may see of us. While all is well that is what the catalogue says. While a self-check is red,
/// a sender may see less, and nothing that this could explain eliminates a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::verdict) struct World {
    /// Our TLSA records are found, and secure.
    pub(in crate::sending::verdict) tlsa: bool,
    /// Our public-CA certificates verify.
    pub(in crate::sending::verdict) webpki: bool,
    /// Our MTA-STS policies are found.
    pub(in crate::sending::verdict) policy: bool,
}

impl World {
    /// As the catalogue says.
    pub(in crate::sending::verdict) const SOUND: Self = Self { tlsa: true, webpki: true, policy: true };

    /// All that a sender may see where each part that is not certain may be either way.
    pub(in crate::sending::verdict) fn possible(
        tlsa_certain: bool,
        webpki_certain: bool,
        policy_certain: bool,
    ) -> Vec<Self> {
        let ways = |certain: bool| if certain { &[true][..] } else { &[true, false][..] };
        let mut worlds = Vec::new();
        for &tlsa in ways(tlsa_certain) {
            for &webpki in ways(webpki_certain) {
                worlds.extend(ways(policy_certain).iter().map(|&policy| Self { tlsa, webpki, policy }));
            }
        }
        worlds
    }
}

/// A host that a sender may meet: a persona in its case.
#[derive(Clone, Copy, Debug)]
pub(in crate::sending::verdict) struct Host<'a> {
    pub(in crate::sending::verdict) case: &'a Case,
    pub(in crate::sending::verdict) persona: &'a Persona,
    /// Whether its case publishes neither TLSA records nor a policy.
    pub(in crate::sending::verdict) bare: bool,
}

/// How a host is met: what is offered, and whether it has an address of its own, so that a link without SNI
/// sees its certificate, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::verdict) struct Way {
    pub(in crate::sending::verdict) starttls: bool,
    pub(in crate::sending::verdict) phase: Phase,
    pub(in crate::sending::verdict) by_address: bool,
}

/// The ways that a host without an address of its own can be met.
pub(in crate::sending::verdict) const WAYS: [Way; 3] = [
    Way { starttls: false, phase: Phase::A, by_address: false },
    Way { starttls: true, phase: Phase::A, by_address: false },
    Way { starttls: true, phase: Phase::B, by_address: false },
];

/// The hosts of the suite's cases.
pub(in crate::sending::verdict) fn hosts<'a>(catalogue: &'a Catalogue) -> Vec<Host<'a>> {
    let of_case = |case: &'a Case| {
        let bare = is_bare(catalogue, case);
        catalogue.hosts_of(&case.id).map(move |persona| Host { case, persona, bare })
    };
    catalogue.classic_cases().flat_map(of_case).collect()
}

/// Whether a case publishes neither TLSA records nor a policy.
pub(in crate::sending::verdict) fn is_bare(catalogue: &Catalogue, case: &Case) -> bool {
    case.mta_sts.is_none() && catalogue.hosts_of(&case.id).all(|persona| persona.tlsa == TlsaSpec::None)
}

impl Host<'_> {
    pub(in crate::sending::verdict) fn case_id(&self) -> &CaseId {
        &self.case.id
    }

    pub(in crate::sending::verdict) fn persona_id(&self) -> &PersonaId {
        &self.persona.id
    }

    /// What can be known of the host.
    fn published(&self, world: World) -> Published {
        let signed = self.case.dnssec == Dnssec::Signed;
        let tlsa = match self.persona.tlsa {
            TlsaSpec::Match | TlsaSpec::Mismatch if signed && world.tlsa => TlsaState::Usable,
            _ => TlsaState::None,
        };
        let policy = match (self.case.mta_sts, self.persona.in_policy) {
            (Some(Mode::Enforce), true) if world.policy => PolicyState::Listed,
            (Some(Mode::Enforce), false) if world.policy => PolicyState::Unlisted,
            _ => PolicyState::None,
        };
        Published { tlsa, policy }
    }

    /// What `model` does when it meets the host in this way.
    pub(in crate::sending::verdict) fn meets(
        &self,
        catalogue: &Catalogue,
        model: &SenderModel,
        way: Way,
        world: World,
    ) -> Act {
        let shown = |certificate: Certificate, tlsa: bool| Shown {
            webpki: certificate == Certificate::PublicCa && world.webpki,
            tlsa,
        };
        let with_sni = shown(self.persona.certificate, self.persona.tlsa == TlsaSpec::Match);
        let without_sni = match catalogue.standing_for(StandsFor::NoSni) {
            Some(_) | None if way.by_address => with_sni,
            Some(server_2) => match (way.phase, server_2.certificate_phase_b) {
                (Phase::B, Some(certificate)) => shown(certificate, false),
                _ => shown(server_2.certificate, false),
            },
            None => shown(Certificate::SelfSigned, false),
        };
        model.acts(self.published(world), Offered { starttls: way.starttls, with_sni, without_sni })
    }
}
