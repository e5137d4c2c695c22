//! Rows, as a terminal shows them.

use std::fs;
use std::path::Path;

use mailassay::program::providers::{
    Amount, Colour, Counting, Document, Exhibit, Freshness, Row, Rules, Seen, Settings,
};
use mailassay::sending::history::SelfCheck;
use mailassay::sending::verdict::{FindingResult, Term};

use super::{at, catalogue, check, fill, name, provider, register, trial};

const NOW: &str = "2026-11-29T12:00:00Z";

fn row_at(exhibits: Vec<(Document, &str)>, now: &str) -> Row {
    let exhibit = |(number, (document, source)): (i64, (Document, &str))| Exhibit {
        number,
        document,
        sources: vec![source.to_owned()],
        set_aside: false,
    };
    let exhibits: Vec<Exhibit> = (1..).zip(exhibits).map(exhibit).collect();
    let rules = Rules { catalogue: &catalogue(), settings: &Settings::default(), red_days: &[] };
    Row::of(rules, &provider(), &exhibits, at(now))
}

fn row(exhibits: Vec<(Document, &str)>) -> Row {
    row_at(exhibits, NOW)
}

fn two(one: Term, other: Term) -> Vec<(Document, &'static str)> {
    vec![(trial(one, "2026-11-18T09:00:00Z"), "one"), (trial(other, "2026-11-21T12:00:00Z"), "other")]
}

#[test]
fn colours_are_lindenbergs() {
    for (term, colour) in [
        (Term::None, Colour::Red),
        (Term::May, Colour::Yellow),
        (Term::Encrypt, Colour::Yellow),
        (Term::Verify, Colour::White),
        (Term::Dane, Colour::Green),
        (Term::DaneOnly, Colour::Green),
    ] {
        let row = row(two(term, term));
        assert_eq!(row.sending.term.seen, Seen::Agreed(term), "{term}");
        assert_eq!(row.sending.colour, colour, "{term}");
    }
}

#[test]
fn every_cell_says_what_proves_it() {
    let row = row(two(Term::Dane, Term::Dane));
    for (id, cell) in row.sending.mechanisms() {
        assert!(!cell.proofs.is_empty(), "{id}");
        for proof in &cell.proofs {
            assert!(!proof.why.en.is_empty() && !proof.why.de.is_empty(), "{id}: {proof:?}");
            let trial = row.trials.iter().find(|trial| trial.exhibit == proof.exhibit).unwrap();
            let exists = |number: &usize| trial.connections.iter().any(|shown| shown.number == *number);
            assert!(proof.connections.iter().all(exists), "{id}: {proof:?}");
        }
    }
    let dane = &row.sending.dane;
    assert_eq!(dane.seen, Seen::Agreed(FindingResult::Practised));
    assert!(dane.proofs.iter().all(|proof| !proof.connections.is_empty()), "{dane:?}");
}

#[test]
fn little_evidence_is_grey() {
    let settings = Settings::default();
    let one = row(vec![(trial(Term::Dane, "2026-11-21T12:00:00Z"), "one")]);
    let same_day = [("2026-11-21T08:00:00Z", "one"), ("2026-11-21T16:00:00Z", "other")];
    let same_day = row(same_day.map(|(from, source)| (trial(Term::Dane, from), source)).into());
    let same_source = [("2026-11-18T08:00:00Z", "one"), ("2026-11-21T16:00:00Z", "one")];
    let same_source = row(same_source.map(|(from, source)| (trial(Term::Dane, from), source)).into());
    for little in [one, same_day, same_source] {
        assert_eq!(little.sending.freshness(&settings, at(NOW)), Freshness::TooLittle);
        assert_eq!(little.colour(&settings, at(NOW)), Colour::Grey, "{:?}", little.sending.amount);
    }
}

#[test]
fn contradictions_are_shown_and_never_averaged() {
    let row = row(two(Term::Dane, Term::May));
    assert_eq!(row.sending.term.seen, Seen::Contradictory(vec![Term::May, Term::Dane]));
    let both = vec![FindingResult::Practised, FindingResult::NotPractised];
    assert_eq!(row.sending.dane.seen, Seen::Contradictory(both));
    assert_eq!(row.sending.colour, Colour::Grey);
    // Red stays red whatever else was seen, for nobody's mail is safe then.
    let late = "2027-03-01T12:00:00Z";
    assert_eq!(row.colour(&Settings::default(), at(late)), Colour::Grey);
}

#[test]
fn what_is_old_is_grey() {
    let settings = Settings::default();
    let row = row(two(Term::Dane, Term::Dane));
    assert_eq!(row.sending.colour_at(&settings, at(NOW)), Colour::Green);
    let late = at("2027-03-01T12:00:00Z");
    assert_eq!(row.sending.freshness(&settings, late), Freshness::TooOld);
    assert_eq!(row.colour(&settings, late), Colour::Grey);
    let computed_late = row_at(two(Term::Dane, Term::Dane), "2027-03-01T12:00:00Z");
    assert!(computed_late.trials.iter().all(|trial| trial.counting == Counting::TooOld));
}

#[test]
fn our_own_bad_days_do_not_count() {
    let mut exhibits = two(Term::Dane, Term::May);
    let Document::Trial(history) = &mut exhibits[1].0 else { panic!("no trial") };
    history.self_checks.push(mailassay::program::report::redact::RedactedSelfCheck {
        seq: history.last,
        at: history.opened,
        dns: SelfCheck::Red { reason: "the zone is not signed".to_owned() },
        certificates: SelfCheck::Green,
        policy_host: SelfCheck::Green,
        unseen: Vec::new(),
        cases: Default::default(),
        unlooked: Default::default(),
    });
    let row = row(exhibits);
    let counting: Vec<Counting> = row.trials.iter().map(|trial| trial.counting).collect();
    assert_eq!(counting, [Counting::Counts, Counting::RedDay]);
    assert_eq!(row.sending.amount, Amount { trials: 1, days: 1, sources: 1 });
    assert_eq!(row.sending.term.seen, Seen::Agreed(Term::Dane));
}

#[test]
fn the_newest_check_counts() {
    let row = row(vec![
        (check("sound", "2026-11-20T12:00:00Z"), ""),
        (check("no-starttls", "2026-11-25T12:00:00Z"), ""),
    ]);
    assert_eq!(row.receiving.len(), 1);
    assert_eq!(row.receiving[0].colour, Colour::Red);
    assert_eq!(row.checks.len(), 2);
    assert_eq!(row.colour(&Settings::default(), at(NOW)), Colour::Red);
}

#[tokio::test]
async fn a_terminal_shows_row_and_evidence() {
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut wrong = Vec::new();
    for term in [Term::Dane, Term::May, Term::MtaSts] {
        let kept = register().await;
        kept.register.describe(provider(), at(NOW)).await.unwrap();
        fill(&kept.register, term).await;
        let entry = kept.register.entry(&name()).await.unwrap();
        let row = kept.register.row(&name(), at(NOW)).await.unwrap();
        for language in mailassay::shared::text::Language::ALL {
            let words = mailassay::program::providers::tell::words(language);
            let settings = Settings::default();
            let shown = mailassay::program::providers::tell::show(&entry, &row, &settings, at(NOW), words);
            let wide = shown.lines().find(|line| line.chars().count() > 80);
            assert_eq!(wide, None);
            let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("tests/providers/{term}.{}.txt", language.tag()));
            if update {
                fs::write(&golden, &shown).unwrap();
            }
            if fs::read_to_string(&golden).unwrap_or_default() != shown {
                wrong.push(format!("{}:\n{shown}", golden.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
