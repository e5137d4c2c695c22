//! `expected.txt`: what is found, as text.

use std::fmt::Write;

use mailassay::receiving::checks::{Check, Level, Measured, Subject, Tables};
use mailassay::receiving::grades::{Grade, Rating, Receiving};
use serde::Serialize;

/// The kebab-case word of a plain enum, or of the tag of another.
pub(super) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value).unwrap() {
        serde_json::Value::String(word) => word,
        serde_json::Value::Object(fields) => {
            let text: Vec<String> =
                fields.values().filter_map(|value| value.as_str().map(str::to_owned)).collect();
            text.join(" ")
        }
        other => other.to_string(),
    }
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Domain { domain } => domain.clone(),
        Subject::Mx { host } => host.clone(),
        Subject::Address { host, ip } => format!("{host} {ip}"),
    }
}

fn measured(measured: &Measured) -> String {
    let tables = Tables::embedded();
    match measured {
        Measured::Is { word: is } => word(is),
        Measured::Count { count } => count.to_string(),
        Measured::Items { items, complete, open } => {
            let names: Vec<String> = items.iter().map(|item| tables.name(item)).collect();
            let more = match open {
                Some(why) => format!(", open: {}", word(why)),
                None if *complete => String::new(),
                None => ", …".to_owned(),
            };
            format!("[{}{more}]", names.join(", "))
        }
        // The choices are the plan's matter; what they come to is the outcome.
        Measured::Order(order) => match order.server_decides {
            Some(true) => "the server decides".to_owned(),
            Some(false) => "the sender decides".to_owned(),
            None => "not asked who decides".to_owned(),
        },
        Measured::NotApplicable { why } => format!("not applicable: {}", word(why)),
        Measured::Inconclusive { why } => format!("inconclusive: {}", word(why)),
    }
}

/// The findings with their outcome and the levels of some profiles, then all results. Of a world that differs from
/// another only the checks are shown that find something else there.
pub(super) fn written(
    receiving: &Receiving<'_>,
    other: Option<&Receiving<'_>>,
    profiles: &[String],
) -> String {
    let mut text = String::new();
    let (lines, others) = (lines(receiving, profiles), other.map(|other| self::lines(other, profiles)));
    for check in Check::ALL {
        let of =
            |lines: &[Line]| lines.iter().filter(|line| line.check == *check).cloned().collect::<Vec<_>>();
        let own = of(&lines);
        if others.as_ref().is_some_and(|others| of(others) == own) {
            continue;
        }
        for Line { outcome, subjects, found, .. } in own {
            writeln!(text, "{outcome:<14} {} | {} | {found}", check.id(), subjects.join(", ")).unwrap();
        }
    }
    text.push('\n');
    for rating in &receiving.ratings.profiles {
        writeln!(text, "{}: {}", rating.profile.name, result(rating)).unwrap();
    }
    text
}

/// What is found alike of several subjects of a check.
#[derive(Clone, PartialEq, Eq)]
struct Line {
    check: Check,
    outcome: String,
    subjects: Vec<String>,
    found: String,
}

fn lines(receiving: &Receiving<'_>, profiles: &[String]) -> Vec<Line> {
    let ratings = &receiving.ratings;
    let mut lines: Vec<Line> = Vec::new();
    for (index, finding) in receiving.findings.iter().enumerate() {
        let (check, outcome) = (finding.check, word(ratings.outcome(index)));
        let mut found = measured(&finding.measured);
        for profile in profiles {
            let level =
                ratings.of(profile).unwrap_or_else(|| panic!("no profile {profile}")).rated[index].level;
            if level != Level::NotScored {
                write!(found, " | {profile}: {}", word(level)).unwrap();
            }
        }
        for note in &finding.notes {
            write!(found, " | note: {}", note.name()).unwrap();
        }
        let about = subject(&finding.subject);
        match lines
            .iter_mut()
            .find(|line| line.check == check && line.outcome == outcome && line.found == found)
        {
            Some(line) => line.subjects.push(about),
            None => lines.push(Line { check, outcome, subjects: vec![about], found }),
        }
    }
    lines
}

fn result(rating: &Rating) -> String {
    let known = |known: Option<bool>| match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    match &rating.grade {
        Grade::Internetnl(score) => {
            let number = |score: Option<u8>, range: Option<(u8, u8)>| match (score, range) {
                (Some(score), _) => score.to_string(),
                (None, Some((least, most))) => format!("{least}-{most}"),
                (None, None) => "-".to_owned(),
            };
            let section = |section: &mailassay::receiving::grades::SectionScore| {
                let score = number(section.score, section.range);
                format!("{} {score} {}", section.section.name(), word(section.verdict))
            };
            let sections: Vec<String> = score.sections.iter().map(section).collect();
            format!("{} ({})", number(score.score, Some(score.range)), sections.join(", "))
        }
        Grade::Luxsci(luxsci) => {
            let letter = luxsci.letter.map_or("?", |letter| letter.name());
            format!("{letter}, forced TLS {}", known(luxsci.forced_tls))
        }
        Grade::Lindenberg(lindenberg) => format!(
            "{}, QTE {}, RFC 7672 {}, RFC 8461 {}",
            lindenberg.colour.name(),
            known(lindenberg.qte),
            known(lindenberg.rfc7672),
            known(lindenberg.rfc8461)
        ),
        Grade::Qte(qte) => known(qte.capable).to_owned(),
        Grade::Bsi(bsi) => match (bsi.medal, bsi.range) {
            (Some(medal), _) => medal.name().to_owned(),
            (None, Some((worst, best))) => format!("? ({} to {})", worst.name(), best.name()),
            (None, None) if bsi.applies => "?".to_owned(),
            (None, None) => "not applicable".to_owned(),
        },
        Grade::Mailassay(own) => match (own.applies, own.letter, own.range) {
            (false, ..) => "not applicable".to_owned(),
            (true, Some(letter), _) => {
                format!(
                    "{}{}",
                    letter.name(),
                    own.ground.map_or(String::new(), |ground| format!(", {}", word(ground)))
                )
            }
            (true, None, Some((worst, best))) => format!("? ({} to {})", worst.name(), best.name()),
            (true, None, None) => "?".to_owned(),
        },
        Grade::NoMail(no_mail) => format!("applies {}, kept {}", known(no_mail.applies), known(no_mail.kept)),
    }
}
