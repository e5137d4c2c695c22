//! The strict and observing SMTP listener.
//!
//! [`Listener`] drives a session machine without I/O and notes what it sees; what to offer and how to answer a
//! dot it asks through the port [`Desk`].

mod port;
mod receive;
pub mod rules;
pub mod session;

pub use port::{Contact, Desk, DotReply, Recipients, Spoken, Transaction};
pub use receive::{Clock, Listener, Parts};
pub use rules::Settings;
