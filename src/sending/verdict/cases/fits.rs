//! Which sender models, with which values of the traits, do what was seen at all cases.
//!
//! The space is factored. A model remains if it explains each case with at most one unusual value, of a trait that the
//! case tells. A value remains if a remaining model explains with it all cases that tell its trait.

use crate::sending::persona::{
    CaseId, Family, Layout, LookupFault, RuledCase, SmtpBehaviour, Standing, Trait, ZoneState,
};
use crate::sending::verdict::Term;
use crate::sending::verdict::model::ruled::{CaseEnd, CaseModel, TraitValue, Traits};
use crate::sending::verdict::model::{Certificates, Dane, Precedence, SenderModel, Sni, Starttls};

use super::bases::bases;
use super::finding::TraitFinding;

/// What was seen at a case, as far as a model must explain it.
#[derive(Clone, Debug)]
pub(super) struct Observed<'a> {
    pub(super) case: &'a RuledCase,
    pub(super) end: CaseEnd,
    /// Whether a later attempt was laxer.
    pub(super) laxer: bool,
    /// Whether the faulty host was named in TLS, where mail came there in TLS.
    pub(super) sni: Option<bool>,
}

/// The traits that a case tells: the one that it is for, and those that its faults hang on besides.
pub(super) fn told(case: &RuledCase, laxer: bool) -> Vec<Trait> {
    let bogus_zone = matches!(case.zone, ZoneState::WrongDs | ZoneState::Expired);
    let lookup = case.bad.tlsa_lookup;
    let bogus_lookup = matches!(lookup, Some(LookupFault::BogusSignature | LookupFault::BogusDenial));
    let publishes_tlsa = case.roles().iter().any(|role| !case.tlsa_of(*role).is_empty());
    let insecure = matches!(case.zone, ZoneState::Insecure | ZoneState::UnknownAlgorithm);
    let fails = matches!(
        case.bad.smtp,
        SmtpBehaviour::Starttls454
            | SmtpBehaviour::Garbage
            | SmtpBehaviour::Reset
            | SmtpBehaviour::Tls10
            | SmtpBehaviour::RsaKeyTransport
            | SmtpBehaviour::Injecting
    );
    let beside = [
        (Trait::Dnssec, bogus_zone || bogus_lookup || case.zone == ZoneState::UnknownAlgorithm),
        (Trait::FailedLookup, lookup.is_some()),
        (Trait::InsecureTlsa, publishes_tlsa && insecure),
        (Trait::HalfDane, case.layout == Layout::Elsewhere),
        (Trait::FailedStarttls, fails),
        (Trait::Retry, laxer),
    ];
    let beside = beside.into_iter().filter(|(tells, applies)| *applies && *tells != case.tells);
    [case.tells].into_iter().chain(beside.map(|(tells, _)| tells)).collect()
}

/// Whether a model does with these traits what was seen.
fn does(base: SenderModel, traits: Traits, observed: &Observed<'_>) -> bool {
    CaseModel { base, traits }.ends(observed.case).contains(&observed.end)
}

/// The unusual values with which a model does what was seen; none in it stands for the usual ones.
pub(super) fn explanations(base: SenderModel, observed: &Observed<'_>) -> Vec<Option<TraitValue>> {
    let mut found = Vec::new();
    // What was laxer on retry is not done by who stays the same.
    if !observed.laxer && does(base, Traits::USUAL, observed) {
        found.push(None);
    }
    let values = told(observed.case, observed.laxer).into_iter().flat_map(TraitValue::of);
    let unusual =
        values.filter(|value| !value.is_usual() && does(base, Traits::USUAL.with(*value), observed));
    found.extend(unusual.map(Some));
    found
}

/// What fits all that was observed.
pub(super) struct Fits<'a> {
    observed: &'a [Observed<'a>],
    /// The models that explain most cases, each with its explanations case by case.
    nearest: Vec<(SenderModel, Vec<Vec<Option<TraitValue>>>)>,
    /// Whether they explain all.
    whole: bool,
}

impl<'a> Fits<'a> {
    pub(super) fn of(observed: &'a [Observed<'a>]) -> Self {
        let explained = |base: SenderModel| {
            let each: Vec<_> = observed.iter().map(|one| explanations(base, one)).collect();
            (base, each)
        };
        let all: Vec<_> =
            bases().into_iter().filter(|base| names_as_seen(base, observed)).map(explained).collect();
        let explains = |each: &[Vec<_>]| each.iter().filter(|found| !found.is_empty()).count();
        let most = all.iter().map(|(_, each)| explains(each)).max().unwrap_or(0);
        let nearest = all.into_iter().filter(|(_, each)| explains(each) == most).collect();
        Self { observed, nearest, whole: most == observed.len() && most > 0 }
    }

    /// The terms of the models that explain all; none where no model does, or nothing was observed.
    pub(super) fn terms(&self) -> Vec<Term> {
        let bases = self.nearest.iter().filter(|_| self.whole).map(|(base, _)| Term::of(base));
        let mut terms: Vec<Term> = bases.collect();
        terms.sort();
        terms.dedup();
        terms
    }

    /// The models that explain all.
    pub(super) fn remaining(&self) -> impl Iterator<Item = &SenderModel> {
        self.nearest.iter().filter(|_| self.whole).map(|(base, _)| base)
    }

    /// What the cases tell of each trait.
    pub(super) fn traits(&self) -> Vec<TraitFinding> {
        Trait::ALL.iter().flat_map(|tells| self.of_trait(*tells)).collect()
    }

    fn of_trait(&self, tells: Trait) -> Vec<TraitFinding> {
        let telling: Vec<usize> = (0..self.observed.len())
            .filter(|n| told(self.observed[*n].case, self.observed[*n].laxer).contains(&tells))
            .collect();
        let values = TraitValue::of(tells);
        if telling.is_empty() {
            return Vec::new();
        }
        if values.is_empty() {
            return self.of_model(tells, &telling).into_iter().collect();
        }
        let fitting = self.fitting(&values, &telling);
        if fitting.len() == values.len() {
            return Vec::new();
        }
        if !fitting.is_empty() {
            return vec![finding(tells, &fitting, self.ids(&telling))];
        }
        // No value does it all: what each case shows is told by itself.
        let mut by_values: Vec<(Vec<TraitValue>, Vec<usize>)> = Vec::new();
        for n in telling {
            let fitting = self.fitting(&values, &[n]);
            match by_values.iter_mut().find(|(known, _)| *known == fitting) {
                Some((_, cases)) => cases.push(n),
                None if fitting.is_empty() || fitting.len() == values.len() => {}
                None => by_values.push((fitting, vec![n])),
            }
        }
        by_values.into_iter().map(|(fitting, cases)| finding(tells, &fitting, self.ids(&cases))).collect()
    }

    /// The values of a trait with which one of the models explains all these cases.
    fn fitting(&self, values: &[TraitValue], cases: &[usize]) -> Vec<TraitValue> {
        let explains = |value: TraitValue, found: &[Option<TraitValue>]| match value.is_usual() {
            // Where the trait is as usual another one may be what it is owed to.
            true => found.iter().any(|one| one.is_none_or(|one| one.tells() != value.tells())),
            false => found.contains(&Some(value)),
        };
        let fits = |value: &&TraitValue| {
            self.nearest.iter().any(|(_, each)| cases.iter().all(|n| explains(**value, &each[*n])))
        };
        values.iter().filter(fits).copied().collect()
    }

    /// A trait that is one of the models' own.
    fn of_model(&self, tells: Trait, telling: &[usize]) -> Option<TraitFinding> {
        if !self.whole {
            return None;
        }
        let of: Option<Vec<_>> = self.nearest.iter().map(|(base, _)| own(tells, base)).collect();
        let mut values = of?;
        values.sort();
        values.dedup();
        let standing = values.first().map(|(_, standing)| *standing);
        let standing = standing.filter(|one| values.iter().all(|(_, other)| other == one));
        let values: Vec<_> = values.into_iter().map(|(word, _)| word).collect();
        (!values.is_empty()).then(|| TraitFinding { tells, values, standing, by: self.ids(telling) })
    }

    fn ids(&self, cases: &[usize]) -> Vec<CaseId> {
        cases.iter().map(|n| self.observed[*n].case.id.clone()).collect()
    }
}

fn finding(tells: Trait, values: &[TraitValue], by: Vec<CaseId>) -> TraitFinding {
    let standing = values.first().map(|value| value.standing());
    let standing = standing.filter(|one| values.iter().all(|value| value.standing() == *one));
    TraitFinding { tells, values: values.iter().map(|value| value.word()).collect(), standing, by }
}

/// Whether a model that heeds no policy names hosts as it was seen to where nothing is published.
fn names_as_seen(base: &SenderModel, observed: &[Observed<'_>]) -> bool {
    let plain = observed.iter().filter(|one| one.case.family == Family::Plain);
    base.dane != Dane::Off
        || base.mta_sts
        || base.starttls == Starttls::Never
        || plain.filter_map(|one| one.sni).all(|sni| sni == (base.sni == Sni::Always))
}

/// The value of a trait that is one of the models' own, and its worth; none where the model leaves it open.
fn own(tells: Trait, base: &SenderModel) -> Option<(&'static str, Standing)> {
    Some(match tells {
        Trait::Starttls => match base.starttls {
            Starttls::Never => ("never", Standing::Allowed),
            Starttls::IfOffered => ("if-offered", Standing::Allowed),
            Starttls::Required => ("required", Standing::Allowed),
        },
        Trait::Certificates => match base.certificates {
            Certificates::Ignored => ("ignored", Standing::Allowed),
            Certificates::Verified => ("verified", Standing::Allowed),
        },
        Trait::MtaSts if base.mta_sts => ("enforced", Standing::Conforms),
        Trait::MtaSts => ("not-practised", Standing::NotPractised),
        Trait::Dane => match base.dane {
            Dane::Off => ("not-practised", Standing::NotPractised),
            Dane::WhereUsable => ("where-usable", Standing::Conforms),
            Dane::Required => ("required", Standing::Allowed),
        },
        Trait::Precedence if base.dane == Dane::Off || !base.mta_sts => return None,
        Trait::Precedence => match base.precedence {
            Precedence::DaneWins => ("dane", Standing::Conforms),
            Precedence::BothMustPass => ("both", Standing::Allowed),
            Precedence::MtaStsOverrides => ("mta-sts", Standing::Fault),
        },
        _ => return None,
    })
}
