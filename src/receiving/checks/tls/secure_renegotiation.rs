//! Secure renegotiation (RFC 5746).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::each_address;
use crate::receiving::checks::tls::shared::handshake::{Extension, extension, old, said, word};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "tls-secure-renegotiation",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    internetnl: Some("renegotiation_secure"),
    judge: secure_renegotiation,
    en: r"Secure renegotiation
    .present = The server supports secure renegotiation (RFC 5746).
    .absent = The server does not support secure renegotiation (RFC 5746).
    .why = Without it an attacker can put his own words before those of a sender.
    .todo = Update the TLS library: every one since 2010 supports it.",
    de: r"Sichere Renegotiation
    .present = Der Server unterstützt die sichere Renegotiation (RFC 5746).
    .absent = Der Server unterstützt die sichere Renegotiation (RFC 5746) nicht.
    .why = Ohne sie kann ein Angreifer dem, was ein Absender schickt, eigene Befehle voranstellen.
    .todo = Aktualisieren Sie die TLS-Bibliothek: Seit 2010 unterstützt sie jede.",
    ..Definition::BARE
};

const RENEGOTIATION_INFO: Extension =
    Extension { code: 65281, name: "renegotiation_info", from: TlsVersion(0x0300) };

pub(in crate::receiving::checks) fn secure_renegotiation(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::SecureRenegotiation, evidence, |_, server| {
        said(
            server,
            old(evidence, server)
                .map(|survey| word(survey.secure_renegotiation, Word::Present, Word::Absent)),
        )
        .seen(extension(server, &RENEGOTIATION_INFO))
    })
}
