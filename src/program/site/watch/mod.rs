//! Following a trial as it runs: one rendering of each change, which all who watch share.

mod frame;
mod hub;

pub(super) use frame::{Frame, Item};
pub(super) use hub::{Frames, Hub};
