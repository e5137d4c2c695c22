//! The scan: what evidence is taken to say, the plan against simulated and scripted servers, pacing.

mod decided;
pub(crate) mod lab;
mod plan;
mod scans;
mod sessions;
pub(crate) mod simulated;
mod survey;
