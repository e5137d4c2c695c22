//! Paths, mailboxes, domains and address literals (RFC 5321 §4.1.2, RFC 6531 §3.3).

use std::net::{Ipv4Addr, Ipv6Addr};

use winnow::ascii::Caseless;
use winnow::combinator::{alt, delimited, opt, preceded, repeat, separated, terminated};
use winnow::prelude::*;
use winnow::token::{one_of, take_while};

use super::Address;

/// `MAIL FROM: <a@b>` is outside the grammar and common (RFC 5321 §3.3 forbids the space).
pub(super) fn skip_spaces(input: &mut &str, lax: &mut bool) {
    let trimmed = input.trim_start_matches([' ', '\t']);
    *lax |= trimmed.len() != input.len();
    *input = trimmed;
}

/// A path that is not the null one. A source route is read over (RFC 5321 §3.6.1 and appendix C).
pub(super) fn path(input: &mut &str, lax: &mut bool) -> Option<Address> {
    let route = terminated(separated(1.., preceded('@', domain), ','), ':').map(|()| ());
    if input.starts_with('<') {
        let (address, odd) = delimited('<', preceded(opt(route), mailbox), '>').parse_next(input).ok()?;
        *lax |= odd;
        return Some(address);
    }
    *lax = true;
    mailbox.parse_next(input).ok().map(|(address, _)| address)
}

/// A mailbox, and whether it is outside the grammar.
fn mailbox(input: &mut &str) -> ModalResult<(Address, bool)> {
    let (local, odd) = alt((
        quoted.map(|local: &str| (local, false)),
        dotted.map(|local: &str| {
            (local, local.starts_with('.') || local.ends_with('.') || local.contains(".."))
        }),
    ))
    .parse_next(input)?;
    '@'.parse_next(input)?;
    let domain = alt((literal, domain)).parse_next(input)?;
    let dot: Option<char> = opt('.').parse_next(input)?;
    let odd = odd || dot.is_some();
    Ok((Address { local: local.to_owned(), domain: domain.to_owned() }, odd))
}

/// `"quoted string"` with its quotes (RFC 5321 §4.1.2, RFC 6531 §3.3).
fn quoted<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    let plain = one_of(|c: char| !c.is_control() && c != '"' && c != '\\').void();
    let escaped = ('\\', one_of(' '..='~')).void();
    delimited('"', repeat::<_, (), (), _, _>(0.., alt((plain, escaped))), '"').take().parse_next(input)
}

/// Atoms and dots. Dots at an end or in a row are outside the grammar and in use (old Japanese providers).
fn dotted<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    take_while(1.., |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~.".contains(c)
            || !c.is_ascii() && !c.is_control() && !c.is_whitespace()
    })
    .parse_next(input)
}

/// Labels of letters, digits, hyphens (inside), underscores, and U-labels.
pub(super) fn domain<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    let label = take_while(1..=252, |c: char| {
        c.is_ascii_alphanumeric()
            || c == '-'
            || c == '_'
            || !c.is_ascii() && !c.is_control() && !c.is_whitespace()
    })
    .verify(|label: &str| !label.starts_with('-') && !label.ends_with('-'));
    separated(1.., label, '.')
        .map(|()| ())
        .take()
        .verify(|domain: &str| domain.len() <= 255)
        .parse_next(input)
}

/// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
pub(super) fn literal<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    let content = take_while(1..=64, |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':');
    let v6 = preceded(Caseless("IPv6:"), content).verify(|text: &str| text.parse::<Ipv6Addr>().is_ok());
    let v4 = take_while(7..=15, |c: char| c.is_ascii_digit() || c == '.')
        .verify(|text: &str| text.parse::<Ipv4Addr>().is_ok());
    delimited('[', alt((v6, v4)), ']').take().parse_next(input)
}
