//! What several checks of this section go by.

pub(in crate::receiving::checks) mod domain;
pub(in crate::receiving::checks) mod state;
