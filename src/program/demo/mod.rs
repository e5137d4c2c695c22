//! A private world on loopback: a DNS root, a CA, the service with its time compressed, and sample senders that
//! act on nothing but what they resolve and fetch, each with a domain that receives in its own way; and strangers
//! that scan it all the while.

mod host;
mod hosts;
mod places;
mod samples;
mod sending;
mod strangers;
mod world;

pub use hosts::{Hosts, Reception, SELECTOR, TlsaRecord};
pub use places::{Places, Played};
pub use samples::{Sample, samples};
pub use sending::{RETRY_MS, SampleProgress, resolvers};
pub use strangers::strangers;
pub use world::World;
