//! Values that parse and cannot be.

use std::net::SocketAddr;

use super::document::{ConfigError, Document};
use super::file::{CertificateSource, File};
use crate::program::reply::Delivery;

/// The least that a number may be. Whatever is not listed may be zero.
const LEAST: [(&str, i64); 82] = [
    ("pace.rotation_s", 1),
    ("trials.open_trials_max", 1),
    ("trials.open_trials_per_source_max", 1),
    ("trials.open_trials_per_network_max", 1),
    ("trials.open_trials_per_domain_max", 1),
    ("trials.trial_links_max", 1),
    ("trials.trial_questions_max", 1),
    ("trials.trial_fetches_max", 1),
    ("trials.links_max", 1),
    ("trials.questions_max", 1),
    ("trials.fetches_max", 1),
    ("pace.no_sni_refusals", 1),
    ("pace.attempt_gap_s", 1),
    ("zone.validity_s", 2),
    ("zone.refresh_s", 1),
    ("dns.tcp_connections_max", 1),
    ("dns.tcp_connections_per_address_max", 1),
    ("dns.tcp_connections_per_network_max", 1),
    ("dns.udp_queue_octets_max", 65_536),
    ("dns.tcp_idle_s", 1),
    ("dns.tcp_queries_max", 1),
    ("dns.rate.burst", 1),
    ("dns.rate.buckets_max", 1),
    ("tls.valid_days", 1),
    // RFC 5321 §4.5.3.1.4 and §4.5.3.1.6 to §4.5.3.1.8.
    ("smtp.command_line_octets_max", 512),
    ("smtp.text_line_octets_max", 1000),
    ("smtp.header_octets_max", 65_536),
    // RFC 5321 §6.3.
    ("smtp.hops_max", 100),
    ("smtp.message_octets_max", 65_536),
    ("smtp.messages_octets_max", 65_536),
    ("smtp.messages_per_network_octets_max", 65_536),
    ("smtp.recipients_max", 100),
    ("smtp.commands_max", 10),
    ("smtp.bad_commands_max", 1),
    ("smtp.facts_max", 16),
    ("smtp.command_s", 1),
    ("smtp.handshake_s", 1),
    ("smtp.session_s", 1),
    ("smtp.answer_s", 1),
    ("smtp.links_per_address_max", 1),
    ("smtp.links_per_network_max", 1),
    ("smtp.links_max", 1),
    ("journal.queue_facts", 1),
    ("journal.group_facts", 1),
    ("journal.queries_days", 1),
    ("journal.retention_days", 1),
    ("journal.size_mib", 1),
    ("journal.day_mib", 1),
    ("mailauth.timeout_s", 1),
    ("mailauth.signatures", 1),
    ("resolver.query_timeout_ms", 1),
    ("resolver.attempts_max", 1),
    ("resolver.lookup_timeout_s", 1),
    ("dial.smtp_port", 1),
    ("dial.https_port", 1),
    ("dial.connect_timeout_s", 1),
    ("web.connections_max", 1),
    ("web.connections_per_address_max", 1),
    ("web.connections_per_network_max", 1),
    ("web.requests_max", 1),
    ("web.head_octets_max", 8192),
    ("web.head_timeout_s", 1),
    ("web.connection_timeout_s", 1),
    ("site.retention_days", 1),
    ("reply.smarthost.port", 1),
    ("reply.retry_first_s", 1),
    ("reply.hand_over_timeout_s", 1),
    ("reply.hand_overs_max", 1),
    ("scan.scan_s", 1),
    ("scan.scans_at_once_max", 1),
    ("scan.groups_at_once_max", 1),
    ("scan.greeting_s", 1),
    ("scan.limited_per_minute_max", 1),
    ("scan.networks.timeout_s", 1),
    ("scan.networks.all_s", 1),
    ("scan.world.dns_port", 1),
    ("scan.world.smtp_port", 1),
    ("scan.world.https_port", 1),
    ("scan.world.connect_timeout_s", 1),
    ("scan.per_address_day_max", 1),
    ("scan.per_network_day_max", 1),
    ("self_check.every_s", 1),
];

/// Whether all values can be, each by itself and all together.
pub(super) fn values(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    for (key, least) in LEAST {
        if let Some(number) = document.integer(key).filter(|number| *number < least) {
            let problem = format!("{number} is too small; write {least} or more");
            return Err(document.fault(key, problem));
        }
    }
    let checks = [needed, names, listeners, times, sizes, certificates, replies];
    checks.into_iter().try_for_each(|check| check(document, file))?;
    super::scan::check(document, &file.scan)
}

/// What only the operator can know.
fn needed(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let missing = [
        (
            file.origin.is_empty(),
            "origin",
            "set the domain that is delegated to this service: \"test.example\"",
        ),
        (file.listen.smtp.is_empty(), "listen.smtp", "list where mail is received: [\"192.0.2.25:25\"]"),
        (file.listen.dns.is_empty(), "listen.dns", "list where DNS is served: [\"192.0.2.53:53\"]"),
        (
            file.listen.policy_host.is_empty(),
            "listen.policy_host",
            "list where the MTA-STS policy is served: [\"192.0.2.25:443\"]",
        ),
        (
            file.listen.site.is_empty(),
            "listen.site",
            "list where your HTTPS proxy finds the site: [\"127.0.0.1:8025\"]",
        ),
        (
            file.addresses.shared.is_empty(),
            "addresses.shared",
            "list the public addresses of the MX hosts: [\"192.0.2.25\"]",
        ),
        (file.zone.file.is_none(), "zone.file", "name the file with the origin's SOA, NS and glue records"),
    ];
    match missing.into_iter().find(|(missing, ..)| *missing) {
        None => Ok(()),
        Some((_, key, advice)) => {
            let what = if document.is_set(key) { "this is empty" } else { "this is not set" };
            Err(document.fault(key, format!("{what}; {advice}")))
        }
    }
}

fn names(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let names = [
        ("origin", Some(&file.origin)),
        ("smtp.host_name", Some(&file.smtp.host_name).filter(|_| document.is_set("smtp.host_name"))),
        ("zone.caa_issuer", file.zone.caa_issuer.as_ref()),
        ("dkim.selector", Some(&file.dkim.selector)),
    ];
    for (key, name) in names {
        let dots = key != "dkim.selector";
        if let Some(name) = name.filter(|name| !is_domain(name, dots)) {
            let problem = format!(
                "`{name}` is no {}; write letters, digits and hyphens{}",
                if dots { "domain" } else { "label of a domain" },
                if dots { " in labels with dots between, an internationalised one as xn--…" } else { "" },
            );
            return Err(document.fault(key, problem));
        }
    }
    for (number, other) in file.zone.other.iter().enumerate() {
        if other.apex != "." && !is_domain(&other.apex, false) {
            let problem = format!("`{}` is no zone's name; write a domain, or `.` for the root", other.apex);
            return Err(document.fault(&format!("zone.other.{number}.apex"), problem));
        }
    }
    let url =
        file.site.url.as_deref().filter(|url| !url.starts_with("https://") && !url.starts_with("http://"));
    if let Some(url) = url {
        let problem = format!("`{url}` is no address of a site; write https:// and its name");
        return Err(document.fault("site.url", problem));
    }
    reports(document, "zone.tls_reports", file.zone.tls_reports.as_deref(), &["mailto:", "https:"])?;
    reports(document, "zone.dmarc_reports", file.zone.dmarc_reports.as_deref(), &["mailto:"])
}

fn reports(
    document: &Document<'_>,
    key: &str,
    addresses: Option<&[String]>,
    schemes: &[&str],
) -> Result<(), ConfigError> {
    // RFC 8460 §3 and RFC 7489 §6.2: comma and exclamation mark separate, so an address has them encoded.
    let fit = |address: &str| {
        schemes.iter().any(|scheme| address.starts_with(scheme))
            && !address.contains([',', ';', '!', ' '])
            && (!address.starts_with("mailto:") || address.contains('@'))
    };
    match addresses.unwrap_or_default().iter().find(|address| !fit(address)) {
        None => Ok(()),
        Some(address) => {
            let problem =
                format!("`{address}` is no address for reports; begin it with {}", schemes.join(" or "));
            Err(document.fault(key, problem))
        }
    }
}

/// Whether `name` is a host name of RFC 1123 §2.1; with `dots` one of at least two labels.
pub(super) fn is_domain(name: &str, dots: bool) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 253
        && name.split('.').all(label)
        && (!dots || name.contains('.'))
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

fn listeners(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let listen = &file.listen;
    let lists = [
        ("listen.smtp", &listen.smtp),
        ("listen.dns", &listen.dns),
        ("listen.policy_host", &listen.policy_host),
        ("listen.site", &listen.site),
    ];
    let mut taken: Vec<(SocketAddr, &str)> = Vec::new();
    for (key, addresses) in lists {
        for address in addresses {
            let other = taken.iter().find(|(taken, _)| taken == address && address.port() != 0);
            if let Some((_, other)) = other {
                let problem = format!("{address} is already in {other}; give each listener its own port");
                return Err(document.fault(key, problem));
            }
            taken.push((*address, key));
        }
    }
    Ok(())
}

fn times(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let pace = &file.pace;
    let kept = file.journal.retention_days;
    let promised = file.site.retention_days.unwrap_or(kept);
    let faults = [
        (
            pace.patience_s <= pace.window_s,
            "pace.patience_s",
            format!(
                "a trial of {} s would end in the downgrade window of {} s; write more than pace.window_s",
                pace.patience_s, pace.window_s
            ),
        ),
        (
            file.zone.refresh_s >= file.zone.validity_s,
            "zone.refresh_s",
            format!(
                "signatures of {} s would be made anew all the time; write less than zone.validity_s",
                file.zone.validity_s
            ),
        ),
        (
            file.tls.renew_days >= file.tls.valid_days,
            "tls.renew_days",
            format!(
                "certificates of {} days would be made anew all the time; write less than tls.valid_days",
                file.tls.valid_days
            ),
        ),
        (
            file.reply.retry_most_s < file.reply.retry_first_s,
            "reply.retry_most_s",
            "the longest wait is shorter than the first; write at least reply.retry_first_s".to_owned(),
        ),
        (
            promised > kept,
            "site.retention_days",
            format!(
                "the journal keeps trials for {kept} days; write no more, or raise journal.retention_days"
            ),
        ),
        (
            i64::from(kept) * 86_400 <= i64::from(pace.patience_s),
            "journal.retention_days",
            "a trial would be forgotten before it ends; write more than pace.patience_s is".to_owned(),
        ),
    ];
    match faults.into_iter().find(|(wrong, ..)| *wrong) {
        None => Ok(()),
        Some((_, key, problem)) => Err(document.fault(key, problem)),
    }
}

/// Limits of which one lies within another.
fn sizes(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let smtp = &file.smtp;
    let faults = [
        (
            smtp.messages_per_network_octets_max < smtp.message_octets_max,
            "smtp.messages_per_network_octets_max",
            format!(
                "no message of {} octets could come in; write smtp.message_octets_max or more",
                smtp.message_octets_max
            ),
        ),
        (
            smtp.messages_octets_max < smtp.messages_per_network_octets_max,
            "smtp.messages_octets_max",
            "one network could hold all of it; write smtp.messages_per_network_octets_max or more".to_owned(),
        ),
    ];
    match faults.into_iter().find(|(wrong, ..)| *wrong) {
        None => Ok(()),
        Some((_, key, problem)) => Err(document.fault(key, problem)),
    }
}

fn certificates(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    match (file.tls.source, file.tls.files.is_empty()) {
        (CertificateSource::Files, true) => Err(document
            .fault("tls.files", "this is empty; list the chain and key files that your ACME client keeps")),
        (CertificateSource::PrivateCa, false) => Err(document.fault(
            "tls.files",
            "these would not be used; write `source = \"files\"` in [tls], or take them out",
        )),
        _ => Ok(()),
    }
}

fn replies(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let smarthost = &file.reply.smarthost;
    let forward_to = &file.operator_mail.forward_to;
    if forward_to.as_ref().is_some_and(|to| !to.contains('@') || to.contains(char::is_whitespace)) {
        let problem = "this is no address; write `local@domain`";
        return Err(document.fault("operator_mail.forward_to", problem));
    }
    if forward_to.is_some() && smarthost.host.is_empty() {
        let problem = "a smarthost relays this mail; name it as reply.smarthost.host, or take a maildir";
        return Err(document.fault("operator_mail.forward_to", problem));
    }
    if file.reply.delivery == Delivery::Smarthost && smarthost.host.is_empty() {
        let problem = "this is not set, and verdicts go to a smarthost; name it, as in its certificate";
        return Err(document.fault("reply.smarthost.host", problem));
    }
    if smarthost.user.is_some() != smarthost.password_file.is_some() {
        let (set, other) = match smarthost.user.is_some() {
            true => ("reply.smarthost.user", "reply.smarthost.password_file"),
            false => ("reply.smarthost.password_file", "reply.smarthost.user"),
        };
        return Err(document.fault(set, format!("this needs {other}, too; set both or neither")));
    }
    let unfit = |from: &&String| {
        from.rsplit_once('@').is_none_or(|(local, domain)| {
            local.is_empty() || !domain.eq_ignore_ascii_case(file.origin.trim_end_matches('.'))
        })
    };
    match file.reply.from.as_ref().filter(unfit) {
        None => Ok(()),
        Some(from) => Err(document.fault(
            "reply.from",
            format!("`{from}` is no address at {}; our DKIM key signs for that domain alone", file.origin),
        )),
    }
}
