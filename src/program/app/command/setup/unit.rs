//! The systemd unit.

use std::path::{Path, PathBuf};

use super::super::config_check::Line;
use super::super::ending::{CommandError, shown};
use super::arguments::{CONFIG, SetupCommand};
use super::files;
use crate::program::config::Settings;
use crate::shared::keyfile::Who;

/// The unit as packages have it.
const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/systemd/mailassay.service"));
/// Where it names the program.
const PROGRAM: &str = "/usr/bin/mailassay";
/// The folder that it names.
const FOLDER: &str = "/var/lib/mailassay";
/// The user that it names.
const USER: &str = "mailassay";
/// The unit's name.
const NAME: &str = "mailassay.service";
/// Where packages put units.
const OF_PACKAGES: [&str; 2] = ["/usr/lib/systemd/system", "/lib/systemd/system"];
/// Where administrators put units.
const OF_ADMINISTRATORS: &str = "/etc/systemd/system";

/// Writes the unit where there is none, and says where it is.
pub(super) fn provide(
    command: &SetupCommand,
    file: &Path,
    settings: &Settings,
) -> Result<Line, CommandError> {
    let is_root = Who::this().is_root();
    let packaged = OF_PACKAGES.iter().map(|folder| Path::new(folder).join(NAME)).find(|path| path.exists());
    let path = match (&command.unit, packaged) {
        _ if command.no_unit => return Ok(Line::open("unit: none is written")),
        (Some(path), _) => path.clone(),
        (None, Some(path)) if file == Path::new(CONFIG) => {
            return Ok(Line::good(format!("unit: {} is there", shown(&path))));
        }
        (None, _) if !is_root => file.with_file_name(NAME),
        (None, _) if Path::new(OF_ADMINISTRATORS).is_dir() => Path::new(OF_ADMINISTRATORS).join(NAME),
        (None, _) => {
            return Ok(Line::open(
                "unit: this host has no systemd; have `mailassay serve` started by what it has",
            ));
        }
    };
    let text = text(file, &std::env::current_exe()?, &server(settings));
    match std::fs::read_to_string(&path) {
        Ok(there) if there == text => Ok(Line::good(format!("unit: {} is there", shown(&path)))),
        Ok(_) => Ok(Line::open(&format!(
            "unit: {} is there and stays as it is, although this version would write another: `mailassay setup --unit FILE` \
             writes that elsewhere, to compare",
            shown(&path)
        ))),
        Err(_) => {
            files::put(&path, &text)?;
            let advice = match path.starts_with(OF_ADMINISTRATORS) {
                true => "let systemd read it: `systemctl daemon-reload`".to_owned(),
                false => {
                    format!("root puts it in place: `install -m 644 {} {OF_ADMINISTRATORS}/`", shown(&path))
                }
            };
            Ok(Line::good(format!("unit: wrote {}; {advice}", shown(&path))))
        }
    }
}

/// Whoever serves: the owner of the folder of the journal.
fn server(settings: &Settings) -> Who {
    let folder = settings.journal.path.parent();
    folder.and_then(|folder| Who::owns(folder).ok()).unwrap_or_else(Who::this)
}

/// The unit for this host.
fn text(config: &Path, program: &Path, server: &Who) -> String {
    let folder = config.parent().map(Path::to_path_buf).unwrap_or_else(|| PathBuf::from(FOLDER));
    let is_usual = folder == Path::new(FOLDER);
    let lines = TEXT.lines().map(|line| match line.split_once('=') {
        Some(("ExecStart", _)) => {
            format!("ExecStart={} serve --config {}", escaped(program), escaped(config))
        }
        Some(("User", USER)) => format!("User={}", server.word()),
        // That of the user.
        Some(("Group", USER)) if server.word() != USER => "Group=".to_owned(),
        Some(("WorkingDirectory", FOLDER)) => format!("WorkingDirectory={}", shown(&folder)),
        // systemd makes and owns only what lies in /var/lib.
        Some(("StateDirectory", _)) if !is_usual => format!("ReadWritePaths={}", escaped(&folder)),
        Some(("StateDirectoryMode", _)) if !is_usual => String::new(),
        _ => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect::<String>().replace(PROGRAM, &escaped(program))
}

/// A path as a unit takes it: `%` begins a specifier, and a space ends a word (systemd.unit(5)).
fn escaped(path: &Path) -> String {
    shown(path).replace('%', "%%").replace(' ', "\\x20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_packages_is_that_of_this_host() {
        let folder = Path::new(FOLDER);
        let other =
            text(Path::new("/srv/my mail/config.toml"), Path::new("/usr/local/bin/mailassay"), &Who::this());
        assert!(
            other
                .contains("ExecStart=/usr/local/bin/mailassay serve --config /srv/my\\x20mail/config.toml\n"),
            "{other}"
        );
        assert!(
            other.contains("ReadWritePaths=/srv/my\\x20mail\n") && !other.contains("StateDirectory"),
            "{other}"
        );
        assert!(!other.contains(PROGRAM), "{other}");
        let usual = text(&folder.join("config.toml"), Path::new(PROGRAM), &Who::this());
        let changed: Vec<&str> = usual.lines().filter(|line| !TEXT.lines().any(|own| own == *line)).collect();
        // The user is another here.
        assert!(
            changed.iter().all(|line| line.starts_with("User=") || line.starts_with("Group=")),
            "{changed:?}"
        );
    }
}
