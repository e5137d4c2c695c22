//! Whether a server knows a post-quantum hybrid group.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{chosen, hellos, of_version};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, surveyed};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Known, Server, Survey};

pub(super) static CHECK: Definition = Definition {
    id: "tls-post-quantum",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    judge: post_quantum,
    en: r"Post-quantum key exchange
    .present = The server knows a post-quantum hybrid group: what is recorded today stays closed to tomorrow's quantum computers.
    .absent = The server knows no post-quantum hybrid group.
    .why = Mail that is recorded today could be opened by a quantum computer one day. X25519MLKEM768 (RFC 10024) protects against that; senders that know it use it by themselves.
    .todo = Use a TLS library that knows X25519MLKEM768 (OpenSSL 3.5 or later).",
    de: r"Schlüsselaustausch, der Quantencomputern standhält
    .present = Der Server beherrscht eine hybride Post-Quanten-Gruppe: Was heute aufgezeichnet wird, bleibt auch künftigen Quantencomputern verschlossen.
    .absent = Der Server beherrscht keine hybride Post-Quanten-Gruppe.
    .why = Mail, die heute aufgezeichnet wird, könnte eines Tages ein Quantencomputer entschlüsseln. X25519MLKEM768 (RFC 10024) schützt davor; Absender, die es beherrschen, nutzen es von selbst.
    .todo = Verwenden Sie eine TLS-Bibliothek, die X25519MLKEM768 kennt (OpenSSL ab 3.5).",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn post_quantum(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::PostQuantum, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => match survey.post_quantum() {
            Known::Yes => Said::is(Word::Present),
            Known::No => Said::is(Word::Absent),
            Known::Unknown(gap) => inconclusive(gap).into(),
        }
        .seen(seen_hybrids(server, survey.post_quantum())),
    })
}

/// The first choice of such a group; where there is none, what became of the hellos that offered one, and of TLS 1.3.
fn seen_hybrids(server: &Server, known: Known) -> Vec<String> {
    let hybrid = |group: &u16| Survey::is_post_quantum(*group);
    if known.yes() {
        let chose = chosen(server).find(|chose| chose.group().as_ref().is_some_and(hybrid));
        return chose.map(|chose| chose.line()).into_iter().collect();
    }
    let asked =
        hellos(server, |hello| hello.version == TlsVersion::TLS13 && hello.groups.0.iter().any(hybrid));
    if asked.is_empty() { of_version(server, TlsVersion::TLS13) } else { asked }
}
