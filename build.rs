//! Finds out which commit this is built from, for `mailassay --version`.
//!
//! In this order: what whoever builds packages says (`MAILASSAY_COMMIT`, such as `0123abc 2026-11-29`), what `git archive`
//! wrote into a tarball (`packaging/commit.txt`, by `.gitattributes`), and git itself. A debug build does not ask git: else
//! each commit would build all anew.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// As many digits of a commit as are shown.
const COMMIT_CHARS: usize = 12;
/// Says the commit and its date, from outside.
const VARIABLE: &str = "MAILASSAY_COMMIT";
/// What the commit is written into by `git archive`.
const ARCHIVED: &str = "packaging/commit.txt";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ARCHIVED}");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into()));
    let package = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let commit = built_from(&folder);
    println!("cargo::rustc-env=MAILASSAY_VERSION={package} ({commit})");
    if let Some(date) = commit.split(", ").nth(1) {
        println!("cargo::rustc-env=MAILASSAY_DATE={date}");
    }
}

/// The commit and its date, or why there is none.
fn built_from(folder: &Path) -> String {
    let said = env::var(VARIABLE).ok().and_then(|text| commit(&text));
    let archived = || commit(&fs::read_to_string(folder.join(ARCHIVED)).ok()?);
    if let Some(known) = said.or_else(archived) {
        return known;
    }
    if env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        return "a debug build".to_owned();
    }
    asked(folder).unwrap_or_else(|| "commit unknown".to_owned())
}

/// What git says of its work tree in `folder`. One around it is another's: that of a package, say.
fn asked(folder: &Path) -> Option<String> {
    let top = fs::canonicalize(git(folder, &["rev-parse", "--show-toplevel"])?).ok()?;
    if top != fs::canonicalize(folder).ok()? {
        return None;
    }
    for path in ["src", "config", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    // It changes with each commit, and each change of the branch.
    if let Some(log) = git(folder, &["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    let known = commit(&git(folder, &["log", "-1", "--format=%H %cs"])?)?;
    let changes = git(folder, &["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { known } else { format!("{known}, with changes") })
}

/// What a run of git prints, if it ends well.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A commit as it is shown, of a text with its name and its date (`%H %cs`); none where the text is another one.
fn commit(text: &str) -> Option<String> {
    let (name, date) = text.trim().split_once(' ')?;
    let is_name = name.len() >= 7 && name.chars().all(|c| c.is_ascii_hexdigit());
    let is_date = date.len() == 10 && date.chars().all(|c| c.is_ascii_digit() || c == '-');
    (is_name && is_date).then(|| format!("{}, {date}", &name[..name.len().min(COMMIT_CHARS)]))
}
