//! Whether every certificate has a path to a root of those it is measured by: the public ones, unless the operator
//! set others. `Unfit`: one on the path is not meant for servers (RFC 5280 §4.2.1.12).

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::certificate::shared::trust::path_line;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{Evidence, Path, PathFault};

pub(super) static CHECK: Definition = Definition {
    id: "cert-trust",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Words(&[
        Word::Trusted,
        Word::SelfSigned,
        Word::Untrusted,
        Word::Unfit,
        Word::Expired,
        Word::NotYetValid,
    ]),
    internetnl: Some("cert_trust"),
    judge: trust,
    en: r"Trust in the certificate
    .trusted = The certificate leads to a root that is publicly trusted.
    .self-signed = The certificate is signed by itself.
    .untrusted = The certificate does not lead to a root that is publicly trusted.
    .trusted-own = The certificate leads to a root that the operator of this test has set (mx_roots). Whether it is publicly trusted was not measured.
    .untrusted-own = The certificate does not lead to a root that the operator of this test has set (mx_roots).
    .unfit = The certificate, or one above it, is not meant for TLS servers (extended key usage).
    .expired = The certificate, or one above it, has expired.
    .not-yet-valid = The certificate, or one above it, is not valid yet.
    .why = Senders with MTA-STS, and those that demand a verified certificate, deliver only to a trusted one. For DANE a matching TLSA record is enough.
    .todo = Get a certificate for servers (serverAuth) from a public authority, and serve it together with the certificates between it and the root.",
    de: r"Vertrauen in das Zertifikat
    .trusted = Das Zertifikat führt zu einer öffentlich vertrauenswürdigen Wurzel.
    .self-signed = Das Zertifikat ist selbstsigniert.
    .untrusted = Das Zertifikat führt zu keiner öffentlich vertrauenswürdigen Wurzel.
    .trusted-own = Das Zertifikat führt zu einer Wurzel, die der Betreiber dieses Tests vorgegeben hat (mx_roots). Ob es öffentlich vertrauenswürdig ist, wurde nicht gemessen.
    .untrusted-own = Das Zertifikat führt zu keiner Wurzel, die der Betreiber dieses Tests vorgegeben hat (mx_roots).
    .unfit = Das Zertifikat oder eines darüber ist nicht für TLS-Server bestimmt (extended key usage).
    .expired = Das Zertifikat oder eines darüber ist abgelaufen.
    .not-yet-valid = Das Zertifikat oder eines darüber ist noch nicht gültig.
    .why = Absender mit MTA-STS und solche, die ein geprüftes Zertifikat verlangen, stellen nur bei einem vertrauenswürdigen zu. Für DANE genügt ein passender TLSA-Eintrag.
    .todo = Besorgen Sie ein Zertifikat für Server (serverAuth) von einer öffentlichen Zertifizierungsstelle, und liefern Sie die Zertifikate zwischen ihm und der Wurzel mit.",
    fix: r#"
    .postfix = smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim =
        tls_certificate = /etc/exim4/mx-fullchain.pem
        tls_privatekey = /etc/exim4/mx.key
    .opensmtpd =
        pki mx cert "/etc/ssl/mx-fullchain.pem"
        pki mx key "/etc/ssl/private/mx.key""#,
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn trust(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::CertTrust, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let worst = chains.iter().map(|chain| path(&chain.examined.path)).max_by_key(|word| rank(*word));
            let said = match (worst, unseen_certificate(evidence, server)) {
                (Some(Word::Trusted) | None, Some(why)) => Said::inconclusive(why),
                (worst, _) => Said::is(worst.unwrap_or(Word::Untrusted)),
            };
            said.details(chains.iter().map(row)).seen(chains.iter().map(|chain| path_line(evidence, chain)))
        }
    })
}

fn path(path: &Path) -> Word {
    match path {
        Path::Trusted { .. } => Word::Trusted,
        Path::Untrusted { fault: PathFault::SelfSigned, .. } => Word::SelfSigned,
        Path::Untrusted { fault: PathFault::UnknownIssuer | PathFault::Other, .. } => Word::Untrusted,
        Path::Untrusted { fault: PathFault::Expired, .. } => Word::Expired,
        Path::Untrusted { fault: PathFault::NotYetValid, .. } => Word::NotYetValid,
        Path::Untrusted { fault: PathFault::Purpose, .. } => Word::Unfit,
    }
}

/// What is harder to mend is worse: a date passes, an unknown issuer stays.
fn rank(word: Word) -> u8 {
    match word {
        Word::Trusted => 0,
        Word::NotYetValid => 1,
        Word::Expired => 2,
        Word::Unfit => 3,
        Word::SelfSigned => 4,
        _ => 5,
    }
}

fn row(chain: &Chain<'_>) -> String {
    match &chain.examined.path {
        Path::Trusted { root } => format!("{}: {root}", chain.title()),
        Path::Untrusted { reason, .. } => format!("{}: {reason}", chain.title()),
    }
}
