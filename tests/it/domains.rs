//! Faked worlds, scanned, judged and rated: `tests/domains/` has a folder for each, with what is expected of it.
//!
//! `zone.txt` holds the names (`scan_names::zone` says how), `world.toml` the servers, certificates and networks,
//! `expected.txt` the findings that differ from those of `sound`, their outcome and the levels of the profiles that
//! the world names, then every profile's result. `UPDATE_GOLDENS=1` writes the latter anew, for eyes to read.

mod certificates;
mod expected;
mod scan;
mod server;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mailassay::evidence::scan::Evidence;
use mailassay::verdict::receiving::grade::{self, Grade, Receiving};
use mailassay::verdict::receiving::profile::{Mark, Profiles, Rule};
use mailassay::verdict::receiving::{Check, Finding, Outcome};
use tokio::sync::OnceCell;

use world::{World, now};

fn folders() -> Vec<PathBuf> {
    let domains = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/domains");
    let mut folders: Vec<_> = std::fs::read_dir(domains)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

struct Scanned {
    folder: PathBuf,
    evidence: Evidence,
    profiles: Vec<String>,
    alone: bool,
}

async fn scanned(folder: PathBuf) -> Scanned {
    let world = World::read(&folder);
    let (profiles, alone) = (world.profiles.clone(), world.alone);
    Scanned { folder, evidence: scan::scan(world).await, profiles, alone }
}

/// All worlds, scanned once for all tests.
async fn worlds() -> &'static [Scanned] {
    static WORLDS: OnceCell<Vec<Scanned>> = OnceCell::const_new();
    let all = || async {
        let mut all = Vec::new();
        for folder in folders() {
            all.push(scanned(folder).await);
        }
        all
    };
    WORLDS.get_or_init(all).await
}

#[tokio::test(start_paused = true)]
async fn every_world_is_found_to_be_what_it_is() {
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let sound = worlds().await.iter().find(|world| world.folder.ends_with("sound")).unwrap();
    let sound = Receiving::of(&sound.evidence, now());
    let mut wrong = Vec::new();
    for Scanned { folder, evidence, profiles, alone } in worlds().await {
        let other = (!alone).then_some(&sound);
        let written = expected::written(&Receiving::of(evidence, now()), other, profiles);
        let golden = folder.join("expected.txt");
        if update {
            std::fs::write(&golden, &written).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        let differ = |(number, (is, should)): (usize, (&str, &str))| {
            let at = format!("{}:{}", golden.display(), number + 1);
            (is != should).then(|| format!("{at}\n  is     {is}\n  should {should}"))
        };
        wrong.extend(written.lines().zip(expected.lines()).enumerate().filter_map(differ));
        if written.lines().count() != expected.lines().count() {
            wrong.push(format!("{}: another number of lines", golden.display()));
        }
        assert!(folder.join("README.md").exists(), "{}: say what it is", folder.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a check may come to in our own profile: by its rule, and where the question does not arise or is not
/// answered.
fn possible(check: Check) -> BTreeSet<Outcome> {
    let own = Profiles::embedded().get(grade::OWN).unwrap();
    let mut outcomes = BTreeSet::from([Outcome::NotApplicable, Outcome::Inconclusive]);
    for entry in own.entries(check) {
        let marks: Vec<Mark> = match &entry.rule {
            Rule::Always(mark) => vec![*mark],
            Rule::Words(marks) => marks.values().copied().collect(),
            Rule::Table(_) => vec![Mark::Good, Mark::Insufficient],
            Rule::Each { names, otherwise } => names.values().copied().chain([*otherwise]).collect(),
            Rule::AtMost { steps, otherwise } | Rule::AtLeast { steps, otherwise } => {
                steps.keys().copied().chain([*otherwise]).collect()
            }
            Rule::AnyOf(members) | Rule::NoneOf(members) => vec![members.kept, members.broken],
            Rule::Order(order) => vec![Mark::Good, order.no_preference, order.wrong_level],
        };
        outcomes.extend(marks.into_iter().map(|mark| match mark {
            Mark::Insufficient => Outcome::Fail,
            Mark::NotApplicable => Outcome::NotApplicable,
            _ => Outcome::Pass,
        }));
    }
    outcomes.into_iter().filter(|outcome| !NEVER.contains(&(check, *outcome))).collect()
}

/// What cannot be, whatever the world: these ask what arises with every domain.
const NEVER: &[(Check, Outcome)] = &[
    (Check::MxRecords, Outcome::NotApplicable),
    (Check::MxConsistency, Outcome::NotApplicable),
    (Check::NsAaaa, Outcome::NotApplicable),
    (Check::DomainSigned, Outcome::NotApplicable),
    (Check::MxRrset, Outcome::NotApplicable),
    (Check::Dmarc, Outcome::NotApplicable),
    (Check::DkimGuess, Outcome::NotApplicable),
    (Check::Spf, Outcome::NotApplicable),
    (Check::Bimi, Outcome::NotApplicable),
];

#[tokio::test(start_paused = true)]
async fn every_outcome_of_every_check_is_shown_by_some_world() {
    let mut shown = BTreeSet::new();
    for scanned in worlds().await {
        let receiving = Receiving::of(&scanned.evidence, now());
        let outcome = |(index, finding): (usize, &Finding)| (finding.check, receiving.ratings.outcome(index));
        shown.extend(receiving.findings.iter().enumerate().map(outcome));
    }
    let all =
        || Check::ALL.iter().flat_map(|check| possible(*check).into_iter().map(|outcome| (*check, outcome)));
    let name = |(check, outcome): (Check, Outcome)| format!("{} {}", check.id(), expected::word(outcome));
    let missing: Vec<String> = all().filter(|pair| !shown.contains(pair)).map(name).collect();
    assert!(missing.is_empty(), "no world shows {}:\n{}", missing.len(), missing.join("\n"));
    let beyond: Vec<String> =
        shown.into_iter().filter(|(check, outcome)| !possible(*check).contains(outcome)).map(name).collect();
    assert!(beyond.is_empty(), "said to be impossible, and shown:\n{}", beyond.join("\n"));
}

/// `seed.txt` has internet.nl's own words of its version 1.9: a category or subtest and what it came to.
#[tokio::test(start_paused = true)]
async fn the_seeds_come_to_what_internet_nl_said_of_them() {
    let mut seeds = 0;
    for world in worlds().await {
        let Ok(seed) = std::fs::read_to_string(world.folder.join("seed.txt")) else { continue };
        let receiving = Receiving::of(&world.evidence, now());
        let Grade::Internetnl(score) = &receiving.ratings.of("internetnl-v2").unwrap().grade else {
            panic!()
        };
        let sections =
            score.sections.iter().map(|section| (section.section.name(), expected::word(section.verdict)));
        let subtests = score.sections.iter().flat_map(|section| &section.subtests);
        let subtests =
            subtests.filter_map(|test| Some((test.check.internetnl()?, expected::word(test.status))));
        let total = score.score.map(|score| ("score", score.to_string()));
        let said: Vec<(&str, String)> = sections.chain(subtests).chain(total).collect();
        for line in seed.lines().filter(|line| !line.starts_with('#')) {
            let (name, should) = line.split_once(' ').unwrap();
            let is = said.iter().find(|(said, _)| *said == name).map(|(_, is)| is.as_str());
            assert_eq!(is, Some(should), "{}: {name}", world.folder.display());
        }
        seeds += 1;
    }
    assert_eq!(seeds, 2);
}
