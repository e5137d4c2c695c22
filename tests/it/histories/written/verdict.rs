//! A verdict as stable text.

use std::fmt::Write;

use mailassay::sending::history::{History, Seq, TrialEnd};
use mailassay::sending::verdict::{Judgement, Reason, Verdict};
use mailassay::shared::time::Timestamp;

/// The verdict on one trial. `line` tells the line of the journal that an observation came from, `now` is when
/// the journal ends.
pub(super) fn text(
    number: usize,
    history: &History,
    verdict: &Verdict,
    began: Timestamp,
    line: &dyn Fn(Seq) -> usize,
) -> String {
    let mut text = String::new();
    let state = match &history.ended {
        None => "open".to_owned(),
        Some(ended) => {
            let how = match ended.what {
                TrialEnd::Settled => "settled",
                TrialEnd::Expired => "expired",
                TrialEnd::Unjudged => "unjudged",
            };
            format!("{how} at {}", time(ended.at.duration_since(began).as_secs()))
        }
    };
    writeln!(text, "trial {number}: {state}").expect("a String takes all");
    let sources: Vec<_> = history.sources().iter().map(|source| source.address.to_string()).collect();
    writeln!(text, "sources: {}", sources.join(" ")).expect("a String takes all");
    if !history.strangers.is_empty() {
        let strangers: Vec<_> = history.strangers.iter().map(|link| link.address().to_string()).collect();
        writeln!(text, "strangers: {}", strangers.join(" ")).expect("a String takes all");
    }
    text.push_str(&judgement(&verdict.overall, "", line));
    for apart in &verdict.apart {
        writeln!(text, "apart {}:", apart.source).expect("a String takes all");
        text.push_str(&judgement(&apart.judgement, "  ", line));
    }
    text
}

fn judgement(judgement: &Judgement, indent: &str, line: &dyn Fn(Seq) -> usize) -> String {
    let mut text = String::new();
    let terms: Vec<_> = judgement.candidates.iter().map(|term| term.name()).collect();
    let terms = if terms.is_empty() { "none remains".to_owned() } else { terms.join(" ") };
    writeln!(text, "{indent}candidates: {terms}").expect("a String takes all");
    if !judgement.per_destination.is_empty() {
        let terms = judgement.per_destination.iter().map(|(case, term)| format!("{case}={term}"));
        writeln!(text, "{indent}per destination: {}", terms.collect::<Vec<_>>().join(" "))
            .expect("a String takes all");
    }
    for finding in &judgement.findings {
        let mut lines: Vec<_> = finding.evidence.iter().map(|seq| line(*seq)).collect();
        lines.dedup();
        let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
        let row = format!(
            "{indent}{:25}{:14}{:44}{}",
            finding.mechanism.name(),
            finding.result.name(),
            reason(&finding.reason),
            if lines.is_empty() { "-".to_owned() } else { lines.join(" ") },
        );
        writeln!(text, "{row}").expect("a String takes all");
    }
    if let Some((one, other)) = judgement.contradiction {
        writeln!(text, "{indent}contradiction: {} {}", line(one), line(other)).expect("a String takes all");
    }
    text
}

fn reason(reason: &Reason) -> String {
    let list = |servers: &[u8]| servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    match reason {
        Reason::Shown { clear, delivered, refused, left } => {
            let mut parts = vec!["shown".to_owned()];
            for (what, servers) in [("P", clear), ("D", delivered), ("A", refused)] {
                if !servers.is_empty() {
                    parts.push(format!("{what}={}", list(servers)));
                }
            }
            if *left > 0 {
                parts.push(format!("q={left}"));
            }
            parts.join(" ")
        }
        Reason::NotMet(servers) => format!("not-met {}", list(servers)),
        Reason::NoControl(servers) => format!("no-control {}", list(servers)),
        Reason::NotAddressed(case) => format!("not-addressed {case}"),
        Reason::OurFault(what) => format!("our-fault {what}"),
        Reason::Silence => "silence".to_owned(),
        Reason::NoOccasion => "no-occasion".to_owned(),
        Reason::BeforePolicy => "before-policy".to_owned(),
        Reason::Overridden => "overridden".to_owned(),
        Reason::Undone(by) => format!("undone {}", by.name()),
        Reason::AskedFor => "asked-for".to_owned(),
        Reason::NotProved(servers) => format!("not-proved {}", list(servers)),
        Reason::SoundRefused => "sound-refused".to_owned(),
        Reason::NotJudged => "not-judged".to_owned(),
        Reason::SharedSource => "shared-source".to_owned(),
        Reason::OurLimit => "our-limit".to_owned(),
        Reason::Ambiguous => "ambiguous".to_owned(),
        Reason::Contradiction => "contradiction".to_owned(),
    }
}

/// `2h5m10s`.
fn time(seconds: i64) -> String {
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let text: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}
