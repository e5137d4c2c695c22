//! Whether DANE, MTA-STS, certificate and MX names agree: a sender that goes by DANE and one that goes by MTA-STS both
//! reach every MX host.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::mta_sts::{self, policy_or_reason};
use crate::receiving::checks::binding::shared::{dane, dane_match, mta_sts_mx};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::over_tls;
use crate::receiving::checks::subjects::{Said, domain, hosts, no_host};
use crate::receiving::checks::{Finding, Inapplicable, Measured, Unknown, Word, lines};
use crate::shared::evidence::scan::{Cut, Evidence, MxHost};
use crate::shared::policy::Mode;

pub(super) static CHECK: Definition = Definition {
    id: "bindings-agree",
    category: Category::Binding,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Agrees, Word::Disagrees]),
    judge: agree,
    answered_by: &[Check::TlsaMatch, Check::MtaStsMx, Check::Tlsa],
    en: r"DANE, MTA-STS and certificates agree
    .agrees = As far as could be seen, senders with DANE and senders with MTA-STS alike reach every mail server.
    .disagrees = DANE, MTA-STS, certificates and MX records do not agree: some senders do not reach every mail server.
    .why = Each of them names the right server in its own way. What one allows and another forbids works for some senders only, and is hard to find.
    .todo = Repair the mail server that fails for DANE or MTA-STS above.",
    de: r"Übereinstimmung von DANE, MTA-STS und Zertifikaten
    .agrees = Soweit zu sehen war, erreichen Absender mit DANE und Absender mit MTA-STS gleichermaßen jeden Mailserver.
    .disagrees = DANE, MTA-STS, Zertifikate und MX-Einträge stimmen nicht überein: Manche Absender erreichen nicht jeden Mailserver.
    .why = Jedes davon nennt den richtigen Server auf seine Weise. Was das eine erlaubt und das andere verbietet, funktioniert nur bei manchen Absendern, und der Fehler ist schwer zu finden.
    .todo = Reparieren Sie den Mailserver, der oben an DANE oder MTA-STS scheitert.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn agree(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let mut senders = Senders::default();
    let policy = policy_or_reason(evidence);
    for mx in hosts(evidence) {
        senders.dane(evidence, mx);
        senders.seen.extend(dane::seen(mx));
        match &policy {
            Ok(policy) if policy.mode != Mode::None => {
                let said = mta_sts_mx::host(evidence, policy, mx);
                senders.mta_sts(mx, said.measured(), policy.mode);
                senders.seen.extend_from_slice(said.evidence());
            }
            Err(Measured::Inconclusive { why }) => senders.unknown(*why),
            Ok(_) | Err(_) => {}
        }
    }
    // Of hosts that were left out nothing is known.
    let left_out = |cut: &Cut| cut.what == "mx" || cut.what == "servers";
    if evidence.cuts.iter().any(left_out) || lines::cut(evidence, &evidence.names.mx).is_some() {
        senders.unknown(Unknown::Cut);
    }
    senders.seen.extend(mta_sts::seen(evidence));
    let said = if hosts(evidence).next().is_none() { no_host(evidence) } else { senders.said() };
    domain(Check::BindingsAgree, evidence, said)
}

/// What both kinds of sender meet, over all hosts.
#[derive(Default)]
struct Senders {
    bound: bool,
    failing: Vec<String>,
    rows: Vec<String>,
    seen: Vec<String>,
    unknown: Option<Unknown>,
}

impl Senders {
    fn unknown(&mut self, why: Unknown) {
        self.unknown.get_or_insert(why);
    }

    /// RFC 7672 §2.2: usable records bind; unusable ones still demand TLS; a look-up that fails makes a host
    /// unreachable.
    fn dane(&mut self, evidence: &Evidence, mx: &MxHost) {
        match dane::state(mx) {
            Err(why) => self.unknown(why),
            Ok(Word::Bogus | Word::Unproven) => {
                self.bound = true;
                self.failing.push(format!("DANE | {}: TLSA (bogus)", mx.host));
            }
            Ok(Word::Present) => {
                self.bound = true;
                for server in evidence.servers_of(&mx.host) {
                    let said = dane_match::address(evidence, mx, server);
                    self.seen.extend_from_slice(said.evidence());
                    let pair = format!("DANE | {} {}: TLSA", mx.host, server.ip);
                    match said.measured() {
                        Measured::Is { word: Word::Matched } => {
                            self.rows.push(format!("{pair} = certificate"))
                        }
                        Measured::Is { word: Word::Unmatched } => {
                            self.failing.push(format!("{pair} ≠ certificate"));
                        }
                        Measured::Is { .. } => match over_tls(evidence, server) {
                            Ok(()) => self.rows.push(format!("{pair} | STARTTLS")),
                            Err(measured) => self.without_tls(&pair, &measured),
                        },
                        measured => self.without_tls(&pair, measured),
                    }
                }
            }
            Ok(_) => {}
        }
    }

    fn without_tls(&mut self, pair: &str, measured: &Measured) {
        match measured {
            Measured::Inconclusive { why } => self.unknown(*why),
            Measured::NotApplicable { why: Inapplicable::NoStarttls | Inapplicable::NoCertificate } => {
                self.failing.push(format!("{pair} ≠ STARTTLS (-)"));
            }
            _ => {}
        }
    }

    fn mta_sts(&mut self, mx: &MxHost, measured: &Measured, mode: Mode) {
        self.bound = true;
        let pair = format!("MTA-STS {mode} | {}", mx.host);
        let row = match measured {
            Measured::Is { word: Word::Matched } => {
                self.rows.push(format!("{pair} = mx, certificate"));
                return;
            }
            Measured::Is { word: Word::Unlisted } => format!("{pair} ≠ mx"),
            Measured::Is { .. } => format!("{pair} ≠ certificate"),
            Measured::Inconclusive { why } => return self.unknown(*why),
            _ => return,
        };
        // While a policy is being tested, senders deliver all the same and report (RFC 8461 §5).
        match mode {
            Mode::Enforce => self.failing.push(row),
            Mode::Testing | Mode::None => self.rows.push(row),
        }
    }

    fn said(self) -> Said {
        let said = match self.unknown {
            _ if !self.failing.is_empty() => Said::is(Word::Disagrees),
            Some(why) => Said::inconclusive(why),
            None if self.bound => Said::is(Word::Agrees),
            None => Said::not_applicable(Inapplicable::NoRecord),
        };
        said.details(self.failing).details(self.rows).seen(self.seen)
    }
}
