//! SMTP as it is on the wire: commands, replies, and the client session for whoever delivers or looks.

mod client;
pub mod command;
pub mod data;
pub mod reply;
mod server_reply;

pub use client::{Capabilities, Client, ClientError, ClientSettings, Starttls, Timeouts};
pub use server_reply::{ReplyError, ReplyLimits, ServerReply};
