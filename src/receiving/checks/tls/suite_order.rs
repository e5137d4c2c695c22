//! How a server chooses among cipher suites.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{Chose, chosen, first_of_each, refused, suite_name};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::suites::{complete, is_wide, suites_open};
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, instead, old_version, surveyed};
use crate::receiving::checks::{Choice, Finding, Inapplicable, Measured, Order};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Server, Survey};

pub(super) static CHECK: Definition = Definition {
    id: "tls-suite-order",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Order,
    internetnl: Some("tls_cipher_order"),
    judge: order,
    answered_by: &[Check::Suites],
    en: r"Choice among suites
    .fine = The server itself chooses, and chose none of the weaker suites where it had a better one.
    .idle = For the suites that were accepted these rules ask for no order.
    .no-preference = The server leaves the choice among suites to the sender.
    .pair = The server had the choice between { $better } and { $worse }, and took { $worse } (rule: { $rule }).
    .why = A server that prefers the better suite uses it with every sender that knows it, even one that lists it last.
    .todo = Let the server choose, and list the better suites first. If only good ones are on, the order does not matter.
    .rule-server-decides = I, the server decides
    .rule-levels = II.A, the better level goes first
    .rule-key-exchange = II.B, elliptic curves before finite fields before static keys
    .rule-aead = II.B, ciphers that authenticate first
    .rule-authentication = II.B, ECDSA before RSA
    .rule-size = II.B, longer keys first
    .rule-aes-before-chacha = II.B, AES-256 before ChaCha20",
    de: r"Auswahl der Cipher-Suite
    .fine = Der Server wählt selbst und nahm keine schwächere Suite, wo er eine bessere hatte.
    .idle = Für die akzeptierten Suites verlangen diese Regeln keine Reihenfolge.
    .no-preference = Der Server überlässt dem Absender die Auswahl der Suite.
    .pair = Der Server hatte die Wahl zwischen { $better } und { $worse } und nahm { $worse } (Regel: { $rule }).
    .why = Ein Server, der die bessere Suite bevorzugt, nutzt sie mit jedem Absender, der sie beherrscht, auch wenn dieser sie zuletzt nennt.
    .todo = Lassen Sie den Server wählen, und nennen Sie die besseren Suites zuerst. Sind nur gute eingeschaltet, ist die Reihenfolge egal.
    .rule-server-decides = I, der Server entscheidet
    .rule-levels = II.A, die bessere Stufe geht vor
    .rule-key-exchange = II.B, elliptische Kurven vor endlichen Körpern vor festen Schlüsseln
    .rule-aead = II.B, AEAD-Verfahren zuerst
    .rule-authentication = II.B, ECDSA vor RSA
    .rule-size = II.B, längere Schlüssel zuerst
    .rule-aes-before-chacha = II.B, AES-256 vor ChaCha20",
    fix: r"
    .postfix = tls_preempt_cipherlist = yes
    .exim-openssl = openssl_options = +cipher_server_preference
    .exim-gnutls = tls_require_ciphers = NORMAL:%SERVER_PRECEDENCE",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn order(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::SuiteOrder, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        match old_version(&survey) {
            Err(measured) => instead(server, measured),
            Ok(version) => choosing(&survey, version, server),
        }
    })
}

fn choosing(survey: &Survey, version: TlsVersion, server: &Server) -> Said {
    let choices: Vec<_> = survey
        .choices
        .iter()
        .map(|choice| Choice { accepted: choice.accepted.clone(), chosen: choice.suite })
        .collect();
    let rows: Vec<_> = choices.iter().map(row).collect();
    let own = survey.suites(version);
    let said: Said = match (suites_open(survey), survey.server_decides) {
        // Whether there is more to choose from, or who decides, was still to be asked.
        (Some(why), None) => Said::inconclusive(why),
        (_, server_decides) if !choices.is_empty() => {
            Measured::Order(Order { server_decides, choices }).into()
        }
        _ if own.len() < 2 && complete(survey, version) => Said::not_applicable(Inapplicable::NothingToOrder),
        // One example of the worst class is known, and nothing better: who decides among its like was not asked.
        _ if own.len() == 1 => {
            let choices = vec![Choice { accepted: own.to_vec(), chosen: own[0] }];
            Measured::Order(Order { server_decides: None, choices }).into()
        }
        _ => inconclusive(survey.rest()).into(),
    };
    said.details(rows).seen(seen_choosing(server, survey))
}

/// The choices from wide offers of TLS 1.2 and below, what first shows each suite there, and the refusals that show
/// which others there are not.
fn seen_choosing(server: &Server, survey: &Survey) -> Vec<String> {
    let old = |version| version < TlsVersion::TLS13;
    let in_use = |version| old(version) && !survey.version(version).no();
    let free = |chose: &Chose<'_>| chose.hello().is_some_and(|hello| old(hello.version) && is_wide(hello));
    let choices: Vec<String> = chosen(server).filter(free).map(Chose::line).collect();
    let own = |chose: Chose<'_>| if old(chose.version()) { vec![chose.suite()] } else { Vec::new() };
    let refused = refused(server, |hello| in_use(hello.version) && is_wide(hello));
    [choices, first_of_each(server, own), refused].concat()
}

/// Offer and choice: the accepted suites in the order offered, the chosen one last.
fn row(choice: &Choice) -> String {
    let offered: Vec<_> = choice.accepted.iter().map(|code| suite_name(*code)).collect();
    format!("{} -> {}", offered.join(" "), suite_name(choice.chosen))
}
