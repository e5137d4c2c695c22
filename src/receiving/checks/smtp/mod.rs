//! How a server presents itself in SMTP, and what it takes.

mod extensions;
mod intrusive;
mod name;
mod ptr;

pub(super) use extensions::{extensions, requiretls};
pub(super) use intrusive::{postmaster, relay, unknown_recipient};
pub(super) use name::smtp_name;
pub(super) use ptr::ptr;
