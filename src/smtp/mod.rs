//! SMTP: the strict and observing listener, and the client session.

mod client;
mod command;
mod data;
mod port;
mod reply;
mod rules;
mod session;

pub use client::{Capabilities, Client, ClientError, ClientSettings, Starttls, Timeouts};
pub use port::{Contact, Desk, DotReply, EndedEarly, Recipients, Transaction};
pub use reply::{Reply, ReplyError, ReplyLimits, ServerReply};
pub use rules::Settings;
pub use session::{Action, Event, Session};
