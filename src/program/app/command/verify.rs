//! `verify FILE`: what a signed document is worth. Nobody is asked, and nothing of the file is believed before its signature
//! fits.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::arguments::document_file;
use super::ending::{CommandError, Exit, say, shown};
use crate::program::report::VERDICT_SCHEMA;
use crate::program::seal::{Fault, KeyRecord, NoKeyRecord, Seal, SealedDocument, Trust};
use crate::receiving::report::CHECK_SCHEMA;
use crate::shared::text::clean;

/// How much of a name or text of the file is shown, in characters.
const SHOWN_CHARS_MAX: usize = 120;

#[derive(Debug, Args)]
pub(super) struct VerifyCommand {
    /// The signed document.
    file: PathBuf,
    /// The key that it should be signed with: the TXT record as DNS or a zone has it, or a file with it.
    #[arg(long, value_name = "TXT|FILE")]
    key: Option<String>,
}

impl VerifyCommand {
    /// Checks the file and says what it is worth.
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let unfit =
            |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(&self.file)));
        let given = self.key.as_deref().map(key).transpose()?;
        let file = document_file(&self.file)?;
        let sealed = SealedDocument::read(&file).map_err(|error| unfit(&error))?;
        let seal = sealed.seal().map_err(|error| unfit(&error))?;
        let (text, exit) = told(&self.file, &sealed, &seal, given);
        say(&text)?;
        Ok(exit)
    }
}

/// The key as it was given: a record, or the name of a file with one.
fn key(given: &str) -> Result<KeyRecord, CommandError> {
    let no_key = |place: &str, NoKeyRecord| CommandError::Unfit(format!("--key{place}: {NoKeyRecord}"));
    if given.contains("v=") {
        return given.parse().map_err(|error| no_key("", error));
    }
    let text =
        fs::read_to_string(given).map_err(|error| CommandError::Unfit(format!("--key {given}: {error}")))?;
    text.parse().map_err(|error| no_key(&format!(" {given}"), error))
}

/// The result in words, and how it ends.
fn told(file: &Path, sealed: &SealedDocument, seal: &Seal, given: Option<KeyRecord>) -> (String, Exit) {
    let trust = match sealed.check(seal, given) {
        Ok(trust) => trust,
        Err(Fault::Signature) => {
            let text = "✘ The signature does not fit: the document was changed after it was signed, or never signed with this \
                        key. Believe nothing of it.\n";
            return (text.to_owned(), Exit::Failed);
        }
        Err(Fault::OtherKey) => {
            let text = format!(
                "✘ The document was signed with another key than the one you gave: with that of {}. Believe nothing of it \
                 before you know whose key that is.\n",
                short(&seal.key_name)
            );
            return (text, Exit::Failed);
        }
    };
    let document = sealed.document();
    if let Some(other) = origin(document).filter(|origin| *origin != seal.origin) {
        let text = format!(
            "✘ The signature fits, but it names {} as the signer of a test of {}. No service signs for another: believe \
             nothing of it.\n",
            short(&seal.origin),
            short(other)
        );
        return (text, Exit::Failed);
    }
    let about = format!("  What: {}\n  When: signed {}, as the signer says\n", about(document), seal.at);
    match trust {
        Trust::Given => {
            let who = format!(
                "  Who:  whoever has the key that you gave; it names itself {}\n",
                short(&seal.origin)
            );
            let text = "✔ The document is as it was signed, with the key that you gave.\n";
            (format!("{text}{who}{about}"), Exit::Well)
        }
        Trust::OnlyInFile => {
            let origin = short(&seal.origin);
            let name = short(&seal.key_name);
            let text = format!(
                "– The document is as it was signed; whose the key is, the file alone cannot tell.\n\
                 \x20 Who:  it says {origin}\n{about}\n\
                 Anybody can make a key and sign. Ask DNS whether {origin} publishes this one:\n\n\
                 \x20   dig +dnssec TXT {name}\n\n\
                 It must answer\n\n\
                 \x20   \"{key}\"\n\n\
                 with the flag `ad`, from a resolver that you trust. Then this ends with 0:\n\n\
                 \x20   mailassay verify {file} --key '{key}'\n",
                file = shown(file),
                key = seal.key
            );
            (text, Exit::Open)
        }
    }
}

/// Under which origin the document says that it was made; a check of a domain does not say.
fn origin(document: &Value) -> Option<&str> {
    document["history"]["origin"].as_str()
}

/// What a document is about.
fn about(document: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| "unknown".to_owned(), short);
    match document["schema"].as_str() {
        Some(VERDICT_SCHEMA) => format!(
            "a verdict on the mail of {}, trial {}, begun {}: {}",
            text(&document["sender"]["domain"]),
            text(&document["trial"]),
            text(&document["opened"]),
            text(&document["sending"]["policy"])
        ),
        Some(CHECK_SCHEMA) => format!(
            "a check of how {} receives mail, of {}",
            text(&document["domain"]),
            text(&document["to"])
        ),
        other => format!(
            "a document of the form {}, which this version does not know",
            short(other.unwrap_or("unknown"))
        ),
    }
}

/// A text of the file's, as it may be shown.
fn short(text: &str) -> String {
    clean(text).chars().take(SHOWN_CHARS_MAX).collect()
}
