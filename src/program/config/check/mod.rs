//! Values that parse and cannot be.

mod acme;
mod least;
mod names;
mod operator;
mod scan;
mod transfer;

use std::net::{IpAddr, SocketAddr};

pub(super) use names::host_of;
pub(super) use transfer::dns;

use super::document::Document;
use super::file::{CertificateSource, File};
use crate::program::reply::DeliveryWay;
use crate::sending::persona::Entrance;
use crate::sending::trial::Label;
use crate::shared::database::postgres::Address;

/// Refuses all values that cannot be, each by itself and beside the others.
pub(super) fn values(document: &Document<'_>, file: &File) {
    least::numbers(document);
    let checks = [
        needed,
        names::names,
        operator::values,
        listeners,
        node,
        cases,
        times,
        sizes,
        certificates,
        replies,
        log,
    ];
    checks.into_iter().for_each(|check| check(document, file));
    scan::values(document, &file.scan);
}

/// What only the operator can know.
fn needed(document: &Document<'_>, file: &File) {
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
            file.listen.site.is_empty() && !file.site.https,
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
    for (_, key, advice) in missing.into_iter().filter(|(missing, ..)| *missing) {
        let what = if document.is_set(key) { "this is empty" } else { "this is not set" };
        document.refuse(key, format!("{what}; {advice}"));
    }
}

fn listeners(document: &Document<'_>, file: &File) {
    let listen = &file.listen;
    let lists = [
        ("listen.smtp", &listen.smtp),
        ("listen.dns", &listen.dns),
        ("listen.policy_host", &listen.policy_host),
        ("listen.site", &listen.site),
        ("listen.http_redirect", &listen.http_redirect),
        ("listen.metrics", &listen.metrics),
    ];
    let mut taken: Vec<(SocketAddr, &str)> = Vec::new();
    for (key, addresses) in lists {
        for address in addresses {
            let other = taken.iter().find(|(taken, _)| taken == address && address.port() != 0);
            if let Some((_, other)) = other {
                let problem = format!("{address} is already in {other}; give each listener its own port");
                document.refuse(key, problem);
            }
            taken.push((*address, key));
        }
    }
}

/// Which of several nodes this is.
fn node(document: &Document<'_>, file: &File) {
    let (url, node) = (&file.journal.url, &file.node);
    if url.is_some() && document.is_set("journal.path") {
        let problem =
            "journal.path is set, too; the journal lies in the one or the other, so keep one of them";
        document.refuse("journal.url", problem.to_owned());
    }
    if url.as_ref().is_some_and(Address::has_password) {
        let problem = "a password does not belong into this file; write it into ~/.pgpass of the service's user, or \
                       name such a file in PGPASSFILE";
        document.refuse("journal.url", problem.to_owned());
    }
    match (url, &node.name) {
        (Some(_), None) => {
            let problem = "this is not set; nodes that share journal.url are told apart by it: \"mx04\"";
            document.refuse("node.name", problem.to_owned());
        }
        (None, Some(_)) => {
            let problem = "a journal in a file has no nodes; set journal.url, or remove this";
            document.refuse("node.name", problem.to_owned());
        }
        _ => {}
    }
    if url.is_none() && node.seal_key.is_some() {
        let problem =
            "a journal in a file has no nodes, who would have its secrets; set journal.url, or remove this";
        document.refuse("node.seal_key", problem.to_owned());
    }
    let configured: Vec<IpAddr> =
        file.listen.all().map(SocketAddr::ip).chain(file.addresses.cases.iter().copied()).collect();
    for ip in node.listens.iter().flatten().filter(|ip| !configured.contains(ip)) {
        document.refuse("node.listens", format!("{ip} is in no list of [listen]; write it there, too"));
    }
}

/// What ruled cases are met at must be nothing else's: at an entrance no other test is taken.
fn cases(document: &Document<'_>, file: &File) {
    let (key, cases) = ("addresses.cases", &file.addresses.cases);
    let others = file.addresses.own.values().chain([&file.addresses.shared]).flatten();
    let others: Vec<IpAddr> = others.copied().collect();
    for (number, address) in cases.iter().enumerate() {
        if others.contains(address) {
            let problem =
                format!("{address} is another MX host's, too; give each entrance an address of its own");
            document.refuse(key, problem);
        } else if cases[..number].contains(address) {
            document.refuse(key, format!("{address} is there twice; give each entrance one of its own"));
        }
    }
    for is_ipv4 in [true, false] {
        let count = cases.iter().filter(|address| address.is_ipv4() == is_ipv4).count();
        let most = Entrance::ALL.len();
        if count > most {
            let family = if is_ipv4 { "IPv4" } else { "IPv6" };
            document.refuse(key, format!("these are {count} of {family}, and there are {most} entrances"));
        }
    }
    if file.cases.pool_labels.is_some_and(|labels| labels > Label::POOL_MAX) {
        let problem = format!("a pool has {} labels at most; write no more", Label::POOL_MAX);
        document.refuse("cases.pool_labels", problem);
    }
}

fn times(document: &Document<'_>, file: &File) {
    let pace = &file.pace;
    let kept = file.journal.retention_days;
    let promised = file.site.retention_days.unwrap_or(kept);
    let faults = [
        (
            pace.patience_s <= pace.window_s,
            ["pace.patience_s", "pace.window_s"],
            format!(
                "a trial of {} s would end in the downgrade window of {} s; write more than pace.window_s",
                pace.patience_s, pace.window_s
            ),
        ),
        (
            file.zone.refresh_s >= file.zone.validity_s,
            ["zone.refresh_s", "zone.validity_s"],
            format!(
                "signatures of {} s would be made anew all the time; write less than zone.validity_s",
                file.zone.validity_s
            ),
        ),
        (
            file.tls.renew_days >= file.tls.valid_days,
            ["tls.renew_days", "tls.valid_days"],
            format!(
                "certificates of {} days would be made anew all the time; write less than tls.valid_days",
                file.tls.valid_days
            ),
        ),
        (
            file.reply.retry_most_s < file.reply.retry_first_s,
            ["reply.retry_most_s", "reply.retry_first_s"],
            "the longest wait is shorter than the first; write at least reply.retry_first_s".to_owned(),
        ),
        (
            promised > kept,
            ["site.retention_days", "journal.retention_days"],
            format!(
                "the journal keeps trials for {kept} days; write no more, or raise journal.retention_days"
            ),
        ),
        (
            i64::from(kept) * 86_400 <= i64::from(pace.patience_s),
            ["journal.retention_days", "pace.patience_s"],
            "a trial would be forgotten before it ends; write more than pace.patience_s is".to_owned(),
        ),
    ];
    compared(document, faults);
}

/// Refuses the first of two keys where the two do not go together, unless one of them is no value at all.
fn compared<const N: usize>(document: &Document<'_>, faults: [(bool, [&str; 2], String); N]) {
    for (_, keys, problem) in faults.into_iter().filter(|(wrong, ..)| *wrong) {
        if keys.into_iter().all(|key| document.is_sound(key)) {
            document.refuse(keys[0], problem);
        }
    }
}

/// Limits of which one lies within another.
fn sizes(document: &Document<'_>, file: &File) {
    let smtp = &file.smtp;
    let faults = [
        (
            smtp.messages_per_network_octets_max < smtp.message_octets_max,
            ["smtp.messages_per_network_octets_max", "smtp.message_octets_max"],
            format!(
                "no message of {} octets could come in; write smtp.message_octets_max or more",
                smtp.message_octets_max
            ),
        ),
        (
            smtp.messages_octets_max < smtp.messages_per_network_octets_max,
            ["smtp.messages_octets_max", "smtp.messages_per_network_octets_max"],
            "one network could hold all of it; write smtp.messages_per_network_octets_max or more".to_owned(),
        ),
    ];
    compared(document, faults);
}

fn certificates(document: &Document<'_>, file: &File) {
    if !document.is_sound("tls.source") {
        return;
    }
    match (file.tls.source, file.tls.files.is_empty()) {
        (CertificateSource::Files, true) => document
            .refuse("tls.files", "this is empty; list the chain and key files that your ACME client keeps"),
        (CertificateSource::PrivateCa | CertificateSource::Acme, false) => document.refuse(
            "tls.files",
            "these would not be used; write `source = \"files\"` in [tls], or take them out",
        ),
        (CertificateSource::Acme, true) => acme::values(document, file),
        _ => {}
    }
}

fn replies(document: &Document<'_>, file: &File) {
    let smarthost = &file.reply.smarthost;
    let forward_to = &file.operator_mail.forward_to;
    if forward_to.as_ref().is_some_and(|to| !to.contains('@') || to.contains(char::is_whitespace)) {
        let problem = "this is no address; write `local@domain`";
        document.refuse("operator_mail.forward_to", problem);
    }
    let has_no_host = smarthost.host.is_empty() && document.is_sound("reply.smarthost.host");
    if forward_to.is_some() && has_no_host {
        let problem = "a smarthost relays this mail; name it as reply.smarthost.host, or take a maildir";
        document.refuse("operator_mail.forward_to", problem);
    }
    if file.reply.delivery == DeliveryWay::Smarthost && has_no_host {
        let problem = "this is not set, and verdicts go to a smarthost; name it, as in its certificate";
        document.refuse("reply.smarthost.host", problem);
    }
    let both = ["reply.smarthost.user", "reply.smarthost.password_file"];
    if smarthost.user.is_some() != smarthost.password_file.is_some()
        && both.iter().all(|key| document.is_sound(key))
    {
        let (set, other) = if smarthost.user.is_some() { (both[0], both[1]) } else { (both[1], both[0]) };
        document.refuse(set, format!("this needs {other}, too; set both or neither"));
    }
    let unfit = |from: &&String| {
        from.rsplit_once('@').is_none_or(|(local, domain)| {
            local.is_empty() || !domain.eq_ignore_ascii_case(file.origin.trim_end_matches('.'))
        })
    };
    if let Some(from) = file.reply.from.as_ref().filter(unfit).filter(|_| document.is_sound("origin")) {
        document.refuse(
            "reply.from",
            format!("`{from}` is no address at {}; our DKIM key signs for that domain alone", file.origin),
        );
    }
}

fn log(document: &Document<'_>, file: &File) {
    if let Err(error) = tracing_subscriber::EnvFilter::builder().parse(&file.log.filter) {
        let problem = format!("{error}; write a level such as \"info\", or target=level with commas between");
        document.refuse("log.filter", problem);
    }
}
