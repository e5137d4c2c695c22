//! The site: what to do, a trial as it runs and its result, how the test works, and the state of the service.
//!
//! Each area is a folder that gives its routes, its templates inside the [`frame`] and its texts in
//! `words/AREA.LANGUAGE.ftl`. [`Site`] asks for what it shows through ports of its own, [`Results`] and [`Health`]. Nothing
//! here judges, scans or waits for the journal's writer.

mod assets;
mod cases;
mod domain;
mod frame;
mod live;
mod method;
mod notices;
mod operator;
mod own;
mod parts;
mod port;
mod programs;
mod providers;
mod service;
mod start;
mod trial;
mod words;

use frame::{shell, visitor};

pub use crate::sending::web::Settings;
pub use notices::{Told, told};
pub use operator::{Notices, Operator};
pub use own::{Own, OwnPage};
pub use parts::{Parts, ProviderPages, Site};
pub use port::{
    Asked, Comparison, Deleted, Difference, Document, Format, Health, Report, Results, Stage, Step, StepKind,
    Wanted,
};
pub use providers::{StaticPage, static_pages};
pub use service::{REPORTS_PATH, Redirect};
