//! Validated look-ups in DNS: what a sender that practises DANE or MTA-STS wants to know, each answer with its state.

mod follow;
mod lookup;
mod question;
pub mod records;
mod recursor;
mod resolver;
mod root;
mod settings;
mod ttl_table;
mod upstream;
mod validate;

pub use hickory_proto::rr::{RData, RecordType};
pub use lookup::{Asking, Direct, DirectLookup, Lookup, Over, Response};
pub use records::{RrType, reverse_name};
pub use resolver::Resolver;
pub use settings::{ResolverError, ResolverSettings, Servers};
pub use upstream::{KnownZones, Referral};

use question::{Question, plain};
use upstream::{Fault, Upstream, cut, failed};
