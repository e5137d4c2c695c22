//! DNS, both ways: the authoritative zones of the service, and validated look-ups.
//!
//! The types, the wire format and the signatures are hickory-proto's; zones, answers and sockets are ours,
//! because hickory-server's own answers are broken at delegations. Look-ups are validated by `domain`.

mod lookup;
mod serve;
mod zone;

pub use lookup::{
    Alias, Answer, Datum, Denial, Direct, Failure, Kind, Looking, Lookup, Mx, Over, Resolver, ResolverError,
    ResolverSettings, Servers, Survey, Surveyed, Surveying, reverse_name,
};
pub use serve::{Counters, RateSettings, Server, ServerSettings, Sockets};
pub use zone::{
    Authority, Content, Origin, Published, Settings, SignatureSettings, ZoneError, ZoneText, epoch, mx_order,
};
