//! The attack view by ruled cases: which of them stage an attack follows from their files.

use std::collections::BTreeSet;

use crate::sending::history::{History, Seq};
use crate::sending::persona::{
    CaseCertificate, Catalogue, Layout, PolicySpec, RuledCase, SmtpBehaviour, TlsaOf, TlsaPlan, ZoneState,
};
use crate::sending::trial::HostRole;
use crate::shared::policy::Mode;

use super::super::cases::{CaseFinding, CaseOutcome, CasesVerdict};
use super::cell::{Attack, AttackCell, Exposure, Target, Why};

/// What cases show of each attack.
pub(super) struct Staged<'a> {
    findings: Vec<(&'a RuledCase, &'a CaseFinding)>,
    /// Mail that came at a sound host in TLS whose name DNS alone tells, and that lies outside the domain.
    outside: Vec<Seq>,
}

/// What is done once a policy is blocked.
const BOTH: [Attack; 2] = [Attack::RemovesEncryption, Attack::ForgesCertificate];

/// Whether the attacker reads it, and what shows that.
type Read = (Exposure, Vec<Seq>);

impl<'a> Staged<'a> {
    /// That of a history whose cases show `verdict`; none where no case of it is judged.
    pub(super) fn of(catalogue: &'a Catalogue, history: &History, verdict: &'a CasesVerdict) -> Option<Self> {
        let judged = verdict.findings.iter().filter(|finding| finding.standing.is_some());
        let findings: Vec<_> =
            judged.filter_map(|finding| Some((catalogue.ruled_case(&finding.case)?, finding))).collect();
        (!findings.is_empty()).then(|| Self { findings, outside: outside(catalogue, history) })
    }

    /// The cell, if cases decide it.
    pub(super) fn cell(&self, attack: Attack, target: Target) -> Option<AttackCell> {
        let decided = match (attack, target) {
            (Attack::BlocksPolicy, Target::Nothing) => (Exposure::NothingToBlock, Vec::new()),
            (Attack::BlocksPolicy, Target::Dane) => self.as_bare(self.staged(is_blocked)?, &BOTH)?,
            (Attack::BlocksPolicy, Target::MtaSts) => self.without_policy()?,
            // The first host's certificate is sound there, and its records are not: only who obeys these refuses it.
            (Attack::ForgesCertificate, Target::Dane) => {
                self.as_bare(self.shown(attack, target)?, &[attack])?
            }
            (Attack::ForgesDns, Target::Nothing) => self.forged_host()?,
            (Attack::RemovesEncryption, Target::Dane | Target::MtaSts) => {
                self.shown(attack, target).or_else(|| self.without_encryption(target))?
            }
            (attack, target) => self.shown(attack, target)?,
        };
        let (exposure, evidence) = decided;
        let why = if exposure == Exposure::NothingToBlock { Why::Nothing } else { Why::Shown };
        Some(AttackCell { attack, target, exposure, why, evidence })
    }

    fn shown(&self, attack: Attack, target: Target) -> Option<Read> {
        self.staged(|case| stages(case, attack, target))
    }

    /// Who delivers where a policy forbids it does there what it does where nothing is published.
    fn as_bare(&self, shown: Read, attacks: &[Attack]) -> Option<Read> {
        if shown.0 != Exposure::Read {
            return Some(shown);
        }
        let bare: Vec<Read> =
            attacks.iter().filter_map(|attack| self.shown(*attack, Target::Nothing)).collect();
        let read = bare.iter().find(|(exposure, _)| *exposure == Exposure::Read);
        match read {
            Some((_, seqs)) => Some(with(&shown.1, seqs, Exposure::Read)),
            None if bare.len() == attacks.len() => {
                Some((Exposure::NotRead, in_order(bare.into_iter().flat_map(|(_, seqs)| seqs).collect())))
            }
            None => None,
        }
    }

    /// What the cases show that stage an attack: one that was read is enough, and all must show that they were not.
    fn staged(&self, stages: impl Fn(&RuledCase) -> bool) -> Option<Read> {
        let mut shown: Option<Read> = None;
        for (_, finding) in self.findings.iter().filter(|(case, _)| stages(case)) {
            let exposure = match finding.outcome {
                CaseOutcome::Clear | CaseOutcome::Delivered => Exposure::Read,
                CaseOutcome::Refused | CaseOutcome::PassedOver | CaseOutcome::Held => Exposure::NotRead,
                CaseOutcome::Unseen => continue,
            };
            match &mut shown {
                Some((known, evidence)) if *known == exposure => evidence.extend(&finding.evidence),
                Some((known, _)) if *known < exposure => {}
                _ => shown = Some((exposure, finding.evidence.clone())),
            }
        }
        shown.map(|(exposure, evidence)| (exposure, in_order(evidence)))
    }

    /// The encryption is removed where a policy forbids clear text, and no case stages that: who refuses clear text where
    /// nothing forbids it does so there, too; and who is shown to heed no policy does there what it does without one. What
    /// becomes of it by who heeds the policy, and sends in clear elsewhere, only a case that stages it shows.
    fn without_encryption(&self, target: Target) -> Option<Read> {
        let bare = self.shown(Attack::RemovesEncryption, Target::Nothing)?;
        if bare.0 == Exposure::NotRead {
            return Some(bare);
        }
        // A policy may be heeded by the certificate alone, or by the host's name alone.
        let by: &[Attack] = match target {
            Target::Dane => &[Attack::ForgesCertificate],
            _ => &[Attack::ForgesCertificate, Attack::ForgesDns],
        };
        let shown: Option<Vec<Read>> = by.iter().map(|attack| self.shown(*attack, target)).collect();
        let shown = shown.filter(|all| all.iter().all(|(exposure, _)| *exposure == Exposure::Read))?;
        let seqs: Vec<Seq> = shown.into_iter().flat_map(|(_, seqs)| seqs).collect();
        Some(with(&bare.1, &seqs, Exposure::Read))
    }

    /// A domain that publishes nothing, whose mail goes to a host of the attacker with a valid certificate.
    fn forged_host(&self) -> Option<Read> {
        // Who takes any certificate takes this one, too.
        let read = BOTH.into_iter().filter_map(|attack| self.shown(attack, Target::Nothing));
        let read = read.into_iter().find(|(exposure, _)| *exposure == Exposure::Read);
        let outside = || (!self.outside.is_empty()).then(|| (Exposure::Read, self.outside.clone()));
        read.or_else(outside)
    }

    /// An MTA-STS policy cannot be had; then the encryption is removed, or the certificate forged. Whether a policy that is
    /// known is obeyed shows where the same is read at a domain without one.
    fn without_policy(&self) -> Option<Read> {
        let both = |attack: &Attack| {
            Some((self.shown(*attack, Target::Nothing)?, self.shown(*attack, Target::MtaSts)?))
        };
        let read = |shown: &Read| shown.0 == Exposure::Read;
        let pairs: Vec<(Read, Read)> = BOTH.iter().filter_map(both).collect();
        let obeyed = pairs.iter().find(|(bare, policy)| read(bare) && !read(policy));
        let not = pairs.iter().find(|(bare, policy)| read(bare) && read(policy));
        match (obeyed, not) {
            (Some((bare, policy)), _) => Some(with(&bare.1, &policy.1, Exposure::ReadUntilKnown)),
            (None, Some((bare, policy))) => Some(with(&bare.1, &policy.1, Exposure::Read)),
            // It is not read even where there is no policy.
            (None, None) if pairs.len() == BOTH.len() => {
                let seqs = pairs.into_iter().flat_map(|(bare, _)| bare.1).collect();
                Some((Exposure::NotRead, in_order(seqs)))
            }
            (None, None) => None,
        }
    }
}

fn with(seqs: &[Seq], others: &[Seq], exposure: Exposure) -> Read {
    (exposure, in_order(seqs.iter().chain(others).copied().collect()))
}

fn in_order(seqs: Vec<Seq>) -> Vec<Seq> {
    seqs.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether the first host of a case is what an attacker would put there.
fn stages(case: &RuledCase, attack: Attack, target: Target) -> bool {
    if publishes(case) != Some(target) || case.then.is_some() {
        return false;
    }
    let sound = case.bad.smtp == SmtpBehaviour::Sound;
    let own = case.tlsa_of(HostRole::Bad);
    match (attack, target) {
        // Where it is withheld for a time only, mail may come in TLS later.
        (Attack::RemovesEncryption, _) => {
            case.bad.smtp == SmtpBehaviour::NoStarttls && case.zone == ZoneState::Signed
        }
        (Attack::ForgesCertificate, Target::Dane) => {
            let wrong = |plan: &TlsaPlan| plan.of == TlsaOf::Wrong && plan.is_usable();
            sound && case.zone == ZoneState::Signed && !own.is_empty() && own.iter().all(wrong)
        }
        (Attack::ForgesCertificate, _) => {
            let forged =
                matches!(case.bad.certificate, CaseCertificate::SelfSigned | CaseCertificate::OtherName);
            sound && case.zone == ZoneState::Signed && forged
        }
        (Attack::ForgesDns, Target::Dane) => case.zone == ZoneState::WrongDs,
        (Attack::ForgesDns, Target::MtaSts) => {
            // A host of the attacker is one that nobody takes for listed, however he reads a wildcard.
            let listed = |spec: &PolicySpec| spec.lists_host_at_any_depth(HostRole::Bad);
            sound && case.bad.certificate.verifies() && !case.mta_sts.as_ref().is_some_and(listed)
        }
        (Attack::ForgesDns | Attack::BlocksPolicy, _) => false,
    }
}

/// Whether the look-up of the first host's TLSA records fails.
fn is_blocked(case: &RuledCase) -> bool {
    case.bad.tlsa_lookup.is_some_and(|fault| !fault.is_bogus()) && case.mta_sts.is_none()
}

/// What kind of domain a case is; none for those that are of several kinds, or of none.
fn publishes(case: &RuledCase) -> Option<Target> {
    let pair = matches!(case.layout, Layout::Pair | Layout::Single);
    let usable = case.tlsa_of(HostRole::Bad).iter().any(|plan| plan.is_usable());
    match &case.mta_sts {
        _ if !pair => None,
        None if usable => Some(Target::Dane),
        None if case.tlsa_of(HostRole::Bad).is_empty() && case.bad.tlsa_lookup.is_none() => {
            case.tlsa_of(HostRole::Good).is_empty().then_some(Target::Nothing)
        }
        Some(spec) if !usable && spec.mode == Mode::Enforce && spec.defect.is_none() => Some(Target::MtaSts),
        _ => None,
    }
}

/// Mail of a trial's own names for a domain that publishes nothing, in TLS at the sound host: that lies beside the domain
/// (`LABEL.good.CASE` and `LABEL.CASE`), so that its certificate names what DNS alone has told.
fn outside(catalogue: &Catalogue, history: &History) -> Vec<Seq> {
    let bare = |case: &RuledCase| publishes(case) == Some(Target::Nothing);
    let shown = history.transactions().filter(|(link, seq, received)| {
        let sound = |case: &RuledCase| link.entrance == Some(case.entrance(HostRole::Good));
        received.tls
            && history.is_judged(*seq)
            && received.recipients.iter().any(|to| {
                let case = catalogue.ruled_case(&to.case).filter(|case| bare(case) && sound(case));
                case.is_some() && to.label.is_some()
            })
    });
    in_order(shown.map(|(_, seq, _)| seq).collect())
}
