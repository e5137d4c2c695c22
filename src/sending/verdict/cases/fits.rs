//! Which sender models, with which values of the traits, do what was seen at all cases.
//!
//! The space is factored. A model remains if it explains each case with at most one unusual value, of a trait that the
//! case tells, and has one value of a trait for all cases; but for traits that may well differ from fault to fault. A
//! value remains if a remaining model has it.

use crate::sending::persona::{
    CaseId, Layout, RuledCase, SmtpBehaviour, Standing, TlsaOf, TlsaPlan, Trait, ZoneState,
};
use crate::sending::trial::HostRole;
use crate::sending::verdict::Term;
use crate::sending::verdict::model::ruled::{
    CaseAt, CaseEnd, CaseModel, Injection, RequireTls, Resumption, TraitValue, Traits,
};
use crate::sending::verdict::model::{Certificates, Dane, Precedence, SenderModel, Sni, Starttls};

use crate::shared::policy::Mode;

use super::bases::bases;
use super::finding::{CaseSign, TraitFinding};

/// What was seen at a case, as far as a model must explain it.
#[derive(Clone, Debug)]
pub(super) struct Observed<'a> {
    pub(super) case: &'a RuledCase,
    pub(super) end: CaseEnd,
    /// Whether a later attempt was laxer.
    pub(super) laxer: bool,
    /// Whether one may have been: it used what was passed over before.
    pub(super) perhaps_laxer: bool,
    /// Whether a host was named in TLS, where mail came in TLS.
    pub(super) sni: Option<bool>,
    /// What was seen beside.
    pub(super) signs: Vec<CaseSign>,
}

impl Observed<'_> {
    /// The traits that its case tells.
    fn told(&self) -> Vec<Trait> {
        let mut told = told(self.case, self.laxer || self.perhaps_laxer);
        // What a mail asks for is a fact of that mail: by `TLS-Required: No` policies count nowhere that it comes.
        told.retain(|tells| *tells != Trait::RequireTls || !self.has(CaseSign::RequireTls));
        if self.has(CaseSign::TlsNotRequired) && !told.contains(&Trait::RequireTls) {
            told.push(Trait::RequireTls);
        }
        told
    }

    fn has(&self, sign: CaseSign) -> bool {
        self.signs.contains(&sign)
    }
}

/// The traits that a case tells: the one that it is for, and those that its faults hang on besides.
pub(super) fn told(case: &RuledCase, laxer: bool) -> Vec<Trait> {
    let lookup = case.bad.tlsa_lookup;
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
    let enforced =
        case.mta_sts.as_ref().is_some_and(|spec| spec.mode == Mode::Enforce && spec.defect.is_none());
    let key_alone = |plan: &TlsaPlan| plan.usage == 3 && plan.of == TlsaOf::Right && plan.is_usable();
    let by_key = !case.bad.certificate.verifies() && case.tlsa_of(HostRole::Bad).iter().any(key_alone);
    let beside = [
        (Trait::MtaStsMatching, enforced),
        (Trait::DaneEe, by_key),
        (Trait::Dnssec, case.is_bogus() || case.zone == ZoneState::UnknownAlgorithm),
        (Trait::FailedLookup, lookup.is_some()),
        (Trait::InsecureTlsa, publishes_tlsa && insecure),
        (Trait::HalfDane, case.layout == Layout::Elsewhere),
        (Trait::FailedStarttls, fails),
        // Who checks certificates goes in clear there only when it is laxer.
        (Trait::Retry, laxer || fails),
    ];
    let beside = beside.into_iter().filter(|(tells, applies)| *applies && *tells != case.tells);
    [case.tells].into_iter().chain(beside.map(|(tells, _)| tells)).collect()
}

/// Whether a model does with these traits what was seen.
fn does(base: SenderModel, traits: Traits, observed: &Observed<'_>) -> bool {
    let case = observed.case;
    if traits.require_tls == RequireTls::No && !observed.has(CaseSign::TlsNotRequired) {
        return false;
    }
    if case.bad.smtp == SmtpBehaviour::Injecting {
        let believes = traits.injection == Injection::Believed;
        if observed.has(if believes { CaseSign::InjectionDiscarded } else { CaseSign::InjectionBelieved }) {
            return false;
        }
        // What comes of a dialogue that is an answer behind, nobody can say.
        if believes && observed.has(CaseSign::InjectionBelieved) {
            return true;
        }
    }
    let trusts = traits.resumption == Resumption::Trusted && case.bad.smtp == SmtpBehaviour::Resuming;
    if trusts && observed.has(CaseSign::Resumed) {
        return CaseModel { base, traits }.later_passage(CaseAt::judged(case)).end() == observed.end;
    }
    // Who resumes nothing does as who trusts nothing.
    let traits = if trusts { Traits { resumption: Resumption::Authenticated, ..traits } } else { traits };
    CaseModel { base, traits }.ends(case).contains(&observed.end)
}

/// The unusual values with which a model does what was seen; none in them stands for the usual ones.
fn explanations(base: SenderModel, observed: &Observed<'_>) -> Vec<Option<TraitValue>> {
    let mut found = Vec::new();
    // What was laxer on retry is not done by who stays the same.
    if !observed.laxer && does(base, Traits::USUAL, observed) {
        found.push(None);
    }
    let values = observed.told().into_iter().flat_map(TraitValue::of);
    let unusual =
        values.filter(|value| !value.is_usual() && does(base, Traits::USUAL.with(*value), observed));
    found.extend(unusual.map(Some));
    found
}

/// Whether a sender has the same value of a trait everywhere: what is one fault to it is another to another sender.
fn is_one(tells: Trait) -> bool {
    !matches!(
        tells,
        Trait::PolicyDefects | Trait::FailedLookup | Trait::FailedStarttls | Trait::TlsVersion | Trait::Reach
    )
}

/// How a model explains what was observed, case by case.
#[derive(Clone, Debug)]
pub(super) struct Explained {
    pub(super) base: SenderModel,
    /// The unusual values with which it does what was seen, case by case; none in them stands for the usual ones.
    pub(super) cases: Vec<Vec<Option<TraitValue>>>,
}

/// How each model explains what was observed.
pub(super) fn explained(observed: &[Observed<'_>]) -> Vec<Explained> {
    let of = |base| Explained { base, cases: observed.iter().map(|one| explanations(base, one)).collect() };
    bases().into_iter().map(of).collect()
}

impl Explained {
    /// Whether it explains all cases with these unusual values, and further ones where they do not do.
    fn holds_with(&self, told: &[Vec<Trait>], chosen: &[TraitValue]) -> bool {
        let chosen_of = |tells: &Trait| chosen.iter().find(|value| value.tells() == *tells);
        let mut open: Option<usize> = None;
        for (n, found) in self.cases.iter().enumerate() {
            let bent: Vec<_> =
                told[n].iter().filter_map(chosen_of).filter(|value| !value.is_usual()).collect();
            let explained = match bent.is_empty() {
                true => found.contains(&None),
                false => bent.iter().any(|value| found.contains(&Some(**value))),
            };
            match explained {
                true => {}
                // Where a value differs from fault to fault, it is bent here and not elsewhere.
                false if bent.iter().all(|value| !is_one(value.tells())) && found.contains(&None) => {}
                false => {
                    open.get_or_insert(n);
                }
            }
        }
        let Some(open) = open else { return true };
        self.cases[open].iter().flatten().any(|value| {
            let free = chosen_of(&value.tells()).is_none();
            free && self.holds_with(told, &[chosen, &[*value]].concat())
        })
    }
}

/// What fits all that was observed.
pub(super) struct Fits<'a> {
    observed: &'a [Observed<'a>],
    /// The traits that each case tells.
    told: Vec<Vec<Trait>>,
    /// The models that remain; where none does, those that explain most cases.
    nearest: Vec<Explained>,
    /// Whether they explain all.
    whole: bool,
}

impl<'a> Fits<'a> {
    pub(super) fn of(observed: &'a [Observed<'a>], explained: &[Explained]) -> Self {
        let told: Vec<_> = observed.iter().map(|one| one.told()).collect();
        let all: Vec<&Explained> =
            explained.iter().filter(|one| names_as_seen(&one.base, observed)).collect();
        let explains = |one: &Explained| one.cases.iter().filter(|found| !found.is_empty()).count();
        let most = all.iter().map(|one| explains(one)).max().unwrap_or(0);
        let holding: Vec<bool> = all.iter().map(|one| one.holds_with(&told, &[])).collect();
        let whole = !observed.is_empty() && holding.contains(&true);
        let kept = all.into_iter().zip(holding);
        let nearest = kept.filter(|(one, holds)| if whole { *holds } else { explains(one) == most });
        Self { observed, told, nearest: nearest.map(|(one, _)| one.clone()).collect(), whole }
    }

    /// The terms of the models that explain all; none where no model does, or nothing was observed.
    pub(super) fn terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> =
            self.nearest.iter().filter(|_| self.whole).map(|one| term(&one.base)).collect();
        terms.sort();
        terms.dedup();
        terms
    }

    /// What the cases tell of each trait.
    pub(super) fn traits(&self) -> Vec<TraitFinding> {
        Trait::ALL.iter().flat_map(|tells| self.of_trait(*tells)).collect()
    }

    fn of_trait(&self, tells: Trait) -> Vec<TraitFinding> {
        let telling: Vec<usize> =
            (0..self.observed.len()).filter(|n| self.told[*n].contains(&tells)).collect();
        let values = TraitValue::of(tells);
        if telling.is_empty() {
            return Vec::new();
        }
        if values.is_empty() {
            return self.of_model(tells, &telling).into_iter().collect();
        }
        let fitting = if self.whole && is_one(tells) {
            let has =
                |value: &TraitValue| self.nearest.iter().any(|one| one.holds_with(&self.told, &[*value]));
            values.iter().copied().filter(|value| self.allows(*value)).filter(has).collect()
        } else {
            self.fitting(&values, &telling)
        };
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

    /// Whether nothing that was seen beside speaks against a value: what another value explains as well does not excuse it.
    fn allows(&self, value: TraitValue) -> bool {
        let seen = |sign| self.observed.iter().any(|one| one.has(sign));
        let refused = |one: &Observed<'_>| {
            one.has(CaseSign::Resumed) && matches!(one.end, CaseEnd::Turned | CaseEnd::Held)
        };
        match value {
            TraitValue::Injection(Injection::Believed) => !seen(CaseSign::InjectionDiscarded),
            TraitValue::Injection(Injection::Discarded) => !seen(CaseSign::InjectionBelieved),
            TraitValue::Injection(Injection::TlsGivenUp) => {
                !seen(CaseSign::InjectionDiscarded) && !seen(CaseSign::InjectionBelieved)
            }
            TraitValue::Resumption(Resumption::Trusted) => !self.observed.iter().any(refused),
            _ => true,
        }
    }

    /// The values of a trait with which one of the models explains all these cases.
    fn fitting(&self, values: &[TraitValue], cases: &[usize]) -> Vec<TraitValue> {
        let explains = |value: TraitValue, found: &[Option<TraitValue>]| match value.is_usual() {
            // Where the trait is as usual another one may be what it is owed to.
            true => found.iter().any(|one| one.is_none_or(|one| one.tells() != value.tells())),
            false => found.contains(&Some(value)),
        };
        let fits = |value: &&TraitValue| {
            self.nearest.iter().any(|one| cases.iter().all(|n| explains(**value, &one.cases[*n])))
        };
        values.iter().filter(fits).copied().collect()
    }

    /// A trait that is one of the models' own.
    fn of_model(&self, tells: Trait, telling: &[usize]) -> Option<TraitFinding> {
        if !self.whole {
            return None;
        }
        let of: Option<Vec<_>> = self.nearest.iter().map(|one| own(tells, &one.base)).collect();
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

/// The term of a model. Cases show MTA-STS where DANE is not, so that what DANE alone decides elsewhere hides none of it.
pub(super) fn term(base: &SenderModel) -> Term {
    match (base.dane, base.mta_sts, base.precedence) {
        (Dane::WhereUsable, true, Precedence::DaneWins) => Term::DaneMtaSts,
        _ => Term::of(base),
    }
}

fn finding(tells: Trait, values: &[TraitValue], by: Vec<CaseId>) -> TraitFinding {
    let standing = values.first().map(|value| value.standing());
    let standing = standing.filter(|one| values.iter().all(|value| value.standing() == *one));
    TraitFinding { tells, values: values.iter().map(|value| value.word()).collect(), standing, by }
}

/// Whether a model that heeds no policy names hosts as it was seen to.
fn names_as_seen(base: &SenderModel, observed: &[Observed<'_>]) -> bool {
    base.dane != Dane::Off
        || base.mta_sts
        || base.starttls == Starttls::Never
        || observed.iter().filter_map(|one| one.sni).all(|sni| sni == (base.sni == Sni::Always))
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
