//! How one case came out.

use crate::sending::history::{History, Seq};
use crate::sending::persona::{Catalogue, RuledCase, Standing};
use crate::sending::trial::{HostRole, Part};

use super::finding::{CaseFinding, CaseOutcome, CaseWhy};

/// The finding on a case by its own evidence.
pub(super) fn finding(catalogue: &Catalogue, history: &History, case: &RuledCase) -> CaseFinding {
    let bad = case.entrance(HostRole::Bad);
    let mut worst = CaseOutcome::Unseen;
    let mut evidence: Vec<Seq> = Vec::new();
    for (link, seq, received) in history.transactions() {
        if !received.recipients.iter().any(|recipient| recipient.case == case.id) {
            continue;
        }
        let at_bad = link.entrance == Some(bad);
        let outcome = match (at_bad, received.tls) {
            (true, false) => CaseOutcome::Clear,
            (true, true) => CaseOutcome::Delivered,
            (false, _) if met(catalogue, history, case) => CaseOutcome::Refused,
            (false, _) => CaseOutcome::PassedOver,
        };
        if outcome < worst {
            (worst, evidence) = (outcome, Vec::new());
        }
        if outcome == worst {
            evidence.push(seq);
        }
    }
    let asked = |part: fn(Part) -> bool| {
        history.queries.iter().any(|query| {
            let named = catalogue.read_name(&query.what.name);
            named.is_some_and(|(one, name)| one.id == case.id && part(name.part))
        })
    };
    CaseFinding {
        case: case.id.clone(),
        outcome: worst,
        standing: standing(case, worst),
        why: if worst == CaseOutcome::Unseen { CaseWhy::NeverReached } else { CaseWhy::Shown },
        laxer_on_retry: false,
        policy_asked_for: asked(|part| part == Part::PolicyRecord),
        tlsa_asked_for: asked(|part| matches!(part, Part::Tlsa(_))),
        evidence,
    }
}

/// What an outcome is worth in a case.
pub(super) fn standing(case: &RuledCase, outcome: CaseOutcome) -> Option<Standing> {
    match outcome {
        CaseOutcome::Clear => Some(case.expect.clear),
        CaseOutcome::Delivered => Some(case.expect.delivered),
        CaseOutcome::Refused | CaseOutcome::PassedOver => Some(case.expect.turned),
        CaseOutcome::Held => Some(case.expect.held),
        CaseOutcome::Unseen => None,
    }
}

/// Whether a link of the trial met the faulty host by its name.
fn met(catalogue: &Catalogue, history: &History, case: &RuledCase) -> bool {
    let bad = Catalogue::ruled_host_id(&case.id, HostRole::Bad);
    history.links.iter().any(|attributed| {
        attributed.link.tls.as_ref().is_some_and(|tls| tls.persona.as_ref() == Some(&bad))
            || attributed.link.tls.as_ref().and_then(|tls| tls.hello.sni.as_deref()).is_some_and(|sni| {
                let named = catalogue.read_name(sni);
                named.is_some_and(|(one, name)| one.id == case.id && name.part == Part::Host(HostRole::Bad))
            })
    })
}
