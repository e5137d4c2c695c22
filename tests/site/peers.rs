//! What these tests need and do not make themselves.

use std::path::{Path, PathBuf};

/// One browser at a time: they are large.
pub(crate) static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The folder of the build.
pub(crate) fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("cargo's folder for tests lies in its target folder").to_owned()
}

/// Where `.ci/peers` leaves axe.
pub(crate) fn axe() -> PathBuf {
    target().join("interop/axe-core-4.14.1/package/axe.min.js")
}

/// Where `.ci/peers` leaves schemathesis.
pub(crate) fn schemathesis() -> PathBuf {
    target().join("interop/venv-site/bin/schemathesis")
}

/// Whether all is here; says on the terminal what is not.
///
/// # Panics
/// If something is not, and `MAILASSAY_REQUIRE_PEERS=1`.
pub(crate) fn are_here() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed =
        |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let absent = ["chromium", "chromedriver", "wapiti"].into_iter().find(|program| !installed(program));
    let absent = absent.map(str::to_owned).or_else(|| {
        let files = [axe(), schemathesis()];
        files.into_iter().find(|file| !file.is_file()).map(|file| file.display().to_string())
    });
    let Some(absent) = absent else { return true };
    let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!required, "{absent} is missing; `.ci/peers` installs what is needed");
    println!("skipped, because {absent} is missing; `.ci/peers` installs what is needed");
    false
}
