//! From the file to each room's settings, and every value that follows from others.

use std::mem::take;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check;
use super::document::{ConfigError, ConfigErrors, Document};
use super::file::{self, CertificateSource, File};
use super::own;
use super::place::ConfigFolder;
use super::scan;
use super::settings::{Dkim, Listen, Node, OperatorMail, SealFile, SelfCheck, Settings, Zone};
use crate::operations::certificates;
use crate::program::domains;
use crate::program::reply::{self, DeliveryWay};
use crate::program::report;
use crate::program::rights::Retention;
use crate::program::site;
use crate::receiving::{self, profiles::Profiles};
use crate::sending::persona::{Addresses, Catalogue, CatalogueFiles};
use crate::sending::trials::ReviewSettings;
use crate::sending::{authority, desk, identities, journal, listener};
use crate::shared::{dial, dns};

/// The site's archive, where nothing else is said.
const ARCHIVE: &str = "site.sqlite";

/// What stands for an origin that is none, so that all else is looked at, too.
const STAND_IN: &str = "origin.invalid";

/// For how many labels policy hosts have certificates ahead, where nothing else is said: as many as one of our own names
/// with the permanent one, and no more of a public CA's than a day's trials are likely to take.
const POOL_LABELS_OF_OUR_CA: u32 = 99;
const POOL_LABELS_OF_PUBLIC_CA: u32 = 20;

/// What is made of files, and of more than one table.
struct Made {
    catalogue: Option<PathBuf>,
    addresses: Addresses,
    zone: Zone,
    dns: authority::ServerSettings,
    /// For whom the SMTP listener takes mail because of what is published.
    local_parts: Vec<String>,
    trust_own_zones: bool,
    resolver: dns::ResolverSettings,
    scan: receiving::scan::Settings,
    acme: certificates::Settings,
    tls: identities::Settings,
    dkim: Dkim,
    seal_key: Option<PathBuf>,
    seal: SealFile,
    reply: reply::Settings,
    self_check: SelfCheck,
    profiles: Arc<Profiles>,
    own: site::Own,
}

/// What other values follow from.
struct Names {
    origin: String,
    /// The site's address.
    site: String,
    /// The name of the SMTP listener.
    host: String,
}

impl Names {
    fn of(document: &Document<'_>, file: &File) -> Self {
        let origin = match document.is_sound("origin") {
            true => file.origin.trim_end_matches('.').to_ascii_lowercase(),
            false => STAND_IN.to_owned(),
        };
        let site = file.site.url.clone().unwrap_or_else(|| format!("https://{origin}"));
        let host = match document.is_set("smtp.host_name") {
            true => file.smtp.host_name.clone(),
            false => format!("mx.{origin}"),
        };
        Self { origin, site: site.trim_end_matches('/').to_owned(), host }
    }
}

/// The settings that `file` describes. Relative paths are relative to `folder`, that of the file.
pub(super) fn settings(
    document: &Document<'_>,
    mut file: File,
    folder: &Path,
) -> Result<Settings, ConfigErrors> {
    check::values(document, &file);
    let names = Names::of(document, &file);
    let notices = notices(&file, &names.origin);
    let made = made(&ConfigFolder { document, folder }, &mut file, &names);
    let Some(made) = made.filter(|_| document.is_faultless()) else { return Err(document.faults()) };
    let smtp = smtp(document, file.smtp, &names, made.local_parts);
    let Names { origin, site, host } = names;
    let scans = made.scan.enabled;
    let verdict_wait_s = if scans { made.scan.verdict_wait_s } else { 0 };
    Ok(Settings {
        trust_own_zones: made.trust_own_zones,
        resolver: made.resolver,
        dial: file.dial,
        acme: made.acme,
        tls: made.tls,
        report: report::Settings {
            // A verdict says for how long its page can be read: that is for how long the journal keeps it.
            retention_days: file.site.retention_days.unwrap_or(file.journal.retention_days),
            site_url: site.clone(),
            scans,
        },
        desk: desk::Settings {
            host,
            site,
            mails_verdicts: !matches!(made.reply.delivery, DeliveryWay::Maildir),
            limits: made.reply.limits(),
        },
        review: ReviewSettings { verdict_wait_s, ..file.desk },
        journal: journal::Settings {
            path: folder.join(&file.journal.path),
            secret: file
                .journal
                .url
                .as_ref()
                .map(|_| folder.join(&file.journal.path).with_added_extension("secret")),
            node: file.node.name.clone().unwrap_or_default(),
            ..file.journal
        },
        dkim: made.dkim,
        seal: made.seal,
        self_check: made.self_check,
        operator_mail: OperatorMail {
            maildir: folder.join(file.operator_mail.maildir),
            ..file.operator_mail
        },
        reply: made.reply,
        origin,
        catalogue: made.catalogue,
        profiles: made.profiles,
        own: made.own,
        log: file.log,
        listen: file.listen.of_node(&file.node),
        node: Node { seal_key: made.seal_key, ..file.node },
        addresses: made.addresses,
        pace: file.pace,
        trials: file.trials,
        zone: made.zone,
        dns: made.dns,
        smtp,
        mailauth: file.mailauth,
        web: file.web,
        api: file.site.api,
        notices,
        providers: file.site.providers,
        checks: domains::Settings { helo: made.scan.helo.clone(), ..file.site.checks },
        archive: folder.join(file.site.archive.unwrap_or_else(|| ARCHIVE.into())),
        scan: made.scan,
    })
}

/// What is made of files, and of more than one table; none if a part of it cannot be made. Every part is tried.
fn made(place: &ConfigFolder<'_>, file: &mut File, names: &Names) -> Option<Made> {
    let (document, origin) = (place.document, names.origin.as_str());
    let catalogue_folder = file.catalogue.as_ref().map(|path| place.folder.join(path));
    let catalogue = document.kept(catalogue(document, catalogue_folder.as_deref(), origin));
    let addresses = catalogue.as_ref().map(|catalogue| addresses(document, &file.addresses, catalogue));
    // Reports are taken by HTTPS where the site is.
    let has_site = file.site.https || !file.listen.site.is_empty();
    let report_url = (has_site && names.site.starts_with("https://"))
        .then(|| format!("{}{}", names.site, site::REPORTS_PATH));
    let mut zone = zone(place, take(&mut file.zone), &file.addresses, origin, report_url);
    zone.authority.shared = file.journal.url.is_some();
    let dns = check::dns(place, take(&mut file.dns));
    zone.others.extend(document.kept(report_zone(document, &dns, &zone, origin)).flatten());
    let answers_at = dns.answers_at(&file.listen.dns);
    let addresses = addresses.map(|addresses| Addresses {
        no_policy_host: zone.published.policy_host.is_empty(),
        no_server_in_v6: !authority::has_server_in_v6(origin, &zone.text, &answers_at),
        ..addresses
    });
    let from = file.reply.from.get_or_insert_with(|| format!("verdict@{origin}"));
    let local_parts =
        catalogue.as_ref().map(|catalogue| operator_local_parts(&zone.published, from, catalogue));

    let trust_own_zones = file.resolver.trust_own_zones;
    let resolver = document.kept(resolver(place, take(&mut file.resolver), &file.dial.rules));
    let own = own_addresses(&file.listen, &file.addresses, &zone);
    let scan = resolver.as_ref().and_then(|resolver| {
        let given = scan::Given { host: &names.host, resolver, dial: &file.dial, own };
        document.kept(scan::settings(place, take(&mut file.scan), given))
    });
    let acme = document.kept(acme(place, &file.tls));
    let site_name = file.site.https.then(|| check::host_of(&names.site).to_ascii_lowercase());
    let tls = tls(place, take(&mut file.tls), &file.cases, site_name);
    let dkim = document.kept(place.path("dkim.key", &file.dkim.key));
    let seal = document.kept(place.path("seal.key", &file.seal.key));
    let seal_key = file.node.seal_key.take().map(|key| document.kept(place.path("node.seal_key", &key)));
    let relays = file.reply.delivery == DeliveryWay::Smarthost || file.operator_mail.forward_to.is_some();
    let reply = document.kept(reply(place, take(&mut file.reply), relays));
    let profiles = document.kept(own::profiles(place, file.profiles.as_deref()));
    let own = own::site(place, &file.site);
    let self_check = document.kept(self_check(place, take(&mut file.self_check)));
    Some(Made {
        catalogue: catalogue_folder,
        addresses: addresses?,
        zone,
        dns,
        local_parts: local_parts?,
        trust_own_zones,
        resolver: resolver?,
        scan: scan?,
        acme: acme?,
        tls,
        dkim: Dkim { key: dkim?, ..take(&mut file.dkim) },
        seal: SealFile { key: seal? },
        seal_key: match seal_key {
            Some(key) => Some(key?),
            None => None,
        },
        reply: reply?,
        self_check: self_check?,
        profiles: profiles?,
        own,
    })
}

/// What the site says of its operator, and of what is kept.
fn notices(file: &File, origin: &str) -> site::Notices {
    let mut operator = file.site.operator.clone();
    let mail = operator.mail.get_or_insert_with(|| format!("postmaster@{origin}")).clone();
    let security_contact = file.site.security_contact.clone().unwrap_or(mail);
    let is_uri = ["mailto:", "https:"].iter().any(|scheme| security_contact.starts_with(scheme));
    let retention = Retention::of_journal(&file.journal, file.operator_mail.forward_to.is_some())
        .with_verdicts(file.reply.delivery == DeliveryWay::Maildir);
    let checks = &file.site.checks;
    site::Notices {
        operator,
        origin: origin.to_owned(),
        security_contact: if is_uri { security_contact } else { format!("mailto:{security_contact}") },
        kept: retention.with_checks(checks.enabled.then_some(checks.retention_days)).kept(),
    }
}

fn self_check(place: &ConfigFolder<'_>, file: SelfCheck) -> Result<SelfCheck, ConfigError> {
    // Not looked for: a lab names the private CA's root, which is made at the first start.
    let path = |path| place.path("self_check.sender_roots", path);
    Ok(SelfCheck { sender_roots: file.sender_roots.as_deref().map(path).transpose()?, ..file })
}

/// What the SMTP listener says of itself, and for whom it takes mail beside the tests.
fn smtp(
    document: &Document<'_>,
    mut smtp: listener::Settings,
    names: &Names,
    local_parts: Vec<String>,
) -> listener::Settings {
    names.host.clone_into(&mut smtp.host_name);
    if !document.is_set("smtp.info_url") {
        smtp.info_url = format!("{}/", names.site);
    }
    smtp.report_local_parts.extend(local_parts);
    smtp.report_local_parts.push(desk::OBJECTION_LOCAL_PART.to_owned());
    smtp
}

/// Every address that is known to be ours: where we listen and what we publish.
fn own_addresses(listen: &Listen, addresses: &file::Addresses, zone: &Zone) -> Vec<IpAddr> {
    let listeners = [
        &listen.smtp,
        &listen.dns,
        &listen.policy_host,
        &listen.site,
        &listen.http_redirect,
        &listen.metrics,
    ];
    let bound = listeners.into_iter().flatten().map(|address| address.ip());
    let published = &zone.published;
    let (shared, cases) = (&addresses.shared, &addresses.cases);
    let lists = [shared, cases, &published.policy_host, &published.site, &published.sends_from];
    let shown = lists.into_iter().chain(addresses.own.values()).flatten().copied();
    let mut own: Vec<IpAddr> = bound.chain(shown).filter(|address| !address.is_unspecified()).collect();
    own.sort();
    own.dedup();
    own
}

fn catalogue(document: &Document<'_>, folder: Option<&Path>, origin: &str) -> Result<Catalogue, ConfigError> {
    let files = folder.map_or_else(|| Ok(CatalogueFiles::embedded()), CatalogueFiles::read);
    let catalogue = files.and_then(|files| files.catalogue(origin));
    catalogue.map_err(|error| document.fault("catalogue", error.to_string()))
}

fn addresses(document: &Document<'_>, file: &file::Addresses, catalogue: &Catalogue) -> Addresses {
    for name in file.own.keys() {
        let host = catalogue.persona(&name.as_str().into()).and_then(|persona| catalogue.host_name(persona));
        if host.is_none() {
            let hosts = catalogue.personas().filter(|persona| persona.case.is_some());
            let hosts: Vec<_> = hosts.map(|persona| format!("\"{}\"", persona.id)).collect();
            let problem =
                format!("no MX host of the catalogue has this name; there are {}", hosts.join(", "));
            document.refuse(&format!("addresses.own.{name}"), problem);
        }
    }
    let own = file.own.iter().map(|(name, own)| (name.as_str().into(), own.clone()));
    Addresses { shared: file.shared.clone(), own: own.collect(), ..Addresses::default() }
        .with_entrances(&file.cases)
}

fn zone(
    place: &ConfigFolder<'_>,
    file: file::Zone,
    addresses: &file::Addresses,
    origin: &str,
    report_url: Option<String>,
) -> Zone {
    let text = |key: &str, path: &Path| place.document.kept(place.text(key, path)).unwrap_or_default();
    let (path, origin_text) = text("zone.file", file.file.as_deref().unwrap_or(Path::new("")));
    let mut others = Vec::new();
    for (number, other) in file.other.into_iter().enumerate() {
        let (path, text) = text(&format!("zone.other.{number}.file"), &other.file);
        let (apex, signed) = (other.apex, other.signed);
        others.push(authority::ZoneText { apex, file: path.display().to_string(), text, signed });
    }
    let shared = |own: &Option<Vec<IpAddr>>| own.clone().unwrap_or_else(|| addresses.shared.clone());
    let reports = |set: Option<Vec<String>>, local: &str, more: Option<String>| {
        set.unwrap_or_else(|| [format!("mailto:{local}@{origin}")].into_iter().chain(more).collect())
    };
    let signatures = authority::SignatureSettings {
        validity_s: file.validity_s,
        refresh_s: file.refresh_s,
        backdate_s: file.backdate_s,
    };
    Zone {
        text: origin_text,
        file: path.display().to_string(),
        authority: authority::Settings {
            keys: place.folder.join(file.keys),
            zsk_days: file.zsk_days,
            signatures,
            shared: false,
        },
        others,
        published: authority::Published {
            policy_host: shared(&addresses.policy_host),
            site: shared(&addresses.site),
            sends_from: shared(&addresses.sends_from),
            dkim: None,
            seal: None,
            tls_reports: reports(file.tls_reports, "tls-reports", report_url),
            dmarc_reports: reports(file.dmarc_reports, "dmarc-reports", None),
            caa_issuer: file.caa_issuer,
        },
    }
}

/// The zone in which resolvers report errors, where that is below the origin.
fn report_zone(
    document: &Document<'_>,
    dns: &authority::ServerSettings,
    zone: &Zone,
    origin: &str,
) -> Result<Option<authority::ZoneText>, ConfigError> {
    let Some(agent) = dns.report_agent.as_ref().map(ToString::to_string) else { return Ok(None) };
    if !agent.trim_end_matches('.').ends_with(&format!(".{origin}")) {
        return Ok(None);
    }
    let made = authority::report_zone(&agent, origin, &zone.file, &zone.text);
    made.map(Some).map_err(|error| document.fault("dns.report_agent", error.to_string()))
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

fn tls(
    place: &ConfigFolder<'_>,
    file: file::Tls,
    cases: &file::Cases,
    site: Option<String>,
) -> identities::Settings {
    let mut files = file.files;
    for (number, pair) in files.iter_mut().enumerate() {
        for (name, path) in [("chain", &mut pair.chain), ("key", &mut pair.key)] {
            let existing = place.existing(&format!("tls.files.{number}.{name}"), path);
            *path = place.document.kept(existing).unwrap_or_default();
        }
    }
    let source = match file.source {
        CertificateSource::PrivateCa => identities::Source::PrivateCa,
        CertificateSource::Files => identities::Source::Files(files),
        CertificateSource::Acme => identities::Source::Acme(identities::PoolSettings {
            names_max: file.acme.names_max,
            further_names: file.acme.further_names,
        }),
    };
    let (valid_days, renew_days) = (file.valid_days, file.renew_days);
    let pool_labels = cases.pool_labels.unwrap_or(match source {
        identities::Source::PrivateCa => POOL_LABELS_OF_OUR_CA,
        identities::Source::Acme(_) => POOL_LABELS_OF_PUBLIC_CA,
        identities::Source::Files(_) => 0,
    });
    let folder = place.folder.join(file.folder);
    identities::Settings { folder, source, valid_days, renew_days, site, pool_labels }
}

/// The CA that certificates are ordered from.
fn acme(place: &ConfigFolder<'_>, file: &file::Tls) -> Result<certificates::Settings, ConfigError> {
    let wanted = file.acme.roots.as_ref().filter(|_| file.source == CertificateSource::Acme);
    let roots = wanted.map(|path| place.existing("tls.acme.roots", path)).transpose()?;
    Ok(certificates::Settings { roots, ..file.acme.clone() })
}

fn resolver(
    place: &ConfigFolder<'_>,
    file: file::Resolver,
    rules: &dial::AddressRules,
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
        rules: rules.clone(),
        query_timeout_ms: file.query_timeout_ms,
        attempts_max: file.attempts_max,
        lookup_timeout_s: file.lookup_timeout_s,
        cache_ttl_max_s: file.cache_ttl_max_s,
        cache_entries_max: file.cache_entries_max,
        ..dns::ResolverSettings::new(servers)
    })
}

/// The settings of the verdict mail. The smarthost's files are looked for only where it is `wanted`.
fn reply(
    place: &ConfigFolder<'_>,
    mut reply: reply::Settings,
    wanted: bool,
) -> Result<reply::Settings, ConfigError> {
    reply.maildir = place.folder.join(reply.maildir);
    let smarthost = &mut reply.smarthost;
    if wanted {
        if let (Some(_), Some(path)) = (&smarthost.user, &smarthost.password_file) {
            let text = place.secret("reply.smarthost.password_file", path)?;
            smarthost.password = Some(text.lines().next().unwrap_or_default().to_owned());
        }
        if let Some(roots) = &mut smarthost.roots {
            *roots = place.existing("reply.smarthost.roots", roots)?;
        }
    }
    Ok(reply)
}
