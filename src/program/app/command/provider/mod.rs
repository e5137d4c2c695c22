//! `provider`: what is known of providers, and what of it is published. Nothing becomes public but by `publish`.

mod arguments;
mod gather;
mod publish;
mod static_site;

use std::io::Read;
use std::sync::Arc;

use serde_json::json;

use super::ending::{CommandError, Exit, say, shown};
use crate::program::app::parts::{self, PartError};
use crate::program::archive::Archive;
use crate::program::config::Settings;
use crate::program::providers::{
    Entry, Provider, ProviderName, Register, RegisterError, kept_reporters, read_file, reporters_json,
    reporters_text, tell, write_file,
};
use crate::program::report::json_text;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use arguments::Described;
pub(super) use arguments::ProviderCommand;

/// How much is read of a file that the operator names, in octets.
const FILE_OCTETS_MAX: u64 = 4 * 1024 * 1024;

impl From<RegisterError> for CommandError {
    fn from(error: RegisterError) -> Self {
        Self::Unfit(error.to_string())
    }
}

/// What the commands work with.
struct Desk {
    archive: Arc<Archive>,
    settings: Settings,
    register: Register,
    now: Timestamp,
}

impl ProviderCommand {
    /// Does it, and says how it ended.
    pub(super) async fn run(self, now: Timestamp) -> Result<Exit, CommandError> {
        let settings = self.config().settings()?;
        let archive = Archive::open(&settings.archive).await;
        let archive = Arc::new(archive.map_err(|error| CommandError::Unfit(error.to_string()))?);
        let catalogue = Arc::new(parts::catalogue(&settings).map_err(PartError::from)?);
        let register = Register::new(Arc::clone(&archive), catalogue, settings.providers.clone());
        let desk = Desk { archive: Arc::clone(&archive), settings, register, now };
        let ended = desk.does(self).await;
        archive.close().await;
        ended
    }
}

impl Desk {
    async fn does(&self, command: ProviderCommand) -> Result<Exit, CommandError> {
        use ProviderCommand as P;
        match command {
            P::Add { name, described, .. } => self.add(name, described).await?,
            P::List { json, .. } => say(&self.list(json).await?)?,
            P::Show { name, json, language, .. } => say(&self.show(&name, json, language).await?)?,
            P::Check { name, .. } => return self.check(&name).await,
            P::Draft { name, .. } => say(&self.draft(&name).await?)?,
            P::Told { name, on, .. } => self.register.told(&name, on, self.now).await?,
            P::Publish { name, told, .. } => self.publish(&name, told).await?,
            P::Retract { name, reason, .. } => self.register.retract(&name, reason, self.now).await?,
            P::Remark { name, text, .. } => self.register.remark(&name, text, self.now).await?,
            P::Reply { name, file, .. } => self.register.reply(&name, text_of(&file)?, self.now).await?,
            P::Correct { name, reason, aside, .. } => {
                let changes = self.register.correct(&name, reason, &aside, self.now).await?;
                self.say_changes(&changes).await?;
            }
            P::Import { file, .. } => self.import(&file).await?,
            P::Export { .. } => say(&write_file(self.register.providers().await?))?,
            P::Reporters { json, .. } => say(&self.reporters(json).await?)?,
            P::Site { out, .. } => static_site::write(&self.register, &self.settings, &out, self.now).await?,
        }
        Ok(Exit::Well)
    }

    /// How right those are who send TLS reports.
    async fn reporters(&self, json: bool) -> Result<String, CommandError> {
        let kept = kept_reporters(&self.archive, self.now).await;
        let kept = kept.map_err(|error| CommandError::Unfit(error.to_string()))?;
        Ok(if json { json_text(&reporters_json(&kept)) } else { reporters_text(&kept) })
    }

    async fn add(&self, name: ProviderName, described: Described) -> Result<(), CommandError> {
        let known = match self.register.provider(&name).await {
            Ok(known) => Some(known),
            Err(RegisterError::NoSuch(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let list = |given: Vec<String>, known: Option<Vec<String>>| match given.is_empty() {
            true => known.unwrap_or_default(),
            false => given,
        };
        let of = |field: fn(&Provider) -> Vec<String>| known.as_ref().map(field);
        let provider = Provider {
            title: described
                .title
                .or_else(|| known.as_ref().map(|known| known.title.clone()))
                .unwrap_or_else(|| name.to_string()),
            domains: list(described.domains, of(|known| known.domains.clone())),
            mx: list(described.mx, of(|known| known.mx.clone())),
            contact: described.contact.or_else(|| known.as_ref().and_then(|known| known.contact.clone())),
            remark: known.as_ref().and_then(|known| known.remark.clone()),
            hall_of_fame: list(described.hall_of_fame, of(|known| known.hall_of_fame.clone())),
            name,
        };
        Ok(self.register.describe(provider, self.now).await?)
    }

    /// The providers, with what is public of them.
    async fn list(&self, json: bool) -> Result<String, CommandError> {
        let settings = self.register.settings();
        let words = tell::words(Language::En);
        let mut rows = Vec::new();
        for provider in self.register.providers().await? {
            let entry = self.register.entry(&provider.name).await?;
            let (state, colour) = match &entry.published {
                Some(published) => ("published", published.row.colour(&settings, self.now).name()),
                None if entry.retracted.is_some() => ("retracted", ""),
                None => ("draft", ""),
            };
            let newest = entry.published.as_ref().and_then(|published| published.row.newest());
            let newest = newest.map(tell::day).unwrap_or_default();
            rows.push((provider, state, colour, newest));
        }
        if json {
            let object = |(provider, state, colour, newest): &(Provider, &str, &str, String)| json!({ "provider": provider, "state": state, "colour": colour, "newest": newest });
            return Ok(json_text(&rows.iter().map(object).collect()));
        }
        let mut text = String::new();
        for (provider, state, colour, newest) in rows {
            let colour =
                if colour.is_empty() { String::new() } else { words.say(&format!("prov-colour-{colour}")) };
            let line =
                format!("{:<24} {state:<10} {colour:<7} {newest:<10} {}", provider.name, provider.title);
            text.push_str(line.trim_end());
            text.push('\n');
        }
        Ok(text)
    }

    /// The row with all its evidence. What trials show since it was last looked at is taken in first.
    async fn show(
        &self,
        name: &ProviderName,
        json: bool,
        language: Language,
    ) -> Result<String, CommandError> {
        let entry = self.known(name).await?;
        let row = self.register.row(name, self.now).await?;
        if json {
            let public = entry.published.as_ref().map(|published| published.row.clone());
            let value = json!({ "provider": entry.provider, "row": row, "published": public });
            return Ok(json_text(&value));
        }
        let settings = self.register.settings();
        Ok(tell::show(&entry, &row, &settings, self.now, tell::words(language)))
    }

    /// The mail that tells a provider.
    async fn draft(&self, name: &ProviderName) -> Result<String, CommandError> {
        let entry = self.known(name).await?;
        let row = self.register.row(name, self.now).await?;
        Ok(self.drafted(&entry, &row))
    }

    fn drafted(&self, entry: &Entry, row: &crate::program::providers::Row) -> String {
        let site = self.settings.report.site_url.as_str();
        tell::draft(&entry.provider, row, &self.register.settings(), self.now, site)
    }

    /// A provider, once the journal's trials of it are taken in.
    async fn known(&self, name: &ProviderName) -> Result<Entry, CommandError> {
        let entry = self.register.entry(name).await?;
        gather::trials(&self.register, &self.settings, &entry.provider).await?;
        Ok(entry)
    }

    async fn import(&self, file: &std::path::Path) -> Result<(), CommandError> {
        let providers = read_file(&text_of(file)?);
        let providers =
            providers.map_err(|error| CommandError::Unfit(format!("{}: {error}", shown(file))))?;
        for provider in providers {
            self.register.describe(provider, self.now).await?;
        }
        Ok(())
    }
}

/// The text of a file that the operator names.
fn text_of(file: &std::path::Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let read =
        std::fs::File::open(file).and_then(|opened| opened.take(FILE_OCTETS_MAX).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(CommandError::Unfit(format!("{}: {error}", shown(file)))),
    }
}
