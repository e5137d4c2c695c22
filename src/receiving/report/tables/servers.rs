//! Tables of what was seen: addresses, certificates, networks, the domain of MAIL FROM.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::Telling;
use super::super::checks::items_at;
use super::{envelope, plain, table};
use crate::receiving::checks::{Check, Item, Subject, Tables};
use crate::shared::evidence::scan::{Certificate, Network, Purpose, Reach, Rpki, Server};
use crate::shared::text::{Field, Section, Tone, clean, clean_to};

/// How much of a greeting, subject or name is shown, in characters.
const NAME_CHARS_MAX: usize = 100;
/// How many names of a certificate are shown.
const NAMES_SHOWN_MAX: usize = 4;

/// The tables that have a row.
pub(super) fn sections(telling: Telling<'_>) -> Vec<Section> {
    let mut sections = Vec::new();
    let evidence = telling.receiving.evidence;
    if !evidence.servers.is_empty() {
        let rows = evidence.servers.iter().map(|server| address(telling, server)).collect();
        let columns = [
            "address",
            "host",
            "greeting",
            "versions",
            "suites",
            "groups",
            "certificates",
            "connections",
            "age",
        ];
        sections.push(telling.section("addresses", table(telling, "addresses", &columns, rows)));
    }
    if !evidence.certificates.is_empty() {
        let rows =
            evidence.certificates.iter().map(|(sha256, one)| certificate(telling, sha256, one)).collect();
        let columns = ["subject", "issuer", "names", "until", "key", "signature", "sha256"];
        sections.push(telling.section("certificates", table(telling, "certificates", &columns, rows)));
    }
    if !evidence.networks.is_empty() || evidence.registrar.is_some() {
        let rows = evidence.networks.iter().map(|one| network(telling, one)).collect();
        let columns = ["prefix", "name", "organisation", "country", "as", "rpki", "addresses"];
        let mut section = telling.section("networks", table(telling, "networks", &columns, rows));
        if let Some(registrar) = &evidence.registrar {
            let registrar = [("registrar", clean_to(registrar, NAME_CHARS_MAX).into())];
            section.intro =
                format!("{} {}.", section.intro, telling.words.tell("recv-networks-registrar", &registrar));
        }
        sections.push(section);
    }
    sections.extend(envelope::section(telling));
    sections
}

fn address(telling: Telling<'_>, server: &Server) -> Vec<Field> {
    let words = telling.words;
    let subject = Subject::Address { host: server.host.clone(), ip: server.ip };
    let (tone, reach) = match &server.reach {
        Reach::Reached => (Tone::Good, "reached"),
        Reach::Refused => (Tone::Bad, "refused"),
        Reach::TimedOut => (Tone::Inconclusive, "timed-out"),
        Reach::Unreachable { .. } => (Tone::Bad, "unreachable"),
        Reach::NotTried { .. } => (Tone::Inconclusive, "not-tried"),
    };
    let greeting = server.session.greeting.as_ref().map_or_else(
        || words.say(&format!("recv-reach-{reach}")),
        |greeting| {
            let line = greeting.lines.first().map(|line| clean_to(line, NAME_CHARS_MAX)).unwrap_or_default();
            format!("{} {line}", greeting.code)
        },
    );
    let evidence = telling.receiving.evidence;
    let mut leaves: Vec<&str> = Vec::new();
    for examined in evidence.examined.iter().filter(|examined| examined.host == server.host) {
        leaves.extend(examined.chain.first().map(|sha256| &sha256[..sha256.len().min(8)]));
    }
    leaves.dedup();
    let age = evidence.from.duration_since(server.at).as_secs() / 60;
    let age = if server.connections == 0 {
        String::new()
    } else if age > 0 {
        words.tell("recv-age-minutes", &[("count", age.into())])
    } else {
        words.say("recv-age-now")
    };
    vec![
        Field { tone: Some(tone), text: server.ip.to_string() },
        plain(clean_to(&server.host, NAME_CHARS_MAX)),
        plain(greeting),
        plain(items_at(telling, Check::Versions, &subject)),
        plain(items_at(telling, Check::Suites, &subject)),
        plain(items_at(telling, Check::Groups, &subject)),
        plain(leaves.join(", ")),
        plain(server.connections.to_string()),
        plain(age),
    ]
}

fn certificate(telling: Telling<'_>, sha256: &str, certificate: &Certificate) -> Vec<Field> {
    let tables = Tables::embedded();
    let mut names: Vec<String> =
        certificate.names.iter().take(NAMES_SHOWN_MAX).map(|name| clean_to(name, NAME_CHARS_MAX)).collect();
    let more = (certificate.names_count as usize).saturating_sub(names.len());
    if more > 0 {
        let list = names.join(", ");
        names = vec![telling.words.tell("recv-more-items", &[("list", list.into()), ("count", more.into())])];
    }
    let over = certificate.not_after <= telling.now;
    let signature =
        Item::Signature { oid: certificate.signature_oid.clone(), hash: certificate.signature_hash.clone() };
    vec![
        plain(clean_to(&certificate.subject, NAME_CHARS_MAX)),
        plain(clean_to(&certificate.issuer, NAME_CHARS_MAX)),
        plain(if names.is_empty() { "–".to_owned() } else { names.join(", ") }),
        Field {
            tone: over.then_some(Tone::Bad),
            text: certificate.not_after.strftime("%Y-%m-%d").to_string(),
        },
        plain(clean(&tables.name(&Item::Key(certificate.key.clone())))),
        plain(clean(&tables.name(&signature))),
        plain(clean(&sha256.chars().take(8).collect::<String>())),
    ]
}

fn network(telling: Telling<'_>, network: &Network) -> Vec<Field> {
    let words = telling.words;
    let named = |name: &Option<String>| {
        plain(name.as_ref().map_or_else(|| "–".to_owned(), |name| clean_to(name, NAME_CHARS_MAX)))
    };
    let numbers: Vec<String> = network.origins.iter().map(|origin| format!("AS{}", origin.asn)).collect();
    let validity = network.origins.iter().map(|origin| origin.rpki);
    let (tone, rpki) = match validity.max_by_key(|rpki| match rpki {
        Some(Rpki::Valid) => 0,
        Some(Rpki::NotFound) => 1,
        None => 2,
        Some(Rpki::Invalid) => 3,
    }) {
        Some(Some(Rpki::Valid)) => (Some(Tone::Good), "valid"),
        Some(Some(Rpki::Invalid)) => (Some(Tone::Bad), "invalid"),
        Some(Some(Rpki::NotFound)) => (Some(Tone::Warning), "not-found"),
        Some(None) | None => (None, "not-asked"),
    };
    let mut purposes: BTreeMap<IpAddr, Vec<String>> = BTreeMap::new();
    for (ip, purpose) in &network.addresses {
        let name = match purpose {
            Purpose::Mx => "mx",
            Purpose::NameServer => "name-server",
            Purpose::MxNameServer => "mx-name-server",
        };
        purposes.entry(*ip).or_default().push(words.say(&format!("recv-purpose-{name}")));
    }
    let addresses = purposes.into_iter().map(|(ip, purposes)| format!("{ip} ({})", words.all_of(&purposes)));
    vec![
        plain(network.prefix.as_deref().map_or_else(|| "–".to_owned(), clean)),
        named(&network.name),
        named(&network.organisation),
        named(&network.country),
        plain(if numbers.is_empty() { "–".to_owned() } else { numbers.join(", ") }),
        Field { tone, text: words.say(&format!("recv-rpki-{rpki}")) },
        plain(addresses.collect::<Vec<_>>().join("; ")),
    ]
}
