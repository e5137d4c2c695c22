//! The received mail's own authentication.

use crate::shared::evidence::{Authentication, Result8601};

use super::telling::Telling;
use crate::shared::text::{Body, Check, Practice, Section, Tone, clean};

/// One line for all of it, under the mechanisms.
pub(super) fn summary(telling: &Telling<'_>) -> Option<Practice> {
    let seen = &telling.account.history.message()?.authentication;
    let dkim = seen.dkim.iter().map(|signature| signature.result).min_by_key(|result| rank(*result));
    let results = [dkim.unwrap_or_default(), seen.spf.result, seen.dmarc.result];
    let blanks = [
        ("dkim", word(telling, results[0]).into()),
        ("spf", word(telling, results[1]).into()),
        ("dmarc", word(telling, results[2]).into()),
    ];
    let passed = results.iter().filter(|result| **result == Result8601::Pass).count();
    let tone = match passed {
        3 => Tone::Good,
        0 => Tone::Bad,
        _ => Tone::Info,
    };
    Some(Practice {
        tone,
        label: telling.words.say("label-message"),
        result: telling.words.tell("message-passed", &[("count", passed.into())]),
        how: telling.words.tell(if passed == 3 { "message-all" } else { "message-how" }, &blanks),
        evidence: String::new(),
        meaning: String::new(),
    })
}

/// Each method with what it was about.
pub(super) fn section(telling: &Telling<'_>) -> Option<Section> {
    let seen = &telling.account.history.message()?.authentication;
    let mut checks = dkim(telling, seen);
    checks.push(Check {
        tone: tone(seen.spf.result),
        label: telling.words.say("label-spf"),
        result: word(telling, seen.spf.result),
        how: clean(&seen.spf.domain),
    });
    let policy = seen.dmarc.policy.as_ref().map(|policy| format!(", p={}", clean(policy)));
    checks.push(Check {
        tone: tone(seen.dmarc.result),
        label: telling.words.say("label-dmarc"),
        result: word(telling, seen.dmarc.result),
        how: format!("{}{}", clean(&seen.dmarc.domain), policy.unwrap_or_default()),
    });
    let sets = [("count", seen.arc.sets.into())];
    checks.push(Check {
        tone: if seen.arc.sets == 0 { Tone::Info } else { tone(seen.arc.result) },
        label: telling.words.say("label-arc"),
        result: word(telling, seen.arc.result),
        how: telling.words.tell("arc-sets", &sets),
    });
    Some(telling.section("message", Body::Checks(checks)))
}

fn dkim(telling: &Telling<'_>, seen: &Authentication) -> Vec<Check> {
    let label = telling.words.say("label-dkim");
    if seen.dkim.is_empty() {
        let (result, how) = (word(telling, Result8601::None), telling.words.say("dkim-none"));
        return vec![Check { tone: Tone::Bad, label, result, how }];
    }
    let line = |signature: &crate::shared::evidence::DkimOutcome| {
        let reason = signature.reason.as_ref().map(|reason| format!("; {}", clean(reason)));
        Check {
            tone: tone(signature.result),
            label: label.clone(),
            result: word(telling, signature.result),
            how: format!(
                "d={}, s={}, a={}{}",
                clean(&signature.domain),
                clean(&signature.selector),
                clean(&signature.algorithm),
                reason.unwrap_or_default()
            ),
        }
    };
    seen.dkim.iter().map(line).collect()
}

/// A result by the word of RFC 8601, with what it means where that is no English.
fn word(telling: &Telling<'_>, result: Result8601) -> String {
    telling.words.say(&format!("rfc8601-{result}"))
}

fn tone(result: Result8601) -> Tone {
    match result {
        Result8601::Pass => Tone::Good,
        Result8601::Fail | Result8601::PermError | Result8601::None => Tone::Bad,
        Result8601::SoftFail | Result8601::Neutral => Tone::Info,
        Result8601::TempError => Tone::Inconclusive,
    }
}

/// The best signature counts.
fn rank(result: Result8601) -> u8 {
    u8::from(result != Result8601::Pass)
}

/// `text` with a capital letter first.
pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}
