//! What several checks of this section go by.

pub(in crate::receiving::checks) mod dane;
pub(in crate::receiving::checks) mod dane_match;
pub(in crate::receiving::checks) mod mta_sts;
pub(in crate::receiving::checks) mod mta_sts_mx;
