//! What an address said before TLS and in it, in lines for whoever cites it.

pub(in crate::receiving::checks) mod probe_lines;
pub(in crate::receiving::checks) mod starttls;
