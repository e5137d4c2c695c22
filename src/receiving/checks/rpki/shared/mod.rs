//! What several checks of this section go by.

pub(in crate::receiving::checks) mod exists;
pub(in crate::receiving::checks) mod group;
pub(in crate::receiving::checks) mod valid;
