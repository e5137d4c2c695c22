//! What several checks of this section go by.

pub(in crate::receiving::checks) mod authorities;
pub(in crate::receiving::checks) mod caa;
pub(in crate::receiving::checks) mod chains;
pub(in crate::receiving::checks) mod strength;
pub(in crate::receiving::checks) mod trust;
