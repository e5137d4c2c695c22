//! A trial told step by step, compared with `steps.txt` in the folders of four cases; and what an attacker could read,
//! which stands first.

use std::fmt::Write;

use mailassay::program::report::{StepKind, awaited, json, steps, steps_after};
use mailassay::sending::history::{Noted, Seq, TrialEnd};
use mailassay::shared::text::{Body, Language, Page, Tone};

use super::cases::CASES;
use super::{account, at, case, compare, folder, settings};

#[test]
fn the_steps_are_as_they_were_read_and_approved() {
    for name in ["dane", "verify", "mta-sts", "laxer"] {
        let mut world = case(name);
        let mut text = String::new();
        for language in Language::ALL {
            for step in steps(account(&world), &settings(), language) {
                let kind = step.kind.name();
                writeln!(text, "{} {kind} {} at {}", step.tone.symbol(), step.number, step.at).expect("text");
                writeln!(text, "  {}\n  {}\n  {}", step.did, step.seen, step.follows).expect("text");
            }
            world.history.ended = None;
            for line in awaited(account(&world), &settings(), language) {
                writeln!(text, "… {line}").expect("text");
            }
            text.push('\n');
        }
        compare(&folder(name).join("steps.txt"), &text);
    }
}

/// Whoever comes back gets what is new, as whoever stayed has it.
#[test]
fn who_comes_back_gets_the_rest() {
    let world = case("crowd");
    let all = steps(account(&world), &settings(), Language::En);
    assert!(all.windows(2).all(|pair| pair[0].id <= pair[1].id || pair[1].kind == StepKind::Silence));
    for known in [0, all.len() / 3, all.len() - 2] {
        let rest = steps_after(account(&world), &settings(), Language::En, all[known].id);
        assert_eq!(rest, all[all.len() - rest.len()..], "after {known}");
        assert!(rest.len() < all.len());
    }
}

/// What somebody on the way could read is the first that a mail and a page show; what is claimed is shown by something,
/// and what is not is explained.
#[test]
fn what_could_be_read_stands_first() {
    for (name, make) in CASES {
        let world = make();
        for language in Language::ALL {
            for page in [Page::new, Page::whole].map(|page| page(account(&world), language, &settings())) {
                let Body::Grid(grid) = &page.sections[0].body else {
                    // Cases that stage no attack leave nothing to be said of one.
                    assert_eq!(name, "cases-many", "{:?}", page.sections[0]);
                    continue;
                };
                assert_eq!((grid.columns.len(), grid.rows.len()), (3, 4), "{name}");
                for cell in grid.rows.iter().flat_map(|row| &row.cells) {
                    let claims = matches!(cell.tone, Tone::Good | Tone::Bad | Tone::Warning);
                    assert_eq!(claims, !cell.evidence.is_empty(), "{name}: {cell:?}");
                    assert!(cell.tone != Tone::Inconclusive || !cell.note.is_empty(), "{name}: {cell:?}");
                }
            }
        }
        let cells = json(account(&world), &settings())["attack"].as_array().map(Vec::len);
        assert_eq!(cells, Some(12), "{name}");
    }
}

/// Where the judge failed at a trial, nobody asks it again.
#[test]
fn nothing_is_said_of_a_trial_that_was_not_judged() {
    let mut world = case("dane");
    world.history.ended = Some(Noted { seq: Seq(99), at: at("23:00:00"), what: TrialEnd::Unjudged });
    let value = json(account(&world), &settings());
    let cells = value["attack"].as_array().expect("cells");
    assert!(cells.iter().all(|cell| cell["exposure"] == "not-seen"), "{cells:?}");
    assert!(value["steps"].as_array().expect("steps").iter().all(|step| step["kind"] != "connection"));
}
