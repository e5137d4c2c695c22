//! Lists of two-octet code points, in the order they were offered, short when written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Suites, groups or signature schemes, in order. Written in hexadecimal, runs of consecutive code points as
/// one: `c02b-c02c c030`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CodePoints(pub Vec<u16>);

impl CodePoints {
    /// The longest list that is read: every code point once.
    pub const LENGTH_MAX: usize = 1 << 16;

    /// Whether `code` is in it.
    pub fn contains(&self, code: u16) -> bool {
        self.0.contains(&code)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<u16> for CodePoints {
    fn from_iter<I: IntoIterator<Item = u16>>(codes: I) -> Self {
        Self(codes.into_iter().collect())
    }
}

impl fmt::Display for CodePoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_slice();
        while let Some((&first, mut tail)) = rest.split_first() {
            let mut last = first;
            while let Some((&next, further)) = tail.split_first()
                && last.checked_add(1) == Some(next)
            {
                (last, tail) = (next, further);
            }
            if rest.len() < self.0.len() {
                f.write_str(" ")?;
            }
            if first == last {
                write!(f, "{first:04x}")?
            } else {
                write!(f, "{first:04x}-{last:04x}")?
            }
            rest = tail;
        }
        Ok(())
    }
}

/// A list that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a code point of four hexadecimal digits nor a range of two; such as `c02b-c02c c030`"
)]
pub struct CodePointsError(String);

impl FromStr for CodePoints {
    type Err = CodePointsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut codes = Vec::new();
        for word in text.split_ascii_whitespace() {
            let error = || CodePointsError(word.chars().take(40).collect());
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            let read = |code: &str| {
                if code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    u16::from_str_radix(code, 16).map_err(|_| error())
                } else {
                    Err(error())
                }
            };
            let (first, last) = (read(first)?, read(last)?);
            if first > last || codes.len() + usize::from(last - first) >= Self::LENGTH_MAX {
                return Err(error());
            }
            codes.extend(first..=last);
        }
        Ok(Self(codes))
    }
}

impl From<CodePoints> for String {
    fn from(codes: CodePoints) -> Self {
        codes.to_string()
    }
}

impl TryFrom<String> for CodePoints {
    type Error = CodePointsError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_joins_runs() {
        for (codes, text) in [
            (vec![], ""),
            (vec![0xc02c], "c02c"),
            (vec![0xc02c, 0xc02b], "c02c c02b"),
            (vec![0x1301, 0x1302, 0x1303, 0x00ff], "1301-1303 00ff"),
            (vec![0xffff, 0x0000], "ffff 0000"),
        ] {
            let list = CodePoints(codes);
            assert_eq!(list.to_string(), text);
            assert_eq!(text.parse(), Ok(list));
        }
        for wrong in ["c02", "c02c-c02b", "x000", "0000-ffff 0000", "+123"] {
            assert!(wrong.parse::<CodePoints>().is_err(), "{wrong}");
        }
    }
}
