//! Whether a command sent in clear behind STARTTLS is executed within TLS (CVE-2011-0411).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::line;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::handshake::{said, tls12_only};
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, surveyed};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Known, Server};

pub(super) static CHECK: Definition = Definition {
    id: "starttls-injection",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Discarded, Word::Executed]),
    judge: injection,
    en: r"Commands smuggled in before TLS
    .discarded = The server discards what is sent in clear behind STARTTLS.
    .executed = The server executes within TLS a command that was sent in clear behind STARTTLS.
    .why = An attacker can put commands into another's protected session (CVE-2011-0411).
    .todo = Update the mail server, or what stands before it: the fault has been known since 2011.",
    de: r"Vor TLS eingeschleuste Befehle
    .discarded = Der Server verwirft, was unverschlüsselt nach STARTTLS gesendet wird.
    .executed = Der Server führt innerhalb von TLS einen Befehl aus, der unverschlüsselt nach STARTTLS gesendet wurde.
    .why = Ein Angreifer kann Befehle in die geschützte Sitzung eines anderen einschleusen (CVE-2011-0411).
    .todo = Aktualisieren Sie den Mailserver oder das, was vor ihm steht: Der Fehler ist seit 2011 bekannt.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn injection(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Injection, evidence, |_, server| {
        said(
            server,
            surveyed(evidence, server).map(|survey| match survey.injected {
                Known::Yes => Said::is(Word::Executed),
                Known::No => Said::is(Word::Discarded),
                Known::Unknown(gap) => inconclusive(tls12_only(&survey, server, gap)).into(),
            }),
        )
        .seen(injections(server))
    })
}

fn injections(server: &Server) -> Vec<String> {
    server.probes.iter().filter(|probe| probe.question.injects()).map(line).collect()
}
