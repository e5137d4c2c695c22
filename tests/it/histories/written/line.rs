//! The notation of a journal.
//!
//! ```text
//! # a comment
//! pace settle=patience window_s=180          how the trial is paced, where not by default
//! until 20m                                  the end of the journal; else the clock runs on until all trials end
//! 0s    dns 198.51.100.53 MX et, A mx03.et   questions, names below the origin
//! 0s    fetch 198.51.100.7 200               a visit to the policy host and the status of its answer
//! 0s    selfcheck red dns                    what is red; `selfcheck green`; `selfcheck unseen NAME`: a name server
//! 0s    restart                              the service starts anew from its journal
//! again 310s 910s                            what came from 310s on comes once more, from 910s on
//! 0s    {"fact":"queried",…}                 a fact as the journal keeps it
//! 0s    198.51.100.7 mail.example.net: left
//! 200s  a=198.51.100.7 mail.example.net: tls mx04.et; mail et id=two; stays
//! 210s  a: mail ut; quit
//! ```
//!
//! A link has a source and the name of its EHLO, perhaps a name of its own to go on with it, and steps:
//!
//! | step | what the sender does |
//! |---|---|
//! | `at mx04.et` | it called the address that this persona alone has |
//! | `left` | QUIT after EHLO, STARTTLS being withheld; `leaves` although it is offered |
//! | `tls mx04.et`, `tls -` | TLS with this SNI, or without, and EHLO in it |
//! | `asks` | STARTTLS, answered with 220, and no ClientHello |
//! | `hello mx04.et` | a ClientHello, and nothing more yet |
//! | `refuses mx04.et quit` | gives up at the certificate: `quit`, `silent` or `alert=42` after the handshake, `within` it, `within=48` with an alert |
//! | `fails mx04.et early` | TLS fails otherwise: `early` before the certificate, `limit` ours, `timeout` by us, `alert=80` |
//! | `clear et`, `mail et` | mail with DATA, in clear or in TLS, with `from=`, `id=`, `date=`, `to=et,ut` where not jim's mail `one` to both; `unvouched`: neither SPF nor DKIM passes |
//! | `probe et` | MAIL and RCPT, then RSET; `callout et` with the null reverse-path; `operator` mail to postmaster |
//! | `envelope` | MAIL and no RCPT, then RSET; `bounced`: MAIL, and a RCPT that is refused |
//! | `stays` | the link goes on, or we crash |
//! | `we-close`, `drop` | we end it, or the sender without QUIT; QUIT is the default |

use mailassay::sending::trial::Pace;

/// A line that is more than a comment.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    /// Seconds since the beginning.
    pub(super) at_s: u32,
    pub(super) event: Event,
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    Dns { resolver: String, questions: Vec<(String, String)> },
    Fetch { source: String, status: u16 },
    SelfCheck { red: Vec<String>, unseen: Vec<String> },
    Restart,
    Raw(String),
    Link { name: Option<String>, source: String, ehlo: String, steps: Vec<Vec<String>> },
    Again { name: String, steps: Vec<Vec<String>> },
}

/// A journal as written.
pub(super) struct Journal {
    pub(super) pace: Pace,
    pub(super) until_s: Option<u32>,
    pub(super) lines: Vec<Line>,
}

pub(super) fn read(text: &str) -> Result<Journal, String> {
    let mut journal = Journal { pace: Pace::default(), until_s: None, lines: Vec::new() };
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match first {
            "pace" => journal.pace = pace(rest).map_err(|error| format!("line {number}: {error}"))?,
            "again" => again(rest, &mut journal.lines, number)?,
            "until" => journal.until_s = Some(seconds(rest).ok_or(format!("line {number}: no time"))?),
            time => {
                let at_s = seconds(time).ok_or(format!("line {number}: `{time}` is no time"))?;
                let event = event(rest).map_err(|error| format!("line {number}: {error}"))?;
                journal.lines.push(Line { number, at_s, event });
            }
        }
    }
    if journal.lines.windows(2).any(|pair| pair[0].at_s > pair[1].at_s) {
        return Err("lines are not in the order of time".to_owned());
    }
    Ok(journal)
}

/// Repeats the lines from one time on at another: the sender's next attempt.
fn again(words: &str, lines: &mut Vec<Line>, number: usize) -> Result<(), String> {
    let times: Vec<_> = words.split_whitespace().filter_map(seconds).collect();
    let [from, to] = times[..] else { return Err(format!("line {number}: `again` wants two times")) };
    let repeated: Vec<_> = lines
        .iter()
        .filter(|line| line.at_s >= from)
        .map(|line| Line { number, at_s: line.at_s - from + to, event: line.event.clone() })
        .collect();
    lines.extend(repeated);
    Ok(())
}

fn pace(words: &str) -> Result<Pace, String> {
    let table: Vec<String> = words
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| match value.parse::<u32>() {
            Ok(number) => format!("{key} = {number}"),
            Err(_) => format!("{key} = \"{value}\""),
        })
        .collect();
    toml::from_str(&table.join("\n")).map_err(|error| error.to_string())
}

/// `90s`, `5m`, `2h`, `2h5m10s`.
fn seconds(text: &str) -> Option<u32> {
    let mut total = 0;
    let mut digits = String::new();
    for letter in text.chars() {
        let unit = match letter {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => {
                digits.push(letter);
                continue;
            }
        };
        total += digits.parse::<u32>().ok()? * unit;
        digits.clear();
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}

fn event(text: &str) -> Result<Event, String> {
    if text.starts_with('{') {
        return Ok(Event::Raw(text.to_owned()));
    }
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        ["dns", resolver, ..] => {
            let questions = text.split_once(resolver).map_or("", |(_, rest)| rest);
            let question = |text: &str| match text.split_whitespace().collect::<Vec<_>>()[..] {
                [rtype, name] => Ok((rtype.to_owned(), name.to_owned())),
                _ => Err(format!("`{text}` is no question")),
            };
            let questions = questions.split(',').map(question).collect::<Result<_, _>>()?;
            Ok(Event::Dns { resolver: resolver.to_owned(), questions })
        }
        ["fetch", source, status] => {
            let status = status.parse().map_err(|_| "no status".to_owned())?;
            Ok(Event::Fetch { source: source.to_owned(), status })
        }
        ["selfcheck", "green"] => Ok(Event::SelfCheck { red: Vec::new(), unseen: Vec::new() }),
        ["selfcheck", "red", ..] => {
            let red = words[2..].iter().map(|word| (*word).to_owned()).collect();
            Ok(Event::SelfCheck { red, unseen: Vec::new() })
        }
        ["selfcheck", "unseen", ..] => {
            let unseen = words[2..].iter().map(|word| (*word).to_owned()).collect();
            Ok(Event::SelfCheck { red: Vec::new(), unseen })
        }
        ["restart"] => Ok(Event::Restart),
        _ => link(text),
    }
}

fn link(text: &str) -> Result<Event, String> {
    let (head, steps) = text.split_once(": ").ok_or("a link needs `: ` and steps")?;
    let steps: Vec<Vec<String>> = steps
        .split(';')
        .map(|step| step.split_whitespace().map(str::to_owned).collect())
        .filter(|step: &Vec<String>| !step.is_empty())
        .collect();
    match head.split_whitespace().collect::<Vec<_>>()[..] {
        [name] => Ok(Event::Again { name: name.to_owned(), steps }),
        [source, ehlo] => {
            let (name, source) = match source.split_once('=') {
                Some((name, source)) => (Some(name.to_owned()), source),
                None => (None, source),
            };
            Ok(Event::Link { name, source: source.to_owned(), ehlo: ehlo.to_owned(), steps })
        }
        _ => Err(format!("`{head}` is no link")),
    }
}
