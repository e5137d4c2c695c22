//! What the site asks for.

use std::future::Future;
use std::pin::Pin;

use crate::sending::history::SelfChecked;
use crate::sending::trial::TrialId;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

/// A report as it stands in a page: HTML, escaped where it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it says in one line.
    pub title: String,
    pub html: String,
    pub language: Language,
}

/// Where reports on trials come from.
pub trait Results: Send + Sync {
    /// The report on a trial, if there is such a trial, in `language` or else in that of its mail.
    fn report<'a>(
        &'a self,
        trial: &'a TrialId,
        language: Option<Language>,
    ) -> Pin<Box<dyn Future<Output = Option<Report>> + Send + 'a>>;
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
