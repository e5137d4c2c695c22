//! Questions on a terminal, and their answers.

use std::io::{BufRead, Read};

use super::super::config_check::wrapped;
use super::super::ending::{CommandError, say};

/// How often a question is asked that is answered with what cannot be.
const TRIES_MAX: usize = 5;
/// The longest answer, in octets.
const ANSWER_OCTETS_MAX: u64 = 4096;

/// A question.
pub(super) struct Question<'a> {
    pub(super) text: &'a str,
    /// What an empty answer means.
    pub(super) default: Option<String>,
    /// What says the same on the command line.
    pub(super) flag: &'a str,
}

/// Asks until the answer reads. An empty line takes the default.
pub(super) fn ask<T>(
    input: &mut impl BufRead,
    Question { text, default, flag }: Question<'_>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CommandError> {
    let shown = default.as_ref().map(|default| format!(" [{default}]")).unwrap_or_default();
    for _ in 0..TRIES_MAX {
        say(&format!("{} ", wrapped(&format!("{text}{shown}:"), "")))?;
        let mut line = String::new();
        let octets = input.by_ref().take(ANSWER_OCTETS_MAX).read_line(&mut line)?;
        if octets == 0 {
            say("\n")?;
            break;
        }
        let answer = match (line.trim(), &default) {
            ("", Some(default)) => default.as_str(),
            (answer, _) => answer,
        };
        match read(answer) {
            Ok(value) => return Ok(value),
            Err(why) => say(&format!("{}\n", wrapped(&format!("  {why}"), "  ")))?,
        }
    }
    Err(CommandError::Unfit(format!(
        "there was no answer that fits; say it as `{flag}`, with --yes if nothing is to be asked"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(input: &str, default: Option<&str>) -> Result<u8, String> {
        let question = Question { text: "A number", default: default.map(str::to_owned), flag: "--number N" };
        let read = |answer: &str| answer.parse::<u8>().map_err(|error| error.to_string());
        ask(&mut input.as_bytes(), question, read).map_err(|error| error.to_string())
    }

    #[test]
    fn a_question_is_asked_again_and_not_for_ever() {
        assert_eq!(answered("x\n\n7\n", None), Ok(7));
        assert_eq!(answered("\n", Some("5")), Ok(5));
        assert!(
            answered("", Some("5")).unwrap_err().contains("--number N"),
            "the end of the input is no answer"
        );
        assert!(answered("x\nx\nx\nx\nx\n7\n", None).is_err());
    }
}
