//! The versions of TLS that a server accepts.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::of_version;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::{surveyed, unknown};
use crate::receiving::checks::{Finding, Item, Unknown};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Known, Survey};

pub(super) static CHECK: Definition = Definition {
    id: "tls-versions",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Items,
    internetnl: Some("tls_version"),
    judge: versions,
    en: r"TLS versions
    .good = The server accepts { $items } and nothing older.
    .sufficient = The oldest version that the server accepts is { $items }, which is good enough.
    .phase-out = The server accepts { $items }, which should be turned off.
    .insufficient = The server accepts { $items }, which must be turned off.
    .unrated = The server accepts { $items }.
    .why = TLS 1.0 and 1.1 were withdrawn by RFC 8996, SSL 3.0 by RFC 7568 and SSL 2.0 by RFC 6176. An attacker between two servers can only choose what both still accept.
    .todo = Turn off everything older than TLS 1.2, and turn TLS 1.3 on.
    .cost = Senders that speak nothing newer then deliver in clear or not at all; this is why some operators keep old versions. What is sent in clear is better protected by an old version than by none.",
    de: r"TLS-Versionen
    .good = Der Server akzeptiert { $items } und nichts Älteres.
    .sufficient = Die älteste Version, die der Server akzeptiert, ist { $items }; das ist gut genug.
    .phase-out = Der Server akzeptiert { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server akzeptiert { $items }; das muss abgeschaltet werden.
    .unrated = Der Server akzeptiert { $items }.
    .why = TLS 1.0 und 1.1 sind mit RFC 8996 zurückgezogen, SSL 3.0 mit RFC 7568 und SSL 2.0 mit RFC 6176. Ein Angreifer zwischen zwei Servern kann nur wählen, was beide noch akzeptieren.
    .todo = Schalten Sie alles ab, was älter ist als TLS 1.2, und schalten Sie TLS 1.3 ein.
    .cost = Absender, die nichts Neueres sprechen, stellen dann unverschlüsselt oder gar nicht zu; deshalb behalten manche Betreiber alte Versionen. Was sonst unverschlüsselt käme, ist mit einer alten Version besser geschützt als ganz ohne.",
    fix: r"
    .postfix = smtpd_tls_protocols = >=TLSv1.2
    .exim-openssl = openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1
    .exim-gnutls = tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2",
    ..Definition::BARE
};

/// The worst first.
const ALL: [TlsVersion; 6] = [
    TlsVersion(0x0002),
    TlsVersion(0x0300),
    TlsVersion(0x0301),
    TlsVersion(0x0302),
    TlsVersion::TLS12,
    TlsVersion::TLS13,
];

pub(in crate::receiving::checks) fn versions(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Versions, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => {
            let accepted = ALL.into_iter().rev().filter(|version| survey.version(*version).yes());
            let complete = ALL.into_iter().all(|version| !survey.version(version).unknown());
            let seen = ALL.into_iter().rev().flat_map(|version| of_version(server, version));
            Said::items(accepted.map(Item::Version), complete).open(lower(&survey)).seen(seen)
        }
    })
}

/// Why a version below all accepted ones may be accepted, too: the lower, the worse.
fn lower(survey: &Survey) -> Option<Unknown> {
    let below = ALL.into_iter().take_while(|version| !survey.version(*version).yes());
    below.into_iter().find_map(|version| match survey.version(version) {
        Known::Unknown(gap) => Some(unknown(gap)),
        Known::Yes | Known::No => None,
    })
}
