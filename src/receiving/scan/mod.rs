//! How well a domain receives: gathers the evidence of one domain, with few connections and politely.
//!
//! Nothing here judges: what the evidence means is [`crate::receiving::checks`]'s. The room knows neither personas
//! nor the journal. What it wants of the world it asks through ports, so that a test can play the world.

mod assemble;
mod fault;
mod pace;
mod plan;
mod registry;
mod scanner;
mod session;
mod visit;

pub use pace::{Pace, PaceSettings, Turn, limiter_group};
pub use plan::{Next, Plan, PlanSettings};
pub use registry::SharedSettings;
pub use scanner::{Ports, Scanner, Settings};
pub use session::{Asked, Call, Calling, Calls, First, SessionSettings, Sessions};
