//! Whether each certificate is signed by the next. `RootSent`: and the root is sent, which nobody needs; `Expired`:
//! and one whose time is over, which no path needs.

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Certificate, Evidence};

pub(super) static CHECK: Definition = Definition {
    id: "cert-chain-order",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Ordered, Word::RootSent, Word::Expired, Word::Misordered]),
    judge: chain_order,
    en: r"Order of the chain
    .ordered = Each certificate that is sent is signed by the next.
    .root-sent = The chain is in order; the root is sent along, which nobody needs.
    .expired = The chain is in order; one certificate is sent along that no path needs and that has expired.
    .misordered = The certificates are not sent in order, or one does not belong there.
    .why = TLS 1.2 and older demand the order, and not every sender puts it right. Old ones try one path only, and fail at a certificate that others do not need.
    .todo = Serve the server's certificate first, then each one's issuer, without the root and without what no path needs.",
    de: r"Reihenfolge der Kette
    .ordered = Jedes gesendete Zertifikat ist vom nächsten signiert.
    .root-sent = Die Kette ist in Ordnung; die Wurzel wird mitgesendet, was niemand braucht.
    .expired = Die Kette ist in Ordnung; ein Zertifikat wird mitgesendet, das kein Pfad braucht und das abgelaufen ist.
    .misordered = Die Zertifikate werden nicht der Reihe nach gesendet, oder eines gehört nicht dazu.
    .why = TLS bis 1.2 verlangt die Reihenfolge, und nicht jeder Absender stellt sie selbst her. Alte versuchen nur einen Pfad und scheitern an einem Zertifikat, das andere nicht brauchen.
    .todo = Liefern Sie zuerst das Zertifikat des Servers, dann jeweils das des Ausstellers, ohne die Wurzel und ohne das, was kein Pfad braucht.",
    fix: r#"
    .postfix = smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim = tls_certificate = /etc/exim4/mx-fullchain.pem
    .opensmtpd = pki mx cert "/etc/ssl/mx-fullchain.pem""#,
    ..Definition::BARE
};

/// [`Check::ChainOrder`] (RFC 5246 §7.4.2: each certificate certifies the one before it, the root may be left out). What
/// no path needs and is over harms clients of old all the same, which look no further than for the first path.
pub(in crate::receiving::checks) fn chain_order(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_address(Check::ChainOrder, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let misordered = chains.iter().any(|chain| !chain.examined.ordered);
            let said = match unseen_certificate(evidence, server) {
                _ if misordered => Said::is(Word::Misordered),
                _ if over(&chains, now).next().is_some() => Said::is(Word::Expired),
                Some(why) => Said::inconclusive(why),
                None if chains.iter().any(Chain::sends_root) => Said::is(Word::RootSent),
                None => Said::is(Word::Ordered),
            };
            let rows = chains.iter().flat_map(|chain| {
                let sent = chain.certificates.iter().enumerate();
                sent.map(|(n, (_, certificate))| {
                    format!("{n}: {} < {}", certificate.subject, certificate.issuer)
                })
            });
            let lines = chains.iter().flat_map(|chain| {
                let issued = |sent: &(&str, &Certificate)| chain.line(*sent, &format!("< {}", sent.1.issuer));
                chain.certificates.iter().map(issued).collect::<Vec<_>>()
            });
            let over = over(&chains, now)
                .map(|(chain, sent)| chain.line(sent, &format!("until {}, on no path", sent.1.not_after)));
            said.details(rows).seen(lines).seen(over)
        }
    })
}

/// The certificates that no path goes over and whose time is over.
fn over<'c, 'a>(
    chains: &'c [Chain<'a>],
    now: Timestamp,
) -> impl Iterator<Item = (&'c Chain<'a>, (&'a str, &'a Certificate))> {
    let spare = |chain: &'c Chain<'a>| chain.spare().into_iter().map(move |sent| (chain, sent));
    chains.iter().flat_map(spare).filter(move |(_, sent)| sent.1.not_after < now)
}
