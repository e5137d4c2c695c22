//! What several checks of this section go by.

pub(in crate::receiving::checks) mod dkim;
pub(in crate::receiving::checks) mod dmarc;
pub(in crate::receiving::checks) mod spf;
