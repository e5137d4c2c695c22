//! Whether a server accepts, below TLS 1.3, key exchange that RFC 10015 forbids: RSA, and Diffie-Hellman over finite
//! fields.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{Chose, first_of_each, refused, suite_name};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tables::Tables;
use crate::receiving::checks::tls::shared::suites::is_wide;
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, instead, old_version, surveyed};
use crate::receiving::checks::tls::shared::undecided;
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Gap, Hello};

pub(super) static CHECK: Definition = Definition {
    id: "tls-key-exchange",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Absent, Word::Present]),
    judge: key_exchange,
    answered_by: &[Check::Suites],
    en: r"Key exchange of TLS 1.2
    .absent = For key exchange the server accepts neither RSA nor finite fields (DHE), as RFC 10015 demands for TLS 1.2.
    .present = The server accepts RSA or finite fields (DHE) for key exchange, which RFC 10015 forbids in TLS 1.2.
    .why = With RSA a stolen key opens all recorded mail. Finite fields are slow, their groups cannot be agreed on in TLS 1.2, and servers have used weak ones. Elliptic curves have neither fault. But offering less than a sender speaks means clear text, which is worse than either (RFC 7435 §3).
    .todo = Turn off the suites with RSA and DHE key exchange as soon as your senders know better ones.
    .cost = Senders that know nothing else then deliver in clear or not at all. See in the logs first who still needs it.",
    de: r"Schlüsselaustausch in TLS 1.2
    .absent = Für den Schlüsselaustausch akzeptiert der Server weder RSA noch endliche Körper (DHE), wie RFC 10015 es für TLS 1.2 verlangt.
    .present = Der Server akzeptiert für den Schlüsselaustausch RSA oder endliche Körper (DHE); RFC 10015 verbietet das in TLS 1.2.
    .why = Bei RSA öffnet ein gestohlener Schlüssel alle aufgezeichnete Mail. Endliche Körper sind langsam, ihre Gruppen lassen sich in TLS 1.2 nicht vereinbaren, und Server haben schwache benutzt. Elliptische Kurven haben keinen dieser Mängel. Wer aber weniger anbietet, als ein Absender spricht, bekommt die Mail unverschlüsselt, und das ist schlechter als beides (RFC 7435 §3).
    .todo = Schalten Sie die Suites mit Schlüsselaustausch durch RSA und DHE ab, sobald Ihre Absender bessere kennen.
    .cost = Absender, die nichts anderes kennen, stellen dann unverschlüsselt oder gar nicht zu. Sehen Sie zuerst in den Logs nach, wer es noch braucht.",
    fix: r"
    .postfix = smtpd_tls_exclude_ciphers = aNULL, kRSA, kDHE
    .exim-openssl = tls_require_ciphers = DEFAULT:!kRSA:!kDHE
    .exim-gnutls = tls_require_ciphers = NORMAL:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA",
    ..Definition::BARE
};

/// [`Check::KeyExchange`]: what RFC 10015 forbids in TLS 1.2, and what is no better in versions before it. TLS 1.3 has
/// Diffie-Hellman over finite fields too, in groups that are sound.
pub(in crate::receiving::checks) fn key_exchange(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::KeyExchange, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let version = match old_version(&survey) {
            Err(measured) => return instead(server, measured),
            Ok(version) => version,
        };
        let forbidden = |code: u16| Tables::embedded().suite(code).is_some_and(undecided::is_forbidden);
        let accepted: Vec<u16> = survey.all_suites().into_iter().filter(|code| forbidden(*code)).collect();
        let open = undecided::forbidden_suites(&survey, Tables::embedded(), version);
        let known = open.iter().map(|code| survey.suite(version, *code));
        let said = match undecided::why(known) {
            _ if !accepted.is_empty() => Said::is(Word::Present),
            // Older scans had no reason to ask once something as bad was known.
            Some(Gap::NotAsked) => Said::inconclusive(Unknown::NotAsked),
            Some(gap) => inconclusive(gap).into(),
            None => Said::is(Word::Absent),
        };
        let own = |chose: Chose<'_>| match forbidden(chose.suite()) {
            true => vec![chose.suite()],
            false => Vec::new(),
        };
        let offers = |hello: &Hello| {
            let old = hello.version < TlsVersion::TLS13 && is_wide(hello);
            old && hello.suites.0.iter().any(|code| forbidden(*code))
        };
        let seen = if accepted.is_empty() { refused(server, offers) } else { first_of_each(server, own) };
        said.details(accepted.into_iter().map(suite_name)).seen(seen)
    })
}
