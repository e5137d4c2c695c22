//! `trial new`: addresses of cases for a trial that is to begin.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;
use serde_json::json;

use crate::program::app::command::arguments::ConfigFile;
use crate::program::app::command::ending::{CommandError, Exit, say, shown};
use crate::program::app::command::status::{NotAsked, order};
use crate::program::app::parts::{self, PartError};
use crate::program::app::{Begun, TRIALS_PATH, socket};
use crate::program::config::Settings;
use crate::program::report::{self, cases::lack_reason};
use crate::sending::journal::Reader;
use crate::sending::persona::{Addresses, CaseId, Catalogue, RuledCase, Suite};
use crate::sending::trial::{Label, TrialId};
use crate::shared::text::clean_to;

/// How much is shown of an answer that is none, in characters.
const ANSWER_CHARS_MAX: usize = 200;

/// Which cases are wanted.
#[derive(Clone, Debug)]
enum Cases {
    First,
    All,
    These(Vec<CaseId>),
}

impl FromStr for Cases {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "first" => Ok(Self::First),
            "all" => Ok(Self::All),
            "" => Err("name a suite (`first`, `all`) or cases, with commas between".to_owned()),
            cases => Ok(Self::These(cases.split(',').map(|case| CaseId::from(case.trim())).collect())),
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct BeginCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// `first`, `all`, or cases with commas between.
    #[arg(long, value_name = "SUITE", default_value = "first")]
    suite: Cases,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl BeginCommand {
    /// Asks the service for labels, and says the addresses. `random` is for a label that needs no lease.
    pub(in crate::program::app::command) async fn run(
        &self,
        random: &[u8; 20],
    ) -> Result<Exit, CommandError> {
        let settings = self.config.settings()?;
        let catalogue = parts::catalogue(&settings).map_err(PartError::from)?;
        let cases = self.cases(&catalogue, &settings.addresses)?;
        let ids: Vec<CaseId> = cases.iter().map(|case| case.id.clone()).collect();
        let (begun, service) = match begin(&settings, &ids).await? {
            Some(begun) => (begun, true),
            None => (begun_alone(&settings, &cases, random).await?, false),
        };
        let addresses = Addressed { catalogue: &catalogue, cases: &cases, labels: &begun.labels };
        let page = format!("{}/r/{}", settings.report.site_url, begun.trial);
        say(&match self.json {
            true => report::json_text(&json!({
                "trial": begun.trial, "page": page, "addresses": addresses.all().map(|(case, address)| json!({
                    "case": case, "address": address, "permanent": !begun.labels.contains_key(case),
                })).collect::<Vec<_>>(),
            })),
            false => addresses.text(&page, service),
        })?;
        Ok(Exit::Well)
    }

    /// The cases that are wanted, each of which must be offered.
    fn cases<'a>(
        &self,
        catalogue: &'a Catalogue,
        addresses: &Addresses,
    ) -> Result<Vec<&'a RuledCase>, CommandError> {
        let offered = |suite| -> Vec<&'a RuledCase> {
            catalogue.suite(suite).filter(|case| addresses.offers(case)).collect()
        };
        let cases: Vec<_> = match &self.suite {
            Cases::First => offered(Suite::First),
            Cases::All => offered(Suite::All),
            Cases::These(ids) => {
                let wanted = |id: &CaseId| {
                    let case = catalogue.ruled_case(id).ok_or_else(|| {
                        let id = clean_to(&id.0, ANSWER_CHARS_MAX);
                        CommandError::Unfit(format!("there is no case `{id}`"))
                    })?;
                    let reasons: Vec<_> = addresses.lacks(case).into_iter().map(lack_reason).collect();
                    match reasons.as_slice() {
                        [] => Ok(case),
                        reasons => Err(CommandError::Unfit(format!(
                            "the case `{id}` is not offered here: {}; see `mailassay cases`",
                            reasons.join(", and ")
                        ))),
                    }
                };
                ids.iter().map(wanted).collect::<Result<_, _>>()?
            }
        };
        if cases.is_empty() {
            let why = "no case is offered here: `addresses.cases` in the configuration names no addresses for their hosts";
            return Err(CommandError::Unfit(why.to_owned()));
        }
        Ok(with_free(cases, offered(Suite::First)))
    }
}

/// With a case whose label only its sender knows, if one is offered. Cases with a policy have labels that are public, and a
/// trial of those alone would be begun by whoever sends there first.
fn with_free<'a>(mut cases: Vec<&'a RuledCase>, offered: Vec<&'a RuledCase>) -> Vec<&'a RuledCase> {
    if cases.iter().all(|case| case.has_policy()) {
        cases.extend(offered.into_iter().find(|case| !case.has_policy()));
    }
    cases
}

/// What the running service gives out; none where none runs.
async fn begin(settings: &Settings, cases: &[CaseId]) -> Result<Option<Begun>, CommandError> {
    let body = json!(cases).to_string();
    match order(&socket(&settings.journal.path), TRIALS_PATH, body).await {
        Ok(told) => serde_json::from_str(&told).map(Some).map_err(|_| {
            let told = clean_to(&told, ANSWER_CHARS_MAX);
            CommandError::Unfit(format!(
                "the service answers in another form than this version reads: {told}"
            ))
        }),
        Err(NotAsked::Socket(_)) => Ok(None),
        Err(error) => Err(CommandError::Unfit(format!("the service gives out no labels: {error}"))),
    }
}

/// What needs no service: a free label. Labels of the pool only the service gives out.
async fn begun_alone(
    settings: &Settings,
    cases: &[&RuledCase],
    random: &[u8; 20],
) -> Result<Begun, CommandError> {
    let path = &settings.journal.path;
    if !settings.journal.is_there() {
        let why = format!("{}: there is no journal yet; `mailassay serve` makes it", shown(path));
        return Err(CommandError::Unfit(why));
    }
    let secret = Reader::of(&settings.journal).await?.secret().await?;
    let label = TrialId::new_label(random);
    let free = cases.iter().filter(|case| !case.has_policy());
    let labels = free.map(|case| (case.id.clone(), label.clone())).collect();
    Ok(Begun { trial: TrialId::of_label(&secret, &label), labels })
}

/// The addresses of a trial.
struct Addressed<'a> {
    catalogue: &'a Catalogue,
    cases: &'a [&'a RuledCase],
    labels: &'a BTreeMap<CaseId, Label>,
}

impl Addressed<'_> {
    fn all(&self) -> impl Iterator<Item = (&CaseId, String)> {
        self.cases
            .iter()
            .map(|case| (&case.id, self.catalogue.ruled_address(case, self.labels.get(&case.id), "en")))
    }

    fn text(&self, page: &str, service: bool) -> String {
        let (own, permanent): (Vec<_>, Vec<_>) =
            self.all().partition(|(case, _)| self.labels.contains_key(*case));
        let mut text = String::new();
        let lines = |addresses: &[(&CaseId, String)]| -> String {
            addresses.iter().map(|(_, address)| format!("{address}\n")).collect()
        };
        text.push_str(&lines(&own));
        text.push_str(&lines(&permanent));
        text.push_str(
            "\nSend one mail to all of these addresses. The test begins with it, and its result is\nat ",
        );
        text.push_str(page);
        text.push('\n');
        if !permanent.is_empty() {
            text.push_str(match service {
                true => "\nThe last of them have their permanent names, since the pool of names with\na certificate of their own is empty: anybody may send there at the same time.\n",
                false => "\nThe service does not run, and so the last of them have their permanent names:\nanybody may send there at the same time.\n",
            });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::sending::persona::CatalogueFiles;

    use super::*;

    #[test]
    fn cases_with_a_policy_alone_get_one_with_a_secret_label() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let with = |ids: &[&str]| -> Vec<String> {
            let cases =
                ids.iter().map(|id| catalogue.ruled_case(&CaseId::from(*id)).expect("a case")).collect();
            with_free(cases, catalogue.suite(Suite::First).collect())
                .into_iter()
                .map(|case| case.id.0.to_string())
                .collect()
        };
        assert_eq!(with(&["dane-good", "sts-good"]), ["dane-good", "sts-good"]);
        let [first, second, free] = &with(&["sts-good", "sts-unlisted"])[..] else { panic!("three cases") };
        assert_eq!([first, second], ["sts-good", "sts-unlisted"]);
        assert!(!catalogue.ruled_case(&CaseId::from(free.as_str())).expect("a case").has_policy(), "{free}");
    }
}
