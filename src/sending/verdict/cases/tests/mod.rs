//! Every model, and every single value of every trait, played at cases with delays and in other orders, must be found out
//! by its history alone.

mod attacked;
mod player;
mod real;
mod signs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::sending::history::{History, Seq};
use crate::sending::persona::{Catalogue, CatalogueFiles, Entrance, Family, RuledCase, Standing, Suite};
use crate::sending::trial::CasePhase;
use crate::sending::trial::Pace;
use crate::sending::verdict::Term;
use crate::sending::verdict::model::ruled::{CaseAt, CaseEnd, CaseModel, TraitValue, Traits, Validation};
use crate::sending::verdict::model::{Dane, Precedence, SenderModel};
use crate::shared::time::after;

use super::bases::bases;
use super::fits::{term, told};
use super::{CaseOutcome, CaseWhy, CasesVerdict, judge_cases};
use player::{Manner, Player};

fn catalogue() -> Catalogue {
    CatalogueFiles::embedded().catalogue("example.org").expect("the embedded catalogue fits")
}

fn suite(catalogue: &Catalogue, wanted: impl Fn(Suite) -> bool) -> Vec<&RuledCase> {
    catalogue.ruled_cases().filter(|case| wanted(case.suite)).collect()
}

/// How the cases come out by a model.
type Row = Vec<Vec<CaseEnd>>;

/// A model, and the one value of it that is not usual.
struct Played {
    model: CaseModel,
    value: Option<TraitValue>,
    /// Whether a model without an unusual value comes out alike.
    like_a_usual_one: bool,
    /// The terms of all models that come out alike.
    alike: BTreeSet<Term>,
}

/// Each model as usual, and with each single value of a trait with which it comes out differently; with it the terms of
/// all that come out alike.
fn every_model(cases: &[&RuledCase]) -> Vec<Played> {
    let row = |model: CaseModel| -> Row { cases.iter().map(|case| model.ends(case)).collect() };
    let unusual: Vec<_> = TraitValue::all().into_iter().filter(|value| !value.is_usual()).collect();
    let mut rows: Vec<(CaseModel, Option<TraitValue>, Row)> = Vec::new();
    for base in bases() {
        let usual = CaseModel::usual(base);
        let own = row(usual);
        for value in &unusual {
            let model = CaseModel { traits: Traits::USUAL.with(*value), ..usual };
            let row = row(model);
            if row != own {
                rows.push((model, Some(*value), row));
            }
        }
        rows.push((usual, None, own));
    }
    let mut alike: BTreeMap<Row, (bool, BTreeSet<Term>)> = BTreeMap::new();
    for (model, value, row) in &rows {
        let known = alike.entry(row.clone()).or_default();
        known.0 |= value.is_none();
        known.1.insert(term(&model.base));
    }
    let played = rows.into_iter().map(|(model, value, row)| {
        let (like_a_usual_one, alike) = alike[&row].clone();
        Played { model, value, like_a_usual_one, alike }
    });
    played.collect()
}

/// What is wrong with what a verdict says of a model.
fn faults(cases: &[&RuledCase], played: &Played, verdict: &CasesVerdict) -> Vec<String> {
    let Played { model, value, like_a_usual_one, alike } = played;
    let (model, value) = (*model, *value);
    let mut faults = Vec::new();
    for case in cases {
        let finding = verdict.finding(&case.id).expect("a finding on each case");
        let ends = model.ends(case);
        match finding.outcome.end() {
            Some(end) if ends.contains(&end) => {}
            // Whose first mail never came shows nothing of a second.
            None if case.then.is_some() && never_first(model, case) => {}
            other => faults.push(format!("{}: {other:?} ({:?}), not {ends:?}", case.id, finding.why)),
        }
        let breaks_nothing = value.is_none() && model.base.precedence != Precedence::MtaStsOverrides;
        if breaks_nothing && finding.standing == Some(Standing::Fault) {
            faults.push(format!("{}: called a fault of who breaks nothing: {:?}", case.id, finding.outcome));
        }
        if finding.standing.is_some() && finding.evidence.is_empty() {
            faults.push(format!("{}: no evidence", case.id));
        }
    }
    // Who never delivers anything shows nothing.
    if verdict.findings.iter().all(|finding| finding.standing.is_none()) {
        return faults;
    }
    // Who demands DANE and takes nothing for secure sends no mail where TLSA records are, and no model tells why.
    if model.base.dane == Dane::Required && value == Some(TraitValue::Validation(Validation::No)) {
        return faults;
    }
    let found: BTreeSet<Term> = verdict.terms.iter().copied().collect();
    if found.is_disjoint(alike) || value.is_none() && !found.contains(&term(&model.base)) {
        faults.push(format!("terms {found:?}, not {alike:?}"));
    }
    if let Some(value) = value.filter(|_| !like_a_usual_one) {
        faults.extend(untold(cases, model, value, verdict));
    }
    faults
}

fn case_standing(case: &RuledCase, end: CaseEnd) -> Standing {
    match end {
        CaseEnd::Clear => case.expect.clear,
        CaseEnd::Delivered => case.expect.delivered,
        CaseEnd::Turned => case.expect.turned,
        CaseEnd::Held => case.expect.held,
    }
}

fn never_first(model: CaseModel, case: &RuledCase) -> bool {
    let first = CaseAt { phase: CasePhase::First, ..CaseAt::judged(case) };
    model.passage(first).end() == CaseEnd::Held
}

/// Where a value of a trait shows, and is not told.
fn untold(
    cases: &[&RuledCase],
    model: CaseModel,
    value: TraitValue,
    verdict: &CasesVerdict,
) -> Option<String> {
    let usual = CaseModel::usual(model.base);
    let shows = |case: &&&RuledCase| {
        let is_told = told(case, false).contains(&value.tells());
        let ends = usual.ends(case);
        is_told && model.ends(case).iter().all(|end| !ends.contains(end))
    };
    let showing: Vec<_> = cases.iter().filter(shows).map(|case| &case.id).collect();
    if showing.is_empty() {
        return None;
    }
    let of_trait: Vec<_> = verdict.traits.iter().filter(|found| found.tells == value.tells()).collect();
    let told = of_trait.iter().any(|found| found.values.contains(&value.word()));
    let is_bad = |standing| matches!(standing, Standing::Fault | Standing::NotPractised);
    let expected = cases.iter().filter(shows).any(|case| {
        let ends = model.ends(case).into_iter();
        ends.map(|end| case_standing(case, end)).all(is_bad)
    });
    let at_fault = !expected
        || showing
            .iter()
            .any(|id| verdict.finding(id).and_then(|finding| finding.standing).is_some_and(is_bad));
    (!told || !at_fault).then(|| {
        format!("{value:?} shows at {showing:?}: {of_trait:?}, fault {at_fault}, {:?}", verdict.terms)
    })
}

/// Plays models in the manners that `manners` gives for each, and says what is wrong with what is found.
fn play_all<'p>(
    catalogue: &Catalogue,
    cases: &[&RuledCase],
    models: impl Iterator<Item = &'p Played>,
    manners: impl Fn(usize, &Played) -> Vec<Manner>,
) {
    let (mut wrong, mut plays) = (Vec::new(), 0);
    for (n, played) in models.enumerate() {
        for manner in manners(n, played) {
            plays += 1;
            let history = Player::new(catalogue, played.model, manner).play(cases);
            let verdict = judge_cases(catalogue, &Pace::default(), &history);
            let faults = faults(cases, played, &verdict);
            if !faults.is_empty() {
                let Played { model, value, .. } = played;
                wrong.push(format!("{} {value:?} {manner:?}:\n  {}", model.base, faults.join("\n  ")));
            }
        }
    }
    let shown: Vec<_> = wrong.iter().take(25).cloned().collect();
    assert!(wrong.is_empty(), "{} of {plays}:\n{}", wrong.len(), shown.join("\n"));
    println!("{plays} plays");
}

/// Who is as usual in every manner, the others in turn.
fn in_turn(n: usize, played: &Played) -> Vec<Manner> {
    match played.value {
        None => Manner::ALL.to_vec(),
        Some(_) => vec![Manner::ALL[n % Manner::ALL.len()]],
    }
}

#[test]
fn every_model_and_every_value_is_found_out_at_the_first_nine_cases() {
    let catalogue = catalogue();
    let cases = suite(&catalogue, |suite| suite == Suite::First);
    assert_eq!(cases.len(), 9);
    play_all(&catalogue, &cases, every_model(&cases).iter(), in_turn);
}

/// When a trial ends its faults are withdrawn: what is taken at the faulty hosts then shows nothing.
#[test]
fn what_comes_behind_the_end_shows_nothing() {
    let catalogue = catalogue();
    let cases = suite(&catalogue, |suite| suite == Suite::First);
    let model = CaseModel::usual(SenderModel::PLAIN);
    let mut history = Player::new(&catalogue, model, Manner::ALL[0]).play(&cases);
    let came = |history: &History| {
        let verdict = judge_cases(&catalogue, &Pace::default(), history);
        let at_faulty = [CaseOutcome::Clear, CaseOutcome::Delivered];
        verdict.findings.iter().filter(|finding| at_faulty.contains(&finding.outcome)).count()
    };
    assert!(came(&history) > 7, "{}", came(&history));
    let ended = history.ended.as_mut().expect("it has ended");
    ended.seq = Seq(0);
    assert_eq!(came(&history), 0);
}

/// Where we turned links away, one of them may have been to the faulty host.
#[test]
fn what_was_passed_over_once_shows_nothing_where_links_were_turned_away() {
    let catalogue = catalogue();
    let ids = ["tlsa-servfail", "dane-good"];
    let cases: Vec<_> = ids.iter().filter_map(|id| catalogue.ruled_case(&(*id).into())).collect();
    let model = CaseModel::usual(SenderModel::DANE);
    let mut history = Player::new(&catalogue, model, Manner::ALL[0]).play(&cases);
    let outcome = |history: &History| {
        let verdict = judge_cases(&catalogue, &Pace::default(), history);
        let finding = verdict.finding(&"tlsa-servfail".into()).expect("a finding");
        (finding.outcome, finding.why.clone())
    };
    history.beyond.links = 1;
    assert_eq!(outcome(&history), (CaseOutcome::PassedOver, CaseWhy::Shown), "it was again and again");
    let first = after(history.opened, 300);
    history.links.retain(|attributed| attributed.link.opened < first);
    assert_eq!(outcome(&history), (CaseOutcome::Unseen, CaseWhy::Incomplete));
    history.beyond.links = 0;
    assert_eq!(outcome(&history), (CaseOutcome::PassedOver, CaseWhy::Shown));
}

/// A link that was left without STARTTLS names no host: it may have been for any case with its entrance.
#[test]
fn who_left_another_case_at_the_same_entrance_is_not_laxer_later() {
    let catalogue = catalogue();
    let ids = ["sts-nostarttls", "dane-nostarttls"];
    let cases: Vec<_> = ids.iter().filter_map(|id| catalogue.ruled_case(&(*id).into())).collect();
    let model = CaseModel::usual(SenderModel::DANE);
    let mut history = Player::new(&catalogue, model, Manner::ALL[1]).play(&cases);
    let first = after(history.opened, 300);
    for attributed in history.links.iter_mut().filter(|one| one.link.opened < first) {
        let link = Arc::make_mut(&mut attributed.link);
        let own =
            link.transactions.iter().any(|(_, mail)| mail.recipients.iter().any(|to| to.case.0 == ids[0]));
        // The first attempt came at the sound host alone.
        link.entrance = if own { Some(Entrance::Good) } else { link.entrance };
    }
    let verdict = judge_cases(&catalogue, &Pace::default(), &history);
    let finding = verdict.finding(&ids[0].into()).expect("a finding");
    assert_eq!((finding.outcome, finding.laxer_on_retry), (CaseOutcome::Clear, false));
}

/// At all cases, in one manner each: every fifth of the models as usual, and each value of a trait with one model in turn.
#[test]
fn every_value_is_found_out_at_all_cases() {
    let catalogue = catalogue();
    let cases = suite(&catalogue, |suite| suite != Suite::Apart);
    let all = every_model(&cases);
    let mut by_value: BTreeMap<Option<TraitValue>, Vec<&Played>> = BTreeMap::new();
    for played in &all {
        by_value.entry(played.value).or_default().push(played);
    }
    let usual = by_value.remove(&None).unwrap_or_default();
    let each = by_value.values().enumerate().map(|(n, of_value)| of_value[(n * 7) % of_value.len()]);
    assert!(by_value.len() > 35, "{:?}", by_value.keys());
    let some: Vec<&Played> = usual.into_iter().step_by(5).chain(each).collect();
    play_all(&catalogue, &cases, some.into_iter(), |n, _| vec![Manner::ALL[n % 4]]);
}

/// Whose mail was at all cases of the families that publish one thing or nothing, of that every cell is decided.
#[test]
fn the_attack_view_is_decided_and_true() {
    let catalogue = catalogue();
    let wanted = [Family::Plain, Family::MtaSts, Family::Dane, Family::Dnssec];
    let cases = suite(&catalogue, |suite| suite != Suite::Apart);
    let cases: Vec<_> = cases.into_iter().filter(|case| wanted.contains(&case.family)).collect();
    let mut wrong = Vec::new();
    for (n, base) in bases().into_iter().filter(attacked::is_decided).enumerate() {
        let manner = Manner::ALL[n % Manner::ALL.len()];
        let history = Player::new(&catalogue, CaseModel::usual(base), manner).play(&cases);
        let untrue = attacked::untrue(&catalogue, &history, &base);
        if !untrue.is_empty() {
            wrong.push(format!("{base} {manner:?}:\n  {}", untrue.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The first nine cases tell of the attack view what they can, and nothing that is not so.
#[test]
fn the_attack_view_by_the_first_cases_is_true() {
    let catalogue = catalogue();
    let cases = suite(&catalogue, |suite| suite == Suite::First);
    let mut wrong = Vec::new();
    for (n, base) in bases().into_iter().filter(attacked::is_decided).enumerate() {
        let manner = Manner::ALL[n % Manner::ALL.len()];
        let history = Player::new(&catalogue, CaseModel::usual(base), manner).play(&cases);
        let untrue = attacked::untrue_at_first(&catalogue, &history, &base);
        if !untrue.is_empty() {
            wrong.push(format!("{base} {manner:?}:\n  {}", untrue.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
