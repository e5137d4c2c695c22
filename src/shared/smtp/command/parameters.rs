//! The parameters of MAIL and RCPT (RFC 5321 §4.1.2).

use winnow::ascii::alphanumeric1;
use winnow::combinator::{opt, preceded, repeat};
use winnow::prelude::*;
use winnow::token::take_while;

use super::{MailParameters, Malformed};

/// `keyword` or `keyword=value`, as it was written.
pub(super) type Parameter<'a> = (&'a str, Option<&'a str>);

/// The parameters behind a path; `None` if the path did not end there.
pub(super) fn parameters<'a>(mut input: &'a str, lax: &mut bool) -> Option<Vec<Parameter<'a>>> {
    let trimmed = input.trim_end_matches([' ', '\t']);
    *lax |= trimmed.len() != input.len() || trimmed.contains("  ");
    input = trimmed;
    repeat(0.., parameter).parse(input).ok()
}

/// ` keyword` or ` keyword=value` (RFC 5321 §4.1.2); more than one space is lax.
fn parameter<'a>(input: &mut &'a str) -> ModalResult<Parameter<'a>> {
    let keyword = (alphanumeric1, take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '-')).take();
    let value = take_while(1.., |c: char| ('!'..='~').contains(&c) && c != '=' || !c.is_ascii());
    let spaces = repeat::<_, _, (), _, _>(1.., ' ');
    preceded(spaces, (keyword, opt(preceded('=', value)))).parse_next(input)
}

pub(super) fn mail_parameters(given: Vec<Parameter<'_>>) -> Result<MailParameters, Malformed> {
    let mut parameters = MailParameters::default();
    let mut seen = Vec::new();
    for (keyword, value) in given {
        let keyword = keyword.to_ascii_uppercase();
        match (keyword.as_str(), value) {
            ("SIZE", Some(value)) => parameters.size_octets = Some(size(value).ok_or(Malformed::Parameter)?),
            ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => parameters.eight_bit = true,
            ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => {}
            ("SMTPUTF8", None) => parameters.smtputf8 = true,
            ("REQUIRETLS", None) => parameters.require_tls = true,
            ("SIZE" | "BODY" | "SMTPUTF8" | "REQUIRETLS", _) => return Err(Malformed::Parameter),
            _ => return Err(Malformed::UnknownParameter),
        }
        if seen.contains(&keyword) {
            return Err(Malformed::Parameter);
        }
        seen.push(keyword);
    }
    Ok(parameters)
}

/// One to twenty digits (RFC 1870 §4). What is too large for 64 bits is too large for anybody.
fn size(value: &str) -> Option<u64> {
    let is_size = (1..=20).contains(&value.len()) && value.bytes().all(|octet| octet.is_ascii_digit());
    is_size.then(|| value.parse().unwrap_or(u64::MAX))
}
