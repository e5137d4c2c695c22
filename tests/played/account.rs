//! What a lie was told of, short enough for the end of a log: a run is never the same twice.

use std::fmt::Write as _;

use mailassay::sending::history::{History, Link};
use mailassay::sending::verdict::Judgement;
use mailassay::shared::time::Timestamp;

/// The findings with what they cite, and what was seen, in seconds since the first link.
pub(super) fn seen(judgement: &Judgement, history: &History) -> String {
    let began = history.links.first().map_or(history.opened, |first| first.link.opened);
    let mut lines = Vec::new();
    let s = |at: Timestamp| at.duration_since(began).as_secs_f64();
    for attributed in &history.links {
        let link = &attributed.link;
        lines.push((link.first, format!("{:.1} {:?} {}", s(link.opened), attributed.strength, of(link))));
    }
    for query in &history.queries {
        lines.push((query.seq, format!("{:.1} {} {}", s(query.at), query.what.rtype, query.what.name)));
    }
    for fetch in &history.fetches {
        lines.push((fetch.seq, format!("{:.1} fetch {:?}", s(fetch.at), fetch.what.status)));
    }
    for check in &history.self_checks {
        let what = &check.what;
        let green = [what.dns.is_green(), what.certificates.is_green(), what.policy_host.is_green()];
        lines.push((check.seq, format!("{:.1} self-check {green:?}", s(check.at))));
    }
    lines.sort_by_key(|(seq, _)| *seq);
    let known = history.policy_known_from.map(s);
    let mut said = format!("  policy known from {known:?}, candidates {:?}\n", judgement.candidates);
    let (queries, fetches) = (history.queries_complete, history.fetches_complete);
    let unseen = history.unseen_name_servers();
    let _ = writeln!(said, "  queries complete {queries}, fetches complete {fetches}, unseen {unseen:?}");
    for finding in &judgement.findings {
        let cited: Vec<_> = finding.evidence.iter().map(|seq| seq.0).collect();
        let _ = writeln!(said, "  {} {:?} {cited:?}", finding.mechanism.name(), finding.result);
    }
    for (seq, line) in lines {
        let _ = writeln!(said, "  {} {line}", seq.0);
    }
    said
}

fn of(link: &Link) -> String {
    let tls = link.tls.as_ref().map(|tls| {
        let persona = tls.persona.as_ref().map_or("-".to_owned(), ToString::to_string);
        format!("seq {} {persona} {:?} sni {:?}", tls.seq.0, tls.phase, tls.hello.sni)
    });
    let taken: Vec<_> = link
        .transactions
        .iter()
        .map(|(seq, received)| {
            let cases: Vec<_> = received.recipients.iter().map(|r| r.case.to_string()).collect();
            format!("{} {}", seq.0, cases.join("+"))
        })
        .collect();
    format!(
        "{:?} {} {taken:?} refused={} closing={:?}",
        link.offer.map(|(_, offer)| offer.starttls),
        tls.unwrap_or_default(),
        link.refused_certificate(),
        link.closing.as_ref().map(|closing| (
            closing.seq.0,
            closing.by,
            closing.quit,
            closing.alert.as_ref()
        ))
    )
}
