//! What the attack view claims of a sender that played cases: what becomes of its mail is stated here anew.

use crate::sending::history::History;
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;
use crate::sending::verdict::model::{
    Act, Dane, Offered, PolicyState, Published, SenderModel, Shown, TlsaState,
};
use crate::sending::verdict::{Attack, Exposure, Target, attacks, judge_cases};

/// Which cells are open or untrue, of a sender as usual whose mail was at all cases.
pub(super) fn untrue(catalogue: &Catalogue, history: &History, model: &SenderModel) -> Vec<String> {
    let mut untrue = Vec::new();
    let pace = Pace::default();
    for cell in attacks(catalogue, &pace, history, &judge_cases(catalogue, &pace, history)) {
        let truth = truth(model, cell.attack, cell.target);
        let proved = cell.exposure == Exposure::NothingToBlock || !cell.evidence.is_empty();
        if cell.exposure != truth || !proved {
            untrue.push(format!("{:?} {:?}: {:?}, not {truth:?}", cell.attack, cell.target, cell.exposure));
        }
    }
    untrue
}

/// Which cells are untrue, or open although the first cases tell them.
pub(super) fn untrue_at_first(catalogue: &Catalogue, history: &History, model: &SenderModel) -> Vec<String> {
    let pace = Pace::default();
    let mut untrue = Vec::new();
    for cell in attacks(catalogue, &pace, history, &judge_cases(catalogue, &pace, history)) {
        let truth = truth(model, cell.attack, cell.target);
        // Who sends in clear where nothing is published, and heeds a policy, shows nowhere here what it does without STARTTLS
        // where there is one.
        let bare = self::truth(model, Attack::RemovesEncryption, Target::Nothing);
        // And who checks certificates everywhere may do so for the policy alone.
        let checks = self::truth(model, Attack::ForgesCertificate, cell.target) == Exposure::NotRead;
        let is_told = cell.attack == Attack::RemovesEncryption
            && (bare == Exposure::NotRead || truth == bare && !checks);
        let is_open = cell.exposure == Exposure::NotSeen && !is_told;
        let proved = cell.exposure == Exposure::NothingToBlock || !cell.evidence.is_empty();
        if !is_open && (cell.exposure != truth || !proved) {
            untrue.push(format!("{:?} {:?}: {:?}, not {truth:?}", cell.attack, cell.target, cell.exposure));
        }
    }
    untrue
}

fn truth(model: &SenderModel, attack: Attack, target: Target) -> Exposure {
    let nothing = Published { tlsa: TlsaState::None, policy: PolicyState::None };
    let published = match target {
        Target::Dane => Published { tlsa: TlsaState::Usable, ..nothing },
        Target::MtaSts => Published { policy: PolicyState::Listed, ..nothing },
        Target::Nothing => nothing,
    };
    let read = |published, starttls, webpki| {
        let shown = Shown { webpki, tlsa: false };
        match model.acts(published, Offered { starttls, with_sni: shown, without_sni: shown }) {
            Act::Clear | Act::Delivers { .. } => Exposure::Read,
            _ => Exposure::NotRead,
        }
    };
    let bare = read(nothing, false, false).min(read(nothing, true, false));
    match (attack, target) {
        (Attack::RemovesEncryption, _) => read(published, false, false),
        (Attack::ForgesCertificate, _) => read(published, true, false),
        // What is forged does not validate.
        (Attack::ForgesDns, Target::Dane) => Exposure::NotRead,
        (Attack::ForgesDns, Target::MtaSts) => {
            read(Published { policy: PolicyState::Unlisted, ..nothing }, true, true)
        }
        (Attack::ForgesDns, Target::Nothing) => read(nothing, true, true),
        (Attack::BlocksPolicy, Target::Nothing) => Exposure::NothingToBlock,
        (Attack::BlocksPolicy, Target::Dane) if model.dane != Dane::Off => Exposure::NotRead,
        (Attack::BlocksPolicy, Target::MtaSts) if model.mta_sts && bare == Exposure::Read => {
            Exposure::ReadUntilKnown
        }
        (Attack::BlocksPolicy, _) => bare,
    }
}

/// Whether a view of all cases leaves nothing open of it: who demands DANE everywhere sends no mail where there is none, and
/// what it would do there with a forged host shows nowhere.
pub(super) fn is_decided(model: &SenderModel) -> bool {
    model.dane != Dane::Required
}
