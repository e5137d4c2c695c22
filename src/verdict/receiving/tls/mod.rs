//! STARTTLS and what a server accepts in TLS.

mod certificates;
mod starttls;
pub mod undecided;

pub(super) use certificates::{certificates_complete, incomplete};
pub(super) use starttls::{mandatory, over_tls, starttls, stopped};
