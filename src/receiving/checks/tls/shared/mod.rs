//! What several checks of this section go by.

pub(in crate::receiving::checks) mod groups;
pub(in crate::receiving::checks) mod handshake;
pub(in crate::receiving::checks) mod suites;
pub(in crate::receiving::checks) mod surveyed;
pub mod undecided;
