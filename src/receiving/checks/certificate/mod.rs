//! Certificates: paths, names, keys, dates, and who may issue them.

mod caa;
mod chains;
mod dates;
mod strength;
mod trust;

pub(super) use caa::{caa, issuer};
pub(super) use chains::{Chain, chains};
pub(super) use dates::{chain_order, expiry, renewal};
pub(super) use strength::{key, signature};
pub(super) use trust::{name, names_line, path_line, trust};

#[cfg(test)]
mod tests;
