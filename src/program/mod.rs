//! The roof: what makes one program of both halves. The verdict mail and the site, which tell of both; the
//! configuration, the demo, the command line and the service. The only place where a trial orders a check.

pub mod api;
pub mod app;
pub mod archive;
pub mod config;
pub mod demo;
pub mod domains;
pub mod providers;
pub mod reply;
pub mod report;
pub mod rights;
pub mod seal;
pub mod site;
