//! The fuzz targets are whole: each is built, and has something to begin with.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names in a folder of `fuzz/` that satisfy `kept`, without what follows a dot.
fn names(folder: &str, kept: impl Fn(&Path) -> bool) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| kept(path))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_fuzz_target_is_built_and_has_seeds() {
    let targets = names("targets", Path::is_file);
    assert_eq!(targets, names("seeds", |path| path.is_dir() && fs::read_dir(path).unwrap().next().is_some()));
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let built =
        manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned());
    assert_eq!(targets, built.collect());
}
