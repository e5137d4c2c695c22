//! What several checks of this section go by.

pub(in crate::receiving::checks) mod name_servers;
pub(in crate::receiving::checks) mod port_25;
pub(in crate::receiving::checks) mod tally;
