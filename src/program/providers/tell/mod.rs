//! A row in words, in either language: for pages, for the terminal, and for the mail that tells a provider.

mod cell;
mod evidence;
mod said;
mod text;
mod words;

use crate::shared::time::Timestamp;

pub use cell::{ToldCell, ToldDomain, ToldNote, ToldProof, ToldRow, row};
pub use evidence::{ToldCheck, ToldTrial, checks, trials};
pub use said::{change, draft};
pub use text::show;
pub use words::of as words;

/// A day, as it is written everywhere.
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
