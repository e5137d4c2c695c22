//! The hashes that a server signs key exchanges with.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{chosen, first_of_each, of_version, refused};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tables::Tables;
use crate::receiving::checks::tls::shared::groups::suites_seen;
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, instead, old_version, open, surveyed};
use crate::receiving::checks::tls::shared::undecided;
use crate::receiving::checks::{Finding, Inapplicable, Item};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Server, Survey, hash_of_scheme};

pub(super) static CHECK: Definition = Definition {
    id: "tls-handshake-hash",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Items,
    internetnl: Some("kex_hash_func"),
    judge: handshake_hash,
    en: r"Hash of the handshake's signature
    .good = The server signs key exchanges with { $items } only.
    .sufficient = The server signs key exchanges with { $items }, which is good enough.
    .phase-out = The server signs key exchanges with { $items } if asked to, which should be turned off.
    .insufficient = The server signs key exchanges with { $items } if asked to, which must be turned off.
    .unrated = The server signs key exchanges with { $items }.
    .why = The signature shows that the key exchange is the server's own. SHA-1 and MD5 can be made to collide. Counted is only what the server really used.
    .todo = Take SHA-1 and SHA-224 out of the signature algorithms of the TLS library. In OpenSSL these are SignatureAlgorithms in the section of openssl.cnf that the mail server reads; not every mail server has a setting of its own for it.",
    de: r"Hash der Signatur im Handshake
    .good = Der Server signiert den Schlüsselaustausch nur mit { $items }.
    .sufficient = Der Server signiert den Schlüsselaustausch mit { $items }; das ist gut genug.
    .phase-out = Der Server signiert den Schlüsselaustausch auf Wunsch mit { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server signiert den Schlüsselaustausch auf Wunsch mit { $items }; das muss abgeschaltet werden.
    .unrated = Der Server signiert den Schlüsselaustausch mit { $items }.
    .why = Die Signatur zeigt, dass der Schlüsselaustausch vom Server selbst stammt. Bei SHA-1 und MD5 lassen sich Kollisionen erzeugen. Gezählt wird nur, was der Server wirklich verwendet hat.
    .todo = Entfernen Sie SHA-1 und SHA-224 aus den Signaturverfahren der TLS-Bibliothek. In OpenSSL ist das SignatureAlgorithms in dem Abschnitt von openssl.cnf, den der Mailserver liest; nicht jeder Mailserver hat dafür eine eigene Einstellung.",
    fix: r#"
    .postfix =
        tls_config_file = $config_directory/openssl.cnf
        tls_config_name = postfix
    .openssl =
        postfix = postfix_settings
        {"["}postfix_settings]
        ssl_conf = postfix_ssl_settings
        {"["}postfix_ssl_settings]
        system_default = baseline_postfix_settings
        {"["}baseline_postfix_settings]
        SignatureAlgorithms = ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:\
        RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:\
        RSA+SHA256:RSA+SHA384:RSA+SHA512"#,
    ..Definition::BARE
};

/// The first choice of a suite whose key exchange is signed.
fn first_signed(server: &Server) -> Vec<String> {
    let chose = chosen(server).find(|chose| Survey::is_signed(chose.suite()));
    chose.map(|chose| chose.line()).into_iter().collect()
}

/// [`Check::HandshakeHash`]: of TLS 1.2. Before it, the hash was MD5 with SHA-1, or SHA-1 (RFC 4346 §7.4.3); in TLS
/// 1.3 the weak ones cannot be used (RFC 8446 §4.2.3).
pub(in crate::receiving::checks) fn handshake_hash(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::HandshakeHash, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let version = match old_version(&survey) {
            Err(measured) => return instead(server, measured),
            Ok(version) => version,
        };
        let signed = survey.suites(version).iter().any(|suite| Survey::is_signed(*suite));
        if version < TlsVersion::TLS12 && survey.version(TlsVersion::TLS12).no() {
            return match signed {
                true => Said::items([Item::Hash("SHA-1".to_owned())], true),
                false => Said::not_applicable(Inapplicable::NoSuchParameter),
            }
            .seen(if signed { first_signed(server) } else { suites_seen(server) })
            .seen(of_version(server, TlsVersion::TLS12));
        }
        let seen: Vec<_> = survey.hashes().map(|name| Item::Hash(name.to_owned())).collect();
        let complete = ["SHA-1", "SHA-224"].iter().all(|hash| !survey.hash(hash).unknown());
        let undecided = undecided::hashes(&survey, Tables::embedded());
        let open = open(undecided.iter().filter(|_| signed).map(|hash| survey.hash(hash)));
        if seen.is_empty() && open.is_none() {
            return match signed {
                true => Said::from(inconclusive(survey.rest())),
                false => Said::not_applicable(Inapplicable::NoSuchParameter),
            }
            .seen(suites_seen(server));
        }
        Said::items(seen, complete).open(open).seen(seen_hashes(server))
    })
}

/// What first shows each hash in TLS 1.2, and the refusals that are about hashes.
fn seen_hashes(server: &Server) -> Vec<String> {
    let signed = first_of_each(server, |chose| {
        let scheme = chose.scheme().filter(|_| chose.version() == TlsVersion::TLS12);
        scheme.and_then(hash_of_scheme).into_iter().collect()
    });
    [signed, refused(server, |hello| !Survey::any_scheme(hello))].concat()
}
