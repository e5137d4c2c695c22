//! How well a domain receives: gathers the evidence of one domain, with few connections and politely.
//!
//! Nothing here judges: what the evidence means is [`crate::verdict::receiving`]'s. The room knows neither personas
//! nor the journal. What it wants of the world it asks through ports, so that a test can play the world.

mod assemble;
mod fault;
mod names;
pub mod networks;
mod pace;
mod plan;
mod registry;
mod request;
mod scanner;
mod session;
mod visit;

pub use names::{Gathered, Names, NamesSettings, Reverse, chosen_addresses};
pub use pace::{Pace, PaceSettings, Turn, limiter_group};
pub use plan::{Next, Plan, PlanSettings};
pub use registry::SharedSettings;
pub use request::{Progress, Request, Silent, Step};
pub use scanner::{Ports, Scanner, Settings};
pub use session::{Asked, Call, Calling, Calls, First, SessionSettings, Sessions};
