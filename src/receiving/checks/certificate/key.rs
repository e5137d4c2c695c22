//! The keys of the certificates that verifiers rely on: those on the path that was found, without the root.

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::strength::of_each;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::{Finding, Item, Tables};
use crate::shared::evidence::scan::{Evidence, Key};

pub(super) static CHECK: Definition = Definition {
    id: "cert-key",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Items,
    internetnl: Some("cert_pubkey"),
    judge: key,
    en: r"Keys of the certificates
    .good = The certificates have good keys: { $items }.
    .sufficient = The certificates have keys that are good enough: { $items }.
    .phase-out = A certificate has a key that should be replaced: { $items }.
    .insufficient = A certificate has a key that is too weak: { $items }.
    .unrated = The certificates have these keys: { $items }.
    .why = Whoever can compute the key can pose as the server.
    .todo = Have the next certificate issued for an ECDSA key on P-256, or an RSA key of at least 3072 bits. Where TLSA records are published, publish the new key's first.",
    de: r"Schlüssel der Zertifikate
    .good = Die Zertifikate haben gute Schlüssel: { $items }.
    .sufficient = Die Zertifikate haben Schlüssel, die gut genug sind: { $items }.
    .phase-out = Ein Zertifikat hat einen Schlüssel, der ersetzt werden sollte: { $items }.
    .insufficient = Ein Zertifikat hat einen zu schwachen Schlüssel: { $items }.
    .unrated = Die Zertifikate haben diese Schlüssel: { $items }.
    .why = Wer den Schlüssel berechnen kann, kann sich als dieser Server ausgeben.
    .todo = Lassen Sie das nächste Zertifikat für einen ECDSA-Schlüssel auf P-256 oder einen RSA-Schlüssel von mindestens 3072 Bit ausstellen. Wo TLSA-Einträge veröffentlicht sind, veröffentlichen Sie zuerst den des neuen Schlüssels.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn key(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    of_each(Check::CertKey, evidence, |certificate| {
        (Item::Key(certificate.key.clone()), key_name(&certificate.key))
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
