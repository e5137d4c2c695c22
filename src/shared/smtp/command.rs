//! The grammar of commands (RFC 5321 §4.1, RFC 6531 §3.3), from the octets of a line.
//!
//! What is kept is what was written: quotes in local parts, `<postmaster>` without a domain, address
//! literals, UTF-8. What is outside the grammar and yet clear in meaning is accepted and marked as lax.

mod foreign;
mod parameters;
mod path;

use winnow::ascii::Caseless;
use winnow::combinator::alt;
use winnow::prelude::*;

use parameters::{mail_parameters, parameters};
use path::{domain, literal, path, skip_spaces};

pub use foreign::{begins_tls, is_foreign};

/// A command that parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Hello {
        /// The name given, printable, at most [`HELLO_NAME_OCTETS_MAX`].
        name: String,
        helo: bool,
    },
    StartTls,
    Mail {
        /// The reverse-path; none is the null one.
        from: Option<Address>,
        /// Its parameters.
        parameters: MailParameters,
    },
    Rcpt(Recipient),
    Data,
    Rset,
    Noop,
    Vrfy,
    Expn,
    Help,
    Quit,
}

/// The forward-path of RCPT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// `<postmaster>` without a domain (RFC 5321 §4.5.1).
    Postmaster,
    Address(Address),
}

/// A mailbox as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The local part; quotes and backslashes are kept.
    pub local: String,
    /// The domain without a final dot, or the address literal with its brackets.
    pub domain: String,
}

impl Address {
    /// The local part without quotes: what it means.
    pub fn plain_local(&self) -> String {
        let Some(quoted) = self.local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
            return self.local.clone();
        };
        let mut escaped = false;
        quoted
            .chars()
            .filter(|c| {
                escaped = *c == '\\' && !escaped;
                !escaped
            })
            .collect()
    }

    /// Whether it can be written in ASCII.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// The parameters of MAIL that the listener offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailParameters {
    /// `SIZE=` (RFC 1870), in octets.
    pub size_octets: Option<u64>,
    /// `BODY=8BITMIME` (RFC 6152).
    pub eight_bit: bool,
    /// `SMTPUTF8` (RFC 6531).
    pub smtputf8: bool,
    /// `REQUIRETLS` (RFC 8689 §4.1); whether it was offered only the session knows.
    pub require_tls: bool,
}

/// Why a line is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// It is no SMTP at all: another protocol's.
    Foreign,
    /// The verb does not exist.
    UnknownVerb,
    /// The verb exists and is not served here: AUTH, BDAT, ETRN and their like.
    NotServed,
    /// BDAT, whose octets would follow.
    Chunk,
    /// Something behind the verb that has no place there, or nothing where something must be.
    Argument,
    /// No reverse-path.
    ReversePath,
    /// No forward-path.
    ForwardPath,
    /// A parameter of MAIL whose value is none, or that was given twice.
    Parameter,
    /// A parameter of MAIL that was not offered (RFC 5321 §4.1.1.11: 555).
    UnknownParameter,
    /// A parameter of RCPT, for which none is offered.
    RcptParameter,
    /// A line beyond the limit.
    TooLong,
    /// A line that holds a bare CR, a bare LF or a NUL.
    LineEnding,
}

impl Malformed {
    /// Whether the line was a MAIL.
    pub fn is_mail(self) -> bool {
        matches!(self, Self::ReversePath | Self::Parameter | Self::UnknownParameter)
    }

    /// Whether it was a RCPT.
    pub fn is_rcpt(self) -> bool {
        matches!(self, Self::ForwardPath | Self::RcptParameter)
    }
}

/// A line, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The command, or why it is none.
    pub command: Result<Command, Malformed>,
    /// Whether it is outside the grammar and clear all the same.
    pub lax: bool,
}

/// The longest name that is kept of EHLO.
pub const HELLO_NAME_OCTETS_MAX: usize = 255;

/// Parses a line without its CRLF.
pub fn parse(line: &[u8]) -> Parsed {
    let verb_end = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
    let (verb, rest) = line.split_at(verb_end);
    let mut lax = false;
    let command = match verb.to_ascii_uppercase().as_slice() {
        b"EHLO" => hello(rest, false, &mut lax),
        b"HELO" => hello(rest, true, &mut lax),
        b"MAIL" => mail(rest, &mut lax),
        b"RCPT" => rcpt(rest, &mut lax),
        b"STARTTLS" => bare(Command::StartTls, rest, &mut lax),
        b"DATA" => bare(Command::Data, rest, &mut lax),
        b"RSET" => bare(Command::Rset, rest, &mut lax),
        b"QUIT" => bare(Command::Quit, rest, &mut lax),
        b"NOOP" => Ok(Command::Noop),
        b"HELP" => Ok(Command::Help),
        b"VRFY" if !rest.trim_ascii().is_empty() => Ok(Command::Vrfy),
        b"EXPN" if !rest.trim_ascii().is_empty() => Ok(Command::Expn),
        b"VRFY" | b"EXPN" => Err(Malformed::Argument),
        b"BDAT" => Err(Malformed::Chunk),
        b"AUTH" | b"ETRN" | b"ATRN" | b"TURN" | b"BURL" | b"LHLO" | b"SEND" | b"SOML" | b"SAML" => {
            Err(Malformed::NotServed)
        }
        _ if is_foreign(line) => Err(Malformed::Foreign),
        _ => Err(Malformed::UnknownVerb),
    };
    Parsed { command, lax }
}

/// A verb that takes nothing (RFC 5321 §4.1.1: a server should answer 501 to anything behind it).
fn bare(command: Command, rest: &[u8], lax: &mut bool) -> Result<Command, Malformed> {
    if !rest.trim_ascii().is_empty() {
        return Err(Malformed::Argument);
    }
    *lax |= !rest.is_empty();
    Ok(command)
}

fn hello(rest: &[u8], helo: bool, lax: &mut bool) -> Result<Command, Malformed> {
    let name = rest.trim_ascii();
    if name.is_empty() || name.contains(&b' ') {
        return Err(Malformed::Argument);
    }
    *lax |= rest.len() != name.len() + 1;
    // A name that is neither a domain nor a literal is the sender's fault and no reason to send its mail back.
    let proper = std::str::from_utf8(name).is_ok_and(|name| alt((domain, literal)).parse(name).is_ok());
    *lax |= !proper || name.len() > HELLO_NAME_OCTETS_MAX;
    let mut kept = String::new();
    for c in String::from_utf8_lossy(name).chars() {
        let c = if c.is_control() || c == char::REPLACEMENT_CHARACTER { '?' } else { c };
        if kept.len() + c.len_utf8() > HELLO_NAME_OCTETS_MAX {
            break;
        }
        kept.push(c);
    }
    Ok(Command::Hello { name: kept, helo })
}

fn mail(rest: &[u8], lax: &mut bool) -> Result<Command, Malformed> {
    let rest = std::str::from_utf8(rest).map_err(|_| Malformed::ReversePath)?;
    let mut input = rest.strip_prefix(' ').ok_or(Malformed::Argument)?;
    let keyword: ModalResult<_> = Caseless("FROM:").parse_next(&mut input);
    keyword.map_err(|_| Malformed::Argument)?;
    skip_spaces(&mut input, lax);
    let from = if let Some(behind) = input.strip_prefix("<>") {
        input = behind;
        None
    } else {
        Some(path(&mut input, lax).ok_or(Malformed::ReversePath)?)
    };
    let parameters = mail_parameters(parameters(input, lax).ok_or(Malformed::ReversePath)?)?;
    Ok(Command::Mail { from, parameters })
}

fn rcpt(rest: &[u8], lax: &mut bool) -> Result<Command, Malformed> {
    let rest = std::str::from_utf8(rest).map_err(|_| Malformed::ForwardPath)?;
    let mut input = rest.strip_prefix(' ').ok_or(Malformed::Argument)?;
    let keyword: ModalResult<_> = Caseless("TO:").parse_next(&mut input);
    keyword.map_err(|_| Malformed::Argument)?;
    skip_spaces(&mut input, lax);
    let postmaster: ModalResult<_> = Caseless("<postmaster>").parse_next(&mut input);
    let recipient = match postmaster {
        Ok(_) => Recipient::Postmaster,
        Err(_) => Recipient::Address(path(&mut input, lax).ok_or(Malformed::ForwardPath)?),
    };
    match parameters(input, lax).ok_or(Malformed::ForwardPath)?.is_empty() {
        true => Ok(Command::Rcpt(recipient)),
        // DSN (RFC 3461) and its like are not offered.
        false => Err(Malformed::RcptParameter),
    }
}

#[cfg(test)]
mod tests;
