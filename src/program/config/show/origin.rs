//! Values that follow from others, where the file does not say.

use toml::Value;

use crate::program::config::settings::Settings;

/// What is in force of a key that the file does not have, and from which key it follows; none where it follows from none.
pub(super) fn follows(settings: &Settings, key: &str) -> Option<(Option<Value>, &'static str)> {
    let published = &settings.zone.published;
    let (value, from) = match key {
        "addresses.policy_host" => (list(&published.policy_host), "addresses.shared"),
        "addresses.site" => (list(&published.site), "addresses.shared"),
        "addresses.sends_from" => (list(&published.sends_from), "addresses.shared"),
        "zone.tls_reports" => (list(&published.tls_reports), "origin"),
        "zone.dmarc_reports" => (list(&published.dmarc_reports), "origin"),
        "cases.pool_labels" => (Some(Value::Integer(settings.tls.pool_labels.into())), "tls.source"),
        "smtp.host_name" => (text(&settings.smtp.host_name), "origin"),
        "smtp.info_url" => (text(settings.smtp.info_url.as_str()), "site.url"),
        "site.url" => (text(&settings.report.site_url), "origin"),
        "site.retention_days" => {
            (Some(Value::Integer(settings.report.retention_days.into())), "journal.retention_days")
        }
        "site.security_contact" => (text(&settings.notices.security_contact), "site.operator.mail"),
        "site.operator.mail" => (text(&format!("postmaster@{}", settings.origin)), "origin"),
        "reply.from" => (text(&format!("verdict@{}", settings.origin)), "origin"),
        "scan.helo" => (text(&settings.scan.helo), "smtp.host_name"),
        "scan.world.smtp_port" => {
            (Some(Value::Integer(settings.scan.dial.smtp_port.into())), "dial.smtp_port")
        }
        "scan.world.https_port" => {
            (Some(Value::Integer(settings.scan.dial.https_port.into())), "dial.https_port")
        }
        "scan.world.allowed" => (list(&settings.scan.dial.rules.allowed), "dial.allowed"),
        _ => return None,
    };
    Some((value, from))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::String(text.to_owned()))
}

fn list<T: ToString>(all: &[T]) -> Option<Value> {
    Some(Value::Array(all.iter().map(|one| Value::String(one.to_string())).collect()))
}
