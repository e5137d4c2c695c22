//! The scan: what evidence is taken to say, the plan against simulated and scripted servers, pacing.

mod plan;
mod simulated;
mod survey;
