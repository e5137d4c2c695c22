//! A trial told step by step, compared with `steps.txt` in the folders of three cases.

use std::fmt::Write;

use mailassay::program::report::{StepKind, awaited, steps, steps_after};
use mailassay::shared::text::Language;

use super::{account, case, compare, folder, settings};

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
