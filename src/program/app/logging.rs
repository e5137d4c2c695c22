//! The log: on a terminal for people, in the journal of systemd for its tools, as JSON for others' tools, elsewhere plain.
//! What wants attention in it is counted, and so are panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

use crate::shared::text::clean;

/// What this program logs itself, as its targets begin.
const OURS: &str = "mailassay";

/// The form of the log, as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// For people, with the time of each line.
    Plain,
    /// One JSON object a line, for other tools.
    Json,
    /// For systemd: each line with its priority before it.
    Journald,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    /// With times and colours.
    Coloured,
    /// For people, with the time of each line.
    Plain,
    /// For systemd, which notes the time itself: each line with its priority before it (sd-daemon(3)).
    Journald,
}

/// What decides which lines are written.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();
static ERRORS: AtomicU64 = AtomicU64::new(0);
static WARNINGS: AtomicU64 = AtomicU64::new(0);
static PANICS: AtomicU64 = AtomicU64::new(0);

/// What was logged since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    pub errors: u64,
    pub warnings: u64,
    /// Panics, also those that were caught.
    pub panics: u64,
}

/// How much was logged so far that wants attention.
pub fn lines() -> Lines {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Lines { errors: read(&ERRORS), warnings: read(&WARNINGS), panics: read(&PANICS) }
}

/// Begins to log to the standard error, in the form that is asked for or that fits where it leads to. `default` is what is
/// logged where the variable `RUST_LOG` does not say.
pub fn begin(default: &str, asked: Option<LogForm>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let (filter, handle) = reload::Layer::new(filter);
    // A program begins to log once.
    let _ = FILTER.set(handle);
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let form = form(asked, is_journal(), io::stderr().is_terminal(), is_set("NO_COLOR"));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(form == Form::Coloured);
    let lines = match form {
        Form::Json => lines.json().flatten_event(true).boxed(),
        Form::Journald => lines.event_format(Journald).boxed(),
        Form::Coloured | Form::Plain => lines.boxed(),
    };
    tracing_subscriber::registry().with(filter).with(Counting).with(lines).init();
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

/// Tells panics in the log, each in a line of its form, and counts them.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        let thread = std::thread::current();
        let what = clean(panic.payload_as_str().unwrap_or("something that is no text"));
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = Backtrace::capture();
        match backtrace.status() {
            BacktraceStatus::Captured => {
                tracing::error!(thread = thread.name(), place, %backtrace, "panicked: {what}");
            }
            _ => tracing::error!(thread = thread.name(), place, "panicked: {what}"),
        }
    }));
}

/// Counts the lines that want attention.
struct Counting;

impl<S: tracing::Subscriber> Layer<S> for Counting {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        match *event.metadata().level() {
            tracing::Level::ERROR => ERRORS.fetch_add(1, Ordering::Relaxed),
            tracing::Level::WARN => WARNINGS.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}

/// `NO_COLOR`, if set and not empty, wants no colour (<https://no-color.org>).
fn form(asked: Option<LogForm>, is_journal: bool, is_terminal: bool, no_color: bool) -> Form {
    match (asked, is_journal, is_terminal && !no_color) {
        (Some(LogForm::Json), ..) => Form::Json,
        (Some(LogForm::Journald), ..) | (None, true, _) => Form::Journald,
        (_, _, true) => Form::Coloured,
        (_, _, false) => Form::Plain,
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
        assert_eq!(form(None, false, true, false), Form::Coloured);
        assert_eq!(form(None, false, true, true), Form::Plain);
        assert_eq!(form(None, false, false, false), Form::Plain);
        assert_eq!(form(None, true, false, false), Form::Journald);
        assert_eq!(form(Some(LogForm::Plain), true, false, false), Form::Plain);
        assert_eq!(form(Some(LogForm::Json), true, true, false), Form::Json);
    }
}
