//! The signatures of the certificates that verifiers rely on: those on the path that was found, without the root.

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::strength::of_each;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::{Finding, Item, Tables};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "cert-signature",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Items,
    internetnl: Some("cert_signature"),
    judge: signature,
    en: r"Signatures of the certificates
    .good = The certificates are well signed: { $items }.
    .sufficient = The certificates are signed well enough: { $items }.
    .phase-out = A certificate has a signature that should be replaced: { $items }.
    .insufficient = A certificate has a signature that is too weak: { $items }.
    .unrated = The certificates have these signatures: { $items }.
    .why = A signature with SHA-1 or MD5 can be forged.
    .todo = Get a certificate from an authority that signs with SHA-256 or better.",
    de: r"Signaturen der Zertifikate
    .good = Die Zertifikate sind gut signiert: { $items }.
    .sufficient = Die Zertifikate sind gut genug signiert: { $items }.
    .phase-out = Ein Zertifikat hat eine Signatur, die ersetzt werden sollte: { $items }.
    .insufficient = Ein Zertifikat hat eine zu schwache Signatur: { $items }.
    .unrated = Die Zertifikate haben diese Signaturen: { $items }.
    .why = Eine Signatur mit SHA-1 oder MD5 lässt sich fälschen.
    .todo = Besorgen Sie ein Zertifikat von einer Zertifizierungsstelle, die mit SHA-256 oder besser signiert.",
    ..Definition::BARE
};

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
