//! The MX records themselves.

use super::check::checks;

#[cfg(test)]
mod tests;

checks! {
    records MxRecords,
    duplicates MxDuplicates,
    consistency MxConsistency,
    target MxTarget,
}
