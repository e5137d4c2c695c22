//! What an operator adds in files of its own: profiles, texts, and the look of the site.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::ConfigError;
use super::file;
use super::place::ConfigFolder;
use crate::program::site::{Own, OwnPage};
use crate::receiving::profiles::Profiles;
use crate::shared::text::Language;

/// How many files a folder of the operator's has at most.
const FILES_MAX: usize = 50;
/// How large each is at most, in octets.
const FILE_OCTETS_MAX: u64 = 262_144;

/// The profiles of the program, and those in the operator's folder.
pub(super) fn profiles(
    place: &ConfigFolder<'_>,
    folder: Option<&Path>,
) -> Result<Arc<Profiles>, ConfigError> {
    const KEY: &str = "profiles";
    let Some(folder) = folder else { return Ok(Arc::new(Profiles::embedded().clone())) };
    let files = files(place, KEY, folder, "toml")?;
    let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let profiles = Profiles::embedded().with_own(own);
    let refused = |error: String| place.document.fault(KEY, format!("{}/{error}", folder.display()));
    profiles.map(Arc::new).map_err(|error| refused(error.to_string()))
}

/// What the site has of the operator.
pub(super) fn site(place: &ConfigFolder<'_>, site: &file::Site) -> Own {
    let mut own = Own::default();
    if let Some(css) = &site.style {
        let read = place
            .path("site.style", css)
            .and_then(|path| read(&path).map_err(|problem| place.document.fault("site.style", problem)));
        own = place.document.kept(read).map_or_else(Own::default, |css| own.with_style(&css));
    }
    let Some(folder) = &site.texts else { return own };
    let texts = place.document.kept(files(place, "site.texts", folder, "md")).unwrap_or_default();
    for (name, markdown) in texts {
        match known(&name) {
            Some((page, language)) => own = own.with_text(page, language, &markdown),
            None => place.document.refuse("site.texts", unknown(folder, &name)),
        }
    }
    own
}

/// Of what a file is, by its name without ending: `imprint.en`.
fn known(name: &str) -> Option<(OwnPage, Language)> {
    let (page, tag) = name.split_once('.')?;
    let page = OwnPage::ALL.into_iter().find(|known| known.name() == page)?;
    Some((page, Language::ALL.into_iter().find(|language| language.tag() == tag)?))
}

fn unknown(folder: &Path, name: &str) -> String {
    let languages =
        |page: OwnPage| Language::ALL.map(|language| format!("{}.{}.md", page.name(), language.tag()));
    let all: Vec<String> = OwnPage::ALL.into_iter().flat_map(languages).collect();
    format!("{}/{name}.md is no page that can be written; there are {}", folder.display(), all.join(", "))
}

/// The files with an ending in a folder, by their names without it: in their order.
fn files(
    place: &ConfigFolder<'_>,
    key: &str,
    folder: &Path,
    ending: &str,
) -> Result<Vec<(String, String)>, ConfigError> {
    let folder = place.path(key, folder)?;
    let fault = |problem: String| place.document.fault(key, problem);
    let unreadable = |error: std::io::Error| {
        fault(format!("{}: {error}; name a folder that is there and may be read", folder.display()))
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|of| of == ending) {
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            return Err(fault(format!("{}: there are more than {FILES_MAX} files", folder.display())));
        }
    }
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        read(&path).map(|text| (name, text)).map_err(fault)
    };
    paths.into_iter().map(named).collect()
}

/// The text of a file; else why it cannot be had, with its name.
fn read(path: &Path) -> Result<String, String> {
    let said = |problem: String| format!("{}: {problem}", path.display());
    let octets = fs::metadata(path).map_err(|error| said(error.to_string()))?.len();
    if octets > FILE_OCTETS_MAX {
        return Err(said(format!("it has {octets} octets; write at most {FILE_OCTETS_MAX}")));
    }
    fs::read_to_string(path).map_err(|error| said(error.to_string()))
}
