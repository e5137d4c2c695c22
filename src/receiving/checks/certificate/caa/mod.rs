//! CAA (RFC 8659) of an MX host: whether it says who may issue, and whether the present issuer is among them.

mod authorities;
mod issuer;
mod records;

pub(in crate::receiving::checks) use issuer::issuer;
pub(in crate::receiving::checks) use records::caa;
