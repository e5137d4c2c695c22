//! SMTP: the strict and observing listener, and the client session.

mod port;

pub use port::{Contact, Desk, DotReply, EndedEarly, Recipients, Transaction};
