//! What proves that a mechanism is practised, and which events decide a finding.
//!
//! That everything else is excluded is no proof: a sender outside the space of readings leaves the same behind. So DANE
//! and MTA-STS are practised only by a refusal that nothing else explains.

use crate::sending::persona::{Certificate, Persona, TlsaSpec};

use super::super::event::{Action, Event};
use super::super::finding::{FindingResult, Mechanism};
use super::super::model::reading::Reading;
use super::CandidateTest;
use super::practice::of_reading;
use super::silence::asked_for_policy;

impl CandidateTest<'_> {
    /// The refusals that prove a mechanism, where it wants such proof; none where it does not.
    pub(in crate::sending::verdict) fn proof(&self, mechanism: Mechanism) -> Option<Vec<&Event>> {
        let proves = proving(mechanism)?;
        // RFC 8461 §3: without a fetch there is no policy. That none was seen may be for want of notes, and is no proof.
        if mechanism == Mechanism::MtaSts && asked_for_policy(self.history).next().is_none() {
            return Some(Vec::new());
        }
        let at_such_a_host = |event: &&Event| {
            let persona = event.persona.as_ref().and_then(|persona| self.catalogue.persona(persona));
            matches!(event.action, Action::Refused { .. }) && persona.is_some_and(proves)
        };
        let refused: Vec<_> = self.counting().filter(at_such_a_host).collect();
        // One link that was closed without a word may be an accident. Whose way that is closes others so, too.
        let spoke =
            |event: &&Event| matches!(event.action, Action::Refused { alert, quit, .. } if alert || quit);
        let wordless =
            |event: &&Event| matches!(event.action, Action::Refused { sni: true, alert: false, quit: false });
        let repeated = self.counting().filter(wordless).count() > 1;
        Some(if repeated || refused.iter().any(spoke) { refused } else { Vec::new() })
    }

    /// The servers whose refusal would prove a mechanism.
    pub(in crate::sending::verdict) fn provers(&self, mechanism: Mechanism) -> Vec<u8> {
        let Some(proves) = proving(mechanism) else { return Vec::new() };
        self.hosts
            .iter()
            .map(|host| host.persona)
            .filter(|host| proves(host))
            .map(|host| host.server)
            .collect()
    }

    /// Whether all of these readings practise a mechanism that nothing proves yet.
    pub(in crate::sending::verdict) fn lacks_proof(&self, readings: &[Reading]) -> bool {
        [Mechanism::Dane, Mechanism::MtaSts].into_iter().any(|mechanism| {
            self.all_practise(mechanism, readings)
                && self.proof(mechanism).is_some_and(|proof| proof.is_empty())
        })
    }

    /// Whether all of these readings practise a mechanism, and one of them is there.
    pub(in crate::sending::verdict) fn all_practise(
        &self,
        mechanism: Mechanism,
        readings: &[Reading],
    ) -> bool {
        let practises = |reading| of_reading(self, mechanism, reading) == FindingResult::Practised;
        !readings.is_empty() && readings.iter().all(practises)
    }

    /// The events that leave only readings with this result: of those that eliminate another, each that eliminates one
    /// which no earlier one does.
    pub(in crate::sending::verdict) fn deciding(
        &self,
        mechanism: Mechanism,
        result: FindingResult,
    ) -> Vec<&Event> {
        let mut opposed = Reading::all();
        opposed.retain(|reading| of_reading(self, mechanism, reading) != result);
        let mut deciding = Vec::new();
        for event in self.counting() {
            let before = opposed.len();
            opposed.retain(|reading| self.fits(reading, event));
            if opposed.len() < before {
                deciding.push(event);
            }
        }
        deciding
    }
}

/// The hosts that only who practises the mechanism refuses, all else being excluded: for DANE those whose certificate
/// no TLSA record fits (RFC 7672 §2.2), for MTA-STS listed ones whose certificate does not verify (RFC 8461 §4.1).
fn proving(mechanism: Mechanism) -> Option<fn(&Persona) -> bool> {
    match mechanism {
        Mechanism::Dane => Some(|persona| persona.tlsa == TlsaSpec::Mismatch),
        Mechanism::MtaSts => {
            Some(|persona| persona.in_policy && persona.certificate != Certificate::PublicCa)
        }
        _ => None,
    }
}
