//! The site: what to do, a trial as it runs and its result, how the test works, and the state of the service.
//!
//! Each area is a folder that gives its routes, its templates inside the [frame](shell) and its texts in
//! `words/AREA.LANGUAGE.ftl`. [`Site`] asks for what it shows through ports of its own, [`Results`] and [`Health`]. Nothing
//! here judges, scans or waits for the journal's writer.

mod assets;
mod health;
mod method;
mod port;
mod service;
mod shell;
mod start;
mod state;
mod trial;
mod visitor;
mod watch;
mod words;

pub use crate::sending::web::Settings;
pub use port::{
    Asked, Comparison, Deleted, Difference, Document, Format, Health, Report, Results, Stage, Step, StepKind,
};
pub use service::Redirect;
pub use state::{Parts, Site};
