//! The MX records themselves.

mod consistency;
mod records;
mod target;

pub(super) use consistency::mx_consistency;
pub(super) use records::{mx_duplicates, mx_records};
pub(super) use target::mx_target;
