//! What the rig needs and does not make itself.

use std::fs;
use std::path::{Path, PathBuf};

/// Where `.ci/run` leaves the senders' packages: beside the build, so that a second run is quick.
pub(crate) fn folder() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("cargo's folder for tests lies in its target folder").join("interop")
}

/// This folder.
pub(crate) fn rig() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop")
}

/// Why the rig cannot run here, if it cannot. With `MAILASSAY_REQUIRE_PEERS=1` that is a failure.
pub(crate) fn missing() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    if uid != Some("0") {
        return Some("network namespaces want root".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for program in
        ["ip", "unshare", "chroot", "dpkg", "unbound", "dig", "dnssec-signzone", "nsd", "python3", "stayrtr"]
    {
        if !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
            return Some(format!("`{program}` is not installed"));
        }
    }
    let folder = folder();
    let products = fs::read_dir(rig().join("products")).expect("the folder of products").flatten();
    let packages = products.map(|product| folder.join("debs").join(product.file_name()));
    let rows = super::row::Row::all().into_iter().map(|row| folder.join("debs").join(row.packages));
    let absent = packages.chain(rows).chain([folder.join("venv")]).find(|part| !part.is_dir())?;
    Some(format!("{} is missing", absent.display()))
}

/// Whether the rig can run; says so on the terminal if it cannot.
///
/// # Panics
/// If it cannot and `MAILASSAY_REQUIRE_PEERS=1`.
pub(crate) fn are_here(test: &str) -> bool {
    let Some(reason) = missing() else {
        super::world::sweep();
        return true;
    };
    let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!required, "{test}: {reason}; `.ci/peers` installs what is needed");
    super::run::say(&format!("{test}: skipped, because {reason}; `.ci/peers` installs what is needed"));
    false
}
