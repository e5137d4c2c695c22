//! The texts of the configuration and of the zone.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use super::answers::Answers;
use super::arguments::{CertificatesFrom, Delivery};

/// The file of the zone, beside the configuration.
pub(super) const ZONE_FILE: &str = "origin.zone";

/// The CA that is asked where no other is named, as CAA records name it.
const LETS_ENCRYPT: &str = "letsencrypt.org";

/// `text` as TOML writes it.
fn quoted(text: impl Into<String>) -> String {
    toml::Value::String(text.into()).to_string()
}

fn at_port(addresses: &[IpAddr], port: u16) -> String {
    let all = addresses.iter().map(|address| quoted(SocketAddr::new(*address, port).to_string()));
    format!("[{}]", all.collect::<Vec<_>>().join(", "))
}

/// The configuration, with what each key is for.
pub(super) fn config(answers: &Answers, day: &str) -> String {
    let Answers { origin, listen, .. } = answers;
    let shared: Vec<String> = answers.addresses.iter().map(|address| quoted(address.to_string())).collect();
    let mut text = format!(
        "# Mailassay, as `mailassay setup` wrote it on {day}. What does not stand here has its default;\n\
         # config/example.toml of the source explains every key. Relative paths are relative to this file.\n\
         # After a change `mailassay doctor` says whether it fits, and `systemctl restart mailassay` takes it over.\n\n\
         # The domain that is delegated to this service. Tests are mailed to en@et.{origin} and en@ut.{origin}.\n\
         origin = {}\n\n\
         # Addresses and ports of this host.\n\
         [listen]\n\
         # Mail.\n\
         smtp = {}\n\
         # DNS over UDP and TCP: this service is the name server of its domain.\n\
         dns = {}\n\
         # HTTPS: the MTA-STS policy{}.\n\
         policy_host = {}\n\
         # HTTP on this host alone: {}.\n\
         site = [\"127.0.0.1:8025\"]\n",
        quoted(origin),
        at_port(listen, 25),
        at_port(listen, 53),
        if answers.https { ", and the site" } else { "" },
        at_port(listen, 443),
        if answers.https {
            "/health for monitoring"
        } else {
            "for your proxy, which speaks HTTPS for the site"
        },
    );
    if answers.https {
        let _ = write!(
            text,
            "# HTTP, which sends visitors on to HTTPS.\nhttp_redirect = {}\n",
            at_port(listen, 80)
        );
    }
    let _ = write!(
        text,
        "\n# The public addresses that DNS names.\n[addresses]\nshared = [{}]\n\n\
         # The zone of the origin: its SOA, its name servers, and what else you add. All that tests need is woven in.\n\
         [zone]\nfile = {}\n",
        shared.join(", "),
        quoted(ZONE_FILE)
    );
    certificates(answers, &mut text);
    site(answers, &mut text);
    text
}

fn certificates(answers: &Answers, text: &mut String) {
    if answers.certificates == CertificatesFrom::PrivateCa {
        text.push_str(
            "\n# A CA of the service's own, which no sender trusts: for labs.\n[tls]\nsource = \"private-ca\"\n",
        );
        return;
    }
    if answers.acme_directory.is_none() {
        let _ = write!(
            text,
            "# The CA that alone may issue for the origin (CAA).\ncaa_issuer = {}\n",
            quoted(LETS_ENCRYPT)
        );
    }
    text.push_str(
        "\n# The service orders its certificates itself, by which you agree to the CA's terms, and renews them with the same\n\
         # key; `mailassay certs state` says how far it is.\n[tls]\nsource = \"acme\"\n",
    );
    let table = [
        ("The CA's directory (RFC 8555).", "directory", answers.acme_directory.clone()),
        (
            "The roots that the CA's own web server is measured by.",
            "roots",
            answers.acme_roots.as_ref().map(|path| path.display().to_string()),
        ),
        ("Where the CA writes to.", "contact", answers.contact.clone()),
    ];
    let lines: String = table
        .into_iter()
        .filter_map(|(what, key, value)| Some(format!("# {what}\n{key} = {}\n", quoted(value?))))
        .collect();
    if !lines.is_empty() {
        let _ = write!(text, "\n[tls.acme]\n{lines}");
    }
}

fn site(answers: &Answers, text: &mut String) {
    if answers.https {
        text.push_str("\n[site]\n# The service itself speaks HTTPS for its site.\nhttps = true\n");
    }
    if let Some(contact) = &answers.contact {
        let _ = write!(
            text,
            "\n# Who runs this; with a name and an address there is an imprint.\n[site.operator]\nmail = {}\n",
            quoted(contact)
        );
    }
    let delivery = match answers.delivery {
        Delivery::Mx => "# Verdicts are mailed from this host.\n[reply]\ndelivery = \"mx\"\n",
        Delivery::Maildir => {
            "# Verdicts are kept in a folder, and senders read them on the site.\n[reply]\ndelivery = \"maildir\"\n"
        }
    };
    let _ = write!(text, "\n{delivery}");
}

/// The zone file of an origin that is served at `addresses`: one name server for the first address of each family, and
/// another for the second, since some registries want two.
pub(super) fn zone(origin: &str, addresses: &[IpAddr], day: &str) -> String {
    let mut text = format!(
        "; The apex of {origin}, as `mailassay setup` wrote it on {day}. Names without a final dot are relative to it.\n\
         ; All that tests need is woven in, and serial, keys and signatures are set by the service. What you add here is\n\
         ; served as well. After a change: `systemctl restart mailassay`.\n\
         $TTL 3600\n\
         @    IN SOA ns1 hostmaster 1 3600 900 432000 60\n"
    );
    let family = |is_ipv6: bool| addresses.iter().filter(move |address| address.is_ipv6() == is_ipv6);
    let servers: Vec<(String, Vec<&IpAddr>)> = (0..2)
        .map(|number| {
            let own = [false, true].into_iter().filter_map(|is_ipv6| family(is_ipv6).nth(number));
            (format!("ns{}", number + 1), own.collect())
        })
        .filter(|(_, own): &(String, Vec<&IpAddr>)| !own.is_empty())
        .collect();
    for (name, _) in &servers {
        let _ = writeln!(text, "@    IN NS  {name}");
    }
    for (name, own) in &servers {
        for address in own {
            let rtype = if address.is_ipv6() { "AAAA" } else { "A" };
            let _ = writeln!(text, "{name}  IN {rtype:<4} {address}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn two_addresses_of_a_family_are_two_name_servers() {
        let records = |texts: &[&str]| -> Vec<String> {
            let text = zone("test.example", &addresses(texts), "2026-11-29");
            let lines = text.lines().filter(|line| line.contains(" IN ") && !line.contains("SOA"));
            lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        assert_eq!(records(&["192.0.2.25"]), ["@ IN NS ns1", "ns1 IN A 192.0.2.25"]);
        assert_eq!(
            records(&["192.0.2.25", "2001:db8::25", "192.0.2.26"]),
            [
                "@ IN NS ns1",
                "@ IN NS ns2",
                "ns1 IN A 192.0.2.25",
                "ns1 IN AAAA 2001:db8::25",
                "ns2 IN A 192.0.2.26"
            ]
        );
    }

    #[test]
    fn all_that_was_answered_stands_in_the_configuration() {
        let answers = Answers {
            origin: "test.example".to_owned(),
            addresses: addresses(&["192.0.2.25", "2001:db8::25"]),
            listen: addresses(&["10.0.0.5", "2001:db8::25"]),
            contact: Some("jim@example.net".to_owned()),
            delivery: Delivery::Mx,
            certificates: CertificatesFrom::Acme,
            acme_directory: Some("https://ca.example/dir".to_owned()),
            acme_roots: Some("/etc/ca \"x\".pem".into()),
            https: true,
        };
        let read: toml::Table = config(&answers, "2026-11-29").parse().unwrap();
        assert_eq!(read["listen"]["smtp"].to_string(), r#"["10.0.0.5:25", "[2001:db8::25]:25"]"#);
        assert_eq!(read["listen"]["http_redirect"][1].as_str(), Some("[2001:db8::25]:80"));
        assert_eq!(read["addresses"]["shared"].to_string(), r#"["192.0.2.25", "2001:db8::25"]"#);
        assert_eq!(read["tls"]["acme"]["directory"].as_str(), Some("https://ca.example/dir"));
        assert_eq!(read["tls"]["acme"]["roots"].as_str(), Some("/etc/ca \"x\".pem"));
        assert_eq!(read["site"]["operator"]["mail"].as_str(), Some("jim@example.net"));
        // Who may issue is known of Let's Encrypt alone.
        assert!(read["zone"].get("caa_issuer").is_none());
        let plain =
            Answers { acme_directory: None, contact: None, acme_roots: None, https: false, ..answers };
        let read: toml::Table = config(&plain, "2026-11-29").parse().unwrap();
        assert_eq!(read["zone"]["caa_issuer"].as_str(), Some(LETS_ENCRYPT));
        assert!(read["tls"].get("acme").is_none() && read.get("site").is_none());
    }
}
