//! How well a domain receives: gathers the evidence of one domain, with few connections and politely.
//!
//! Nothing here judges: what the evidence means is [`crate::verdict::receiving`]'s. The room knows neither personas
//! nor the journal. What it wants of the world it asks through ports, so that a test can play the world.

mod names;
pub mod networks;
mod plan;
mod request;

pub use names::{Gathered, Names, NamesSettings, Reverse, chosen_addresses};
pub use plan::{Next, Plan, PlanSettings};
pub use request::{Progress, Request, Silent, Step};
