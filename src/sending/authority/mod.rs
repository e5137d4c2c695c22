//! The authoritative DNS of the service: its zones and their signatures, and the server that answers from them.
//!
//! The types, the wire format and the signatures are hickory-proto's; zones, answers and sockets are ours,
//! because hickory-server's own answers are broken at delegations.

mod name_servers;
mod serve;
mod zone;

use hickory_proto::rr::{LowerName, Name};

use crate::shared::dns::KnownZones;

pub use name_servers::NameServer;
pub use serve::{
    CookieSecret, Counters, DomainName, RateSettings, Secondary, Server, ServerSettings, Sockets,
    TsigAlgorithm, TsigKey, report_zone,
};
pub use zone::{
    Announced, Authority, Content, KeyFolder, KeyRow, Next, Origin, Published, Role, Settings,
    SignatureSettings, Stage, ZoneError, ZoneText, epoch, has_server_in_v6, mx_order,
};

impl KnownZones for Authority {
    fn told(&self, name: &Name, of_parent: bool, query: &[u8]) -> Option<Vec<u8>> {
        let zones = self.zones();
        if of_parent {
            zones.holding(&LowerName::from(name), true)?;
        }
        serve::told(&zones, query)
    }
}
