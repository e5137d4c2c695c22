//! What a finding says, in one sentence.

use fluent::FluentValue;

use crate::receiving::checks::{
    Check, Inapplicable, Item, Level, Measured, Note, Tables, Unknown, Word, registries,
};
use crate::shared::evidence::scan::NotTried;
use crate::shared::text::{Words, clean};

/// How many things a sentence names.
const ITEMS_NAMED_MAX: usize = 6;

/// The name of a check's text, or of an attribute of it.
pub(in crate::receiving::report) fn key(check: Check, attribute: &str) -> String {
    match attribute {
        "" => format!("check-{}", check.id()),
        attribute => format!("check-{}.{attribute}", check.id()),
    }
}

/// The sentence for everything but the choice among suites. Of items, `culprits` are those of the worst level, which
/// is `level`.
pub(in crate::receiving::report) fn measured(
    words: &Words,
    check: Check,
    measured: &Measured,
    level: Level,
    culprits: &[Item],
) -> String {
    match measured {
        // Of a forecast whoever has the details says the day.
        Measured::Is { word } if check == Check::TlsaRenewal => forecast(words, *word, None),
        Measured::Is { word } => words.say(&key(check, &word_name(*word))),
        Measured::Count { count } => words.tell(&key(check, "count"), &[("count", (*count).into())]),
        Measured::Items { open: Some(why), .. } if level == Level::Inconclusive => {
            words.say(&unknown_key(*why))
        }
        Measured::Items { items, complete, open } => {
            let named = if culprits.is_empty() { items } else { culprits };
            let blanks = [("items", FluentValue::from(named_items(words, named)))];
            let sentence = words.tell(&key(check, level_attribute(level)), &blanks);
            let bad = matches!(level, Level::PhaseOut | Level::Insufficient);
            match open {
                Some(why) => {
                    let why = words.say(&unknown_key(*why));
                    format!("{sentence} {}", words.tell("recv-worse-possible", &[("why", why.into())]))
                }
                None if bad && !complete => format!("{sentence} {}", words.say("recv-more-possible")),
                None => sentence,
            }
        }
        Measured::Order(_) => words.say(&key(check, "fine")),
        Measured::NotApplicable { why } => words.say(&inapplicable_key(*why)),
        Measured::Inconclusive { why } => words.say(&unknown_key(*why)),
    }
}

/// What a renewal does to TLSA records, and when it is to be expected.
pub(in crate::receiving::report) fn forecast(words: &Words, word: Word, day: Option<&str>) -> String {
    let day = day.map_or_else(|| "?".to_owned(), clean);
    words.tell(&key(Check::TlsaRenewal, &word_name(word)), &[("date", day.into())])
}

/// Lists of items are told by their worst level.
fn level_attribute(level: Level) -> &'static str {
    match level {
        Level::Good | Level::Sufficient | Level::PhaseOut | Level::Insufficient => level.name(),
        _ => "unrated",
    }
}

/// "TLS 1.0 and TLS 1.1"; of many, the first few.
pub(in crate::receiving::report) fn named_items(words: &Words, items: &[Item]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in items.iter().map(item_name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len().checked_sub(ITEMS_NAMED_MAX) {
        Some(more) if more > 1 => {
            let list = names[..ITEMS_NAMED_MAX].join(", ");
            words.tell("recv-more-items", &[("list", list.into()), ("count", more.into())])
        }
        _ => words.all_of(&names),
    }
}

/// What an item is called in a sentence.
pub(in crate::receiving::report) fn item_name(item: &Item) -> String {
    match item {
        Item::Version(version) => version.to_string(),
        Item::Algorithm(number) => match registries::dnssec_algorithm(*number) {
            Some(name) => format!("{name} ({number})"),
            None => number.to_string(),
        },
        Item::Digest(number) => match registries::ds_digest(*number) {
            Some(name) => format!("{name} ({number})"),
            None => number.to_string(),
        },
        other => clean(&Tables::embedded().name(other)),
    }
}

/// A word as it is serialised, which is the name of its text.
pub(in crate::receiving::report) fn word_name(word: Word) -> String {
    let name = serde_json::to_value(word).ok();
    name.and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}

fn inapplicable_key(why: Inapplicable) -> String {
    let name = match why {
        Inapplicable::NoMail => "no-mail",
        Inapplicable::NoAddress => "no-address",
        Inapplicable::NoIpv6NameServer => "no-ipv6-name-server",
        Inapplicable::Unsigned => "unsigned",
        Inapplicable::NoRecord => "no-record",
        Inapplicable::NoStarttls => "no-starttls",
        Inapplicable::OtherAddressCounts => "other-address-counts",
        Inapplicable::OnlyTls13 => "only-tls13",
        Inapplicable::NoTls13 => "no-tls13",
        Inapplicable::NothingToOrder => "nothing-to-order",
        Inapplicable::NoSuchParameter => "no-such-parameter",
        Inapplicable::OnlyForTrials => "only-for-trials",
        Inapplicable::OnlyIntrusive => "only-intrusive",
        Inapplicable::OnlyFull => "only-full",
        Inapplicable::NoCertificate => "no-certificate",
        Inapplicable::NoneFits => "none-fits",
        Inapplicable::NoRenewal => "no-renewal",
    };
    format!("recv-inapplicable-{name}")
}

/// The name of the text that says why something could not be found out.
pub(in crate::receiving::report) fn unknown_key(why: Unknown) -> String {
    let name = match why {
        Unknown::NotTried { why } => return not_tried_key(why),
        Unknown::DnsFailed => "dns-failed",
        Unknown::DnsBogus => "dns-bogus",
        Unknown::DnsIndeterminate => "dns-indeterminate",
        Unknown::DnsLimit => "dns-limit",
        Unknown::DnsAlgorithm => "dns-algorithm",
        Unknown::NoIpv6Here => "no-ipv6-here",
        Unknown::Port25ClosedHere => "port25-closed-here",
        Unknown::NoConnection => "no-connection",
        Unknown::Limited => "limited",
        Unknown::Rejected => "rejected",
        Unknown::Unsteady => "unsteady",
        Unknown::NotAsked => "not-asked",
        Unknown::NoAnswer => "no-answer",
        Unknown::OutOfTime => "out-of-time",
        Unknown::OutOfConnections => "out-of-connections",
        Unknown::OurLimit => "our-limit",
        Unknown::FetchFailed => "fetch-failed",
        Unknown::NoSource => "no-source",
        Unknown::SourceFailed => "source-failed",
        Unknown::Cut => "cut",
        Unknown::UnlistedIssuer => "unlisted-issuer",
        Unknown::DependsOnMail => "depends-on-mail",
        Unknown::AnyName => "any-name",
    };
    format!("recv-unknown-{name}")
}

/// The name of the text of a note.
pub(in crate::receiving::report) fn note_key(note: Note) -> String {
    format!("recv-note-{}", note.name())
}

fn not_tried_key(why: NotTried) -> String {
    let name = match why {
        NotTried::NotVouchedFor => "not-vouched-for",
        NotTried::SpecialAddress => "special-address",
        NotTried::Excluded => "excluded",
        NotTried::TriedOften => "tried-often",
        NotTried::TooMany => "too-many",
        NotTried::OutOfTime => "out-of-time",
        NotTried::NoIpv6Here => "no-ipv6-here",
        NotTried::NotAsked => "not-asked",
    };
    format!("recv-not-tried-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Scale;
    use crate::shared::text::Language;

    const LEVELS: [Level; 8] = [
        Level::Good,
        Level::Sufficient,
        Level::PhaseOut,
        Level::Insufficient,
        Level::Info,
        Level::NotScored,
        Level::NotApplicable,
        Level::Inconclusive,
    ];

    /// Everything that a check may measure.
    fn all(check: Check) -> Vec<Measured> {
        match check.scale() {
            Scale::Words(all) => all.iter().map(|word| Measured::Is { word: *word }).collect(),
            Scale::Count => [0, 1, 2, 7, 11, 400].map(|count| Measured::Count { count }).into(),
            Scale::Items => {
                let items: Vec<Item> = (1..9).map(Item::Algorithm).collect();
                let open = Some(Unknown::Limited);
                [(1, true, None), (2, false, None), (8, true, None), (2, false, open)]
                    .map(|(n, complete, open)| Measured::Items { items: items[..n].to_vec(), complete, open })
                    .into()
            }
            Scale::Order => Vec::new(),
        }
    }

    #[test]
    fn every_check_has_a_sentence_for_all_that_it_may_find() {
        for language in Language::ALL {
            let words = crate::receiving::report::words::of(language);
            for check in Check::ALL {
                for part in ["", "why"] {
                    assert!(words.say(&key(*check, part)).len() > 2, "{}", check.id());
                }
                for found in all(*check) {
                    for level in LEVELS {
                        let sentence = measured(words, *check, &found, level, &[]);
                        assert!(sentence.ends_with(['.', '!']) && sentence.len() > 10, "{sentence}");
                        assert!(!sentence.contains("check-"), "{sentence}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_reason_has_a_sentence_and_every_sentence_a_reason() {
        use Unknown as U;
        let tried = [
            NotTried::NotVouchedFor,
            NotTried::SpecialAddress,
            NotTried::Excluded,
            NotTried::TriedOften,
            NotTried::TooMany,
            NotTried::OutOfTime,
            NotTried::NoIpv6Here,
            NotTried::NotAsked,
        ];
        let unknown = [
            U::DnsFailed,
            U::DnsBogus,
            U::DnsIndeterminate,
            U::DnsLimit,
            U::DnsAlgorithm,
            U::NoIpv6Here,
            U::Port25ClosedHere,
            U::NoConnection,
            U::Limited,
            U::Rejected,
            U::Unsteady,
            U::NotAsked,
            U::NoAnswer,
            U::OutOfTime,
            U::OutOfConnections,
            U::OurLimit,
            U::FetchFailed,
            U::NoSource,
            U::SourceFailed,
            U::Cut,
            U::UnlistedIssuer,
            U::DependsOnMail,
            U::AnyName,
        ];
        let not_tried = tried.map(|why| unknown_key(U::NotTried { why }));
        let mut keys: Vec<String> = unknown.map(unknown_key).into_iter().chain(not_tried).collect();
        keys.sort();
        let file = include_str!("../words/report.en.ftl");
        let reason = |line: &&str| {
            (line.starts_with("recv-unknown-") || line.starts_with("recv-not-tried-")) && line.contains(" = ")
        };
        let mut written: Vec<&str> =
            file.lines().filter(reason).filter_map(|line| line.split_once(" =")).map(|(id, _)| id).collect();
        written.sort_unstable();
        assert_eq!(keys, written);
    }

    #[test]
    fn every_note_has_a_sentence() {
        for words in Language::ALL.map(crate::receiving::report::words::of) {
            for note in Note::ALL {
                let sentence = words.say(&note_key(note));
                assert!(sentence.ends_with('.') && sentence.len() > 20, "{}: {sentence}", note.name());
            }
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let words = crate::receiving::report::words::of(Language::En);
        let items: Vec<Item> = (30..50).map(Item::Algorithm).collect();
        assert_eq!(named_items(words, &items), "30, 31, 32, 33, 34, 35 and 14 more");
        assert_eq!(named_items(words, &items[..7]), "30, 31, 32, 33, 34, 35 and 36");
        assert_eq!(item_name(&Item::Algorithm(13)), "ECDSAP256SHA256 (13)");
    }
}
