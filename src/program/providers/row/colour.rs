//! The colours, with the meaning that they have in Lindenberg's table.

use serde::{Deserialize, Serialize};

use crate::receiving::grades;
use crate::sending::verdict::{FindingResult, Term};

use super::{Cell, Seen, SendingRow};

/// A colour. The order is that of the table: what is good first, what is not known last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// RFC 7672, or qualified transport encryption.
    Green,
    /// Encryption with valid certificates.
    White,
    /// Encryption without trusted certificates, or where it is offered.
    Yellow,
    /// No encryption, or none after a failure.
    Red,
    /// Not known: too little evidence, evidence that is too old or contradicts itself, or a policy per destination.
    Grey,
}

impl Colour {
    /// All, in the order of the table.
    pub const ALL: [Self; 5] = [Self::Green, Self::White, Self::Yellow, Self::Red, Self::Grey];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::White => "white",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Grey => "grey",
        }
    }

    /// The worse of two. Red is red whatever is not known; what is not known is never better than what is.
    pub(super) fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Red, _) | (_, Self::Red) => Self::Red,
            (one, other) => one.max(other),
        }
    }

    /// What a check says by the profile `lindenberg`.
    pub(super) fn of_check(colour: grades::Colour) -> Self {
        match colour {
            grades::Colour::Red => Self::Red,
            grades::Colour::Yellow => Self::Yellow,
            grades::Colour::White => Self::White,
            grades::Colour::Green => Self::Green,
            grades::Colour::Grey => Self::Grey,
        }
    }
}

/// How a provider sends, as a colour. `falls_back`: whether clear text was seen although STARTTLS was offered.
pub(super) fn of_sending(row: &SendingRow, falls_back: bool) -> Colour {
    let contradictory = |cell: &Cell<FindingResult>| matches!(cell.seen, Seen::Contradictory(_));
    let any_contradiction = row.mechanisms().iter().any(|(_, cell)| contradictory(cell));
    let is_dane = row.dane.agreed() == Some(&FindingResult::Practised);
    match row.term.agreed() {
        _ if falls_back => Colour::Red,
        Some(Term::None) => Colour::Red,
        _ if any_contradiction => Colour::Grey,
        Some(Term::May | Term::MaySni | Term::MayVerify | Term::Encrypt | Term::EncryptSni) => Colour::Yellow,
        Some(Term::Dane | Term::DaneOnly | Term::DaneMtaSts) if is_dane => Colour::Green,
        Some(Term::Verify | Term::VerifySni | Term::MtaSts) => Colour::White,
        // DANE that does not protect is none; what is proved of it is in its cell.
        Some(Term::Dane | Term::DaneOnly | Term::DaneMtaSts) => Colour::Grey,
        Some(Term::PerDestination) | None => Colour::Grey,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_of_two_hides_nothing() {
        assert_eq!(Colour::Green.worse(Colour::Yellow), Colour::Yellow);
        assert_eq!(Colour::Grey.worse(Colour::Green), Colour::Grey);
        assert_eq!(Colour::Grey.worse(Colour::Red), Colour::Red);
        assert_eq!(Colour::Red.worse(Colour::Green), Colour::Red);
    }
}
