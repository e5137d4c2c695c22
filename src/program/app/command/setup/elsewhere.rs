//! What is to be entered and asked for elsewhere: at the registrar, and at whoever gave the addresses.

use std::fmt::Write;
use std::net::IpAddr;

use super::super::config_check::wrapped;
use super::super::doctor::Wanted;
use crate::operations::host::{Pointer, Port25, Vantage};
use crate::program::config::Settings;
use crate::shared::domain_name::registrable_domain;

/// What is known of elsewhere.
pub(super) struct Elsewhere {
    pub(super) wanted: Wanted,
    /// Whether the parent says all of it already.
    pub(super) is_delegated: bool,
    /// What this host reaches and is called; none where nobody could be asked.
    pub(super) vantage: Option<Vantage>,
}

impl Elsewhere {
    /// What is left to do elsewhere, in words to be passed on.
    pub(super) fn told(&self, settings: &Settings) -> String {
        let mut text = String::new();
        if !self.is_delegated {
            text += &registrar(&self.wanted);
        }
        text + &provider(self.vantage.as_ref(), &settings.zone.published.sends_from, &settings.scan.helo)
    }
}

/// The algorithms of keys and digests by their numbers (IANA, "DNS Security Algorithm Numbers" and "Digest Algorithms").
fn named(number: &str, of: &[(&str, &str)]) -> String {
    let name = of.iter().find(|(known, _)| *known == number);
    name.map_or_else(|| number.to_owned(), |(_, name)| format!("{number} ({name})"))
}

const ALGORITHMS: [(&str, &str); 3] = [("8", "RSASHA256"), ("13", "ECDSAP256SHA256"), ("15", "ED25519")];
const DIGESTS: [(&str, &str); 2] = [("2", "SHA-256"), ("4", "SHA-384")];

fn registrar(wanted: &Wanted) -> String {
    let Wanted { zone, servers, glue, ds, keys } = wanted;
    let above = zone.split_once('.').map_or("", |(_, above)| above);
    let place = match registrable_domain(zone).as_deref() == Some(zone.as_str()) {
        true => format!("AT THE REGISTRAR of {zone}"),
        false => format!("IN THE ZONE ABOVE, {above}, or at whoever keeps it"),
    };
    let mut text = format!("\n{place}:\n\n  Name servers (NS), and their addresses (glue)\n\n");
    for server in servers {
        let addresses: Vec<String> =
            glue.iter().filter(|(name, _)| name == server).map(|(_, address)| address.to_string()).collect();
        let _ = writeln!(text, "    {server}  {}", addresses.join("  "));
    }
    if servers.len() < 2 {
        let advice = "Some registries want two. With a second address of this host for ns2 in the zone file both are this \
                      one; a name server elsewhere would answer questions that this service then does not see.";
        let _ = write!(text, "\n{}\n", wrapped(&format!("    {advice}"), "    "));
    }
    for data in ds {
        let words: Vec<&str> = data.split_whitespace().collect();
        let [tag, algorithm, digest_type, digest @ ..] = &words[..] else { continue };
        let _ = write!(
            text,
            "\n  DNSSEC, where the form asks for DS\n\n    key tag      {tag}\n    algorithm    {}\n    digest type  {}\n    digest\n{}\n",
            named(algorithm, &ALGORITHMS),
            named(digest_type, &DIGESTS),
            digest.concat().to_ascii_uppercase(),
        );
    }
    for data in keys {
        let words: Vec<&str> = data.split_whitespace().collect();
        let [flags, protocol, algorithm, key @ ..] = &words[..] else { continue };
        let _ = write!(
            text,
            "\n  DNSSEC, where the form asks for the key (DNSKEY)\n\n    flags        {flags} (KSK)\n    protocol     \
             {protocol}\n    algorithm    {}\n    public key, in one line\n{}\n",
            named(algorithm, &ALGORITHMS),
            key.concat()
        );
    }
    text.push_str("\n  As records of a zone file: `mailassay zone parent` prints them.\n");
    text
}

/// What to ask whoever gave the addresses for; nothing where all is seen to be so.
fn provider(vantage: Option<&Vantage>, sends_from: &[IpAddr], helo: &str) -> String {
    let is_called = |address: &IpAddr| {
        let known = vantage.and_then(|seen| seen.pointers.iter().find(|(own, _)| own == address));
        let names = known.and_then(|(_, names)| names.as_ref().ok());
        let fits = |pointer: &Pointer| pointer.name == helo && pointer.confirmed != Some(false);
        names.is_some_and(|names| names.iter().any(fits))
    };
    let uncalled: Vec<&IpAddr> = sends_from.iter().filter(|address| !is_called(address)).collect();
    let is_open = vantage.is_some_and(|seen| matches!(seen.port_25, Port25::Open { .. }));
    if uncalled.is_empty() && is_open {
        return String::new();
    }
    let mut text = "\nASK WHOEVER GAVE YOU THE ADDRESSES:\n\n".to_owned();
    for address in uncalled {
        let _ = writeln!(text, "    PTR of {address} should be {helo}");
    }
    if !is_open {
        text.push_str("    port 25 outwards should be open, so that verdicts and scans go out\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        let name = || "ns1.test.example".to_owned();
        Wanted {
            zone: "test.example".to_owned(),
            servers: vec![name()],
            glue: vec![(name(), [192, 0, 2, 25].into())],
            ds: vec![format!("4711 13 2 {}", "ab".repeat(32))],
            keys: vec![format!("257 3 13 {} {}", "A".repeat(44), "B".repeat(44))],
        }
    }

    #[test]
    fn both_forms_of_the_key_are_told() {
        let text = registrar(&wanted());
        for said in [
            "AT THE REGISTRAR of test.example:\n",
            "    ns1.test.example  192.0.2.25\n",
            "    key tag      4711\n    algorithm    13 (ECDSAP256SHA256)\n    digest type  2 (SHA-256)\n",
            &format!("\n{}\n", "AB".repeat(32)),
            "    flags        257 (KSK)\n    protocol     3\n",
            &format!("\n{}{}\n", "A".repeat(44), "B".repeat(44)),
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let below = registrar(&Wanted { zone: "a.test.example".to_owned(), ..wanted() });
        assert!(below.contains("IN THE ZONE ABOVE, test.example, or"), "{below}");
        // But for the key, which is pasted, all fits a terminal.
        assert!(text.lines().filter(|line| line.chars().count() > 80).count() == 1, "{text}");
    }

    #[test]
    fn the_provider_is_asked_only_for_what_is_missing() {
        let address: IpAddr = [192, 0, 2, 25].into();
        let seen = |name: &str, open: bool| Vantage {
            ipv6: None,
            port_25: match open {
                true => Port25::Open { host: "mx.example".to_owned() },
                false => Port25::Silent { tried: Vec::new() },
            },
            pointers: vec![(address, Ok(vec![Pointer { name: name.to_owned(), confirmed: Some(true) }]))],
        };
        let told = |seen: Option<&Vantage>| provider(seen, &[address], "mx.test.example");
        assert_eq!(told(Some(&seen("mx.test.example", true))), "");
        assert!(
            told(Some(&seen("host.example", true))).contains("PTR of 192.0.2.25 should be mx.test.example")
        );
        let closed = told(Some(&seen("mx.test.example", false)));
        assert!(closed.contains("port 25 outwards") && !closed.contains("PTR"), "{closed}");
        assert!(told(None).contains("PTR") && told(None).contains("port 25"));
    }
}
