//! From files to profiles.

use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use include_dir::{Dir, include_dir};

use super::file::{CheckFile, ProfileFile};
use super::{Elsewhere, Entry, Profile, Profiles, Rule};
use crate::receiving::checks::{Check, Scale};

static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/profiles");

/// What is wrong with a profile, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It is no profile.
    #[error("{file}.toml:{line}: {reason}")]
    Parse {
        file: String,
        /// The line, from one.
        line: usize,
        /// Why not; it names the key.
        reason: String,
    },
    /// A key does not fit the check it is for.
    #[error("{file}.toml: check `{check}`: `{key}` {reason}")]
    Unfit {
        file: String,
        /// The check's identifier, as written.
        check: String,
        key: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// A profile of the program has the name.
    #[error("{file}.toml: a profile of the program is called so; give yours another name")]
    Taken { file: String },
}

/// The profiles by which is rated.
static IN_FORCE: LazyLock<ArcSwap<Profiles>> =
    LazyLock::new(|| ArcSwap::from_pointee(Profiles::embedded().clone()));

impl Profiles {
    /// The profiles that are part of the program.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Profiles> = LazyLock::new(|| {
            let files = PROFILES.files().filter_map(|file| {
                let toml = file.path().extension().is_some_and(|ending| ending == "toml");
                let name = file.path().file_stem()?.to_str()?;
                toml.then_some((name, file.contents_utf8()?))
            });
            #[expect(clippy::expect_used, reason = "embedded, and read by a test")]
            Profiles::read(files, Check::ALL).expect("the embedded profiles")
        });
        &EMBEDDED
    }

    /// The profiles by which is rated: those that were put in force last, else those that are part of the program.
    pub fn in_force() -> Arc<Self> {
        IN_FORCE.load_full()
    }

    /// Rates by these from now on, in the whole program. What is being rated is rated to its end as it began.
    pub fn put_in_force(self: &Arc<Self>) {
        IN_FORCE.store(Arc::clone(self));
    }

    /// These and the operator's own, given as to [`Self::read`].
    ///
    /// # Errors
    ///
    /// As [`Self::read`], and if one has the name of one of these: nobody is to be rated by other rules under a known name.
    pub fn with_own<'a>(
        &self,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ProfileError> {
        let own = Self::read(files, Check::ALL)?;
        if let Some(taken) = own.names().find(|name| self.get(name).is_some()) {
            return Err(ProfileError::Taken { file: taken.to_owned() });
        }
        let own = own.0.iter().map(|profile| Arc::new(Profile { is_own: true, ..Profile::clone(profile) }));
        let mut all: Vec<_> = self.0.iter().cloned().chain(own).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self(all))
    }

    /// Reads files, given by name without ending, and text, which rate some of `checks`.
    ///
    /// # Errors
    ///
    /// If a file is no profile, or a key does not fit the check that it is for. The error names file and key.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        checks: &[Check],
    ) -> Result<Self, ProfileError> {
        let profiles = files.into_iter().map(|(name, text)| Ok(Arc::new(Profile::read(name, text, checks)?)));
        let mut profiles = profiles.collect::<Result<Vec<_>, _>>()?;
        profiles.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self(profiles))
    }
}

impl Profile {
    /// Reads a file, which rates some of `checks`.
    ///
    /// # Errors
    ///
    /// If a file is no profile, or a key does not fit the check that it is for. The error names file and key.
    pub fn read(name: &str, text: &str, checks: &[Check]) -> Result<Self, ProfileError> {
        let file: ProfileFile = toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            ProfileError::Parse {
                file: name.to_owned(),
                line: before.matches('\n').count() + 1,
                reason: error.message().trim().replace('\n', "; "),
            }
        })?;
        if !dated(&file.date) {
            return Err(ProfileError::Parse {
                file: name.to_owned(),
                line: 1 + text.lines().take_while(|line| !line.starts_with("date")).count(),
                reason: format!("`date` is `{}`, not a year, a month or a day such as 2026-07-14", file.date),
            });
        }
        let mut entries: Vec<Entry> = Vec::new();
        for written in file.check {
            let id = written.id.clone();
            let entry = entry(written, &entries, checks).map_err(|(key, reason)| ProfileError::Unfit {
                file: name.to_owned(),
                check: id,
                key,
                reason,
            })?;
            entries.push(entry);
        }
        for entry in &entries {
            let without = entry.needs.filter(|needed| !entries.iter().any(|other| other.check == *needed));
            let homeless =
                entry.section.filter(|section| !file.sections.contains_key(section)).map(|s| s.name());
            let unfit = |key, reason| ProfileError::Unfit {
                file: name.to_owned(),
                check: entry.check.id().to_owned(),
                key,
                reason,
            };
            if let Some(needed) = without {
                return Err(unfit(
                    "needs",
                    format!("names `{}`, which the file does not score", needed.id()),
                ));
            }
            if let Some(section) = homeless {
                return Err(unfit("section", format!("names `{section}`, which is not among `[sections]`")));
            }
        }
        Ok(Self {
            name: name.to_owned(),
            is_own: false,
            title: file.title,
            date: file.date,
            source: file.source,
            system: file.system,
            implicit_mx: file.implicit_mx,
            beside_null_mx: file.beside_null_mx,
            sections: file.sections,
            entries,
        })
    }
}

fn entry(
    mut written: CheckFile,
    before: &[Entry],
    checks: &[Check],
) -> Result<Entry, (&'static str, String)> {
    let named = |id: &str| checks.iter().copied().find(|check| check.id() == id);
    let check = named(&written.id).ok_or(("id", "is the identifier of no check".to_owned()))?;
    let other = |key: &'static str, id: &Option<String>| match id {
        Some(id) => match named(id) {
            Some(check) => Ok(Some(check)),
            None => Err((key, format!("names `{id}`, the identifier of no check"))),
        },
        None => Ok(None),
    };
    let needs = other("needs", &written.needs)?;
    let counts_with = other("counts-with", &written.counts_with)?;
    let twice = before.iter().find(|entry| entry.check == check && entry.aspect == written.aspect);
    if twice.is_some() {
        return Err(("aspect", "must tell it from the other entry of this check".to_owned()));
    }
    let rule = written.rule()?;
    if !rule.fits(check) {
        return Err(("id", "is of a check that does not measure what this rule rates".to_owned()));
    }
    if let (Rule::Words(marks), Scale::Words(words)) = (&rule, check.scale()) {
        if let Some(word) = words.iter().find(|word| !marks.contains_key(word)) {
            return Err(("words", format!("lacks `{}`, which this check may find", written_word(*word))));
        }
        if let Some(word) = marks.keys().find(|word| !words.contains(word)) {
            return Err(("words", format!("has `{}`, which this check never finds", written_word(*word))));
        }
    }
    if let Some((word, _)) = written.worth.iter().find(|(_, points)| **points > written.points) {
        return Err(("worth", format!("of `{}` is more than `points`", written_word(*word))));
    }
    if written.points > 0 && written.section.is_none() {
        return Err(("section", "is missing: points are summed by sections".to_owned()));
    }
    Ok(Entry {
        check,
        aspect: written.aspect,
        section: written.section,
        points: written.points,
        worth: written.worth,
        worst: written.worst,
        required_with: written.required_with,
        excused_with: written.excused_with,
        elsewhere: Elsewhere {
            points: written.elsewhere.unwrap_or(written.points),
            left_out: written.left_out_elsewhere,
        },
        counts_with,
        needs,
        rule,
    })
}

fn dated(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && [4, 2, 2].into_iter().take(text.split('-').count().max(1)).eq(lengths)
}

fn written_word(word: super::Word) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
