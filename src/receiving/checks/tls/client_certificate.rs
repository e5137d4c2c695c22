//! Whether a server asks for a certificate of the client.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{Chose, chosen, whole};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, surveyed};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Gap, RealHandshake};

pub(super) static CHECK: Definition = Definition {
    id: "tls-client-certificate",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Absent, Word::Present]),
    judge: client_certificate,
    en: r"Certificates of clients
    .absent = The server asks senders for no certificate.
    .present = The server asks senders for a certificate. Whether it demands one was not measured.
    .why = Public authorities issue no certificates for clients any more, so that ordinary senders have none to show. To ask for one is harmless; to demand one turns them away.
    .todo = Ask for certificates of clients only if you evaluate them, and never demand one on port 25.",
    de: r"Zertifikate von Clients
    .absent = Der Server bittet Absender nicht um ein Zertifikat.
    .present = Der Server bittet Absender um ein Zertifikat. Ob er eines verlangt, wurde nicht gemessen.
    .why = Öffentliche Zertifizierungsstellen stellen keine Zertifikate für Clients mehr aus, gewöhnliche Absender haben also keines vorzuweisen. Darum zu bitten schadet nicht; eines zu verlangen weist sie ab.
    .todo = Bitten Sie um Zertifikate von Clients nur, wenn Sie sie auswerten, und verlangen Sie auf Port 25 nie eines.",
    ..Definition::BARE
};

/// [`Check::ClientCertificate`]: of the whole handshake; in clear up to TLS 1.2.
pub(in crate::receiving::checks) fn client_certificate(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ClientCertificate, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let whole = match &server.handshake {
            Some(RealHandshake::Completed(completed)) => {
                completed.client_certificate.map(|asked| (Chose::Whole(completed).line(), asked))
            }
            _ => None,
        };
        let flights = chosen(server).filter_map(|chose| match chose {
            Chose::Flight(_, _, flight) if flight.complete && flight.version < TlsVersion::TLS13 => {
                Some((chose.line(), flight.client_certificate))
            }
            _ => None,
        });
        let seen: Vec<(String, bool)> = whole.into_iter().chain(flights).collect();
        let asked = seen.iter().find(|(_, asked)| *asked);
        match (asked, seen.first()) {
            (Some((line, _)), _) => Said::is(Word::Present).seen([format!("{line}, CertificateRequest")]),
            (None, Some((line, _))) => {
                Said::is(Word::Absent).seen([format!("{line}, no CertificateRequest")])
            }
            // In TLS 1.3 the request is encrypted; older scans did not keep whether there was one.
            (None, None) if survey.rest() == Gap::NotAsked => {
                Said::inconclusive(Unknown::NotAsked).seen(self::whole(server))
            }
            (None, None) => Said::from(inconclusive(survey.rest())).seen(self::whole(server)),
        }
    })
}
