//! What is the same for every page: who asks, the frame around the content, and the headers of every answer.

pub(super) mod headers;
pub(super) mod rendered;
pub(super) mod shell;
pub(super) mod visitor;
