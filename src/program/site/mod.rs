//! The status page, the result pages and the state of the service over HTTP.
//!
//! [`Site`] asks for results and for the state of the service through ports of its own, [`Results`] and
//! [`Health`].

mod pages;
mod port;

pub use crate::sending::web::Settings;
pub use pages::Site;
pub use port::{Health, Html, Results};
