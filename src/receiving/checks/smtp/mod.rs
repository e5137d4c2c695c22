//! How a server presents itself in SMTP, and what it takes.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    ptr Ptr,
    name SmtpName,
    extensions Extensions,
    requiretls RequireTls,
    postmaster Postmaster,
    unknown_recipient UnknownRecipient,
    relay Relay,
}
