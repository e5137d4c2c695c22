//! SMTP as it is on the wire: commands, replies, and the client session for whoever delivers or looks.

mod client;
pub mod command;
pub mod data;
pub mod reply;

pub use client::{Capabilities, Client, ClientError, ClientSettings, Starttls, Timeouts};
pub use reply::{ReplyError, ReplyLimits, ServerReply};
