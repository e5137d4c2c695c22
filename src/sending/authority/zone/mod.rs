//! Zones: records from master files and the catalogue, keys and signatures, and the snapshot that is served.

mod authority;
mod records;
mod sign;
mod snapshot;
mod weave;

pub use authority::{Authority, Content, Settings, ZoneText};
pub use records::ZoneError;
pub use sign::SignatureSettings;
pub use weave::{Origin, Published, epoch, mx_order};

pub(in crate::sending::authority) use authority::Zones;
pub(in crate::sending::authority) use snapshot::{Node, Place, RrSet, Zone};
