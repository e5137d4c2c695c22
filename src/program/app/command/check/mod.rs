//! `check DOMAIN`: how well a domain receives.

mod display;
mod helo;
mod rules;

use std::io::IsTerminal;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::arguments::{CONFIG_VARIABLE, OutputForm, language};
use super::ending::{CommandError, Exit, say};
use super::places::for_once;
use super::reach;
use super::trial::kept_key;
use crate::program::app::parts::{PartError, scan_places};
use crate::program::app::{Clock, system_clock};
use crate::program::config;
use crate::program::report::json_text;
use crate::program::seal::{SealKey, SealedDocument};
use crate::receiving::checks::Outcome;
use crate::receiving::grades::{OWN, Receiving};
use crate::receiving::places::{OPERATOR_AT_ONCE_MAX, Operators, Places, Turnstile};
use crate::receiving::report as receiving;
use crate::receiving::request::{Progress, Request, Silent};
use crate::receiving::scan::{Ports, Scanner, Settings};
use crate::shared::dns::Resolver;
use crate::shared::domain_name::meant;
use crate::shared::evidence::scan::{Depth, Evidence, NameAnswer, NameFailure};
use crate::shared::text::{Language, TextOptions, clean};
use crate::shared::time::Timestamp;

use display::Display;
pub(super) use helo::{helo, own_name};
use rules::{ProfileName, known};

/// How many columns of a wide terminal are used: longer lines are hard to read.
const COLUMNS_MAX: usize = 100;

#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// The domain, such as example.org. An address, a link or a host with its port will do, too.
    domain: String,
    #[command(flatten)]
    form: OutputForm,
    #[command(flatten)]
    brevity: Brevity,
    /// The language of text and HTML: en or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,
    /// List every suite and group; this takes many more connections.
    #[arg(long)]
    full: bool,
    /// Look at this address of its mail servers alone.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// The rules that make the headline, the symbols and the exit code.
    #[arg(long, value_name = "NAME", default_value = OWN, value_parser = ProfileName)]
    profile: String,
    /// The name to say in EHLO. Default: that of this host, or its address.
    #[arg(long, value_name = "NAME", value_parser = helo)]
    helo: Option<String>,
    /// Try recipients, too: postmaster, an unknown one, and a foreign one. Only for servers of your own.
    #[arg(long)]
    intrusive: bool,
    /// With --json and --config: signed with the key that the origin's zone publishes; `mailassay verify` checks it.
    #[arg(long, requires_all = ["json", "config"])]
    signed: bool,
    /// A configuration, whose [scan] is heeded.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE)]
    config: Option<PathBuf>,
}

/// How much of the text is shown.
#[derive(Clone, Copy, Debug, Args)]
struct Brevity {
    /// Show the headline alone.
    #[arg(long, short, conflicts_with_all = ["failed", "evidence", "json", "html"])]
    quiet: bool,
    /// Show what failed or can be better, and what to do about it, alone.
    #[arg(long, conflicts_with_all = ["json", "html"])]
    failed: bool,
    /// Show in the text all that was seen, in the words of the protocols.
    #[arg(long, conflicts_with_all = ["json", "html"])]
    evidence: bool,
}

impl CheckCommand {
    /// Scans, shows the result, and says what it comes to.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let Ok(domain) = meant(&self.domain) else {
            return Err(CommandError::Unfit(no_domain(&self.domain)));
        };
        let settings = self.config.as_ref().map(|file| config::load(file)).transpose()?;
        if let Some(settings) = &settings {
            settings.profiles.put_in_force();
        }
        known(&self.profile)?;
        let key = settings.as_ref().filter(|_| self.signed).map(kept_key).transpose()?;
        let places = match settings.as_ref().map(scan_places) {
            Some(at) => for_once(&at).await,
            None => None,
        };
        let scan = match settings {
            Some(settings) => settings.scan,
            None => Settings { helo: own_name(), ..Settings::default() },
        };
        let request = Request {
            depth: if self.full { Depth::Full } else { Depth::Verdict },
            intrusive: self.intrusive,
            only: self.ip,
            ..Request::of(domain, self.helo.clone().unwrap_or_else(|| scan.helo.clone()))
        };
        let clock = system_clock();
        let scanner = scanner(scan.clone(), places, &clock)?;
        let gathered = self.gather(&scan, &scanner, &request, &clock).await?;
        if let ScanResult::CutOff(why) | ScanResult::Evidence(_, Some(why)) = &gathered {
            eprintln!("mailassay: {why}");
        }
        let ScanResult::Evidence(evidence, _) = gathered else { return Ok(Exit::Open) };
        if let Some(ip) = self.ip {
            let known: Vec<IpAddr> = evidence.servers.iter().map(|server| server.ip).collect();
            of_a_server(&evidence.domain, &known, ip)?;
        }
        let now = clock();
        let receiving = Receiving::of(&evidence, now);
        say(&self.told(&receiving, key.as_ref(), now))?;
        if !receiving::exists(&receiving) {
            return Ok(Exit::Open);
        }
        let outcome = receiving.ratings.of(&self.profile).map(crate::receiving::grades::Rating::outcome);
        Ok(match outcome {
            Some(Outcome::Pass) => Exit::Well,
            Some(Outcome::Fail) => Exit::Failed,
            // What does not apply has not passed.
            Some(Outcome::NotApplicable | Outcome::Inconclusive) | None => Exit::Open,
        })
    }

    /// Scans, unless no DNS can be asked from here: then nothing that came of it would be of the domain.
    async fn gather(
        &self,
        scan: &Settings,
        scanner: &Scanner,
        request: &Request,
        clock: &Clock,
    ) -> Result<ScanResult, CommandError> {
        let display = std::io::stderr().is_terminal().then(Display::new);
        let progress: &dyn Progress = match &display {
            Some(display) => display,
            None => &Silent,
        };
        // Other tools get what they always get, in which everything is open then.
        let until_known = !self.form.json;
        let cut_off = reach::cut_off(&scan.resolver, clock);
        let gathered = either(scanner.scan(request, progress), cut_off, until_known).await;
        drop(display);
        Ok(gathered?)
    }

    /// The result in the form that is wanted.
    fn told(&self, receiving: &Receiving<'_>, key: Option<&SealKey>, now: Timestamp) -> String {
        if self.form.json {
            let value = receiving::json(receiving, now);
            return json_text(&match key {
                Some(key) => SealedDocument::sign(key, value, now).json(),
                None => value,
            });
        }
        let page = receiving::page(receiving, &self.profile, self.language, now);
        let options = self.text_options();
        match self.brevity.quiet {
            _ if self.form.html => page.html(),
            true => format!("{}\n", page.headline()),
            false => format!("{}\n\n{}", page.headline(), page.text_as(options)),
        }
    }

    fn text_options(&self) -> TextOptions {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        let output = std::io::stdout();
        let default = TextOptions::default();
        let columns = rustix::termios::tcgetwinsize(&output).map(|size| usize::from(size.ws_col));
        TextOptions {
            failed_only: self.brevity.failed,
            evidence: self.brevity.evidence,
            // https://no-color.org
            colour: output.is_terminal() && !dumb && !is_set("NO_COLOR"),
            columns: match columns {
                Ok(columns) if columns > 0 => columns.min(COLUMNS_MAX),
                _ => default.columns,
            },
        }
    }
}

/// What scans as `settings` say, and shows an operator two connections at a time, together with whoever has `places`.
#[expect(clippy::disallowed_methods, reason = "the roof draws")]
pub(super) fn scanner(
    settings: Settings,
    places: Option<Arc<dyn Places>>,
    clock: &Clock,
) -> Result<Scanner, PartError> {
    let resolver = Resolver::new(settings.resolver.clone(), Arc::clone(clock))?;
    let mut ports = Ports::of(&settings, resolver, Arc::clone(clock), rand::random)?;
    let turnstile = Turnstile::new(ports.calls, Operators::embedded(), OPERATOR_AT_ONCE_MAX);
    ports.calls = Arc::new(turnstile.among(places));
    Ok(Scanner::new(settings, ports))
}

/// What came of a scan.
enum ScanResult {
    /// What was seen; and that nobody could be asked, where that is so.
    Evidence(Box<Evidence>, Option<&'static str>),
    /// Nothing, since no DNS can be asked from here.
    CutOff(&'static str),
}

/// Scans, and meanwhile finds out whether DNS can be asked from here at all. If not, the scan is given up as soon as that
/// is known, if `until_known`.
async fn either(
    scanning: impl Future<Output = Evidence>,
    cut_off: impl Future<Output = Result<Option<&'static str>, PartError>>,
    until_known: bool,
) -> Result<ScanResult, PartError> {
    tokio::pin!(scanning, cut_off);
    let (evidence, why) = tokio::select! {
        evidence = &mut scanning => {
            let why = if dns_failed(&evidence) { cut_off.await? } else { None };
            (evidence, why)
        }
        why = &mut cut_off => match why? {
            Some(why) if until_known => return Ok(ScanResult::CutOff(why)),
            why => (scanning.await, why),
        },
    };
    Ok(match why {
        Some(why) if until_known => ScanResult::CutOff(why),
        why => ScanResult::Evidence(Box::new(evidence), why),
    })
}

/// Whether the first question of all found no answer, for whatever reason but the name's own.
fn dns_failed(evidence: &Evidence) -> bool {
    match &evidence.names.mx.answer {
        NameAnswer::Failed { failure } => !matches!(failure, NameFailure::Bogus),
        NameAnswer::NotAsked => true,
        NameAnswer::Records { .. } | NameAnswer::NoData | NameAnswer::NoName => false,
    }
}

/// That something is no domain, and what is.
pub(super) fn no_domain(text: &str) -> String {
    let advice = "write a domain that receives mail, such as example.org, or an address at it";
    format!("`{}` is no domain; {advice}", clean(text))
}

/// Whether `--ip` names one of the addresses of the mail servers, as far as these are known.
fn of_a_server(domain: &str, known: &[IpAddr], ip: IpAddr) -> Result<(), CommandError> {
    if known.is_empty() || known.contains(&ip) {
        return Ok(());
    }
    let list = known.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
    let domain = clean(domain);
    Err(CommandError::Unfit(format!("{ip} is no address of the mail servers of {domain}, which have {list}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_nobody_is_no_result() {
        let [theirs, other]: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        assert!(of_a_server("example.net", &[], other).is_ok(), "nothing is known");
        assert!(of_a_server("example.net", &[theirs], theirs).is_ok());
        let error = of_a_server("example.net", &[theirs], other).expect_err("of nobody").to_string();
        assert_eq!(error, "192.0.2.2 is no address of the mail servers of example.net, which have 192.0.2.1");
    }

    #[test]
    fn this_host_has_a_name_or_an_address_to_say() {
        assert!(own_name() == "localhost.localdomain" || helo(&own_name()).is_ok(), "{}", own_name());
    }
}
