//! What the attack view claims of a sender that is known: what becomes of its mail is stated here anew, not taken from
//! the judge.

use mailassay::sending::history::History;
use mailassay::sending::persona::Catalogue;
use mailassay::sending::trial::Pace;
use mailassay::sending::verdict::model::{
    Act, Certificates, Dane, Offered, PolicyState, Published, SenderModel, Shown, TlsaState,
};
use mailassay::sending::verdict::{Attack, CasesVerdict, Exposure, Target, attacks};

/// How many cells of the view on this sender are decided; each must be true, and be proved.
pub(super) fn decided(catalogue: &Catalogue, history: &History, model: &SenderModel) -> usize {
    let mut decided = 0;
    let cells = attacks(catalogue, &Pace::default(), history, &CasesVerdict::default());
    assert_eq!(cells.len(), 12);
    for cell in cells {
        let place = format!("{model}: {cell:?}");
        match cell.exposure {
            Exposure::Read | Exposure::ReadUntilKnown | Exposure::NotRead => {
                assert!(!cell.evidence.is_empty(), "{place}");
                let truth = truth(model, cell.attack, cell.target);
                // Who obeys a policy was read at first; who knows none is read always.
                let fits = Some(cell.exposure) == truth
                    || cell.exposure == Exposure::ReadUntilKnown && truth == Some(Exposure::Read);
                assert!(fits, "{place}: {truth:?}");
                decided += 1;
            }
            Exposure::NotSeen => assert!(cell.evidence.is_empty(), "{place}"),
            Exposure::NothingToBlock => {
                assert_eq!((cell.attack, cell.target), (Attack::BlocksPolicy, Target::Nothing));
            }
        }
    }
    decided
}

/// What becomes of the mail of a sender; none where its model does not say.
fn truth(model: &SenderModel, attack: Attack, target: Target) -> Option<Exposure> {
    let nothing = Published { tlsa: TlsaState::None, policy: PolicyState::None };
    let published = match target {
        Target::Dane => Published { tlsa: TlsaState::Usable, ..nothing },
        Target::MtaSts => Published { policy: PolicyState::Listed, ..nothing },
        Target::Nothing => nothing,
    };
    let forged = Shown { webpki: false, tlsa: false };
    let act = |published, starttls| match model
        .acts(published, Offered { starttls, with_sni: forged, without_sni: forged })
    {
        Act::Clear | Act::Delivers { .. } => Exposure::Read,
        _ => Exposure::NotRead,
    };
    let either = |published| match (act(published, false), act(published, true)) {
        (Exposure::NotRead, Exposure::NotRead) => Exposure::NotRead,
        _ => Exposure::Read,
    };
    match (attack, target) {
        (Attack::RemovesEncryption, _) => Some(act(published, false)),
        (Attack::ForgesCertificate, _) => Some(act(published, true)),
        (Attack::ForgesDns, Target::Dane) => None,
        (Attack::ForgesDns, _) => {
            let checks = model.certificates == Certificates::Verified || model.dane == Dane::Required;
            let listed = target == Target::MtaSts && model.mta_sts;
            (!checks && !listed).then_some(Exposure::Read)
        }
        (Attack::BlocksPolicy, Target::Dane) if model.dane != Dane::Off => None,
        (Attack::BlocksPolicy, Target::MtaSts) if model.mta_sts && either(nothing) == Exposure::Read => {
            Some(Exposure::ReadUntilKnown)
        }
        (Attack::BlocksPolicy, _) => Some(either(nothing)),
    }
}
