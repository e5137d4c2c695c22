//! The mail on the TLS reports about a trial: to whoever asked for it, once.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::program::report::{json_compact, language_of, postscript_mail, reported_json};
use crate::sending::history::{History, addressee};
use crate::sending::trial::TrialId;
use crate::sending::verdict::Reported;
use crate::shared::mailauth::DkimKey;
use crate::shared::time::Timestamp;

use super::carrier::Carrier;
use super::compose::verdict_id;
use super::{CarrierError, Direct, Objections, Settings, VerdictMail, compose_postscript};

/// Writes, signs and hands over such mails.
pub struct Postscripts {
    settings: Settings,
    /// The origin, and the address of the site, without a slash at its end.
    origin: String,
    site: String,
    key: Arc<DkimKey>,
    objections: Arc<dyn Objections>,
    carrier: Carrier,
}

/// Why nobody was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// No report has come.
    #[error("no report has come")]
    Nothing,
    /// Whoever asked wants no mail of ours any more.
    #[error("the address objects to mails")]
    Objected,
    /// It could not be written, signed or handed over.
    #[error("{0}")]
    Failed(String),
}

impl Postscripts {
    /// With what verdicts are sent with.
    ///
    /// # Errors
    ///
    /// If mails cannot be delivered as the settings say.
    pub fn new(
        settings: Settings,
        origin: &str,
        site: &str,
        key: Arc<DkimKey>,
        objections: Arc<dyn Objections>,
        direct: Option<Arc<dyn Direct>>,
    ) -> Result<Self, CarrierError> {
        let carrier = Carrier::open(&settings, origin, direct)?;
        let (origin, site) = (origin.to_owned(), site.to_owned());
        Ok(Self { settings, origin, site, key, objections, carrier })
    }

    /// Tells `address` of the reports on the trial of `history`, once: whoever calls it sees to that.
    ///
    /// # Errors
    ///
    /// Why that was not done.
    pub async fn tell(
        &self,
        history: &History,
        reported: &Reported,
        address: &str,
        now: Timestamp,
    ) -> Result<(), Untold> {
        let failed = |error: &dyn std::fmt::Display| Untold::Failed(error.to_string());
        match self.objections.stand_against(address).await {
            Ok(true) => return Err(Untold::Objected),
            Ok(false) => {}
            Err(error) => return Err(failed(&error)),
        }
        let message = self.message(history, reported, address, now)?;
        let limit = Duration::from_secs(u64::from(self.settings.hand_over_timeout_s));
        let name = format!("{}.postscript", history.id);
        match tokio::time::timeout(limit, self.carrier.carry(now, &name, address, &message)).await {
            Ok(carried) => carried.map_err(|error| failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The mail with its signature in front.
    fn message(
        &self,
        history: &History,
        reported: &Reported,
        address: &str,
        now: Timestamp,
    ) -> Result<Vec<u8>, Untold> {
        let failed = |error: &dyn std::fmt::Display| Untold::Failed(error.to_string());
        let trial: &TrialId = &history.id;
        let sender = addressee(history).map_or_else(|_| String::new(), |(to, _)| to.domain.clone());
        let objection = self.objections.page(address);
        let page = format!("{}/r/{trial}", self.site);
        let page = postscript_mail(reported, &sender, &page, &objection, language_of(history));
        let page = page.ok_or(Untold::Nothing)?;
        let default_from = format!("verdict@{}", self.origin);
        let verdict = verdict_id(trial, &self.origin);
        let letter = VerdictMail {
            from: self.settings.from.as_deref().unwrap_or(&default_from),
            to: Some(address),
            origin: &self.origin,
            trial,
            in_reply_to: Some(&verdict),
            reply_to: &[],
            objection: Some(&objection),
            now,
        };
        let json = json_compact(&reported_json(reported));
        let message = compose_postscript(&page, &json, &letter).map_err(|error| failed(&error))?;
        let signature = self.key.sign(&message).map_err(|error| failed(&error))?;
        Ok([signature.into_bytes(), message].concat())
    }
}
