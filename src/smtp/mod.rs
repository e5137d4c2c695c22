//! SMTP: the strict and observing listener, and the client session.
//!
//! [`Listener`] drives a session machine without I/O and notes what it sees; what to offer and how to answer a
//! dot it asks through the port [`Desk`]. [`Client`] is the other side, for whoever delivers.

mod client;
pub mod command;
pub mod data;
mod port;
mod receive;
pub mod reply;
pub mod rules;
pub mod session;

pub use client::{Capabilities, Client, ClientError, ClientSettings, Starttls, Timeouts};
pub use port::{Contact, Desk, DotReply, EndedEarly, Recipients, Spoken, Transaction};
pub use receive::{Clock, Listener, Parts};
pub use reply::{ReplyError, ReplyLimits, ServerReply};
pub use rules::Settings;
