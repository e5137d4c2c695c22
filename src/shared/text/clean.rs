//! What a sender controls, made fit to be shown.

use std::fmt::Write;

/// How much of one value is shown, in characters.
const SHOWN_CHARS_MAX: usize = 200;

/// `text` with every character that could steer a terminal, break a line or turn the direction of writing
/// shown by its code point, as in `U+202E`, and cut at 200 characters.
pub fn clean(text: &str) -> String {
    clean_to(text, SHOWN_CHARS_MAX)
}

/// The same, cut at `chars_max`.
pub fn clean_to(text: &str, chars_max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(chars_max));
    for (n, character) in text.chars().enumerate() {
        if n == chars_max {
            shown.push('…');
            break;
        }
        if is_treacherous(character) {
            write!(shown, "U+{:04X}", u32::from(character)).expect("a String takes any text");
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters, what Unicode uses to turn the direction (UAX #9), separators of lines, and characters
/// that are not seen at all.
pub fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x180E | 0x3164 | 0xFEFF | 0xFFA0
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F
            | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_would_not_be_seen() {
        assert_eq!(clean("mx\u{202e}gro.example\r\nX: y\u{7}"), "mxU+202Egro.exampleU+000DU+000AX: yU+0007");
        assert_eq!(clean("grüße.example <b>"), "grüße.example <b>");
    }

    #[test]
    fn cuts_what_is_long() {
        assert_eq!(clean(&"x".repeat(1000)).chars().count(), 201);
        assert_eq!(clean_to("abc", 3), "abc");
        assert_eq!(clean_to("abcd", 3), "abc…");
    }
}
