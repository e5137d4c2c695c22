//! A verdict as JSON that other tools rely on; `docs/document.md` says what it holds. Fields may be added; none is renamed
//! under the same version of [`VERDICT_SCHEMA`].

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::sending::history::{
    Attributed, Ending, History, Link, Noted, PolicyFetched, Queried, SelfChecked, Strength, TrialEnd,
    VerdictDelivery,
};
use crate::sending::persona::Catalogue;
use crate::sending::trial::HostRole;
use crate::sending::verdict::{Apart, AttackCell, Finding, Judgement, attacks};
use crate::shared::evidence::Handshake;

use super::account::{Account, Settings};
use super::cases::{cases_value, judged_by_cases, offered_value, traits_value, vector};
use super::link::{
    LinkOutcome, addresses, met_by, observations, party_name, ruled_of, sender_domain, server_of,
};
use super::page::{Seen, ToldStep, attack_in_english, reason_in_english, steps};
use crate::receiving::report as receiving;
use crate::receiving::report::Half;
use crate::shared::text::{Language, is_treacherous};

/// The form of a verdict in JSON, and its version.
pub const VERDICT_SCHEMA: &str = "mailassay-verdict/1";

/// The state of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrialState {
    /// It has not ended.
    Open,
    /// It ended because no persona could tell more.
    Settled,
    /// It ended because patience was over.
    Expired,
    /// It ended because the judge failed at it.
    Unjudged,
}

impl TrialState {
    /// That of `history`.
    pub fn of(history: &History) -> Self {
        match history.ended.as_ref().map(|ended| ended.what) {
            None => Self::Open,
            Some(TrialEnd::Settled) => Self::Settled,
            Some(TrialEnd::Expired) => Self::Expired,
            Some(TrialEnd::Unjudged) => Self::Unjudged,
        }
    }

    /// The name as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Expired => "expired",
            Self::Unjudged => "unjudged",
        }
    }
}

/// The verdict as `mailassay trial show --json` prints it. Times are RFC 3339.
pub fn json(account: Account<'_>, settings: &Settings) -> Value {
    let Account { catalogue, history, verdict, receiving, now, .. } = account;
    let why = |finding: &Finding| reason_in_english(account, settings, finding);
    let connections = history.links.iter().map(|attributed| connection(catalogue, attributed));
    let queries = history.earlier_policy_queries.iter().chain(&history.queries);
    json!({
        "schema": VERDICT_SCHEMA,
        "redacted": false,
        "trial": history.id.log_name(),
        "id": history.id,
        "state": TrialState::of(history).name(),
        "opened": history.opened,
        "ended": history.ended.as_ref().map(|ended| ended.at),
        "told": now,
        "url": settings.result_url(&history.id),
        "sender": {
            "domain": sender_domain(history),
            "sources": history.sources().iter().map(|source| source.address).collect::<Vec<_>>(),
        },
        "sending": match account.is_of_cases_alone() {
            true => judged_by_cases(account.cases),
            false => judgement(&verdict.overall, why),
        },
        "cases": cases_value(account),
        "traits": traits_value(account.cases),
        "vector": vector(account.cases),
        "tls_offered": offered_value(account.cases),
        "attack": attack(account, settings),
        "steps": steps(account, settings, Language::En).iter().map(step).collect::<Vec<_>>(),
        "apart": verdict.apart.iter().map(|apart| self::apart(apart, why)).collect::<Vec<_>>(),
        "message": message(history),
        "connections": connections.collect::<Vec<_>>(),
        "strangers": history.strangers.iter().map(|link| stranger(catalogue, link)).collect::<Vec<_>>(),
        "dns": queries.map(query).collect::<Vec<_>>(),
        "policy_fetches": history.fetches.iter().map(fetch).collect::<Vec<_>>(),
        "queries_complete": history.queries_complete,
        "fetches_complete": history.fetches_complete,
        "beyond": history.beyond,
        "self_checks": history.self_checks.iter().map(self_check).collect::<Vec<_>>(),
        "receiving": match receiving {
            Half::Scanned(receiving) => receiving::json(receiving, now),
            Half::NotScanned | Half::Running => Value::Null,
        },
        "verdict": delivery(history),
    })
}

/// A look of the service at itself.
fn self_check(noted: &Noted<Arc<SelfChecked>>) -> Value {
    let SelfChecked { dns, certificates, policy_host, unseen, cases: _, unlooked: _ } = &*noted.what;
    let mut value = json!({
        "seq": noted.seq, "at": noted.at, "dns": dns, "certificates": certificates, "policy_host": policy_host,
    });
    if !unseen.is_empty() {
        value["unseen"] = json!(unseen);
    }
    value
}

/// The same for whoever sent the mail: of DNS questions those that the page shows, and addresses of others as their
/// networks.
pub fn json_for_sender(account: Account<'_>, settings: &Settings) -> Value {
    let mut value = json(account, settings);
    let seen = Seen::of(account, settings);
    let address = |entry: &Value| entry["source"].as_str().and_then(|source| source.parse().ok());
    for (name, all) in [("dns", false), ("policy_fetches", true), ("strangers", true)] {
        let Some(entries) = value[name].as_array_mut() else { continue };
        entries.retain(|entry| all || address(entry).is_some_and(|resolver| seen.shows(resolver)));
        for entry in entries {
            entry["source"] = json!(address(entry).map(|source| seen.place(source)));
        }
    }
    value
}

/// `value` as text in which every character that could steer a terminal is escaped, as JSON allows.
pub fn json_text(value: &Value) -> String {
    safe(&serde_json::to_string_pretty(value).expect("a JSON value can be written"))
}

/// The same without blanks and ends of lines, for programs.
pub fn json_compact(value: &Value) -> String {
    safe(&serde_json::to_string(value).expect("a JSON value can be written"))
}

fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_treacherous(character) && character != '\n' {
            let mut units = [0; 2];
            safe.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(character);
        }
    }
    safe.push('\n');
    safe
}

fn judgement(judgement: &Judgement, why: impl Fn(&Finding) -> String) -> Value {
    let policy = judgement.term().map_or("inconclusive", |term| term.name());
    let finding = |finding: &Finding| {
        json!({
            "mechanism": finding.mechanism.name(),
            "result": finding.result.name(),
            "why": why(finding),
            "evidence": finding.evidence,
        })
    };
    json!({
        "policy": policy,
        "candidates": judgement.candidates.iter().map(|term| term.name()).collect::<Vec<_>>(),
        "per_destination": per_destination(judgement),
        "findings": judgement.findings.iter().map(finding).collect::<Vec<_>>(),
        "contradiction": judgement.contradiction,
    })
}

/// The term of each case, where each has its own; else null.
fn per_destination(judgement: &Judgement) -> Value {
    let each = judgement.per_destination.iter();
    let each: Map<String, Value> = each.map(|(case, term)| (case.to_string(), json!(term.name()))).collect();
    if each.is_empty() { Value::Null } else { Value::Object(each) }
}

/// The attack view, a value a cell; what it rests on and why, in English.
fn attack(account: Account<'_>, settings: &Settings) -> Vec<Value> {
    let cells = attacks(account.catalogue, account.pace, account.history, account.cases);
    let value = |cell: &AttackCell| {
        json!({
            "attack": cell.attack.name(),
            "target": cell.target.name(),
            "exposure": cell.exposure.name(),
            "why": attack_in_english(account, settings, cell),
            "evidence": cell.evidence,
        })
    };
    cells.iter().map(value).collect()
}

fn step(step: &ToldStep) -> Value {
    json!({
        "seq": step.id,
        "kind": step.kind.name(),
        "number": step.number,
        "at": step.at,
        "did": step.did,
        "seen": step.seen,
        "follows": step.follows,
    })
}

fn apart(apart: &Apart, why: impl Fn(&Finding) -> String) -> Value {
    json!({ "source": apart.source, "sending": judgement(&apart.judgement, why) })
}

fn message(history: &History) -> Value {
    let Some(message) = history.message() else {
        return json!({
            "dkim": [], "spf": null, "dmarc": null, "arc": null, "vouched": false, "message_id": null,
            "size_octets": null, "no_reply": null,
        });
    };
    let seen = &message.authentication;
    json!({
        "dkim": seen.dkim,
        "spf": seen.spf,
        "dmarc": seen.dmarc,
        "arc": seen.arc,
        "vouched": seen.vouched,
        "message_id": message.message_id,
        "size_octets": message.size_octets,
        "no_reply": message.no_reply,
    })
}

fn connection(catalogue: &Catalogue, attributed: &Attributed) -> Value {
    let mut value = of_link(catalogue, &attributed.link);
    value["attributed"] = json!(match attributed.strength {
        Strength::Exact => "exact",
        Strength::Weak { .. } => "weak",
    });
    value["shared"] = json!(matches!(attributed.strength, Strength::Weak { shared: true, .. }));
    value
}

/// A link that names the mail of the trial and that nothing ties to its sender.
fn stranger(catalogue: &Catalogue, link: &Link) -> Value {
    let mut value = of_link(catalogue, link);
    value["attributed"] = json!("stranger");
    value
}

fn of_link(catalogue: &Catalogue, link: &Link) -> Value {
    let mut transactions = Vec::new();
    for (seq, received) in &link.transactions {
        let answer = link.answers.iter().find(|(number, _)| *number == received.number);
        transactions.push(json!({
            "seq": seq,
            "began": received.began,
            "tls": received.tls,
            "from": received.reverse_path.as_ref().map(|path| &path.redacted),
            "to": addresses(catalogue, received).collect::<Vec<_>>(),
            "answered": answer.map(|(_, code)| code),
            "complete": matches!(received.ending, Ending::Complete(_)),
        }));
    }
    let first = link.transactions.first().map(|(_, received)| received);
    let mut to: Vec<String> = Vec::new();
    for (_, received) in &link.transactions {
        to.extend(addresses(catalogue, received).filter(|address| !to.contains(address)).collect::<Vec<_>>());
    }
    json!({
        "link": link.id.to_string(),
        "start": link.opened,
        "end": link.closing.as_ref().map(|closing| closing.at),
        "source": link.address(),
        "ehlo": link.ehlo.last(),
        "server": server_of(catalogue, link).map(|persona| persona.server),
        "persona": server_of(catalogue, link).map(|persona| &persona.id),
        "case": ruled_of(catalogue, link).map(|met| &met.case.id),
        "host": ruled_of(catalogue, link).and_then(|met| met.role).map(HostRole::name),
        "entrance": link.entrance,
        "met": met_by(catalogue, link).map(|persona| &persona.id),
        "sni": link.tls.as_ref().and_then(|part| part.hello.sni.as_ref()),
        "starttls_offered": link.offer.map(|(_, offer)| offer.starttls),
        "tls": tls(link),
        "state": link.state().name(),
        "outcome": LinkOutcome::of(link).name(),
        "alert": link.alert(),
        "closed_by": link.closing.as_ref().map(|closing| party_name(closing.by)),
        "quit": link.closing.as_ref().map(|closing| closing.quit),
        "irregularities": link.irregularities,
        "from": first.and_then(|received| received.reverse_path.as_ref()).map(|path| &path.redacted),
        "to": to,
        "transactions": transactions,
        "observations": observations(link),
    })
}

/// Null for a link without TLS.
fn tls(link: &Link) -> Value {
    let Some(part) = &link.tls else { return Value::Null };
    let mut value = Map::new();
    let offered: Vec<String> = part.hello.versions.iter().map(ToString::to_string).collect();
    value.insert("offered".to_owned(), json!(offered));
    if part.persona.is_none() {
        value.insert("phase".to_owned(), json!(part.phase));
    }
    match &part.handshake {
        Some(Handshake::Completed(negotiated)) => {
            value.insert("version".to_owned(), json!(negotiated.version.to_string()));
            value.insert("cipher_suite".to_owned(), json!(negotiated.cipher_suite));
            value.insert("group".to_owned(), json!(negotiated.group));
        }
        Some(Handshake::Failed(failure)) => {
            value.insert("version".to_owned(), Value::Null);
            value.insert("failed".to_owned(), json!(failure));
        }
        None => {
            value.insert("version".to_owned(), Value::Null);
        }
    }
    Value::Object(value)
}

fn query(noted: &Noted<Arc<Queried>>) -> Value {
    json!({
        "seq": noted.seq, "at": noted.at, "source": noted.what.source.ip().to_canonical(),
        "transport": noted.what.transport, "name": noted.what.name, "type": noted.what.rtype,
        "dnssec_ok": noted.what.dnssec_ok, "rcode": noted.what.rcode,
    })
}

fn fetch(noted: &Noted<Arc<PolicyFetched>>) -> Value {
    json!({
        "seq": noted.seq, "at": noted.at, "source": noted.what.address(), "sni": noted.what.sni,
        "path": noted.what.path, "status": noted.what.status, "user_agent": noted.what.user_agent,
        "alert": noted.what.alert,
    })
}

fn delivery(history: &History) -> Value {
    let Some(noted) = &history.delivery else {
        return json!({ "sent_at": null, "to": null, "delivery": "pending", "reason": null });
    };
    match &noted.what {
        VerdictDelivery::Sent { to, by } => {
            json!({ "sent_at": noted.at, "to": to, "delivery": by, "reason": null })
        }
        VerdictDelivery::Withheld { reason } => {
            json!({ "sent_at": null, "to": null, "delivery": "withheld", "reason": reason })
        }
        VerdictDelivery::Failed { reason } => {
            json!({ "sent_at": null, "to": null, "delivery": "failed", "reason": reason })
        }
    }
}
