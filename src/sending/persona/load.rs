//! From files to the catalogue.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::{Case, CaseId, Catalogue, Persona, PersonaId, RuledCase, StandsFor, TlsaSpec};

static CASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/cases");
static PERSONAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/personas");

/// What is wrong with a catalogue, and in which file.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The folder or a file in it cannot be read.
    #[error("{path}: {source}; the folder must hold `cases/*.toml` and `personas/*.toml`")]
    Read { path: PathBuf, source: std::io::Error },
    /// A file is no persona or no case.
    #[error("{path}:{line}: {reason}")]
    Parse {
        path: PathBuf,
        /// The line, from one.
        line: usize,
        /// Why not; it names the key.
        reason: String,
    },
    /// Files that do not fit together.
    #[error("{file}: {reason}")]
    Unfit {
        /// The file to mend.
        file: String,
        /// What does not fit.
        reason: String,
    },
}

/// The files of a catalogue: name (without folder and ending) and text.
#[derive(Clone, Debug)]
pub struct CatalogueFiles {
    cases: BTreeMap<String, String>,
    personas: BTreeMap<String, String>,
    origin: PathBuf,
}

impl CatalogueFiles {
    /// The files that are part of the program.
    pub fn embedded() -> Self {
        let texts = |dir: &Dir<'_>| {
            dir.files()
                .filter(|file| file.path().extension().is_some_and(|ending| ending == "toml"))
                .filter_map(|file| Some((stem(file.path())?, file.contents_utf8()?.to_owned())))
                .collect()
        };
        Self { cases: texts(&CASES), personas: texts(&PERSONAS), origin: "config".into() }
    }

    /// The files of an operator's folder, which replace the embedded ones as a whole.
    ///
    /// # Errors
    ///
    /// If a file does not read, or does not fit the others. The error names it, and the line.
    pub fn read(folder: &Path) -> Result<Self, CatalogueError> {
        let texts = |name: &str| -> Result<_, CatalogueError> {
            let folder = folder.join(name);
            let read = |path: PathBuf| {
                let text = std::fs::read_to_string(&path);
                text.map_err(|source| CatalogueError::Read { path: path.clone(), source })
                    .map(|text| (path, text))
            };
            let entries = std::fs::read_dir(&folder)
                .map_err(|source| CatalogueError::Read { path: folder.clone(), source })?;
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
                .map(|path| read(path).map(|(path, text)| (stem(&path).unwrap_or_default(), text)))
                .collect()
        };
        Ok(Self { cases: texts("cases")?, personas: texts("personas")?, origin: folder.to_owned() })
    }

    /// The same files and one persona more, or another in its place.
    #[must_use]
    pub fn with_persona(mut self, name: &str, text: &str) -> Self {
        self.personas.insert(name.to_owned(), text.to_owned());
        self
    }

    /// The same files and one case more, or another in its place.
    #[must_use]
    pub fn with_case(mut self, name: &str, text: &str) -> Self {
        self.cases.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Reads every file and ties them to the operator's `origin`, a domain.
    ///
    /// # Errors
    ///
    /// If a file does not read, or does not fit the others. The error names it, and the line.
    pub fn catalogue(&self, origin: &str) -> Result<Catalogue, CatalogueError> {
        let mut cases = BTreeMap::new();
        let mut ruled = BTreeMap::new();
        for (name, text) in &self.cases {
            if is_ruled(text) {
                let mut case: RuledCase = self.parse("cases", name, text)?;
                case.id = CaseId(name.clone());
                ruled.insert(case.id.clone(), case);
                continue;
            }
            let mut case: Case = self.parse("cases", name, text)?;
            case.id = CaseId(name.clone());
            if case.label.is_empty() {
                case.label.clone_from(name);
            }
            cases.insert(case.id.clone(), case);
        }
        let mut personas = Vec::new();
        for (name, text) in &self.personas {
            let mut persona: Persona = self.parse("personas", name, text)?;
            persona.id = PersonaId(name.clone());
            if persona.host.is_empty() {
                persona.host = name.split('.').next().unwrap_or_default().to_owned();
            }
            self.check(&persona, &cases)?;
            personas.push(persona);
        }
        personas.sort_by(|a, b| (a.server, &a.id).cmp(&(b.server, &b.id)));
        Ok(Catalogue::new(origin, cases, personas, ruled))
    }

    fn parse<T: serde::de::DeserializeOwned>(
        &self,
        folder: &str,
        name: &str,
        text: &str,
    ) -> Result<T, CatalogueError> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            CatalogueError::Parse {
                path: self.origin.join(folder).join(name).with_added_extension("toml"),
                line: before.matches('\n').count() + 1,
                reason: error.message().trim().replace('\n', "; "),
            }
        })
    }

    fn check(&self, persona: &Persona, cases: &BTreeMap<CaseId, Case>) -> Result<(), CatalogueError> {
        let unfit = |reason: String| {
            Err(CatalogueError::Unfit {
                file: self.origin.join("personas").join(format!("{}.toml", persona.id)).display().to_string(),
                reason,
            })
        };
        match (&persona.stands_for, &persona.case) {
            (StandsFor::Host, None) => unfit("a host needs the `case` whose MX it is".to_owned()),
            (StandsFor::Host, Some(case)) if !cases.contains_key(case) => {
                unfit(format!("case `{case}` has no file in cases/"))
            }
            (StandsFor::Host, Some(_)) if persona.certificate_phase_b.is_some() => {
                unfit("`certificate_phase_b` is only for `stands_for = \"no-sni\"`".to_owned())
            }
            (StandsFor::Host, Some(_)) => Ok(()),
            (_, Some(_)) => unfit("what stands for any host has no `case`".to_owned()),
            (_, None) if persona.tlsa == TlsaSpec::Mismatch => {
                unfit("what stands for any host has no TLSA record of its own".to_owned())
            }
            (_, None) => Ok(()),
        }
    }
}

/// Whether a file states a ruled case: it has a family.
fn is_ruled(text: &str) -> bool {
    text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("family"))
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.to_owned())
}
