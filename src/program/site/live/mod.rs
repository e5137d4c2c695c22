//! Trials as they run: for each that somebody watches its frames are made once, whoever watches.

mod frame;
mod hub;

pub(super) use frame::{Frame, Item};
pub(super) use hub::{Frames, Hub};
