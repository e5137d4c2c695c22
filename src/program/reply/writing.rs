//! Writing a verdict's mail: judged, rated, worded and signed in one go, on a thread of its own.

use std::sync::Arc;

use crate::program::report::{self, Account, half_of};
use crate::receiving::grades::Receiving;
use crate::sending::history::History;
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;
use crate::sending::verdict::{judge, judge_cases};
use crate::shared::evidence::scan::Evidence;
use crate::shared::mailauth::DkimKey;
use crate::shared::text::Page;
use crate::shared::time::Timestamp;

use super::compose::{VerdictMail, compose};
use super::port::SecondPart;

/// What a verdict's mail is made from.
pub(super) struct Writing {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
    pub(super) report: report::Settings,
    pub(super) key: Arc<DkimKey>,
    pub(super) from: Option<String>,
    pub(super) history: History,
    pub(super) evidence: Option<Evidence>,
    pub(super) address: String,
    pub(super) in_reply_to: Option<String>,
    /// What an answer begins.
    pub(super) second: Option<SecondPart>,
    /// The page on which its reader may object to further mails.
    pub(super) objection: String,
}

/// Why there is no mail.
pub(super) enum Unwritten {
    /// It cannot be written to this address.
    Letter(String),
    /// It could not be signed.
    Signature(String),
}

impl Writing {
    /// The mail with its signature in front.
    pub(super) fn signed(&self, now: Timestamp) -> Result<Vec<u8>, Unwritten> {
        let verdict = judge(&self.catalogue, &self.pace, &self.history);
        let receiving = self.evidence.as_ref().map(|evidence| Receiving::of(evidence, evidence.to));
        let account = Account {
            catalogue: &self.catalogue,
            history: &self.history,
            verdict: &verdict,
            cases: &judge_cases(&self.catalogue, &self.pace, &self.history),
            pace: &self.pace,
            receiving: half_of(&self.history, &self.report, receiving.as_ref()),
            now,
        };
        let mut page = Page::new(account, account.language(), &self.report);
        if let Some(second) = &self.second {
            report::invite(&mut page, second.addresses.len(), second.shared);
        }
        page.footer.push(report::objection(page.language, &self.objection));
        let origin = self.catalogue.origin();
        let default_from = format!("verdict@{origin}");
        let letter = VerdictMail {
            from: self.from.as_deref().unwrap_or(&default_from),
            to: Some(&self.address),
            origin,
            trial: &self.history.id,
            in_reply_to: self.in_reply_to.as_deref(),
            reply_to: self.second.as_ref().map_or(&[], |second| second.addresses.as_slice()),
            objection: Some(&self.objection),
            now,
        };
        let json = report::json_compact(&report::json_for_sender(account, &self.report));
        let message = compose(&page, &json, &letter).map_err(|error| Unwritten::Letter(error.to_string()))?;
        let signature =
            self.key.sign(&message).map_err(|error| Unwritten::Signature(format!("DKIM: {error}")))?;
        Ok([signature.into_bytes(), message].concat())
    }
}
