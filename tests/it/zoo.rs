//! Odd name servers and signatures, ours against unbound: `tests/zoo/README.md` says how.

mod ours;
mod plan;
mod unbound;
mod world;

use std::time::Instant;

use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};

use crate::interop::rig::run::say;
use plan::{Question, Zone};
use world::World;

/// How many questions are under way at once, to unbound and to us: most wait for servers that say nothing.
const AT_ONCE: usize = 24;
/// How many zones there must be.
const ZONES_MIN: usize = 60;

/// What came of a question, from unbound or from us.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    /// One of `plan::STATES`, or `our limit: …`.
    state: String,
    /// The names that aliases led to, and the records at the last of them.
    records: Vec<String>,
    /// Why it failed; not compared.
    reason: String,
}

#[test]
fn every_zone_is_what_unbound_says() {
    let zones = Zone::all();
    assert!(zones.len() >= ZONES_MIN, "{} zones", zones.len());
    if !world::can_be_made() {
        return;
    }
    let began = Instant::now();
    let questions: Vec<Question> = zones.into_iter().flat_map(|zone| zone.questions).collect();
    let mut questions = plan::chosen(questions);
    // Those that end by patience alone begin first.
    questions.sort_by_key(|question| !question.is_of_patience());
    assert!(!questions.is_empty(), "MAILASSAY_ZOO_ZONES names no zone");
    let world = World::new();
    world.hold();
    let mut faults: Vec<String> = world.within(|| async {
        let resolvers = ours::resolvers(&world);
        let compared = questions.iter().map(|question| compare(question, &resolvers));
        stream::iter(compared).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.concat()
    });
    faults.sort();
    let limits = questions.iter().filter(|question| question.limit.is_some()).count();
    let differing = questions.iter().filter(|question| question.differs.is_some()).count();
    say(&format!(
        "the zoo              {} questions in {} s: {} faults, {limits} our limit, {differing} otherwise",
        questions.len(),
        began.elapsed().as_secs(),
        faults.len()
    ));
    assert!(faults.is_empty(), "{} answers are wrong\n{}", faults.len(), faults.join("\n"));
}

/// What is wrong with the answers to a question.
async fn compare(question: &Question, resolvers: &[mailassay::shared::dns::Resolver]) -> Vec<String> {
    // Side by side, since who waits for a silent server waits long.
    let answers = join_all(resolvers.iter().map(|resolver| ours::ask(resolver, question)));
    let (truth, answers) = join(unbound::ask(question), answers).await;
    let mut faults = Vec::new();
    // Both could be wrong together, if the zone were not what it is meant to be.
    if !question.is_met_by_unbound(&truth.state) {
        faults.push(format!("{question}: unbound says {}", told(&truth)));
    }
    let expected = match (&question.limit, &question.differs) {
        (Some(limit), _) => format!("our limit: {limit}"),
        (None, Some(state)) => state.clone(),
        (None, None) => question.expected.clone(),
    };
    for answer in &answers {
        let as_unbound = question.limit.is_none() && question.differs.is_none();
        if answer.state != expected || (as_unbound && answer.records != truth.records) {
            faults.push(format!("{question}: we say {}; unbound says {}", told(answer), told(&truth)));
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

fn told(outcome: &Outcome) -> String {
    let Outcome { state, records, reason } = outcome;
    format!("`{state}` [{}] {reason}", records.join(", "))
}
