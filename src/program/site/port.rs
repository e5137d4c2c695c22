//! What the site asks for.

use std::future::Future;
use std::pin::Pin;

use crate::sending::history::SelfChecked;
use crate::sending::trial::TrialId;
use crate::shared::time::Timestamp;

/// A page as HTML, escaped where it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(pub String);

/// Where result pages come from.
pub trait Results: Send + Sync {
    /// The page of a trial, if there is such a trial.
    fn page<'a>(&'a self, trial: &'a TrialId) -> Pin<Box<dyn Future<Output = Option<Html>> + Send + 'a>>;
}

/// What the service knows of itself.
pub trait Health: Send + Sync {
    /// The last self-check and its time; none before the first has ended.
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)>;

    /// What keeps it from doing its work, in a sentence; none while nothing does.
    fn trouble(&self) -> Option<String>;

    /// What will keep it from that unless somebody does something, such as a certificate that ends soon; a sentence each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}
