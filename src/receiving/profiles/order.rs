//! The order in which a server prefers suites.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::receiving::checks::{Choice, Column, Item, Level, Order, Suite, Tables};

/// What is asked of a server's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OrderRule {
    /// The column that levels are taken from.
    pub column: Column,
    /// The level of a server that leaves the choice to the sender.
    pub no_preference: Level,
    /// The level of a worse suite chosen before a better one.
    pub wrong_level: Level,
    /// Which choices count as that.
    pub reach: Reach,
    /// The level of a wrong order within a level; none: it is not looked at.
    pub within_level: Option<Level>,
}

/// Which choices break the order of levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Any that is of a worse level than another that was offered.
    AllLevels,
    /// A suite that should be phased out, before a sufficient or good one.
    PhaseOut,
}

/// The rules of order, by the names of NCSC-NL's guideline 2.x.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum PreferenceRule {
    /// The server decides.
    #[serde(rename = "I")]
    ServerDecides,
    /// Good before sufficient before what should be phased out.
    #[serde(rename = "II.A")]
    Levels,
    /// Elliptic curves before finite fields before static keys.
    #[serde(rename = "II.B.1")]
    KeyExchange,
    /// Ciphers that authenticate before others.
    #[serde(rename = "II.B.2")]
    Aead,
    /// ECDSA before RSA.
    #[serde(rename = "II.B.3")]
    Authentication,
    /// The longer key, then the longer hash.
    #[serde(rename = "II.B.4")]
    Size,
    /// AES-256 before ChaCha20; optional.
    #[serde(rename = "II.B.5")]
    AesBeforeChacha,
}

impl PreferenceRule {
    /// Its name in the guideline.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerDecides => "I",
            Self::Levels => "II.A",
            Self::KeyExchange => "II.B.1",
            Self::Aead => "II.B.2",
            Self::Authentication => "II.B.3",
            Self::Size => "II.B.4",
            Self::AesBeforeChacha => "II.B.5",
        }
    }
}

/// The first pair that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Breach {
    pub rule: PreferenceRule,
    /// The suite that was chosen.
    pub chosen: u16,
    /// The one that should have been; none: not known.
    pub better: Option<u16>,
}

/// What a rule says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ruling {
    /// The level; none: what was measured does not decide it.
    pub(super) level: Option<Level>,
    /// The items that make it bad, the worst first.
    pub(super) affected: Vec<Item>,
    /// What breaks an order.
    pub(super) breach: Option<Breach>,
}

impl From<Level> for Ruling {
    fn from(level: Level) -> Self {
        Self { level: Some(level), ..Self::default() }
    }
}

impl OrderRule {
    pub(super) fn apply(&self, order: &Order, tables: &Tables) -> Ruling {
        let level =
            |code: u16| tables.suite(code).map_or(Level::Insufficient, |suite| suite.level(self.column));
        let mut met: Vec<Level> =
            order.choices.iter().flat_map(|choice| &choice.accepted).map(|code| level(*code)).collect();
        met.sort_unstable();
        met.dedup();
        // An order that cannot go wrong has nothing to be asked.
        let idle = match self.reach {
            Reach::AllLevels => met == [Level::Good],
            Reach::PhaseOut => !met.is_empty() && !met.contains(&Level::PhaseOut),
        };
        if idle {
            return Level::NotApplicable.into();
        }
        if order.server_decides == Some(false) && self.no_preference > Level::Sufficient {
            let breach = tie(&order.choices, level, tables);
            return Ruling { level: Some(self.no_preference), affected: Vec::new(), breach };
        }
        if let Some(breach) = order.choices.iter().find_map(|choice| self.wrong(choice, level)) {
            return Ruling { level: Some(self.wrong_level), affected: Vec::new(), breach: Some(breach) };
        }
        if order.choices.is_empty()
            || order.server_decides.is_none() && self.no_preference > Level::Sufficient
        {
            return Ruling::default();
        }
        let within = self.within_level.filter(|_| order.server_decides == Some(true));
        if let Some(within) = within
            && let Some(breach) = order.choices.iter().find_map(|choice| inner(choice, level, tables))
        {
            let optional = breach.rule == PreferenceRule::AesBeforeChacha;
            let within = if optional { Level::Info } else { within };
            return Ruling { level: Some(within), affected: Vec::new(), breach: Some(breach) };
        }
        Level::Good.into()
    }

    fn wrong(&self, choice: &Choice, level: impl Fn(u16) -> Level) -> Option<Breach> {
        let chosen = level(choice.chosen);
        if self.reach == Reach::PhaseOut && chosen != Level::PhaseOut {
            return None;
        }
        let better = choice.accepted.iter().copied().filter(|code| level(*code) < chosen);
        let better = better.min_by_key(|code| level(*code))?;
        Some(Breach { rule: PreferenceRule::Levels, chosen: choice.chosen, better: Some(better) })
    }
}

/// Two choices that show that the sender decides, the worse one first.
fn tie(choices: &[Choice], level: impl Fn(u16) -> Level, tables: &Tables) -> Option<Breach> {
    let first = choices.first()?.chosen;
    let other = choices.iter().map(|choice| choice.chosen).find(|chosen| *chosen != first);
    let worse_first = |a: u16, b: u16| {
        let (x, y) = (tables.suite(a)?, tables.suite(b)?);
        let first_is_worse = match level(a).cmp(&level(b)) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => preferred(y, x).is_some(),
        };
        Some(if first_is_worse { (a, b) } else { (b, a) })
    };
    let (chosen, better) = match other {
        Some(other) => worse_first(first, other).map_or((first, Some(other)), |(a, b)| (a, Some(b))),
        None => (first, None),
    };
    Some(Breach { rule: PreferenceRule::ServerDecides, chosen, better })
}

fn inner(choice: &Choice, level: impl Fn(u16) -> Level, tables: &Tables) -> Option<Breach> {
    let chosen = tables.suite(choice.chosen)?;
    let same = choice.accepted.iter().filter(|code| level(**code) == level(choice.chosen));
    let breaches = same.filter_map(|code| {
        let rule = preferred(tables.suite(*code)?, chosen)?;
        Some(Breach { rule, chosen: choice.chosen, better: Some(*code) })
    });
    breaches.min_by_key(|breach| breach.rule)
}

/// The rule by which `a` comes before `b`, if it does.
fn preferred(a: &Suite, b: &Suite) -> Option<PreferenceRule> {
    let exchange = |suite: &Suite| match (suite.kx.as_str(), suite.fs) {
        (kx, true) if kx.contains("ECDH") || kx == "any" => 0,
        (_, true) => 1,
        (_, false) => 2,
    };
    let authentication = |suite: &Suite| u8::from(suite.auth != "ECDSA");
    let hash = |suite: &Suite| {
        let digits: String = suite.iana.rsplit("SHA").next().unwrap_or_default().chars().take(3).collect();
        // A bare `SHA` is SHA-1.
        std::cmp::Reverse(digits.parse::<u16>().unwrap_or(160))
    };
    let chacha = |suite: &Suite| suite.enc.to_ascii_uppercase().contains("CHACHA");
    let aes_256 = |suite: &Suite| suite.enc.starts_with("AES") && suite.bits == 256;
    let size = |suite: &Suite| (std::cmp::Reverse(suite.bits), hash(suite));
    let steps = [
        (PreferenceRule::KeyExchange, exchange(a).cmp(&exchange(b))),
        (PreferenceRule::Aead, b.aead.cmp(&a.aead)),
        (PreferenceRule::Authentication, authentication(a).cmp(&authentication(b))),
    ];
    if let Some((rule, ordering)) = steps.into_iter().find(|(_, ordering)| ordering.is_ne()) {
        return ordering.is_lt().then_some(rule);
    }
    if chacha(b) && aes_256(a) {
        return Some(PreferenceRule::AesBeforeChacha);
    }
    if chacha(a) && aes_256(b) {
        return None;
    }
    size(a).cmp(&size(b)).is_lt().then_some(PreferenceRule::Size)
}
