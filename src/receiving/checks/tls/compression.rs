//! TLS compression.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::dedup;
use crate::receiving::checks::shared::probe_lines::{Chose, chosen, hellos};
use crate::receiving::checks::subjects::each_address;
use crate::receiving::checks::tls::shared::handshake::{old, said, word};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Hello, Server};

pub(super) static CHECK: Definition = Definition {
    id: "tls-compression",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Absent, Word::Present]),
    internetnl: Some("tls_compression"),
    judge: compression,
    en: r"TLS compression
    .absent = TLS compression is off.
    .present = TLS compression is on, which lets an attacker guess content by its length.
    .why = The attack is known as CRIME. TLS 1.3 has no compression any more.
    .todo = Turn off TLS compression.",
    de: r"TLS-Kompression
    .absent = Die TLS-Kompression ist abgeschaltet.
    .present = Die TLS-Kompression ist eingeschaltet; damit lassen sich Inhalte anhand ihrer Länge erraten.
    .why = Der Angriff ist als CRIME bekannt. TLS 1.3 kennt keine Kompression mehr.
    .todo = Schalten Sie die TLS-Kompression ab.",
    fix: r"
    .postfix = tls_ssl_options = NO_COMPRESSION
    .exim-openssl = openssl_options = +no_compression",
    ..Definition::BARE
};

/// [`Check::Compression`] (RFC 3749; TLS 1.3 has none).
pub(in crate::receiving::checks) fn compression(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Compression, evidence, |_, server| {
        said(
            server,
            old(evidence, server).map(|survey| word(survey.compression, Word::Present, Word::Absent)),
        )
        .seen(compressed(server))
    })
}

/// The first choice of compression; where there is none, every choice without it that had the offer, or else what came
/// of the offers.
fn compressed(server: &Server) -> Vec<String> {
    let offers = |hello: &Hello| hello.compression && hello.version < TlsVersion::TLS13;
    let choices = || {
        chosen(server).filter_map(|chose| match chose {
            Chose::Flight(_, hello, flight) if hello.compression => Some((chose.line(), flight.compression)),
            _ => None,
        })
    };
    if let Some((line, _)) = choices().find(|(_, compression)| *compression != 0) {
        return vec![line];
    }
    let without = dedup(choices().map(|(line, _)| line));
    if without.is_empty() { hellos(server, offers) } else { without }
}
