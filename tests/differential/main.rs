//! Other scanners on the receivers of `tests/interop`: run by hand, `README.md` says how.
#![allow(clippy::unwrap_used)]
#![expect(clippy::disallowed_methods, reason = "the clock: tests run beside programs that run by it")]
#![allow(dead_code, reason = "the rig has more than this needs")]

use std::path::Path;

#[path = "../interop/rig/mod.rs"]
mod rig;

use rig::receivers::{row::Row, world::World};

/// The receivers that are compared where none is named.
const DEFAULT: [&str; 6] =
    ["postfix-debian", "postfix-hardened", "postfix-dual", "exim", "s_server-open", "tlslite"];

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| {
        if named.is_empty() { DEFAULT.contains(&name) } else { named.iter().any(|one| one == name) }
    };
    if let Some(missing) = rig::peers::missing() {
        eprintln!("cannot run: {missing}; `.ci/peers` installs what is needed");
        std::process::exit(2);
    }
    let rows: Vec<Row> =
        Row::all().into_iter().filter(|row| wanted(&row.name) && row.is.product.is_some()).collect();
    assert!(!rows.is_empty(), "no receiver is named so; see tests/interop/receivers/rows");
    let world = World::new(rows);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut compare = world.command("python3");
    compare.arg(here.join("tests/differential/compare.py"));
    compare
        .arg(env!("CARGO_BIN_EXE_mailassay"))
        .arg(world.folder.join("world.toml"))
        .arg(rig::peers::folder());
    compare.arg(here.join("config/tables/tls-levels.toml"));
    for row in &world.rows {
        let shim = row.is.product.as_deref() == Some("s_server");
        compare.arg(format!("{},{},{},{}", row.name, row.host(), row.ip4(), u8::from(shim) + 1));
    }
    let status = compare.status().expect("python3 starts");
    drop(world);
    std::process::exit(status.code().unwrap_or(1));
}
