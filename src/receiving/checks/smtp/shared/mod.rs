//! What several checks of this section go by.

pub(in crate::receiving::checks) mod extensions;
pub(in crate::receiving::checks) mod intrusive;
