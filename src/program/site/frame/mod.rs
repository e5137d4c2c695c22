//! What is the same for every page: who asks, and the frame around the content.

pub(super) mod rendered;
pub(super) mod shell;
pub(super) mod visitor;
