//! Whether the service runs, and with this configuration.

use std::path::Path;

use super::line::Line;
use crate::program::config::Settings;
use crate::sending::journal::{Holder, holder};

/// What of the service can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::program::app::command) enum Running {
    /// It runs as it is configured, as far as is known.
    Yes,
    /// It runs with another configuration than the file holds now.
    Otherwise,
    /// It does not run.
    No,
}

/// Whether it runs, and what to say of that.
pub(in crate::program::app::command) fn running(settings: &Settings) -> (Running, Line) {
    told(holder(&settings.journal.path), &settings.fingerprint(), &settings.journal.path)
}

fn told(holder: std::io::Result<Holder>, own: &str, journal: &Path) -> (Running, Line) {
    match holder {
        Ok(Holder::Nobody) => {
            let why = "service: it does not run with this journal; start it: `systemctl start mailassay`";
            (Running::No, Line::bad(why))
        }
        Ok(Holder::Somebody(with)) if with.trim() == own => {
            (Running::Yes, Line::good("service: it runs with this configuration"))
        }
        Ok(Holder::Somebody(_)) => {
            let why = "service: it runs with another configuration than this one, or in another version: restart it \
                       (`systemctl restart mailassay`); until then nothing is said of what it serves";
            (Running::Otherwise, Line::bad(why))
        }
        Err(error) => {
            let lock = journal.with_added_extension("lock");
            let why = format!("service: whether it runs is not known: {}: {error}", lock.display());
            (Running::Yes, Line::open(&why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::text::Tone;

    #[test]
    fn what_runs_is_told_from_what_is_configured() {
        let told = |holder| told(holder, "own", Path::new("/j/mailassay.sqlite"));
        let (no, line) = told(Ok(Holder::Nobody));
        assert!(no == Running::No && line.tone == Tone::Bad);
        assert_eq!(told(Ok(Holder::Somebody("own".to_owned()))).0, Running::Yes);
        let (other, line) = told(Ok(Holder::Somebody("other".to_owned())));
        assert!(other == Running::Otherwise && line.text.contains("restart"), "{}", line.text);
        let (_, line) = told(Err(std::io::ErrorKind::PermissionDenied.into()));
        assert!(line.tone == Tone::Info && line.text.contains("mailassay.sqlite.lock"), "{}", line.text);
    }
}
