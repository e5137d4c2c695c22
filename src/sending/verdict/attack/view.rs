//! A test of readings as the attack view needs it.

use std::collections::BTreeSet;

use crate::sending::history::Seq;

use super::super::candidate_test::{CandidateTest, Weight, of_reading, seen_instead};
use super::super::event::Event;
use super::super::finding::{FindingResult, Mechanism, Reason};
use super::super::mechanism::{bears_on, never_met_in_clear, seqs, why_not, withheld};
use super::super::model::reading::Reading;
use super::super::model::{Dane, SenderModel};
use super::super::retry::refuses_sound_server;
use super::cell::{Attack, AttackCell, Exposure, Target, Why};
use super::fate::{Fate, owes_it_to};

/// An event that counts, with the readings that it strikes out.
struct Striking<'a> {
    event: &'a Event,
    struck: BTreeSet<Reading>,
}

/// What the events of a test strike out.
pub(super) struct View<'a> {
    test: &'a CandidateTest<'a>,
    striking: Vec<Striking<'a>>,
}

impl<'a> View<'a> {
    pub(super) fn of(test: &'a CandidateTest<'a>) -> Self {
        let all = Reading::all();
        let mut striking: Vec<Striking<'a>> = Vec::new();
        for event in test.counting() {
            if striking.iter().any(|known| known.event.eliminates_alike(event)) {
                continue;
            }
            let mut left = all.clone();
            test.keep_fitting(&mut left, event);
            let left: BTreeSet<Reading> = left.into_iter().collect();
            let struck = all.iter().copied().filter(|reading| !left.contains(reading)).collect();
            striking.push(Striking { event, struck });
        }
        Self { test, striking }
    }

    pub(super) fn cell(&self, attack: Attack, target: Target) -> AttackCell {
        let cell = self.by_policy(attack, target);
        let unprotected = matches!(cell.exposure, Exposure::NotRead | Exposure::NotSeen);
        match self.undoing(attack, target).filter(|_| unprotected) {
            Some((by, evidence)) => {
                let (exposure, why) = (Exposure::Read, Why::Undone(by));
                AttackCell { exposure, why, evidence, ..cell }
            }
            None => cell,
        }
    }

    /// What the readings that remain say.
    fn by_policy(&self, attack: Attack, target: Target) -> AttackCell {
        if self.test.remaining.is_empty() {
            return self.plain_fact(attack, target);
        }
        let decided = |exposure: Exposure, why: Why, evidence: Vec<Seq>| AttackCell {
            attack,
            target,
            exposure,
            why,
            evidence,
        };
        let exposure = match self.fate(attack, target) {
            Err(why) => return decided(Exposure::NotSeen, why, Vec::new()),
            Ok(Exposure::NothingToBlock) => {
                return decided(Exposure::NothingToBlock, Why::Nothing, Vec::new());
            }
            Ok(exposure) => exposure,
        };
        if let Some(reason) = self.unproved(attack, target, exposure) {
            return AttackCell::open(attack, target, reason);
        }
        let (why, evidence) = self.evidence(attack, target, exposure);
        if evidence.is_empty() {
            return AttackCell::open(attack, target, Reason::NotMet(Vec::new()));
        }
        decided(exposure, why, evidence)
    }

    /// What all readings that remain agree on, or why they do not.
    fn fate(&self, attack: Attack, target: Target) -> Result<Exposure, Why> {
        let fates: BTreeSet<Fate> =
            self.test.remaining.iter().map(|reading| Fate::of(reading, attack, target)).collect();
        let known: Option<Vec<Exposure>> = fates
            .iter()
            .map(|fate| match fate {
                Fate::Known(exposure) => Some(*exposure),
                Fate::Hangs(_) => None,
            })
            .collect();
        let hangs = fates.iter().find_map(|fate| match fate {
            Fate::Hangs(on) => Some(*on),
            Fate::Known(_) => None,
        });
        match (known.as_deref(), hangs) {
            (Some([one]), _) => Ok(*one),
            // In either case it is read at first.
            (Some([Exposure::Read, Exposure::ReadUntilKnown]), _) => Ok(Exposure::ReadUntilKnown),
            (None, Some(on)) if fates.iter().all(|fate| matches!(fate, Fate::Hangs(_))) => {
                Err(Why::Beyond(on))
            }
            _ => Err(Why::Open(why_not(self.test, self.mechanism(attack, target)))),
        }
    }

    /// The mechanism that tells the readings apart which differ on a cell.
    fn mechanism(&self, attack: Attack, target: Target) -> Mechanism {
        let results = |mechanism: Mechanism| -> BTreeSet<FindingResult> {
            let of = |reading| of_reading(self.test, mechanism, reading);
            self.test.remaining.iter().map(of).collect()
        };
        let first = match (attack, target) {
            (Attack::RemovesEncryption, Target::Nothing) => Mechanism::ClearTextUt,
            (_, Target::Nothing) => Mechanism::CertificateChecking,
            (_, Target::Dane) => Mechanism::Dane,
            (_, Target::MtaSts) => Mechanism::MtaSts,
        };
        let others = [Mechanism::MandatoryTls, Mechanism::CertificateChecking, Mechanism::ClearTextUt];
        let mut all = [first].into_iter().chain(others);
        all.find(|mechanism| results(*mechanism).len() > 1).unwrap_or(first)
    }

    /// What lacks for that to be said.
    fn unproved(&self, attack: Attack, target: Target, exposure: Exposure) -> Option<Reason> {
        let test = self.test;
        let not_proved = |mechanism: Mechanism| {
            let lacks = test.proof(mechanism).is_some_and(|proof| proof.is_empty());
            lacks.then(|| Reason::NotProved(test.provers(mechanism)))
        };
        // What nothing proves yet may as well be a policy of its own for the domains of the suite.
        if target != Target::Nothing && test.lacks_proof(&test.remaining) {
            return [Mechanism::Dane, Mechanism::MtaSts]
                .into_iter()
                .filter(|mechanism| test.all_practise(*mechanism, &test.remaining))
                .find_map(not_proved);
        }
        if exposure != Exposure::NotRead {
            return None;
        }
        let without_dane = |model: &SenderModel| SenderModel { dane: Dane::Off, ..*model };
        let without_policy = |model: &SenderModel| SenderModel { mta_sts: false, ..*model };
        let owes_dane = owes_it_to(without_dane, &test.remaining, attack, target);
        let owes_policy = owes_it_to(without_policy, &test.remaining, attack, target);
        let by_policy = [(owes_dane, Mechanism::Dane), (owes_policy, Mechanism::MtaSts)];
        let lacking = by_policy.into_iter().filter(|(owes, _)| *owes).find_map(|(_, by)| not_proved(by));
        if lacking.is_some() {
            return lacking;
        }
        let clear = if target == Target::Nothing { Mechanism::ClearTextUt } else { Mechanism::ClearTextEt };
        let certificate = attack != Attack::RemovesEncryption;
        if certificate && refuses_sound_server(test) {
            return Some(Reason::SoundRefused);
        }
        let removes = matches!(attack, Attack::RemovesEncryption | Attack::BlocksPolicy);
        let unmet = removes && never_met_in_clear(test, clear, FindingResult::NotPractised);
        unmet.then(|| Reason::NotMet(withheld(test)))
    }

    /// The observations that leave only such readings: each time the event that strikes out most of the others.
    fn evidence(&self, attack: Attack, target: Target, exposure: Exposure) -> (Why, Vec<Seq>) {
        let test = self.test;
        let agrees = |reading: &Reading| match Fate::of(reading, attack, target) {
            Fate::Known(Exposure::Read) => exposure != Exposure::NotRead,
            Fate::Known(other) => other == exposure,
            Fate::Hangs(_) => false,
        };
        let mut opposed = Reading::all();
        let uniform = test.remaining.iter().any(Reading::is_uniform);
        opposed.retain(|reading| (reading.is_uniform() || !uniform) && !agrees(reading));
        let mut deciding: Vec<&Event> = Vec::new();
        loop {
            let strikes =
                |one: &&Striking<'_>| opposed.iter().filter(|reading| one.struck.contains(reading)).count();
            let Some(best) = self.striking.iter().rev().max_by_key(strikes).filter(|one| strikes(one) > 0)
            else {
                break;
            };
            opposed.retain(|reading| !best.struck.contains(reading));
            deciding.extend(test.counting().filter(|event| event.eliminates_alike(best.event)));
        }
        if exposure == Exposure::NotRead {
            // What proves the policy that it owes that to.
            let by = match target {
                Target::Dane => Some(Mechanism::Dane),
                Target::MtaSts => Some(Mechanism::MtaSts),
                Target::Nothing => None,
            };
            let by = by.filter(|by| test.all_practise(*by, &test.remaining));
            deciding.extend(by.and_then(|by| test.proof(by)).into_iter().flatten());
        }
        let mut evidence = seqs(&deciding);
        let silent = self.silent(&opposed);
        if let Some(mechanism) = silent {
            evidence.extend(seen_instead(test, mechanism));
            evidence.sort();
            evidence.dedup();
        }
        (silent.map_or(Why::Shown, Why::Silence), evidence)
    }

    /// The mechanism of which nothing was seen, where only that eliminated some of `opposed`.
    fn silent(&self, opposed: &[Reading]) -> Option<Mechanism> {
        let absences = &self.test.silence;
        let left: Vec<&SenderModel> = opposed
            .iter()
            .filter(|reading| self.test.by_smtp.contains(reading))
            .flat_map(|reading| reading.models())
            .collect();
        let any = |has: fn(&SenderModel) -> bool| left.iter().any(|model| has(model));
        if absences.policy_not_asked && any(|model| model.mta_sts) {
            Some(Mechanism::MtaSts)
        } else if absences.tlsa_not_asked && any(|model| model.dane != Dane::Off) {
            Some(Mechanism::Dane)
        } else {
            ((absences.avoided || absences.left_bare) && !left.is_empty()).then_some(Mechanism::ClearTextUt)
        }
    }

    /// What undoes all policy: clear text after TLS had failed, or a delivery on a retry where it had been refused.
    fn undoing(&self, attack: Attack, target: Target) -> Option<(Mechanism, Vec<Seq>)> {
        let bare = target == Target::Nothing;
        let concerned =
            |event: &&Event| self.test.hosts.iter().any(|host| host.bare == bare && event.may_be_at(host));
        let of = |weight| self.test.weighing(weight).filter(concerned).collect::<Vec<_>>();
        let all = match attack {
            Attack::ForgesDns => return None,
            Attack::BlocksPolicy if bare => return None,
            Attack::RemovesEncryption => [(Mechanism::FallsBackToClearText, of(Weight::Fallback))].to_vec(),
            Attack::ForgesCertificate | Attack::BlocksPolicy => vec![
                (Mechanism::FallsBackToClearText, of(Weight::Fallback)),
                (Mechanism::LaxerOnRetry, of(Weight::LaxDelivery)),
            ],
        };
        let mut seen = all.into_iter().filter(|(_, events)| !events.is_empty());
        seen.next().map(|(by, events)| (by, seqs(&events)))
    }

    /// Where no reading does all that was seen: what the events of one mechanism alone show.
    fn plain_fact(&self, attack: Attack, target: Target) -> AttackCell {
        let mechanism = match (attack, target) {
            (Attack::RemovesEncryption, Target::Nothing) => Mechanism::ClearTextUt,
            (Attack::RemovesEncryption, _) => Mechanism::ClearTextEt,
            (Attack::ForgesCertificate, Target::Nothing) => Mechanism::CertificateChecking,
            _ => return AttackCell::open(attack, target, Reason::Contradiction),
        };
        let own = self.test.of_some(|event| bears_on(self.test, mechanism, event));
        let cell = match own.remaining.is_empty() {
            true => AttackCell::open(attack, target, Reason::Contradiction),
            false => View::of(&own).by_policy(attack, target),
        };
        // Of what contradicts itself elsewhere only what is bad is a fact.
        if cell.exposure == Exposure::Read {
            cell
        } else {
            AttackCell::open(attack, target, Reason::Contradiction)
        }
    }
}
