//! What the judge says step by step must come to what it says in the end, and must not change as a trial goes on.

use mailassay::sending::history::{History, Seq};
use mailassay::sending::persona::Catalogue;
use mailassay::sending::trial::Pace;
use mailassay::sending::verdict::{Bearing, Step, Verdict, steps};

/// What is wrong with the steps of a history whose verdict is `found`.
pub(super) fn wrong(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    found: &Verdict,
) -> Option<String> {
    let all = steps(catalogue, pace, history, None);
    if all.links.len() != history.links.len() {
        return Some(format!("{} steps of {} links", all.links.len(), history.links.len()));
    }
    let last = all.silence.as_ref().map(|silence| &silence.remaining);
    let last = last.or(all.links.last().map(|step| &step.remaining));
    // Where each source is told apart, the whole is a contradiction.
    if last != Some(&found.overall.candidates) {
        return Some(format!("the last step leaves {last:?}, the verdict {:?}", found.overall.candidates));
    }
    // Whoever has the first steps gets the others as they are.
    let middle = history.links.get(history.links.len() / 2).map_or(Seq(0), |one| one.link.first);
    let later = steps(catalogue, pace, history, Some(middle));
    let tail = &all.links[all.links.len() - later.links.len()..];
    let same = |(one, other): (&Step, &Step)| one == other;
    if !later.links.iter().zip(tail).all(same) || later.silence != all.silence {
        return Some(format!("asked for later, steps differ: {:#?} for {tail:#?}", later.links));
    }
    // A term that is struck out is gone, and what proves DANE or MTA-STS is a refusal.
    all.links.iter().find_map(|step| {
        let gone = step.excluded.iter().flat_map(|(_, terms)| terms);
        let back = gone.clone().any(|term| step.remaining.contains(term));
        let idle = !matches!(step.bearing, Bearing::Counts) && gone.count() > 0 && step.counts_now.is_empty();
        (back || idle && !step.laxer && step.bearing == Bearing::ShowsNothing)
            .then(|| format!("a step that does not make sense: {step:#?}"))
    })
}
