//! The log: on a terminal for people, in the journal of systemd for its tools, elsewhere plain.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

/// What this program logs itself, as its targets begin.
const OURS: &str = "mailassay";

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// With times and colours.
    Coloured,
    /// For people, with the time of each line.
    Plain,
    /// For systemd, which notes the time itself: each line with its priority before it (sd-daemon(3)).
    Journald,
}

/// What decides which lines are written.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Begins to log to the standard error. `default` is what is logged where the variable `RUST_LOG` does not say.
pub fn begin(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let (filter, handle) = reload::Layer::new(filter);
    // A program begins to log once.
    let _ = FILTER.set(handle);
    let log = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match form(is_journal(), io::stderr().is_terminal(), is_set("NO_COLOR")) {
        Form::Journald => log.with(lines.with_ansi(false).event_format(Journald)).init(),
        Form::Coloured => log.with(lines.with_ansi(true)).init(),
        Form::Plain => log.with(lines.with_ansi(false)).init(),
    }
}

/// Changes what is logged, as `RUST_LOG` would say it; a filter that does not read leaves all as it was. `RUST_LOG`
/// itself, where it is set, is the operator's word for this run, and stays.
///
/// # Errors
///
/// If the filter does not read. The error says why.
pub fn set_filter(filter: &str) -> Result<(), String> {
    if std::env::var_os("RUST_LOG").is_some_and(|set| !set.is_empty()) {
        return Ok(());
    }
    let filter = EnvFilter::builder().parse(filter).map_err(|error| error.to_string())?;
    FILTER.get().map_or(Ok(()), |handle| handle.reload(filter).map_err(|error| error.to_string()))
}

/// `NO_COLOR`, if set and not empty, wants no colour (<https://no-color.org>).
fn form(is_journal: bool, is_terminal: bool, no_color: bool) -> Form {
    match (is_journal, is_terminal && !no_color) {
        (true, _) => Form::Journald,
        (false, true) => Form::Coloured,
        (false, false) => Form::Plain,
    }
}

/// Whether the standard error leads to systemd's journal: the variable names device and inode, and is inherited also by
/// those whose standard error leads elsewhere (systemd.exec(5)).
fn is_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    let own = io::stderr().as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    own.is_ok_and(|own| stream == format!("{}:{}", own.dev(), own.ino()))
}

/// The priority of a level (syslog(3)).
fn priority(level: tracing::Level) -> u8 {
    match level {
        tracing::Level::ERROR => 3,
        tracing::Level::WARN => 4,
        tracing::Level::INFO => 6,
        _ => 7,
    }
}

/// Lines as systemd reads them.
struct Journald;

impl<S, N> FormatEvent<S, N> for Journald
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        write!(writer, "<{}>", priority(*metadata.level()))?;
        if !metadata.target().starts_with(OURS) {
            write!(writer, "{}: ", metadata.target())?;
        }
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        assert_eq!(form(false, true, false), Form::Coloured);
        assert_eq!(form(false, true, true), Form::Plain);
        assert_eq!(form(false, false, false), Form::Plain);
        assert_eq!(form(true, false, false), Form::Journald);
    }
}
