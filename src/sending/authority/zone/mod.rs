//! Zones: records from master files and the catalogue, keys and signatures, and the snapshot that is served.

mod authority;
mod build;
mod dynamic;
mod keys;
mod records;
mod ruled;
mod serial;
mod sign;
mod snapshot;

pub use authority::{Authority, Content, Settings, ZoneText};
pub use build::{Origin, Published, epoch, mx_order};
pub use keys::{Announced, KeyFolder, KeyRow, Next, Role, Stage};
pub use records::ZoneError;
pub use ruled::has_server_in_v6;
pub use sign::SignatureSettings;

pub(in crate::sending::authority) use authority::Zones;
pub(in crate::sending::authority) use records::{Records, name};
pub(in crate::sending::authority) use ruled::RuledAnswer;
pub(in crate::sending::authority) use snapshot::{Node, Place, RrSet, Zone};
