//! Dialogues as text.

use std::time::Duration;

/// A step with the number of its line.
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) what: What,
}

/// What a line says.
pub(super) enum What {
    Set(String),
    Desk(String),
    Connect(String),
    Use(String),
    Send(Vec<u8>),
    Reply(String),
    Has(String),
    Lacks(String),
    Repeat { times: usize, line: String, reply: String },
    Tls { how: Tls, sni: Option<String> },
    Alert,
    Close,
    Reset,
    Eof,
    Pass(Duration),
    Stop,
    Note(String),
    Never(String),
    Saw(String),
    SawOnce(String),
    SawNever(String),
    Wait(String),
    Refused { link: u64, refused: bool },
}

/// How the sender does its handshake.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    /// Takes any certificate.
    Takes,
    /// Trusts nobody: an alert in the handshake.
    Distrusts,
    /// Closes without a word when our flight has come.
    Abandons,
    /// Would take any certificate, and is let down.
    Fails,
}

pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let lines = text.lines().enumerate().map(|(n, line)| (n + 1, line));
    lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(n, line)| match step(line) {
            Some(what) => Ok(Step { line: n, what }),
            None => Err(format!("line {n}: `{line}` is no step")),
        })
        .collect()
}

fn step(line: &str) -> Option<What> {
    let (verb, rest) = line.split_once(':').map_or((line.trim(), ""), |(verb, rest)| (verb, rest));
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let owned = rest.to_owned();
    Some(match verb {
        "set" => What::Set(owned),
        "desk" => What::Desk(owned),
        "connect" => What::Connect(owned),
        "use" => What::Use(owned),
        "C" => What::Send(octets(&format!("{rest}\\r\\n"))?),
        "raw" => What::Send(octets(rest)?),
        "S" => What::Reply(owned),
        "has" => What::Has(owned),
        "lacks" => What::Lacks(owned),
        "repeat" => {
            let (times, rest) = rest.split_once(' ')?;
            let (line, reply) = rest.split_once(" -> ")?;
            What::Repeat { times: times.parse().ok()?, line: line.to_owned(), reply: reply.to_owned() }
        }
        "tls" => {
            let (how, sni) = rest.split_once(' ').unwrap_or(("takes", rest));
            let how = match how {
                "takes" => Tls::Takes,
                "distrusts" => Tls::Distrusts,
                "abandons" => Tls::Abandons,
                "fails" => Tls::Fails,
                _ => return None,
            };
            let sni = match sni {
                "none" => None,
                sni => Some(sni.strip_prefix("sni=")?.to_owned()),
            };
            What::Tls { how, sni }
        }
        "alert" => What::Alert,
        "close" => What::Close,
        "reset" => What::Reset,
        "eof" => What::Eof,
        "pass" => What::Pass(duration(rest)?),
        "stop" => What::Stop,
        "note" => What::Note(owned),
        "never" => What::Never(owned),
        "saw" => What::Saw(owned),
        "saw-never" => What::SawNever(owned),
        "wait" => What::Wait(owned),
        "saw-once" => What::SawOnce(owned),
        "refused" => What::Refused { link: rest.parse().ok()?, refused: true },
        "not refused" => What::Refused { link: rest.parse().ok()?, refused: false },
        _ => return None,
    })
}

fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()? * factor))
}

/// `\r`, `\n`, `\0`, `\\`, `\xHH`, and `{N*text}` for `text` N times.
fn octets(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let escape = rest.chars().next()?;
                rest = &rest[escape.len_utf8()..];
                octets.push(match escape {
                    'r' => b'\r',
                    'n' => b'\n',
                    '0' => 0,
                    '\\' => b'\\',
                    'x' => {
                        let (digits, behind) = rest.split_at_checked(2)?;
                        rest = behind;
                        u8::from_str_radix(digits, 16).ok()?
                    }
                    _ => return None,
                });
            }
            '{' => {
                let (inner, behind) = rest.split_once('}')?;
                rest = behind;
                let (times, what) = inner.split_once('*')?;
                octets.extend(self::octets(what)?.repeat(times.parse().ok()?));
            }
            c => octets.extend(c.to_string().bytes()),
        }
    }
    Some(octets)
}
