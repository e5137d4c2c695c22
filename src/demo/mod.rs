//! A private world on loopback: a DNS root, a CA, the service with its time compressed, and sample senders that
//! act on nothing but what they resolve and fetch, each with a domain that receives in its own way.

mod host;
mod hosts;
mod samples;
mod world;

pub use hosts::{Hosts, Reception, SELECTOR, TlsaRecord};
pub use samples::{Played, Progress, RETRY_MS, Sample, samples};
pub use world::{Places, World};
