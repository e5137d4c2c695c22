//! Files that a survey is given.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::program::app::command::ending::{CommandError, shown};
use crate::receiving::places::Operators;
use crate::receiving::survey::{List, ListLimits, Listed};

/// How large a file of patterns may be, in octets.
const OPERATORS_OCTETS_MAX: u64 = 1 << 20;

/// A list of domains. Lines that are wrong end it, unless they are to be left out.
pub(super) fn list(path: &Path, skip_bad: bool) -> Result<Listed, CommandError> {
    let limits = ListLimits::default();
    let text = text(path, limits.octets_max)?;
    let file = shown(path);
    let unfit = |what: String| CommandError::Unfit(format!("{file}:{what}"));
    let listed =
        List::read(&text, &limits).map_err(|what| match what.starts_with(|c: char| c.is_ascii_digit()) {
            true => unfit(what),
            false => unfit(format!(" {what}")),
        })?;
    if listed.wrong > 0 && (!skip_bad || listed.list.entries.is_empty()) {
        let lines: Vec<String> = listed.faults.iter().map(|fault| format!("{file}:{fault}")).collect();
        let more = match listed.wrong - listed.faults.len() {
            0 => String::new(),
            more => format!("\nand {more} lines more"),
        };
        let advice = "correct them, or leave them out with --skip-bad";
        return Err(CommandError::Unfit(format!("{}{more}\n{advice}", lines.join("\n"))));
    }
    Ok(listed)
}

/// Whose mail servers are whose: of a file, else as the program knows it.
pub(super) fn operators(path: Option<&Path>) -> Result<Operators, CommandError> {
    let Some(path) = path else { return Ok(Operators::embedded()) };
    let text = text(path, OPERATORS_OCTETS_MAX)?;
    Operators::read(&text).map_err(|error| CommandError::Unfit(format!("{}: {error}", shown(path))))
}

fn text(path: &Path, octets_max: u64) -> Result<String, CommandError> {
    let unfit = |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(path)));
    let file = File::open(path).map_err(|error| unfit(&error))?;
    let mut octets = Vec::new();
    file.take(octets_max + 1).read_to_end(&mut octets).map_err(|error| unfit(&error))?;
    if octets.len() as u64 > octets_max {
        return Err(unfit(&format!("it has more than {} MiB", octets_max >> 20)));
    }
    String::from_utf8(octets).map_err(|error| {
        let line =
            1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|o| **o == b'\n').count();
        CommandError::Unfit(format!("{}:{line}: it is not in UTF-8", shown(path)))
    })
}
