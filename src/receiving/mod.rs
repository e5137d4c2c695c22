//! How well a domain receives mail: from its name over evidence and findings to a report, as `mailassay check`
//! prints it.
//!
//! Nothing here knows of a trial or the journal.

pub mod checks;
pub mod examine;
pub mod grades;
pub mod names;
pub mod networks;
pub mod places;
pub mod probe;
pub mod profiles;
pub mod report;
pub mod request;
pub mod scan;
pub mod survey;
