//! Which RDAP server knows what: the bootstrap files of IANA (RFC 9224).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;
use prefix_trie::joint::JointPrefixMap;
use serde::Deserialize;

/// The files that are part of the program. `config/rdap/README.md` says where they come from.
const EMBEDDED: [&str; 3] = [
    include_str!("../../../config/rdap/dns.json"),
    include_str!("../../../config/rdap/ipv4.json"),
    include_str!("../../../config/rdap/ipv6.json"),
];

/// The names of the files.
pub(super) const FILES: [&str; 3] = ["dns.json", "ipv4.json", "ipv6.json"];

/// The largest file, in octets.
pub(super) const FILE_OCTETS_MAX: usize = 1 << 20;

/// A service that answers: host, port-less, and the path that a question is written behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    pub host: String,
    /// The path, with a slash at its end.
    pub path: String,
}

impl Service {
    /// That of an `https` URL without a port of its own.
    pub fn of(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase();
        let fits = is_host(&host)
            && path.len() <= 1_024
            && path.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'#');
        let slash = if path.is_empty() || path.ends_with('/') { "" } else { "/" };
        fits.then(|| Self { host, path: format!("/{path}{slash}") })
    }
}

/// Whether a text is a host name, not an address.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label)
        && !host.rsplit('.').next().is_some_and(|last| last.bytes().all(|octet| octet.is_ascii_digit()))
}

/// The services of all files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bootstrap {
    /// When the newest file was published, as it says.
    pub publication: String,
    domains: BTreeMap<String, Service>,
    nets: JointPrefixMap<IpNet, Service>,
}

/// A file (RFC 9224 §3).
#[derive(Deserialize)]
struct File {
    publication: String,
    services: Vec<(Vec<String>, Vec<String>)>,
}

impl Bootstrap {
    /// The embedded files.
    pub fn embedded() -> Self {
        // A test reads them.
        Self::parse(&EMBEDDED).unwrap_or_default()
    }

    /// The files of a folder.
    ///
    /// # Errors
    /// Which file cannot be read, and why not.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut texts = Vec::new();
        for name in FILES {
            let path = folder.join(name);
            let said = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
            texts.push(std::fs::read_to_string(&path).map_err(|error| said(&error))?);
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Self::parse(&texts).map_err(|error| format!("{}: {error}", folder.display()))
    }

    /// From the texts of files, in any order.
    ///
    /// # Errors
    /// What is no bootstrap file.
    pub fn parse(texts: &[&str]) -> Result<Self, String> {
        let mut bootstrap = Self::default();
        for text in texts {
            if text.len() > FILE_OCTETS_MAX {
                return Err("it is too large".to_owned());
            }
            let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
            let publication: String = file.publication.chars().take(40).collect();
            bootstrap.publication = bootstrap.publication.max(publication);
            for (entries, urls) in file.services {
                // RFC 9224 §3: `https` is to be preferred; nothing else is asked here.
                let Some(service) = urls.iter().find_map(|url| Service::of(url)) else { continue };
                for entry in entries {
                    match entry.parse::<IpNet>() {
                        Ok(net) => drop(bootstrap.nets.insert(net, service.clone())),
                        Err(_) => drop(bootstrap.domains.insert(entry.to_ascii_lowercase(), service.clone())),
                    }
                }
            }
        }
        Ok(bootstrap)
    }

    /// Who knows an address: the longest prefix (RFC 9224 §5.1).
    pub fn of_address(&self, address: IpAddr) -> Option<&Service> {
        self.nets.get_lpm(&address.into()).map(|(_, service)| service)
    }

    /// Who knows a domain: the longest suffix (RFC 9224 §4).
    pub fn of_domain(&self, domain: &str) -> Option<&Service> {
        let mut rest = domain;
        loop {
            if let Some(service) = self.domains.get(rest) {
                return Some(service);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// Whether a host is one of the services: only there a redirect may lead.
    pub fn names(&self, host: &str) -> bool {
        self.domains
            .values()
            .chain(self.nets.iter().map(|(_, service)| service))
            .any(|service| service.host == host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_know_every_registry() {
        let bootstrap = Bootstrap::parse(&EMBEDDED).unwrap();
        assert_eq!(bootstrap, Bootstrap::embedded());
        for (address, host) in [
            ("8.8.8.8", "rdap.arin.net"),
            ("193.0.6.139", "rdap.db.ripe.net"),
            ("1.1.1.1", "rdap.apnic.net"),
            ("200.160.0.1", "rdap.lacnic.net"),
            ("196.216.2.1", "rdap.afrinic.net"),
            ("2a00:1450::1", "rdap.db.ripe.net"),
            ("2001:67c:2e8::1", "rdap.db.ripe.net"),
            ("2606:4700::1", "rdap.arin.net"),
        ] {
            let service = bootstrap.of_address(address.parse().unwrap());
            assert_eq!(service.map(|service| service.host.as_str()), Some(host), "{address}");
        }
        assert_eq!(bootstrap.of_domain("example.com").map(|service| service.path.as_str()), Some("/com/v1/"));
        assert_eq!(bootstrap.of_domain("example.invalid"), None);
        assert_eq!(bootstrap.of_address("127.0.0.1".parse().unwrap()), None);
        assert!(bootstrap.names("rdap.arin.net") && !bootstrap.names("rdap.example"));
    }

    #[test]
    fn only_https_without_a_port_is_a_service() {
        let service = |url| Service::of(url).map(|service| format!("{}{}", service.host, service.path));
        assert_eq!(service("https://RDAP.example/a").as_deref(), Some("rdap.example/a/"));
        assert_eq!(service("https://rdap.example:443").as_deref(), Some("rdap.example/"));
        for other in [
            "http://rdap.example/",
            "https://rdap.example:25/",
            "https://127.0.0.1/",
            "https://u@rdap.example/",
            "https:///",
        ] {
            assert_eq!(service(other), None, "{other}");
        }
    }
}
