//! What this host can scan from, in lines. Nothing of it stops a service: what cannot be measured is inconclusive.

use std::net::IpAddr;

use super::line::Line;
use crate::operations::host::{Pointer, Port25, Vantage};
use crate::shared::text::clean;

/// What the host can and cannot do; `helo` is what it says in EHLO.
pub(in crate::program::app::command) fn told(seen: &Vantage, helo: &str) -> Vec<Line> {
    let mut lines = vec![match seen.ipv6 {
        Some(true) => Line::good("IPv6: a root server answers over it"),
        Some(false) => Line::warning(
            "IPv6: no root server answers over it; whether others can be reached is inconclusive",
        ),
        None => Line::open("IPv6: not tried, no root server is known by an IPv6 address"),
    }];
    lines.push(match &seen.port_25 {
        Port25::Open { host } => Line::good(format!("port 25: {host} takes connections")),
        Port25::Silent { tried } => Line::warning(format!(
            "port 25 seems closed from here, and then nothing behind it can be measured; tried {}",
            tried.join("; ")
        )),
        Port25::Untried { why } => Line::open(&format!("port 25: nobody could be tried ({why})")),
    });
    if seen.pointers.is_empty() {
        lines.push(Line::open("EHLO name: no address is known that mail is sent from"));
    }
    lines.extend(seen.pointers.iter().map(|(address, pointers)| match pointers {
        Ok(pointers) => named(*address, pointers, helo),
        Err(reason) => Line::open(&format!("EHLO name: {}", clean(reason))),
    }));
    lines
}

/// Whether PTR of an address is what EHLO says, and that name has the address.
fn named(address: IpAddr, pointers: &[Pointer], helo: &str) -> Line {
    let helos = pointers.iter().filter(|pointer| pointer.name == helo);
    match helos.map(|pointer| pointer.confirmed).max() {
        Some(Some(true)) => {
            return Line::good(format!("EHLO name: PTR of {address} is {helo}, which has that address"));
        }
        // What could not be looked up is no fault.
        Some(None) => {
            return Line::open(&format!(
                "EHLO name: PTR of {address} is {helo}; whether that has the address could not be looked up"
            ));
        }
        Some(Some(false)) | None => {}
    }
    let shown = |Pointer { name, confirmed }: &Pointer| {
        let not = match confirmed {
            Some(true) => "",
            Some(false) => " (which does not have that address)",
            None => " (whose addresses could not be looked up)",
        };
        format!("{}{not}", clean(name))
    };
    let names: Vec<_> = pointers.iter().map(shown).collect();
    let names = if names.is_empty() { "missing".to_owned() } else { names.join(", ") };
    Line::warning(format!(
        "EHLO name: it is {helo}, and PTR of {address} is {names}; some servers refuse that: whoever gave you the \
         address sets its PTR"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::text::Tone;

    #[test]
    fn what_could_not_be_looked_up_is_not_missing() {
        let address: IpAddr = [192, 0, 2, 25].into();
        let said = |pointers: &[(&str, Option<bool>)]| {
            let pointer = |(name, confirmed): &(&str, Option<bool>)| Pointer {
                name: (*name).to_owned(),
                confirmed: *confirmed,
            };
            let line = named(address, &pointers.iter().map(pointer).collect::<Vec<_>>(), "mx.test.example");
            (line.tone, line.text)
        };
        assert_eq!(said(&[("mx.test.example", Some(true))]).0, Tone::Good);
        assert_eq!(said(&[("mx.test.example", None)]).0, Tone::Info);
        let (tone, text) = said(&[("mx.test.example", Some(false))]);
        assert!(tone == Tone::Warning && text.contains("(which does not have that address)"), "{text}");
        let (tone, text) = said(&[("host.example", None)]);
        assert!(tone == Tone::Warning && text.contains("(whose addresses could not be looked up)"), "{text}");
        let (tone, text) = said(&[]);
        assert!(tone == Tone::Warning && text.contains("is missing"), "{text}");
    }
}
