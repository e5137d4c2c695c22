//! `man` and `completions`: what packages ship beside the program, made from the command line itself.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::arguments::{CONFIG_VARIABLE, DEFAULT_CONFIG};
use super::ending::{CommandError, say, shown};
use super::{CommandLine, EXIT_CODES};

/// The day of the commit that this was built from.
const DATE: Option<&str> = option_env!("MAILASSAY_DATE");
/// What stands in its place in a debug build.
const UNDATED: &str = "undated";

#[derive(Debug, Args)]
pub(super) struct ManCommand {
    /// Write the pages of all commands into this folder, instead of the first one to the standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsCommand {
    /// For which shell.
    shell: Shell,
}

impl ManCommand {
    pub(super) fn run(&self) -> Result<(), CommandError> {
        let mut command = CommandLine::command().disable_help_subcommand(true);
        command.build();
        let Some(folder) = &self.out else {
            let page = page(&command, &related(&command, None))?;
            return Ok(say(&String::from_utf8_lossy(&page))?);
        };
        let failed = |error: io::Error| CommandError::Unfit(format!("{}: {error}", shown(folder)));
        fs::create_dir_all(folder).map_err(failed)?;
        let mut pages = Vec::new();
        all_pages(&command, None, &mut pages)?;
        for (name, page) in pages {
            fs::write(folder.join(format!("{name}.1")), page).map_err(failed)?;
        }
        Ok(())
    }
}

impl CompletionsCommand {
    pub(super) fn run(&self) -> Result<(), CommandError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut CommandLine::command(), "mailassay", &mut script);
        Ok(say(&String::from_utf8_lossy(&script))?)
    }
}

/// The name of a command's page: `mailassay-config-check`.
fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn shown_commands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

/// The pages of a command and all below it.
fn all_pages(
    command: &Command,
    parent: Option<&Command>,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> io::Result<()> {
    pages.push((name(command), page(command, &related(command, parent))?));
    for below in shown_commands(command) {
        all_pages(below, Some(command), pages)?;
    }
    Ok(())
}

/// The pages that a page refers to.
fn related(command: &Command, parent: Option<&Command>) -> Vec<String> {
    parent.into_iter().map(name).chain(shown_commands(command).map(name)).collect()
}

fn page(command: &Command, related: &[String]) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone())
        .title(name(command).to_uppercase())
        .date(DATE.unwrap_or(UNDATED))
        .source(concat!("mailassay ", env!("CARGO_PKG_VERSION")))
        .manual("Mailassay");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if shown_commands(command).next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut rest = Roff::default();
    rest.control("SH", ["EXIT STATUS"]);
    rest.control("nf", []);
    let (_, codes) = EXIT_CODES.split_once('\n').unwrap_or_default();
    for line in codes.lines() {
        rest.text([roman(line)]);
    }
    rest.control("fi", []);
    terms(&mut rest, "ENVIRONMENT", &ENVIRONMENT);
    terms(&mut rest, "FILES", &FILES);
    if !related.is_empty() {
        rest.control("SH", ["SEE ALSO"]);
        let names: Vec<String> = related.iter().map(|name| format!("{name}(1)")).collect();
        rest.text([roman(names.join(", "))]);
    }
    rest.to_writer(&mut page)?;
    page.flush()?;
    Ok(page)
}

/// What of its surroundings the program heeds.
const ENVIRONMENT: [(&str, &str); 3] = [
    (CONFIG_VARIABLE, "The configuration, where --config does not name it."),
    ("RUST_LOG", "What is logged, such as debug, or warn,mailassay=info."),
    ("NO_COLOR", "If set and not empty: no colours."),
];

/// What the package and `setup` lay where.
const FILES: [(&str, &str); 3] = [
    (DEFAULT_CONFIG, "The configuration. Paths in it are relative to its folder."),
    (
        "/var/lib/mailassay",
        "All that the service makes: keys, certificates, the journal and the archive of the site.",
    ),
    ("/usr/share/doc/mailassay", "operating.md, how to operate it; example.toml, every setting."),
];

fn terms(roff: &mut Roff, title: &str, terms: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (term, text) in terms {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*text)]);
    }
}
