//! The judge against senders that nobody has met: every model is played as a sender, in every manner of trying
//! MX hosts, and must be found out by its history alone.

mod attacked;
pub(crate) mod player;
mod written;

use std::collections::BTreeSet;

use mailassay::sending::history::TrialEnd;
use mailassay::sending::persona::{Catalogue, CatalogueFiles};
use mailassay::sending::trial::{Pace, Settle};
use mailassay::sending::verdict::model::{Certificates, Dane, SenderModel, Sni};
use mailassay::sending::verdict::{FindingResult, Mechanism, Reason, Term, judge, table};

use player::{Manner, Outcome, Player, Shape};
use written::play::uncited;

fn catalogue() -> Catalogue {
    CatalogueFiles::embedded().catalogue("example.org").expect("the embedded catalogue fits")
}

/// The terms that nothing in this suite could tell from the model's: the same acts everywhere, and the same
/// questions to DNS and to the policy host.
fn indistinguishable(catalogue: &Catalogue, model: &SenderModel) -> BTreeSet<Term> {
    let row = table(catalogue, model);
    let same = |other: &SenderModel| {
        table(catalogue, other) == row
            // Who does not ask cannot practise it; who asks need not.
            && (model.mta_sts || !other.mta_sts)
            && (model.dane != Dane::Off || other.dane == Dane::Off)
    };
    SenderModel::all().iter().filter(|other| same(other)).map(Term::of).collect()
}

fn play_all(settle: Settle, addressed: &[&str]) -> Vec<(SenderModel, Manner, Outcome)> {
    let mut played = Vec::new();
    for model in SenderModel::all() {
        for manner in Manner::all() {
            let pace = Pace { settle, ..Pace::default() };
            let outcome = Player::new(catalogue(), pace, model, manner).play(addressed);
            played.push((model, manner, outcome));
        }
    }
    played
}

#[test]
fn every_sender_that_ever_delivers_is_found_out() {
    let catalogue = catalogue();
    let (mut wrong, mut decided) = (Vec::new(), 0);
    for (model, manner, outcome) in play_all(Settle::Early, &["et", "ut"]) {
        let Outcome::Trial { end, history, .. } = outcome else { continue };
        let verdict = judge(&catalogue, &Pace::default(), &history);
        assert_eq!(uncited(&verdict), None, "{model} ({manner:?})");
        // In one manner: what a sender shows is the same in the others.
        if manner == Manner::all()[0] {
            decided += attacked::decided(&catalogue, &history, &model);
        }
        let found: BTreeSet<_> = verdict.overall.candidates.iter().copied().collect();
        let expected = indistinguishable(&catalogue, &model);
        // Who practises DANE or MTA-STS without SNI, against RFC 7672 §8.1 and RFC 8461 §7.1, is hidden by the
        // one certificate for links without SNI; patience ends such trials, and the candidates say so.
        let hidden = model.sni == Sni::Never && (model.dane != Dane::Off || model.mta_sts);
        let right = found.contains(&Term::of(&model)) && (hidden || found.is_subset(&expected));
        if !right || end == TrialEnd::Expired && !hidden {
            wrong.push(format!("{model} ({manner:?}): {end:?} as {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(decided > 500, "{decided} cells");
}

#[test]
fn patience_gives_the_same_terms_as_settling_early() {
    let catalogue = catalogue();
    let early = play_all(Settle::Early, &["et", "ut"]);
    let patient = play_all(Settle::Patience, &["et", "ut"]);
    for ((model, manner, early), (.., patient)) in early.into_iter().zip(patient) {
        let (Outcome::Trial { end, history: early, .. }, Outcome::Trial { history: patient, .. }) =
            (early, patient)
        else {
            continue;
        };
        if end == TrialEnd::Settled {
            let terms = |history| judge(&catalogue, &Pace::default(), history).overall.candidates;
            assert_eq!(terms(&early), terms(&patient), "{model} ({manner:?})");
        }
    }
}

#[test]
fn a_mail_to_one_address_never_claims_what_the_other_would_tell() {
    let catalogue = catalogue();
    for addressed in [&["et"][..], &["ut"][..]] {
        for (model, manner, outcome) in play_all(Settle::Early, addressed) {
            let Outcome::Trial { history, .. } = outcome else { continue };
            let found = judge(&catalogue, &Pace::default(), &history).overall.candidates;
            assert!(found.contains(&Term::of(&model)), "{addressed:?} {model} ({manner:?}): {found:?}");
        }
    }
}

/// Whatever comes first in the order of MX: what is named is proved in its own trial, and is what the sender is. The
/// plainest model of each term, as the README's table has it.
#[test]
fn no_order_of_mx_names_what_was_not_proved() {
    let catalogue = catalogue();
    let plain = |model: &&SenderModel| {
        let policies = model.dane != Dane::Off || model.mta_sts;
        (model.sni == Sni::ForPolicy) == policies && model.certificates == Certificates::Ignored
            || !policies && model.sni == Sni::Always
    };
    for model in SenderModel::all().iter().filter(plain) {
        for (order, manner) in (1..=10).flat_map(|order| Manner::all().into_iter().map(move |m| (order, m))) {
            let player = Player::new(catalogue.clone(), Pace::default(), *model, manner).in_order(order);
            let Outcome::Trial { history, .. } = player.play(&["et", "ut"]) else { continue };
            let verdict = judge(&catalogue, &Pace::default(), &history).overall;
            let place = format!("{model} ({manner:?}, order {order}): {:?}", verdict.candidates);
            assert!(verdict.candidates.contains(&Term::of(model)), "{place}");
            // What only one link without a word speaks for may be a policy per destination.
            let expected = indistinguishable(&catalogue, model);
            let fits = |term: &Term| expected.contains(term) || *term == Term::PerDestination;
            assert!(verdict.candidates.iter().all(fits), "{place}");
            for (mechanism, practises) in
                [(Mechanism::Dane, model.dane != Dane::Off), (Mechanism::MtaSts, model.mta_sts)]
            {
                let finding = verdict.finding(mechanism).expect("a finding on each");
                let refused: &[u8] = match &finding.reason {
                    Reason::Shown { refused, .. } => refused,
                    _ => &[],
                };
                if finding.result == FindingResult::Practised {
                    let proving: &[u8] = if mechanism == Mechanism::Dane { &[3, 5] } else { &[4] };
                    assert!(practises && proving.iter().any(|server| refused.contains(server)), "{place}");
                }
            }
        }
    }
}

#[test]
fn the_shape_of_a_refusal_does_not_matter() {
    let catalogue = catalogue();
    for shape in Shape::ALL {
        let manner = Manner { shape, ..Manner::all()[0] };
        for model in SenderModel::all() {
            let outcome = Player::new(catalogue.clone(), Pace::default(), model, manner).play(&["et", "ut"]);
            let Outcome::Trial { history, .. } = outcome else { continue };
            let found = judge(&catalogue, &Pace::default(), &history).overall.candidates;
            assert!(found.contains(&Term::of(&model)), "{model} ({shape:?}): {found:?}");
        }
    }
}

#[test]
fn early_settling_takes_minutes_not_hours() {
    // Postfix's manner: all hosts that refuse, two that hold, a retry after five to ten minutes.
    let postfix = Manner::all()[0];
    for (model, manner, outcome) in play_all(Settle::Early, &["et", "ut"]) {
        if let Outcome::Trial { end: TrialEnd::Settled, took_s, .. } = outcome
            && manner == postfix
        {
            assert!(took_s <= 2 * 3600, "{model}: {took_s} s");
        }
    }
}
