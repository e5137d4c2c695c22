//! Keys and signatures of the certificates that verifiers rely on.

use jiff::Timestamp;

use super::chains::{Chain, chains, title};
use crate::receiving::checks::Tables;
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Item};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::unseen_certificate;
use crate::shared::evidence::scan::{Certificate, Evidence, Key};

/// [`Check::CertKey`].
pub(in crate::receiving::checks) fn key(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    of_each(Check::CertKey, evidence, |certificate| {
        (Item::Key(certificate.key.clone()), key_name(&certificate.key))
    })
}

/// [`Check::CertSignature`].
pub(in crate::receiving::checks) fn signature(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    of_each(Check::CertSignature, evidence, |certificate| {
        let (oid, hash) = (certificate.signature_oid.clone(), certificate.signature_hash.clone());
        let name = Tables::embedded().signature_name(&oid).map_or(oid.clone(), str::to_owned);
        let name = match &hash {
            // RSASSA-PSS says its hash in its parameters only.
            Some(hash) if Tables::embedded().signature_name(&oid).is_none() => format!("{name} {hash}"),
            _ => name,
        };
        (Item::Signature { oid, hash }, name)
    })
}

fn of_each(check: Check, evidence: &Evidence, item: impl Fn(&Certificate) -> (Item, String)) -> Vec<Finding> {
    each_address(check, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let all: Vec<(String, (Item, String))> =
                chains.iter().flat_map(Chain::relied).map(|sent| (title(sent), item(sent.1))).collect();
            let mut rows: Vec<String> =
                all.iter().map(|(title, (_, name))| format!("{title}: {name}")).collect();
            rows.dedup();
            let lines = chains.iter().flat_map(|chain| {
                let relied = chain.relied().into_iter();
                relied.map(|sent| chain.line(sent, &item(sent.1).1)).collect::<Vec<_>>()
            });
            Said::items(all.into_iter().map(|(_, (item, _))| item), true)
                .open(unseen_certificate(evidence, server))
                .details(rows)
                .seen(lines)
        }
    })
}

fn key_name(key: &Key) -> String {
    match key {
        Key::Rsa { bits } => format!("RSA {bits}"),
        Key::Ec { oid } => format!("EC {}", Tables::embedded().curve_name(oid).unwrap_or(oid)),
        Key::Ed25519 => "Ed25519".to_owned(),
        Key::Ed448 => "Ed448".to_owned(),
        Key::Other { oid } => oid.clone(),
    }
}
