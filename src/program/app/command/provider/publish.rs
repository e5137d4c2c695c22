//! Publishing, and what has to come before.

use super::super::check::scanner;
use super::super::ending::{CommandError, Exit, say};
use super::super::places::for_once;
use super::super::reach;
use super::{Desk, gather};
use crate::program::app::parts::scan_places;
use crate::program::app::system_clock;
use crate::program::providers::{Change, Document, ProviderName, RegisterError, tell};
use crate::receiving::request::{Request, Silent};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

impl Desk {
    /// Publishes. Where the provider has not been told, prints the mail that is to be sent, and does not.
    pub(super) async fn publish(
        &self,
        name: &ProviderName,
        told: Option<Timestamp>,
    ) -> Result<(), CommandError> {
        if let Some(told) = told {
            self.register.told(name, told, self.now).await?;
        }
        let entry = self.known(name).await?;
        match self.register.publish(name, self.now).await {
            Ok(changes) => self.say_changes(&changes).await,
            Err(error @ RegisterError::NotTold { .. }) => {
                let row = self.register.row(name, self.now).await?;
                say(&self.drafted(&entry, &row))?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says what changed of the published part.
    pub(super) async fn say_changes(&self, changes: &[Change]) -> Result<(), CommandError> {
        let words = tell::words(Language::En);
        for change in changes {
            let name = change.provider.parse();
            let title = match name {
                Ok(name) => self.register.provider(&name).await?.title,
                Err(_) => change.provider.clone(),
            };
            say(&format!("{}\n", tell::change(change, &title, words)))?;
        }
        Ok(())
    }

    /// Checks the domains of a provider, one after the other.
    pub(super) async fn check(&self, name: &ProviderName) -> Result<Exit, CommandError> {
        let entry = self.register.entry(name).await?;
        gather::trials(&self.register, &self.settings, &entry.provider).await?;
        let clock = system_clock();
        if let Some(why) = reach::cut_off(&self.settings.scan.resolver, &clock).await? {
            eprintln!("mailassay: {why}");
            return Ok(Exit::Open);
        }
        let places = for_once(&scan_places(&self.settings)).await;
        let scanner = scanner(self.settings.scan.clone(), places, &clock)?;
        for domain in &entry.provider.domains {
            let request = Request::of(domain.clone(), self.settings.scan.helo.clone());
            let evidence = scanner.scan(&request, &Silent).await;
            let document =
                Document::check(evidence).map_err(|error| CommandError::Unfit(error.to_string()))?;
            self.register.add(name, &document, &[], false).await?;
            say(&format!("{domain}: checked\n"))?;
        }
        Ok(Exit::Well)
    }
}
