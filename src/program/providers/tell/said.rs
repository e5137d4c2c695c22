//! Changes, and the mail that tells a provider, in words.

use std::fmt::Write;

use crate::shared::text::{Language, Words, clean_to};
use crate::shared::time::{Timestamp, after};

use super::super::provider::{Provider, TEXT_CHARS_MAX};
use super::super::register::{Change, ChangeKind};
use super::super::row::Row;
use super::super::settings::Settings;
use super::cell::{ToldRow, colour_name, row};
use super::{day, words};

/// A change in words, of a provider with this title.
pub fn change(change: &Change, title: &str, words: &Words) -> String {
    let reason = |reason: &String| clean_to(reason, TEXT_CHARS_MAX);
    let colour = |colour| colour_name(colour, words);
    let title = ("title", title.to_owned().into());
    match &change.kind {
        ChangeKind::Published { colour: to } => {
            words.tell("prov-change-published", &[title, ("colour", colour(*to).into())])
        }
        ChangeKind::Row { before, after, cause } => {
            let cause = words.say(&format!("prov-cause-{}", cause.name()));
            let (before, after) = (colour(*before), colour(*after));
            let blanks = [title, ("before", before.into()), ("after", after.into()), ("cause", cause.into())];
            words.tell("prov-change-row", &blanks)
        }
        ChangeKind::Corrected { reason: why } => {
            words.tell("prov-change-corrected", &[title, ("reason", reason(why).into())])
        }
        ChangeKind::Retracted { reason: why } => {
            words.tell("prov-change-retracted", &[title, ("reason", reason(why).into())])
        }
        ChangeKind::Replied => words.tell("prov-change-replied", &[title]),
        ChangeKind::HallEntered { domain } => {
            words.tell("prov-change-hall-entered", &[("domain", domain.clone().into())])
        }
        ChangeKind::HallLeft { domain } => {
            words.tell("prov-change-hall-left", &[("domain", domain.clone().into())])
        }
    }
}

/// The mail that tells a provider what will be published of it, `notice_days` after `now`, in both languages. `site` is
/// where it will stand.
pub fn draft(provider: &Provider, computed: &Row, settings: &Settings, now: Timestamp, site: &str) -> String {
    let from = day(after(now, settings.notice_s()));
    let url = format!("{site}/providers/{}", provider.name);
    let host = site.split("://").last().unwrap_or(site).to_owned();
    let mut mail = String::new();
    if let Some(contact) = &provider.contact {
        let _ = writeln!(mail, "To: {}", contact.lines().next().unwrap_or_default());
    }
    let title = clean_to(&provider.title, TEXT_CHARS_MAX);
    let subject = [("site", host.into()), ("title", title.clone().into())];
    let _ = writeln!(mail, "Subject: {}\n", words(Language::En).tell("prov-draft-subject", &subject));
    for language in Language::ALL {
        let words = words(language);
        let blanks =
            [("title", title.clone().into()), ("from", from.clone().into()), ("url", url.clone().into())];
        for line in words.lines("prov-draft", &blanks) {
            mail.push_str(&line);
            mail.push('\n');
        }
        mail.push('\n');
        mail.push_str(&summary(&row(computed, settings, now, words), words));
        mail.push_str(if language == Language::En { "\n-- \n\n" } else { "" });
    }
    mail
}

/// The cells of a row, a line each.
pub(super) fn summary(told: &ToldRow, words: &Words) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "  {label}: {value}");
    };
    line(&words.say("prov-sending"), &told.sending_colour_means);
    line(&words.say("prov-show-evidence"), &told.amount);
    for cell in &told.sending {
        line(&cell.label, &cell.value);
    }
    for domain in &told.receiving {
        let value = format!(
            "{}, {} {}, {} {}, {} {}",
            domain.colour_name,
            words.say("prov-internetnl"),
            domain.internetnl,
            words.say("prov-letter"),
            domain.letter,
            words.say("prov-qte"),
            domain.qte,
        );
        line(&format!("{} {}", words.say("prov-receiving"), domain.domain), &value);
    }
    for note in &told.notes {
        line(&format!("({})", note.number), &note.text);
    }
    text
}
