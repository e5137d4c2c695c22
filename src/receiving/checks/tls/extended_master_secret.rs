//! Extended master secret (RFC 7627).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::of_version;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::handshake::{Extension, extension, old, said, word};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Known};

pub(super) static CHECK: Definition = Definition {
    id: "tls-extended-master-secret",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    internetnl: Some("extended_master_secret"),
    judge: extended_master_secret,
    en: r"Extended master secret
    .present = The server supports the extended master secret (RFC 7627).
    .absent = The server does not support the extended master secret (RFC 7627).
    .why = It ties a TLS 1.2 key to its handshake, against attackers who stand between two connections.
    .todo = Update the TLS library: OpenSSL has it since 1.1.0, GnuTLS since 3.4.",
    de: r"Extended Master Secret
    .present = Der Server unterstützt das Extended Master Secret (RFC 7627).
    .absent = Der Server unterstützt das Extended Master Secret (RFC 7627) nicht.
    .why = Es bindet einen Schlüssel von TLS 1.2 an seinen Handshake, gegen Angreifer zwischen zwei Verbindungen.
    .todo = Aktualisieren Sie die TLS-Bibliothek: OpenSSL hat es seit 1.1.0, GnuTLS seit 3.4.",
    ..Definition::BARE
};

const EXTENDED_MASTER_SECRET: Extension =
    Extension { code: 23, name: "extended_master_secret", from: TlsVersion::TLS12 };

/// [`Check::ExtendedMasterSecret`]: TLS 1.3 has nothing to extend, and before TLS 1.2 nobody asks for it.
pub(in crate::receiving::checks) fn extended_master_secret(
    evidence: &Evidence,
    _: Timestamp,
) -> Vec<Finding> {
    each_address(Check::ExtendedMasterSecret, evidence, |_, server| {
        said(
            server,
            old(evidence, server).map(|survey| match survey.version(TlsVersion::TLS12) {
                Known::No => Said::not_applicable(Inapplicable::NoSuchParameter)
                    .seen(of_version(server, TlsVersion::TLS12)),
                _ => word(survey.extended_master_secret, Word::Present, Word::Absent),
            }),
        )
        .seen(extension(server, &EXTENDED_MASTER_SECRET))
    })
}
