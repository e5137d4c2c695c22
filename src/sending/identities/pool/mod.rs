//! The pool of certificates that a public CA issued: keys that stay, and the certificates for them.
//!
//! Names that are shown together are one *lineage*: its certificate is renewed over and over for the same key, so that the
//! TLSA record stays as it is. Where the key is to change, the next one is there ahead. This room keeps keys, certificates
//! and how far each lineage is, in files; who orders certificates, and when, is `operations::certificates`.

mod assign;
mod chain;
mod state;
mod store;

pub(in crate::sending::identities) use assign::Group;
pub use chain::Issued;
pub use state::{FormerKey, Lineage, NextKey, PoolState, Setback, Window};
pub use store::{Pool, PoolSettings, View, Wish};
