//! What the evidence means: pure functions of catalogue, history and now.

pub mod receiving;
pub mod sending;
