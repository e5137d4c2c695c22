//! Who plays, and what may be said of each.

use std::fmt;
use std::net::Ipv4Addr;

use mailassay::sending::deliver::{Habit, SAMPLES};
use mailassay::sending::verdict::model::{Certificates, Dane, Precedence, SenderModel, Sni};
use mailassay::sending::verdict::{FindingResult, Judgement, Mechanism, Term};
use sha2::{Digest, Sha256};

/// The mechanisms that protect.
const PROTECT: [Mechanism; 4] =
    [Mechanism::MandatoryTls, Mechanism::CertificateChecking, Mechanism::Dane, Mechanism::MtaSts];

/// How mail to one domain is sent.
pub(super) type Conduct = (SenderModel, Habit);

/// One sender.
#[derive(Clone, Debug)]
pub(super) struct Player {
    pub(super) number: u64,
    pub(super) address: Ipv4Addr,
    /// How it sends to `et`.
    pub(super) et: Conduct,
    /// How it sends to `ut`.
    pub(super) ut: Conduct,
}

impl fmt::Display for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((model, habit), (at_ut, _)) = (self.et, self.ut);
        if model == at_ut {
            return write!(f, "{} {} {habit:?}: {model}", self.number, Term::of(&model));
        }
        write!(
            f,
            "{} et {} {habit:?}: {model}; ut {}: {at_ut}",
            self.number,
            Term::of(&model),
            Term::of(&at_ut)
        )
    }
}

/// Every model as it is; every habit of models in which it shows; policies per destination.
pub(super) fn early() -> Vec<Player> {
    let as_it_is = SenderModel::all().into_iter().map(|model| (model, Habit::AsItsModel));
    numbered(0, as_it_is.chain(habits()).map(|conduct| (conduct, conduct)).chain(per_destination()))
}

/// Patience takes its time with everybody, so some of each kind play.
pub(super) fn patient() -> Vec<Player> {
    let as_it_is = SenderModel::all().into_iter().skip(1).step_by(8).map(|model| (model, Habit::AsItsModel));
    let conducts = as_it_is.chain(habits().step_by(3)).map(|conduct| (conduct, conduct));
    numbered(1_000, conducts.chain(per_destination().step_by(2)))
}

/// Habits with models in which they show.
fn habits() -> impl Iterator<Item = Conduct> {
    let [_, (_, may), _, (_, verify), (_, dane), (_, dane_only), (_, mta_sts), (_, both)] = SAMPLES;
    let named = |model| SenderModel { sni: Sni::Always, ..model };
    let checks = [verify, named(verify), dane, mta_sts, both];
    let dane_and_verify = SenderModel { certificates: Certificates::Verified, ..dane };
    let of = move |habit: Habit| match habit {
        Habit::AsItsModel => vec![],
        Habit::FetchesPolicies => vec![verify, named(verify), dane],
        Habit::AsksForBoth => vec![named(may), verify, dane],
        Habit::ChecksNothing => vec![dane, dane_only, mta_sts, both],
        Habit::KnowsNoCa => vec![verify, dane_and_verify, mta_sts, both],
        Habit::RefusesEverything => vec![may, dane, mta_sts, both],
        // Without SNI nothing but the certificate of phase A shows who is laxer next time, and the first attempts at
        // `et` and `ut`, which begin apart here, may use it up: that is a limit.
        Habit::LaxerOnNextAttempt => checks[1..].to_vec(),
        Habit::LaxerWithinAttempt => checks.to_vec(),
        Habit::FallsBackToClearText => [&checks[..], &[dane_only]].concat(),
        Habit::RefusesAfterMail => vec![verify, dane, mta_sts, both],
        Habit::RefusesAfterEhlo => vec![named(verify), dane, mta_sts],
        Habit::CallsUnlistedHosts => vec![mta_sts, both],
    };
    Habit::ALL.into_iter().flat_map(move |habit| of(habit).into_iter().map(move |model| (model, habit)))
}

/// As by `smtp_tls_policy_maps` of Postfix: one level for `et`, another for `ut`.
fn per_destination() -> impl Iterator<Item = (Conduct, Conduct)> {
    let [_, (_, may), (_, encrypt), (_, verify), (_, dane), _, (_, mta_sts), _] = SAMPLES;
    let named = |model| SenderModel { sni: Sni::Always, ..model };
    [
        (encrypt, may),
        (named(encrypt), may),
        (verify, may),
        (named(verify), may),
        (named(encrypt), named(may)),
        (may, encrypt),
        (dane, verify),
        (may, dane),
        (mta_sts, encrypt),
        (named(verify), dane),
    ]
    .into_iter()
    .map(|(et, ut)| ((et, Habit::AsItsModel), (ut, Habit::AsItsModel)))
}

fn numbered(from: u64, conducts: impl Iterator<Item = (Conduct, Conduct)>) -> Vec<Player> {
    let player = |(number, (et, ut)): (u64, (Conduct, Conduct))| {
        let [.., high, low] = number.to_be_bytes();
        Player { number, address: Ipv4Addr::new(127, 100 + high, low, 25), et, ut }
    };
    (from..).zip(conducts).map(player).collect()
}

/// What chance gives to `number` for the `n`th time.
pub(super) fn lot(number: u64, n: u64) -> u64 {
    let digest = Sha256::new().chain_update(number.to_be_bytes()).chain_update(n.to_be_bytes()).finalize();
    digest.iter().take(8).fold(0, |lot, octet| lot << 8 | u64::from(*octet))
}

impl Player {
    pub(super) fn domain(&self) -> String {
        format!("player{}.test", self.number)
    }

    /// What `judgement` says that is not so.
    pub(super) fn lies(&self, judgement: &Judgement) -> Vec<String> {
        let told = |mechanism| judgement.finding(mechanism).map(|finding| finding.result);
        let mut lies = Vec::new();
        for mechanism in PROTECT {
            match (told(mechanism), self.practises(mechanism)) {
                (Some(FindingResult::Practised), false) => {
                    lies.push(format!("practises {}", mechanism.name()))
                }
                (Some(FindingResult::Broken), _) if !self.has(mechanism) => {
                    lies.push(format!("breaks {}", mechanism.name()));
                }
                (Some(FindingResult::NotPractised), _) if self.surely_practises(mechanism) => {
                    lies.push(format!("does not practise {}", mechanism.name()));
                }
                _ => {}
            }
        }
        let undone = [Mechanism::LaxerOnRetry, Mechanism::FallsBackToClearText]
            .into_iter()
            .any(|mechanism| told(mechanism) == Some(FindingResult::Practised));
        if let Some(term) = judgement.term().filter(|term| !self.fits(*term, undone)) {
            lies.push(format!("is {term}"));
        }
        lies
    }

    /// Whether it may be said.
    fn practises(&self, mechanism: Mechanism) -> bool {
        let does = |(model, habit): Conduct, mechanism| habit.practises(&model, mechanism) == Some(true);
        let (at, at_et) = (|conduct| does(conduct, mechanism), |mechanism| does(self.et, mechanism));
        match mechanism {
            // At `ut` there is neither.
            Mechanism::Dane | Mechanism::MtaSts => at(self.et),
            // At `et` a policy may decide in its place, and demands TLS.
            Mechanism::CertificateChecking | Mechanism::MandatoryTls if self.et != self.ut => {
                let by_policy = at_et(Mechanism::Dane) || at_et(Mechanism::MtaSts);
                at(self.ut) && (at(self.et) || by_policy)
            }
            _ => at(self.et) && at(self.ut),
        }
    }

    fn has(&self, mechanism: Mechanism) -> bool {
        [self.et, self.ut].iter().any(|(model, _)| Habit::has(model, mechanism))
    }

    /// Whether the contrary may not be said, although DANE may win where a policy would be obeyed.
    fn surely_practises(&self, mechanism: Mechanism) -> bool {
        let (model, habit) = self.et;
        let wins =
            mechanism == Mechanism::MtaSts && model.mta_sts && model.precedence == Precedence::DaneWins;
        let keeps = !matches!(
            habit,
            Habit::ChecksNothing
                | Habit::KnowsNoCa
                | Habit::RefusesEverything
                | Habit::LaxerOnNextAttempt
                | Habit::LaxerWithinAttempt
                | Habit::FallsBackToClearText
        );
        keeps && self.et == self.ut && (self.practises(mechanism) || wins && model.dane != Dane::Off)
    }

    /// Whether `term` is true of it. `undone` tells that the verdict says that what it refuses goes out after all.
    fn fits(&self, term: Term, undone: bool) -> bool {
        let ((model, habit), (at_ut, _)) = (self.et, self.ut);
        let own = Term::of(&model);
        let unauthenticated =
            [Term::May, Term::MaySni, Term::Encrypt, Term::EncryptSni, Term::PerDestination];
        if model != at_ut {
            let policy = matches!(own, Term::Dane | Term::DaneOnly | Term::MtaSts | Term::DaneMtaSts);
            // Where nothing is published, DANE and MTA-STS do nothing.
            let nothing_published = SenderModel { dane: Dane::Off, mta_sts: false, ..at_ut };
            let alike = Term::of(&nothing_published) == own;
            return term == Term::PerDestination || (policy || alike) && term == own;
        }
        let checks = [Mechanism::CertificateChecking, Mechanism::Dane, Mechanism::MtaSts]
            .into_iter()
            .any(|mechanism| Habit::AsItsModel.practises(&model, mechanism) == Some(true));
        match habit {
            Habit::AsItsModel
            | Habit::FetchesPolicies
            | Habit::AsksForBoth
            | Habit::RefusesAfterMail
            | Habit::RefusesAfterEhlo
            | Habit::CallsUnlistedHosts => term == own,
            Habit::KnowsNoCa if !self.practises(Mechanism::MtaSts) && model.mta_sts => {
                own == Term::Dane && term == own
            }
            Habit::KnowsNoCa => term == own,
            Habit::RefusesEverything => unauthenticated.contains(&term),
            Habit::ChecksNothing if checks => unauthenticated.contains(&term),
            Habit::LaxerOnNextAttempt | Habit::LaxerWithinAttempt | Habit::FallsBackToClearText if checks => {
                undone || unauthenticated.contains(&term)
            }
            _ => term == own,
        }
    }
}
