//! Whether STARTTLS is offered. `Refused`: announced, and refused when asked for, other than for a time.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::reach::silent;
use crate::receiving::checks::shared::probe_lines::whole;
use crate::receiving::checks::shared::starttls::{offered, session_lines, shaken};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::scan::{Answer, Evidence, RealHandshake, Server};

pub(super) static CHECK: Definition = Definition {
    id: "starttls",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Present, Word::Refused, Word::Absent]),
    internetnl: Some("starttls_exists"),
    judge: starttls,
    en: r"STARTTLS
    .present = The server offers STARTTLS.
    .refused = The server announces STARTTLS and refuses it when asked for it.
    .absent = The server does not offer STARTTLS: all mail comes in clear.
    .why = Without STARTTLS an attacker on the way can read and change mail.
    .todo = Turn TLS on, with a key and a certificate.",
    de: r"STARTTLS
    .present = Der Server bietet STARTTLS an.
    .refused = Der Server kündigt STARTTLS an und verweigert es, wenn es verlangt wird.
    .absent = Der Server bietet kein STARTTLS an: Alle Mail kommt unverschlüsselt.
    .why = Ohne STARTTLS kann jeder, der an der Leitung sitzt, Mail lesen und verändern.
    .todo = Schalten Sie TLS ein, mit einem Schlüssel und einem Zertifikat.",
    fix: r#"
    .postfix =
        smtpd_tls_security_level = may
        smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim =
        tls_advertise_hosts = *
        tls_certificate = /etc/exim4/mx-fullchain.pem
        tls_privatekey = /etc/exim4/mx.key
    .opensmtpd =
        pki mx cert "/etc/ssl/mx-fullchain.pem"
        pki mx key "/etc/ssl/private/mx.key"
        listen on 0.0.0.0 port 25 tls pki mx hostname { $host }
        listen on :: port 25 tls pki mx hostname { $host }"#,
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn starttls(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Starttls, evidence, |_, server| match silent(evidence, server) {
        Some(measured) => measured.into(),
        None => match offered(server) {
            // What no client of ours could use to its end is not called good.
            Ok(Word::Present) if broken_off(server) => Said::inconclusive(Unknown::NoAnswer),
            Ok(Word::Present) if server.earlier.is_some() => Said::inconclusive(Unknown::Unsteady),
            Ok(word) => Said::is(word),
            Err(why) => Said::inconclusive(why),
        }
        .seen(session_lines(server).into_iter().chain(whole(server)).chain(shaken(server))),
    })
}

/// Whether the real handshake failed for no limit of ours, and no other was finished either: a server may answer
/// hellos soundly and be unable to sign.
fn broken_off(server: &Server) -> bool {
    matches!(server.handshake, Some(RealHandshake::Failed { our_limit: false, .. }))
        && !server.probes.iter().any(|probe| match &probe.answer {
            Answer::Renegotiated(_) => true,
            Answer::Injected { executed } => executed.is_some(),
            _ => false,
        })
}
