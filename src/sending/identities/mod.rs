//! What the service shows of itself in TLS: keys, certificates, the TLSA records that follow from them.
//!
//! [`Identities`] holds one configuration per persona, picked by SNI.

mod cases;
mod certificates;
mod entrances;
mod generation;
mod identity;
mod pool;
mod settings;
mod shown;

pub use certificates::{CertificateFile, CertificatesError};
pub use pool::{
    FormerKey, Issued, Lineage, NextKey, Pool, PoolSettings, PoolState, Setback, View, Window, Wish,
};
pub use settings::{Settings, Source};
pub use shown::{Choice, FurtherHost, Identities};
