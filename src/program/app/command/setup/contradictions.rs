//! What was said on the command line and stands otherwise in a configuration that is there.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::super::config_check::Line;
use super::arguments::{CertificatesFrom, Delivery, SetupCommand};
use crate::program::config::Settings;
use crate::program::reply::DeliveryWay;
use crate::sending::identities::Source;

/// A line for each.
pub(super) fn contradictions(command: &SetupCommand, settings: &Settings) -> Vec<Line> {
    let acme = &settings.acme;
    let said = [
        ("origin", settings.origin.clone(), command.origin.as_ref().map(|said| said.to_ascii_lowercase())),
        ("addresses.shared", listed(&settings.addresses.shared), listed_if_any(&command.addresses)),
        (
            "listen",
            listed(settings.listen.smtp.iter().map(|socket| socket.ip()).collect::<Vec<_>>().as_slice()),
            listed_if_any(&command.listen),
        ),
        (
            "site.operator.mail",
            settings.notices.operator.mail.clone().unwrap_or_else(|| "none".to_owned()),
            command.contact.clone(),
        ),
        (
            "reply.delivery",
            match settings.reply.delivery {
                DeliveryWay::Maildir => "maildir",
                DeliveryWay::Smarthost => "smarthost",
                DeliveryWay::Mx => "mx",
            }
            .to_owned(),
            command.delivery.map(|said| match said {
                Delivery::Mx => "mx".to_owned(),
                Delivery::Maildir => "maildir".to_owned(),
            }),
        ),
        (
            "tls.source",
            match settings.tls.source {
                Source::Files(_) => "files",
                Source::Acme(_) => "acme",
                Source::PrivateCa => "private-ca",
            }
            .to_owned(),
            command.certificates.map(|said| match said {
                CertificatesFrom::Acme => "acme".to_owned(),
                CertificatesFrom::PrivateCa => "private-ca".to_owned(),
            }),
        ),
        ("tls.acme.directory", acme.directory_url().to_owned(), command.acme_directory.clone()),
    ];
    let other = |(key, is, said): (&str, String, Option<String>)| {
        let said = said.filter(|said| *said != is)?;
        Some(Line::warning(format!(
            "{key}: the configuration says {is}, not {said}; what is there is not changed: edit the file, and \
             `systemctl restart mailassay`"
        )))
    };
    said.into_iter().filter_map(other).collect()
}

fn listed_if_any(addresses: &[IpAddr]) -> Option<String> {
    (!addresses.is_empty()).then(|| listed(addresses))
}

/// In an order of their own, so that another order is no contradiction.
fn listed(addresses: &[IpAddr]) -> String {
    let ordered: BTreeSet<_> = addresses.iter().collect();
    ordered.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
