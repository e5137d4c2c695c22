//! Route authorisation of the addresses that mail to the domain depends on, in internet.nl's three groups.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    mx_exists MxRpkiExists,
    mx_valid MxRpkiValid,
    ns_exists NsRpkiExists,
    ns_valid NsRpkiValid,
    mx_ns_exists MxNsRpkiExists,
    mx_ns_valid MxNsRpkiValid,
}
