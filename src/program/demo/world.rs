//! The world: settings of a service on loopback, and zones from the root down.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::operations::certificates;
use crate::program::config::{Dkim, Listen, Log, Node, OperatorMail, SealFile, SelfCheck, Settings, Zone};
use crate::program::rights::Retention;
use crate::program::{api, domains, providers, reply, report, site};
use crate::receiving::profiles::Profiles;
use crate::receiving::scan;
use crate::sending::authority::{self, Published, ZoneText};
use crate::sending::persona::{Addresses, CaseId, Catalogue, Entrance, RuledCase, Suite};
use crate::sending::trial::{Label, Pace};
use crate::sending::{desk, identities, journal, listener, trials};
use crate::shared::dns::{ResolverSettings, Servers};
use crate::shared::text::Language;
use crate::shared::{dial, mailauth};

use super::hosts::{Hosts, SELECTOR};
use super::places::{Places, Played};
use super::samples::Sample;

/// The domain under which the demo's test names lie.
const ORIGIN: &str = "mailassay.test";
/// Where the service is.
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A private world.
#[derive(Clone, Debug)]
pub struct World {
    /// The folder that all of it lies in.
    pub folder: PathBuf,
    /// Where its listeners are.
    pub places: Places,
    /// What its samples send to.
    pub played: Played,
    /// Its sample senders.
    pub samples: Vec<Sample>,
    /// How their domains receive. Empty where the system has a single loopback address, on which all of them would
    /// be one host.
    pub hosts: Vec<Hosts>,
}

/// Hours pass within seconds here, and everybody is in one network.
fn dns() -> authority::ServerSettings {
    authority::ServerSettings {
        notes_per_network_s_max: 0,
        notes_per_network_hour_max: 0,
        ..authority::ServerSettings::default()
    }
}

fn smtp(host_name: &str, site: &str) -> listener::Settings {
    listener::Settings {
        host_name: host_name.to_owned(),
        info_url: site.to_owned(),
        links_per_network_hour_max: 0,
        ..listener::Settings::default()
    }
}

impl World {
    /// The addresses that a sample's mail goes to: of the classic suite the permanent ones, of cases those with `labels`.
    pub fn recipients(
        &self,
        catalogue: &Catalogue,
        language: Language,
        labels: &BTreeMap<CaseId, Label>,
    ) -> Vec<String> {
        let domains: Vec<String> = match self.played {
            Played::Classic => catalogue.classic_cases().map(|case| catalogue.domain(case)).collect(),
            Played::First => {
                let name = |case: &RuledCase| catalogue.ruled_domain(case, labels.get(&case.id));
                catalogue.suite(Suite::First).map(name).collect()
            }
        };
        domains.into_iter().map(|domain| format!("{}@{domain}", language.tag())).collect()
    }

    /// Ruled cases are met at addresses of their own, where the system has more than one on loopback.
    fn addresses(&self) -> Addresses {
        let shared = Addresses { shared: vec![HERE.into()], no_server_in_v6: true, ..Addresses::default() };
        match self.played {
            Played::First => {
                let entrances = (1..).zip(Entrance::ALL).map(|(n, _)| Ipv4Addr::new(127, 1, 200, n).into());
                shared.with_entrances(&entrances.collect::<Vec<IpAddr>>())
            }
            Played::Classic => shared,
        }
    }

    fn listen(&self) -> Listen {
        let here = |port: u16| vec![SocketAddr::new(HERE.into(), port)];
        Listen {
            smtp: here(self.places.smtp),
            dns: here(self.places.dns),
            policy_host: here(self.places.policy_host),
            http_redirect: Vec::new(),
            metrics: Vec::new(),
            site: here(self.places.site),
        }
    }

    /// The settings of the world's service.
    pub fn settings(&self) -> Settings {
        let here = |port: u16| vec![SocketAddr::new(HERE.into(), port)];
        let site = format!("http://{HERE}:{}", self.places.site);
        let host_name = format!("mx.{ORIGIN}");
        Settings {
            acme: certificates::Settings::default(),
            origin: ORIGIN.to_owned(),
            catalogue: None,
            profiles: Profiles::in_force(),
            own: site::Own::default(),
            log: Log::default(),
            listen: self.listen(),
            addresses: self.addresses(),
            pace: pace(),
            trials: trials::Limits::default(),
            zone: self.zone(),
            dns: dns(),
            tls: identities::Settings {
                folder: self.folder.join("certs"),
                // One for each sample.
                pool_labels: 8,
                ..identities::Settings::default()
            },
            smtp: smtp(&host_name, &site),
            node: Node::default(),
            journal: journal::Settings {
                path: self.folder.join("journal.sqlite"),
                ..journal::Settings::default()
            },
            mailauth: mailauth::Settings { servers: here(self.places.dns), ..mailauth::Settings::default() },
            desk: desk::Settings {
                host: host_name,
                site: site.clone(),
                mails_verdicts: false,
                ..desk::Settings::default()
            },
            review: trials::ReviewSettings { gather_ms: 100, verdict_delay_s: 1, verdict_wait_s: 30 },
            resolver: self.resolver(Vec::new(), String::new()),
            trust_own_zones: false,
            dial: self.dial(Vec::new()),
            web: site::Settings {
                visits_noted_per_minute_max: 0,
                visits_noted_per_network_minute_max: 0,
                ..site::Settings::default()
            },
            report: report::Settings { site_url: site, scans: true, ..report::Settings::default() },
            reply: reply::Settings {
                maildir: self.folder.join("verdicts"),
                poll_ms: 100,
                ..reply::Settings::default()
            },
            scan: self.scan(),
            api: api::Settings::default(),
            checks: checks(),
            dkim: Dkim { key: self.folder.join("keys").join("dkim.pem"), selector: SELECTOR.to_owned() },
            seal: SealFile { key: self.folder.join("keys").join("seal.pem") },
            self_check: SelfCheck { every_s: 3_600, sender_roots: Some(self.root_file()) },
            providers: providers(),
            archive: self.folder.join("site.sqlite"),
            notices: notices(),
            operator_mail: OperatorMail { maildir: self.folder.join("postmaster"), forward_to: None },
        }
    }

    /// The hosts of a domain.
    pub fn hosts_of(&self, domain: &str) -> Option<&Hosts> {
        self.hosts.iter().find(|hosts| hosts.domain() == domain)
    }

    /// Whether the system has more than one loopback address, so that each sender can have its own.
    pub fn has_addresses(&self) -> bool {
        self.samples.iter().all(|sample| sample.address != HERE)
    }

    /// The file that [`Self::configuration`] is written to.
    pub fn configuration_file(&self) -> PathBuf {
        self.folder.join("config.toml")
    }

    /// The same as a file for `mailassay check` and `trial`, which look at the world from outside. Its names are relative
    /// to the world's folder, in which are the zone of its origin (`origin.zone`) and `trust-anchors.txt`.
    pub fn configuration(&self) -> String {
        let Places { smtp, dns, policy_host, site } = self.places;
        format!(
            "# The world of `mailassay demo`, to be looked at while it stays (--stay).\n\
             origin = \"{ORIGIN}\"\n\
             [listen]\nsmtp = [\"{HERE}:{smtp}\"]\ndns = [\"{HERE}:{dns}\"]\n\
             policy_host = [\"{HERE}:{policy_host}\"]\nsite = [\"{HERE}:{site}\"]\n\
             [addresses]\nshared = [\"{HERE}\"]\n\
             [zone]\nfile = \"origin.zone\"\nkeys = \"keys\"\n\
             [journal]\npath = \"journal.sqlite\"\n\
             [site]\nurl = \"http://{HERE}:{site}\"\n\
             [site.providers]\ntrials_min = 1\ndays_min = 1\nsources_min = 1\n\
             [dkim]\nkey = \"keys/dkim.pem\"\nselector = \"{SELECTOR}\"\n\
             [seal]\nkey = \"keys/seal.pem\"\n\
             [operator_mail]\nmaildir = \"postmaster\"\n\
             [scan.world]\nroot_hints = [\"{HERE}:{dns}\"]\ntrust_anchors_file = \"trust-anchors.txt\"\n\
             dns_port = {dns}\nsmtp_port = {smtp}\nhttps_port = {policy_host}\n\
             mx_roots = \"root.pem\"\nhttps_roots = \"root.pem\"\nallowed = [\"127.0.0.0/8\"]\n"
        )
    }

    /// Where the private CA's root is written for the senders.
    pub fn root_file(&self) -> PathBuf {
        self.folder.join("root.pem")
    }

    /// A resolver that asks this world's name servers from an address, and trusts its root.
    pub fn resolver(&self, from: Vec<IpAddr>, trust_anchors: String) -> ResolverSettings {
        let addresses = vec![SocketAddr::new(HERE.into(), self.places.dns)];
        let servers = Servers::Forwarder { addresses, trust_anchors };
        // Orders of MX records last a second here.
        ResolverSettings {
            from: from.clone(),
            rules: self.dial(from).rules,
            name_server_port: self.places.dns,
            cache_ttl_max_s: 1,
            ..ResolverSettings::new(servers)
        }
    }

    /// The resolver of scans: it asks this world's servers from its root on, so that no server of the public DNS is
    /// asked for anything.
    pub fn scan_resolver(&self, trust_anchors: String) -> ResolverSettings {
        let root_hints = vec![SocketAddr::new(HERE.into(), self.places.dns)];
        let rules = self.dial(Vec::new()).rules;
        let servers = Servers::Recursor { root_hints, trust_anchors };
        ResolverSettings { rules, name_server_port: self.places.dns, ..ResolverSettings::new(servers) }
    }

    /// How senders of this world call others.
    pub fn dial(&self, from: Vec<IpAddr>) -> dial::Settings {
        let loopback = [ipnet::Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8).into()];
        dial::Settings {
            rules: dial::AddressRules { allowed: loopback.to_vec(), own: Vec::new() },
            smtp_port: self.places.smtp,
            https_port: self.places.policy_host,
            from,
            ..dial::Settings::default()
        }
    }

    /// How the domains of the samples are scanned.
    fn scan(&self) -> scan::Settings {
        let roots = Some(self.root_file());
        scan::Settings {
            verdict_wait_s: 30,
            helo: format!("mx.{ORIGIN}"),
            scan_s: 30,
            // Shorter than a result is used again: a second check looks at the servers anew.
            cache_s: 5,
            scans_at_once_max: 20,
            groups_at_once_max: 20,
            greeting_s: 5,
            back_off_s: vec![1],
            limited_per_minute_max: 6_000,
            per_address_day_max: 1_000,
            per_network_day_max: 10_000,
            resolver: self.scan_resolver(String::new()),
            dial: self.dial(Vec::new()),
            world: scan::ScannedWorld {
                mx_roots: roots.clone(),
                https_roots: roots,
                ..scan::ScannedWorld::default()
            },
            ..scan::Settings::default()
        }
    }

    /// Its zones, from the root down.
    pub fn zone(&self) -> Zone {
        let head = |mname: &str| {
            format!("$TTL 60\n@ IN SOA {mname} hostmaster 1 3600 900 432000 1\n@ IN NS {mname}\n")
        };
        let mut others = vec![
            text(".", format!("{}ns. IN A {HERE}\n", head("ns."))),
            text("test", format!("{}ns IN A {HERE}\n", head("ns"))),
        ];
        others.extend(self.samples.iter().map(|sample| {
            let mut zone = format!("{}ns IN A {HERE}\n", head("ns"));
            let Sample { address, .. } = sample;
            let _ = write!(zone, "mail IN A {address}\n@ IN TXT \"v=spf1 ip4:{address} -all\"\n");
            match self.hosts_of(&sample.domain()) {
                Some(hosts) => zone += &hosts.records(),
                None => zone += "@ IN MX 10 mail\n",
            }
            text(&sample.domain(), zone)
        }));
        let mut reverse = format!("{}ns IN A {HERE}\n", head("ns"));
        reverse.extend(self.hosts.iter().map(Hosts::pointer));
        others.push(text("127.in-addr.arpa", reverse));
        let here = || vec![IpAddr::from(HERE)];
        Zone {
            text: format!("{}ns IN A {HERE}\n", head("ns")),
            file: "the demo's own zone".to_owned(),
            authority: authority::Settings {
                keys: self.folder.join("keys"),
                ..authority::Settings::default()
            },
            others,
            published: Published {
                policy_host: here(),
                site: here(),
                sends_from: here(),
                tls_reports: vec![format!("mailto:tls-reports@{ORIGIN}")],
                dmarc_reports: vec![format!("mailto:dmarc-reports@{ORIGIN}")],
                ..Published::default()
            },
        }
    }
}

/// Whoever plays checks the same domains over and over.
fn checks() -> domains::Settings {
    domains::Settings {
        helo: format!("mx.{ORIGIN}"),
        per_client_hour_max: 1_000,
        per_network_hour_max: 1_000,
        per_domain_day_max: 1_000,
        reuse_s: 10,
        ..domains::Settings::default()
    }
}

/// Here a day is an hour long, and no trial comes again.
fn providers() -> providers::Settings {
    providers::Settings { trials_min: 1, days_min: 1, sources_min: 1, ..providers::Settings::default() }
}

/// What its site says of whoever runs it.
fn notices() -> site::Notices {
    site::Notices {
        operator: site::Operator::default(),
        origin: ORIGIN.to_owned(),
        security_contact: format!("mailto:postmaster@{ORIGIN}"),
        kept: Retention::of_journal(&journal::Settings::default(), false)
            .with_checks(Some(domains::Settings::default().retention_days))
            .with_verdicts(true)
            .kept(),
    }
}

/// Sixty times faster: minutes are seconds.
fn pace() -> Pace {
    Pace {
        window_s: 3,
        patience_s: 90,
        rotation_s: 1,
        attempt_gap_s: 1,
        lookup_lead_s: 2,
        case_patience_s: 40,
        sts_grace_s: 4,
        ..Pace::default()
    }
}

fn text(apex: &str, text: String) -> ZoneText {
    ZoneText { apex: apex.to_owned(), file: format!("the demo's zone {apex}"), text, signed: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_from_outside_finds_the_same_world() {
        let folder = tempfile::tempdir().unwrap();
        let world = World {
            folder: folder.path().to_owned(),
            places: Places { smtp: 25_025, dns: 53_053, policy_host: 44_300, site: 8_025 },
            played: Played::Classic,
            samples: Vec::new(),
            hosts: Vec::new(),
        };
        std::fs::write(folder.path().join("origin.zone"), world.zone().text).unwrap();
        std::fs::write(folder.path().join("trust-anchors.txt"), "").unwrap();
        let read =
            crate::program::config::parse(&world.configuration_file(), &world.configuration()).unwrap();
        let own = world.settings();
        assert_eq!((read.origin, read.journal.path, read.dkim), (own.origin, own.journal.path, own.dkim));
        assert_eq!((read.archive, read.providers), (own.archive, own.providers));
        assert_eq!(read.zone.authority.keys, own.zone.authority.keys);
        assert_eq!(read.scan.resolver.servers, own.scan.resolver.servers);
        let ports = |scan: &scan::Settings| {
            (scan.resolver.name_server_port, scan.dial.smtp_port, scan.dial.https_port)
        };
        assert_eq!(ports(&read.scan), ports(&own.scan));
        assert_eq!(read.scan.dial.rules.allowed, own.scan.dial.rules.allowed);
        assert_eq!(read.scan.world.mx_roots, own.scan.world.mx_roots);
    }
}
