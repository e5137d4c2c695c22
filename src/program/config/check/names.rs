//! Names that are none.

use crate::program::config::document::Document;
use crate::program::config::file::File;

/// Refuses names of domains, zones and sites, and addresses for reports, that are none.
pub(super) fn names(document: &Document<'_>, file: &File) {
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
            document.refuse(key, problem);
        }
    }
    for (number, other) in file.zone.other.iter().enumerate() {
        if other.apex != "." && !is_domain(&other.apex, false) {
            let problem = format!("`{}` is no zone's name; write a domain, or `.` for the root", other.apex);
            document.refuse(&format!("zone.other.{number}.apex"), problem);
        }
    }
    let url =
        file.site.url.as_deref().filter(|url| !url.starts_with("https://") && !url.starts_with("http://"));
    if let Some(url) = url {
        let problem = format!("`{url}` is no address of a site; write https:// and its name");
        document.refuse("site.url", problem);
    }
    if document.is_sound("origin") || file.site.url.is_some() {
        https(document, file);
    }
    reports(document, "zone.tls_reports", file.zone.tls_reports.as_deref(), &["mailto:", "https:"]);
    reports(document, "zone.dmarc_reports", file.zone.dmarc_reports.as_deref(), &["mailto:"]);
}

/// The host in an address of the web, without its port.
pub(in crate::program::config) fn host_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let host = behind.split(['/', '?', '#']).next().unwrap_or_default();
    host.split_once(':').map_or(host, |(host, _)| host)
}

/// What the service must know to speak HTTPS for the site.
fn https(document: &Document<'_>, file: &File) {
    if !file.site.https {
        return;
    }
    let url = file.site.url.clone().unwrap_or_else(|| format!("https://{}", file.origin));
    if !url.starts_with("https://") {
        let problem =
            format!("the service itself speaks HTTPS for the site; write https:// instead of `{url}`");
        return document.refuse("site.url", problem);
    }
    let host = host_of(&url);
    if !is_domain(host, true) {
        let problem = format!("`{host}` is no host name, and the site's certificate is for one");
        return document.refuse("site.url", problem);
    }
    if host.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("mta-sts.")) {
        let problem = format!("`{host}` is a policy host's name; give the site another");
        document.refuse("site.url", problem);
    }
}

fn reports(document: &Document<'_>, key: &str, addresses: Option<&[String]>, schemes: &[&str]) {
    // RFC 8460 §3 and RFC 7489 §6.2: comma and exclamation mark separate, so an address has them encoded.
    let fit = |address: &str| {
        schemes.iter().any(|scheme| address.starts_with(scheme))
            && !address.contains([',', ';', '!', ' '])
            && (!address.starts_with("mailto:") || address.contains('@'))
    };
    for (number, address) in addresses.unwrap_or_default().iter().enumerate() {
        if !fit(address) {
            let problem =
                format!("`{address}` is no address for reports; begin it with {}", schemes.join(" or "));
            document.refuse(&format!("{key}.{number}"), problem);
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
