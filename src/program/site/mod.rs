//! The site: what to do, a trial as it runs and its result, how the test works, and the state of the service.
//!
//! Each area is a folder that gives its routes, its templates inside the [frame](shell) and its texts in
//! `words/AREA.LANGUAGE.ftl`. [`Site`] asks for what it shows through ports of its own, [`Results`] and [`Health`]. Nothing
//! here judges, scans or waits for the journal's writer.

mod assets;
mod headers;
mod health;
mod method;
mod notices;
mod port;
mod service;
mod shell;
mod start;
mod trial;
mod visitor;
mod words;

pub use crate::sending::web::Settings;
pub use notices::{Notices, Operator, Told, told};
pub use port::{Health, Report, Results};
pub use service::{Parts, Site};
