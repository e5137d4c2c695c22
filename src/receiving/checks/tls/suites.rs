//! The cipher suites that a server accepts, as far as asked: each worst class is represented.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{first_of_each, of_version, refused, suite_name};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::suites::{complete, in_use, is_wide, suites_open};
use crate::receiving::checks::tls::shared::surveyed::surveyed;
use crate::receiving::checks::{Finding, Item};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Depth, Evidence, Server, Survey};

pub(super) static CHECK: Definition = Definition {
    id: "tls-suites",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Items,
    internetnl: Some("tls_ciphers"),
    judge: suites,
    en: r"Cipher suites
    .good = All suites that were accepted are good ones.
    .sufficient = All suites that were accepted are good enough.
    .phase-out = The server accepts { $items }, which should be turned off.
    .insufficient = The server accepts { $items }, which must be turned off.
    .unrated = The server accepts { $items }.
    .why = Suites without forward secrecy let a stolen key open all old mail; those with old ciphers and hashes can be broken.
    .todo = Allow only ECDHE suites with AES-GCM or ChaCha20-Poly1305.
    .cost = Senders of about 2012 and older know no such suites, and then deliver in clear or not at all.",
    de: r"Cipher-Suites
    .good = Alle Suites, die akzeptiert wurden, sind gut.
    .sufficient = Alle Suites, die akzeptiert wurden, sind gut genug.
    .phase-out = Der Server akzeptiert { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server akzeptiert { $items }; das muss abgeschaltet werden.
    .unrated = Der Server akzeptiert { $items }.
    .why = Bei Suites ohne Forward Secrecy öffnet ein gestohlener Schlüssel auch alle alte Mail; solche mit alten Verfahren lassen sich brechen.
    .todo = Erlauben Sie nur ECDHE-Suites mit AES-GCM oder ChaCha20-Poly1305.
    .cost = Absender von etwa 2012 und früher kennen keine solchen Suites und stellen dann unverschlüsselt oder gar nicht zu.",
    fix: r#"
    .postfix =
        smtpd_tls_ciphers = high
        tls_high_cipherlist = ECDHE+AESGCM:ECDHE+CHACHA20
    .exim-openssl = tls_require_ciphers = ECDHE+AESGCM:ECDHE+CHACHA20
    .exim-gnutls =
        tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:\
          -KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:-CIPHER-ALL:\
          +AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM
    .opensmtpd = smtp ciphers "ECDHE+AESGCM:ECDHE+CHACHA20""#,
    ..Definition::BARE
};

/// [`Check::Suites`]: of TLS 1.3 and of the highest version below it, where a server's list is longest; complete
/// only where all was enumerated.
pub(in crate::receiving::checks) fn suites(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Suites, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => {
            let ssl2 = survey.ssl2.iter().map(|kind| Item::Ssl2(kind.clone()));
            let items: Vec<_> = survey.all_suites().into_iter().map(Item::Suite).chain(ssl2).collect();
            let full = evidence.depth == Depth::Full;
            let complete = full && in_use(&survey).all(|version| complete(&survey, version));
            let open = suites_open(&survey);
            Said::items(items, complete).open(open).details(by_version(&survey)).seen(seen(server, &survey))
        }
    })
}

/// What first shows each suite, and the refusals that are about suites.
fn seen(server: &Server, survey: &Survey) -> Vec<String> {
    let ssl2 = TlsVersion(0x0002);
    let old = if survey.version(ssl2).yes() { of_version(server, ssl2) } else { Vec::new() };
    let accepted = first_of_each(server, |chose| vec![chose.suite()]);
    [accepted, old, refused(server, |hello| is_wide(hello) && !survey.version(hello.version).no())].concat()
}

fn by_version(survey: &Survey) -> Vec<String> {
    let row = |version: TlsVersion| {
        let names: Vec<_> = survey.suites(version).iter().map(|code| suite_name(*code)).collect();
        (!names.is_empty()).then(|| format!("{version}: {}", names.join(" ")))
    };
    survey.versions().filter_map(row).collect()
}
