//! How well a domain receives: gathers the evidence of one domain, with few connections and politely.
//!
//! Nothing here judges: what the evidence means is [`crate::receiving::checks`]'s. The room knows neither personas
//! nor the journal. What it wants of the world it asks through ports, so that a test can play the world.

mod assemble;
mod fault;
mod pace;
mod plan;
mod ports;
mod registry;
mod scanner;
mod session;
mod settings;
mod shelf;
mod visit;

pub use pace::{Pacer, Turn, limiter_group};
pub use plan::{Next, Plan, PlanLimits};
pub use ports::Ports;
pub use scanner::Scanner;
pub use session::{Answered, Call, Calling, Calls, First, SessionLimits, Sessions};
pub use settings::{ScannedWorld, Settings};
pub use shelf::{Certificates, Held, Seen, Shelf};
