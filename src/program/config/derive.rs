//! From the file to each room's settings, and every value that follows from others.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::check;
use super::document::{ConfigError, Document};
use super::file::{self, CertificateSource, DeliveryWay, File};
use super::{Dkim, OperatorMail, SelfCheck, Settings, Zone, scan};
use crate::program::{reply, report};
use crate::sending::authority;
use crate::sending::desk;
use crate::sending::identities;
use crate::sending::journal::{self, MailLimits};
use crate::sending::persona::{Addresses, Catalogue, CatalogueFiles};
use crate::sending::trials::ReviewSettings;
use crate::shared::keyfile::{Want, told};
use crate::shared::{dial, dns, keyfile};

/// The settings that `file` describes. Relative paths are relative to `folder`, that of the file.
pub(super) fn settings(document: &Document<'_>, file: File, folder: &Path) -> Result<Settings, ConfigError> {
    check::values(document, &file)?;
    let place = Place { document, folder };
    let origin = file.origin.trim_end_matches('.').to_ascii_lowercase();
    let catalogue_folder = file.catalogue.map(|path| folder.join(path));
    let catalogue = catalogue(document, catalogue_folder.as_deref(), &origin)?;
    let addresses = addresses(document, &file.addresses, &catalogue)?;

    let site = file.site.url.unwrap_or_else(|| format!("https://{origin}")).trim_end_matches('/').to_owned();
    let host = match document.is_set("smtp.host_name") {
        true => file.smtp.host_name.clone(),
        false => format!("mx.{origin}"),
    };
    let zone = zone(&place, file.zone, &file.addresses, &origin)?;
    let mut smtp = file.smtp;
    smtp.host_name.clone_from(&host);
    if !document.is_set("smtp.info_url") {
        smtp.info_url = format!("{site}/");
    }
    let from = file.reply.from.clone().unwrap_or_else(|| format!("verdict@{origin}"));
    smtp.report_local_parts.extend(operator_local_parts(&zone.published, &from, &catalogue));

    let trust_own_zones = file.resolver.trust_own_zones;
    let resolver = resolver(&place, file.resolver, &file.dial.allowed)?;
    let dial = dial(file.dial);
    let own = own_addresses(&file.listen, &file.addresses, &zone);
    let given = scan::Given { host: &host, resolver: &resolver, dial: &dial, own };
    let scan = scan::settings(&place, file.scan, given)?;

    let (scans, verdict_wait_s) = (scan.enabled, if scan.enabled { scan.verdict_wait_s } else { 0 });
    let limits = mail_limits(&file.reply);
    Ok(Settings {
        trust_own_zones,
        resolver,
        dial,
        scan,
        tls: tls(&place, file.tls)?,
        report: report::Settings {
            // A verdict says for how long its page can be read: that is for how long the journal keeps it.
            retention_days: file.site.retention_days.unwrap_or(file.journal.retention_days),
            site_url: site.clone(),
            scans,
        },
        desk: desk::Settings {
            host,
            site,
            mails_verdicts: !matches!(file.reply.delivery, DeliveryWay::Maildir),
            limits: limits.clone(),
        },
        review: ReviewSettings {
            gather_ms: file.desk.gather_ms,
            verdict_delay_s: file.desk.verdict_delay_s,
            verdict_wait_s,
        },
        journal: journal::Settings { path: folder.join(&file.journal.path), ..file.journal },
        dkim: Dkim { key: folder.join(file.dkim.key), selector: file.dkim.selector },
        self_check: SelfCheck {
            every_s: file.self_check.every_s,
            // Not looked for: a lab names the private CA's root, which is made at the first start.
            sender_roots: file.self_check.sender_roots.map(|path| folder.join(path)),
        },
        operator_mail: operator_mail(&place, file.operator_mail, &file.reply.smarthost)?,
        reply: reply(&place, file.reply, limits)?,
        origin,
        catalogue: catalogue_folder,
        listen: file.listen,
        addresses,
        pace: file.pace,
        trials: file.trials,
        zone,
        dns: file.dns,
        smtp,
        mailauth: file.mailauth,
        web: file.web,
    })
}

fn dial(file: file::Dial) -> dial::Settings {
    dial::Settings {
        rules: dial::AddressRules { allowed: file.allowed, own: Vec::new() },
        ports: dial::Ports { smtp: file.smtp_port, https: file.https_port },
        from: file.from,
        connect_timeout_s: file.connect_timeout_s,
    }
}

/// Every address that is known to be ours: where we listen and what we publish.
fn own_addresses(listen: &super::Listen, addresses: &file::Addresses, zone: &Zone) -> Vec<IpAddr> {
    let listeners = [&listen.smtp, &listen.dns, &listen.policy_host, &listen.site];
    let bound = listeners.into_iter().flatten().map(|address| address.ip());
    let published = &zone.published;
    let lists = [&addresses.shared, &published.policy_host, &published.site, &published.sends_from];
    let shown = lists.into_iter().chain(addresses.own.values()).flatten().copied();
    let mut own: Vec<IpAddr> = bound.chain(shown).filter(|address| !address.is_unspecified()).collect();
    own.sort();
    own.dedup();
    own
}

/// Where paths are relative to, and where their keys stand.
pub(super) struct Place<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) folder: &'a Path,
}

impl Place<'_> {
    /// The text of the file that `key` names.
    pub(super) fn text(&self, key: &str, path: &Path) -> Result<(PathBuf, String), ConfigError> {
        let path = self.folder.join(path);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    /// The text of a file with a secret that `key` names.
    fn secret(&self, key: &str, path: &Path) -> Result<String, ConfigError> {
        let path = self.folder.join(path);
        match keyfile::read(&path) {
            Ok(secret) => Ok(String::from_utf8_lossy(&secret).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                Err(self.document.fault(key, format!("{}: {error}", path.display())))
            }
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    /// The path of a file that `key` may name and that must be there.
    pub(super) fn existing(&self, key: &str, path: Option<PathBuf>) -> Result<Option<PathBuf>, ConfigError> {
        let Some(path) = path.map(|path| self.folder.join(path)) else { return Ok(None) };
        match std::fs::File::open(&path) {
            Ok(_) => Ok(Some(path)),
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    fn unreadable(&self, key: &str, path: &Path, error: std::io::Error) -> ConfigError {
        let is_obstructed = error.kind() == std::io::ErrorKind::PermissionDenied;
        let error = told(path, Want::Read, error);
        let advice = if is_obstructed { "" } else { "; name a file that is there and may be read" };
        self.document.fault(key, format!("{}: {error}{advice}", path.display()))
    }
}

fn catalogue(document: &Document<'_>, folder: Option<&Path>, origin: &str) -> Result<Catalogue, ConfigError> {
    let files = folder.map_or_else(|| Ok(CatalogueFiles::embedded()), CatalogueFiles::read);
    let catalogue = files.and_then(|files| files.catalogue(origin));
    catalogue.map_err(|error| document.fault("catalogue", error.to_string()))
}

fn addresses(
    document: &Document<'_>,
    file: &file::Addresses,
    catalogue: &Catalogue,
) -> Result<Addresses, ConfigError> {
    for name in file.own.keys() {
        let host = catalogue.persona(&name.as_str().into()).and_then(|persona| catalogue.host_name(persona));
        if host.is_none() {
            let hosts = catalogue.personas().filter(|persona| persona.case.is_some());
            let hosts: Vec<_> = hosts.map(|persona| format!("\"{}\"", persona.id)).collect();
            let problem =
                format!("no MX host of the catalogue has this name; there are {}", hosts.join(", "));
            return Err(document.fault(&format!("addresses.own.{name}"), problem));
        }
    }
    let own = file.own.iter().map(|(name, own)| (name.as_str().into(), own.clone()));
    Ok(Addresses { shared: file.shared.clone(), own: own.collect() })
}

fn zone(
    place: &Place<'_>,
    file: file::Zone,
    addresses: &file::Addresses,
    origin: &str,
) -> Result<Zone, ConfigError> {
    let (path, text) = place.text("zone.file", file.file.as_deref().unwrap_or(Path::new("")))?;
    let mut others = Vec::new();
    for (number, other) in file.other.into_iter().enumerate() {
        let (path, text) = place.text(&format!("zone.other.{number}.file"), &other.file)?;
        let (apex, signed) = (other.apex, other.signed);
        others.push(authority::ZoneText { apex, file: path.display().to_string(), text, signed });
    }
    let shared = |own: &Option<Vec<IpAddr>>| own.clone().unwrap_or_else(|| addresses.shared.clone());
    let reports = |set: Option<Vec<String>>, local: &str| {
        set.unwrap_or_else(|| vec![format!("mailto:{local}@{origin}")])
    };
    let signatures = authority::SignatureSettings {
        validity_s: file.validity_s,
        refresh_s: file.refresh_s,
        backdate_s: file.backdate_s,
    };
    Ok(Zone {
        text,
        file: path.display().to_string(),
        authority: authority::Settings { keys: place.folder.join(file.keys), signatures },
        others,
        published: authority::Published {
            policy_host: shared(&addresses.policy_host),
            site: shared(&addresses.site),
            sends_from: shared(&addresses.sends_from),
            dkim: None,
            tls_reports: reports(file.tls_reports, "tls-reports"),
            dmarc_reports: reports(file.dmarc_reports, "dmarc-reports"),
            caa_issuer: file.caa_issuer,
        },
    })
}

/// The local parts of all addresses at served domains that we publish: `mailto:` for reports, and the one that
/// verdicts come from, since people answer.
fn operator_local_parts(published: &authority::Published, from: &str, catalogue: &Catalogue) -> Vec<String> {
    let reports = published.tls_reports.iter().chain(&published.dmarc_reports);
    // RFC 7489 §6.2: a limit of size may follow the address.
    let reports = reports.filter_map(|address| address.strip_prefix("mailto:")?.split('!').next());
    let served = reports.chain([from]).filter_map(|address| {
        let (local, domain) = address.rsplit_once('@')?;
        let ours =
            domain.eq_ignore_ascii_case(catalogue.origin()) || catalogue.case_of_domain(domain).is_some();
        ours.then(|| local.to_ascii_lowercase())
    });
    let mut local_parts: Vec<_> = served.collect();
    local_parts.sort();
    local_parts.dedup();
    local_parts
}

fn tls(place: &Place<'_>, file: file::Tls) -> Result<identities::Settings, ConfigError> {
    let mut files = Vec::new();
    for (number, pair) in file.files.into_iter().enumerate() {
        let existing = |name: &str, path: PathBuf| {
            let path = place.existing(&format!("tls.files.{number}.{name}"), Some(path))?;
            Ok(path.unwrap_or_default())
        };
        files.push(identities::CertificateFile {
            chain: existing("chain", pair.chain)?,
            key: existing("key", pair.key)?,
        });
    }
    let source = match file.source {
        CertificateSource::PrivateCa => identities::Source::PrivateCa,
        CertificateSource::Files => identities::Source::Files(files),
    };
    let (valid_days, renew_days) = (file.valid_days, file.renew_days);
    Ok(identities::Settings { folder: place.folder.join(file.folder), source, valid_days, renew_days })
}

fn resolver(
    place: &Place<'_>,
    file: file::Resolver,
    allowed: &[ipnet::IpNet],
) -> Result<dns::ResolverSettings, ConfigError> {
    let (mut hints, mut anchors) = match dns::Servers::default() {
        dns::Servers::Recursor { root_hints, trust_anchors } => (root_hints, trust_anchors),
        dns::Servers::Forwarder { trust_anchors, .. } => (Vec::new(), trust_anchors),
    };
    if let Some(path) = &file.trust_anchors_file {
        anchors = place.text("resolver.trust_anchors_file", path)?.1;
    }
    if !file.root_hints.is_empty() {
        hints = file.root_hints;
    }
    let servers = match file.servers.is_empty() {
        true => dns::Servers::Recursor { root_hints: hints, trust_anchors: anchors },
        false => dns::Servers::Forwarder { addresses: file.servers, trust_anchors: anchors },
    };
    Ok(dns::ResolverSettings {
        from: file.from,
        rules: dial::AddressRules { allowed: allowed.to_vec(), own: Vec::new() },
        query_timeout_ms: file.query_timeout_ms,
        attempts_max: file.attempts_max,
        lookup_timeout_s: file.lookup_timeout_s,
        cache_ttl_max_s: file.cache_ttl_max_s,
        cache_entries_max: file.cache_entries_max,
        ..dns::ResolverSettings::new(servers)
    })
}

fn mail_limits(file: &file::Reply) -> MailLimits {
    MailLimits {
        per_address: file.per_address_day_max,
        per_domain: file.per_domain_day_max,
        all: file.per_day_max,
    }
}

fn reply(place: &Place<'_>, file: file::Reply, limits: MailLimits) -> Result<reply::Settings, ConfigError> {
    let delivery = match file.delivery {
        DeliveryWay::Maildir => reply::Delivery::Maildir { path: place.folder.join(file.maildir) },
        DeliveryWay::Smarthost => reply::Delivery::Smarthost(smarthost(place, file.smarthost)?),
        DeliveryWay::Mx => reply::Delivery::Mx,
    };
    Ok(reply::Settings {
        from: file.from,
        delivery,
        limits,
        retry_first_s: file.retry_first_s,
        retry_most_s: file.retry_most_s,
        give_up_s: file.give_up_s,
        hand_over_timeout_s: file.hand_over_timeout_s,
        poll_ms: file.poll_ms,
        hand_overs_max: file.hand_overs_max,
    })
}

fn operator_mail(
    place: &Place<'_>,
    file: file::OperatorMail,
    relay: &file::Smarthost,
) -> Result<OperatorMail, ConfigError> {
    let maildir = place.folder.join(file.maildir);
    Ok(match file.forward_to {
        Some(to) => OperatorMail::Forward { to, smarthost: smarthost(place, relay.clone())?, spool: maildir },
        None => OperatorMail::Maildir(maildir),
    })
}

fn smarthost(place: &Place<'_>, file: file::Smarthost) -> Result<reply::Smarthost, ConfigError> {
    let credentials = match (file.user, file.password_file) {
        (Some(user), Some(path)) => {
            let text = place.secret("reply.smarthost.password_file", &path)?;
            Some((user, text.lines().next().unwrap_or_default().to_owned()))
        }
        _ => None,
    };
    let roots = place.existing("reply.smarthost.roots", file.roots)?;
    Ok(reply::Smarthost { host: file.host, port: file.port, credentials, roots })
}
