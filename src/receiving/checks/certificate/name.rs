//! Whether every certificate is for the host.

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::certificate::shared::trust::{listed, names_line};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "cert-name",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Matched, Word::Unmatched]),
    internetnl: Some("cert_hostmatch"),
    judge: name,
    en: r"Name in the certificate
    .matched = The certificate is for the host's name.
    .unmatched = The certificate is not for the host's name.
    .why = A certificate vouches only for the names in it. Senders look for the name that the MX record gives.
    .todo = Get a certificate that lists the host's name, as the MX record has it, in subjectAltName.",
    de: r"Name im Zertifikat
    .matched = Das Zertifikat gilt für den Namen des Mailservers.
    .unmatched = Das Zertifikat gilt nicht für den Namen des Mailservers.
    .why = Ein Zertifikat bürgt nur für die Namen, die darin stehen. Absender suchen den Namen aus dem MX-Eintrag.
    .todo = Besorgen Sie ein Zertifikat, das den Namen des Mailservers, wie er im MX-Eintrag steht, in subjectAltName nennt.",
    ..Definition::BARE
};

/// [`Check::CertName`] (RFC 6125, RFC 7672 §3.2.3): names count only in the subjectAltName.
pub(in crate::receiving::checks) fn name(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::CertName, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let all = chains.iter().all(|chain| chain.examined.name_matches);
            let said = match (all, unseen_certificate(evidence, server)) {
                (false, _) => Said::is(Word::Unmatched),
                (true, Some(why)) => Said::inconclusive(why),
                (true, None) => Said::is(Word::Matched),
            };
            said.details(chains.iter().map(names))
                .seen(chains.iter().map(|chain| names_line(&server.host, chain)))
        }
    })
}

fn names(chain: &Chain<'_>) -> String {
    format!("{}: {}", chain.title(), listed(chain))
}
