//! What is kept, in words.

use crate::program::rights::{Kept, KeptFor};
use crate::program::site::words;
use crate::shared::text::{Language, Words};

/// A kind of data, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is.
    pub what: String,
    /// What it is for.
    pub why: String,
    /// For how long it is there.
    pub how_long: String,
    /// Who can see it.
    pub who: String,
}

/// All that is kept, in words of `language`.
pub fn told(kept: &[Kept], language: Language) -> Vec<Told> {
    let words = words::of(language);
    let told = |kept: &Kept| {
        let name = kept.what.name();
        let say = |of: &str| words.say(&format!("kept-{name}-{of}"));
        Told { what: say("what"), why: say("why"), how_long: how_long(words, kept.time), who: say("who") }
    };
    kept.iter().map(told).collect()
}

fn how_long(words: &Words, time: KeptFor) -> String {
    let days = |id: &str, days: u32| words.tell(id, &[("days", days.into())]);
    match time {
        KeptFor::Never => words.say("kept-never"),
        KeptFor::UntilMailed { days_max } => days("kept-until-mailed", days_max),
        KeptFor::Days(number) => days("kept-days", number),
        KeptFor::UntilDone { days_then } => days("kept-until-done", days_then),
        KeptFor::UntilWithdrawn => words.say("kept-until-withdrawn"),
        KeptFor::UntilRetracted => words.say("kept-until-retracted"),
        KeptFor::ByOperator => words.say("kept-by-operator"),
        KeptFor::InBrowser { days: number } => days("kept-in-browser", number),
    }
}
