//! How many client-initiated renegotiations a server takes on one connection, of eleven.

use jiff::Timestamp;

use crate::receiving::checks::Finding;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::line;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::handshake::{old, said, tls12_only};
use crate::receiving::checks::tls::shared::surveyed::inconclusive;
use crate::shared::evidence::scan::{Evidence, Question, Server};

pub(super) static CHECK: Definition = Definition {
    id: "tls-client-renegotiation",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Count,
    internetnl: Some("renegotiation_client"),
    judge: client_renegotiation,
    en: r"Renegotiation by the client
    .count = { $count ->
        [0] The server refuses renegotiation by the client.
        [one] The server accepted one renegotiation by the client, and refused the next.
        [11] The server accepted all eleven renegotiations that were tried on one connection.
       *[other] The server accepted { $count } renegotiations by the client, and refused the next.
    }
    .why = Each costs the server much and the client little, so that it serves to overload a server. TLS 1.3 has none.
    .todo = Turn off renegotiation by the client.",
    de: r"Renegotiation durch den Client
    .count = { $count ->
        [0] Der Server lehnt Renegotiation durch den Client ab.
        [one] Der Server nahm eine Renegotiation durch den Client an und lehnte die nächste ab.
        [11] Der Server nahm alle elf Renegotiations an, die auf einer Verbindung versucht wurden.
       *[other] Der Server nahm { $count } Renegotiations durch den Client an und lehnte die nächste ab.
    }
    .why = Jede kostet den Server viel und den Client wenig; damit lässt sich ein Server überlasten. In TLS 1.3 gibt es keine.
    .todo = Schalten Sie die Renegotiation durch den Client ab.",
    fix: r"
    .postfix = tls_ssl_options = NO_RENEGOTIATION",
    ..Definition::BARE
};

/// [`Check::ClientRenegotiation`]: our client for it speaks TLS 1.2.
pub(in crate::receiving::checks) fn client_renegotiation(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ClientRenegotiation, evidence, |_, server| {
        said(
            server,
            old(evidence, server).map(|survey| match survey.renegotiations {
                Ok(accepted) => Said::count(u32::from(accepted)),
                Err(gap) => inconclusive(tls12_only(&survey, server, gap)).into(),
            }),
        )
        .seen(renegotiation(server))
    })
}

fn renegotiation(server: &Server) -> Vec<String> {
    let asked = |question: &Question| matches!(question, Question::Renegotiate { .. });
    server.probes.iter().filter(|probe| asked(&probe.question)).map(line).collect()
}
