//! The site for programs: checks of domains, trials and what is published, as JSON under `/api/v1`; and lists of domains
//! under `/api/batch/v2`, in the form of internet.nl's batch API, so that its clients work here.
//!
//! Nothing here judges what a page would judge otherwise: a result is the document that `mailassay check --json` and
//! `trial show --json` print. Each answer is described in `v1/openapi.json` and `batch/openapi.json`, which are served, too;
//! tests hold the routes against them. Who has a key of the operator's may do more within a budget of its own; a key is
//! known by its digest alone.

mod batch;
mod documents;
mod message;
mod parts;
mod port;
mod routes;
mod settings;
mod user;
mod v1;

pub use parts::{Api, Parts};
pub use port::{VerdictDocument, Verdicts};
pub use routes::routes;
pub use settings::Settings;
pub use user::{ApiKey, Client, NoUserName, UserName};
