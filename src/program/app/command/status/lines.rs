//! What an operator wants to know, in ten lines of 80 columns. What is wrong comes with its reason, below them.

use crate::operations::metrics::{Ending, Snapshot};
use crate::sending::history::SelfCheck;
use crate::shared::text::{Tone, clean};
use crate::shared::time::Timestamp;

/// How wide a line may be, in columns.
const COLUMNS: usize = 80;
/// Where texts begin: behind the symbol and the longest name.
const INDENT: usize = 15;

/// A line: how good it is, what it is about, and what is to be said of it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) tone: Tone,
    name: &'static str,
    text: String,
}

impl Line {
    pub(super) fn new(tone: Tone, name: &'static str, text: impl Into<String>) -> Self {
        Self { tone, name, text: text.into() }
    }

    /// As it is printed, broken where it is too long.
    pub(super) fn shown(&self) -> String {
        let mut shown = format!("{} {:width$}", self.tone.symbol(), self.name, width = INDENT - 2);
        let mut column = INDENT;
        for (number, word) in clean(&self.text).split_whitespace().enumerate() {
            let length = word.chars().count();
            if number > 0 && column + 1 + length > COLUMNS {
                shown += &format!("\n{:INDENT$}", "");
                column = INDENT;
            } else if number > 0 {
                shown.push(' ');
                column += 1;
            }
            shown += word;
            column += length;
        }
        shown + "\n"
    }
}

/// What is to be said of a service.
pub(super) fn lines(snapshot: &Snapshot, now: Timestamp) -> Vec<Line> {
    let mut lines = vec![
        service(snapshot, now),
        self_check(snapshot, now),
        mail(snapshot),
        trials(snapshot),
        verdicts(snapshot),
        dns(snapshot),
        journal(snapshot),
        disks(snapshot),
        ends(snapshot, now),
        log(snapshot),
    ];
    let health = &snapshot.health;
    lines.extend(health.trouble.iter().map(|trouble| Line::new(Tone::Bad, "trouble", trouble)));
    lines.extend(health.warnings.iter().map(|warning| Line::new(Tone::Warning, "warning", warning)));
    lines
}

fn service(snapshot: &Snapshot, now: Timestamp) -> Line {
    let dead: Vec<&str> =
        snapshot.parts.iter().filter(|(_, lives)| !**lives).map(|(part, _)| part.as_str()).collect();
    let memory = snapshot
        .process
        .as_ref()
        .map_or(String::new(), |process| format!(", {} MiB of memory", process.resident_octets >> 20));
    let runs = format!("{} runs for {}{memory}", snapshot.version, span(seconds(snapshot.started, now)));
    match dead.is_empty() {
        true => Line::new(Tone::Good, "service", runs),
        false => Line::new(Tone::Bad, "service", format!("{runs}; dead: {}", dead.join(", "))),
    }
}

fn self_check(snapshot: &Snapshot, now: Timestamp) -> Line {
    let name = "self-check";
    let Some((at, checked)) = &snapshot.health.last else {
        return Line::new(Tone::Info, name, "the first one is under way");
    };
    let red: Vec<String> = ["DNS", "certificates", "policy host"]
        .into_iter()
        .zip(checked.parts())
        .filter_map(|(part, state)| match state {
            SelfCheck::Red { reason } => Some(format!("{part}: {reason}")),
            SelfCheck::Green => None,
        })
        .collect();
    let ago = span(seconds(*at, now));
    match red.is_empty() {
        true => Line::new(Tone::Good, name, format!("green {ago} ago: DNS, certificates, policy host")),
        false => Line::new(Tone::Bad, name, format!("red {ago} ago; {}", red.join("; "))),
    }
}

fn mail(snapshot: &Snapshot) -> Line {
    let counted = &snapshot.counted;
    let links: u64 = counted.links.values().flat_map(|outcomes| outcomes.values()).sum();
    let [taken, held, failed] =
        ["acknowledged", "held", "tls-failed"].map(|outcome| counted.links_that(outcome));
    let text = format!("{links} connections: {taken} acknowledged, {held} held, {failed} failed in TLS");
    Line::new(Tone::Good, "mail", text)
}

fn trials(snapshot: &Snapshot) -> Line {
    let (trials, counted) = (&snapshot.trials, &snapshot.counted);
    let ended: u64 = counted.trials_ended.values().sum();
    let unjudged = counted.trials_ended.get("unjudged").copied().unwrap_or(0);
    let mut text = format!(
        "{} open of {}, {} opened, {ended} ended",
        trials.open, trials.open_max, counted.trials_opened
    );
    if unjudged > 0 {
        text += &format!(", {unjudged} of them could not be judged: see the log, and report it");
    }
    let is_full = trials.open_max > 0 && trials.open >= trials.open_max;
    if is_full {
        text += "; new senders are put off: raise trials.open_trials_max";
    }
    let tone = if unjudged > 0 || is_full { Tone::Warning } else { Tone::Good };
    Line::new(tone, "trials", text)
}

fn verdicts(snapshot: &Snapshot) -> Line {
    let name = "verdicts";
    let Some(outbox) = &snapshot.outbox else {
        return Line::new(Tone::Bad, name, "the outbox cannot be read");
    };
    let count = |what: &str| snapshot.counted.verdicts.get(what).copied().unwrap_or(0);
    let [sent, withheld, failed] = ["sent", "withheld", "failed"].map(count);
    let mut text = format!("{} wait, {sent} sent, {withheld} withheld, {failed} failed", outbox.waiting());
    if outbox.overdue_s > LATE_S {
        text += &format!("; the first waits for {}", span(outbox.overdue_s));
    }
    let tone = if outbox.overdue_s > LATE_S || failed > 0 { Tone::Warning } else { Tone::Good };
    Line::new(tone, name, text)
}

/// How long a verdict may be overdue before that is worth a word, in seconds.
const LATE_S: u64 = 600;

fn dns(snapshot: &Snapshot) -> Line {
    let counted = &snapshot.counted;
    let questions: u64 = counted.questions.values().flat_map(|answers| answers.values()).sum();
    let fetches: u64 = counted.fetches.values().sum();
    Line::new(
        Tone::Good,
        "DNS, policy",
        format!("noted: {questions} questions, {fetches} to the policy host"),
    )
}

fn journal(snapshot: &Snapshot) -> Line {
    let journal = &snapshot.journal;
    let octets: u64 = journal.octets.values().sum();
    let most = journal.octets_max.map_or(String::new(), |most| format!(" of {} MiB", most >> 20));
    let rows =
        journal.rows.as_ref().map_or(String::new(), |rows| format!(", {} rows", rows.values().sum::<u64>()));
    let figures = &journal.figures;
    let commits: u64 = figures.commits.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "a mean of milliseconds")]
    let mean_ms = figures.commits_s * 1_000.0 / commits.max(1) as f64;
    let mut text = format!("{} MiB{most}{rows}, {mean_ms:.1} ms a commit", octets >> 20);
    if figures.dropped > 0 {
        text += &format!(", {} observations dropped", figures.dropped);
    }
    let is_written = snapshot.health.trouble.is_none();
    let tone = match (is_written, figures.dropped) {
        (false, _) => Tone::Bad,
        (true, 0) => Tone::Good,
        (true, _) => Tone::Warning,
    };
    Line::new(tone, "journal", text)
}

fn disks(snapshot: &Snapshot) -> Line {
    let shown = |octets: u64| match octets >> 30 {
        0 => format!("{} MiB", octets >> 20),
        gib => format!("{gib} GiB"),
    };
    let closed: Vec<&str> =
        snapshot.disks.iter().filter(|disk| !disk.writable).map(|disk| disk.place.as_str()).collect();
    let Some(least) = snapshot.disks.iter().min_by_key(|disk| disk.free_octets) else {
        return Line::new(Tone::Info, "disk", "it is looked at");
    };
    let free = format!("{} free of {} ({})", shown(least.free_octets), shown(least.size_octets), least.place);
    match closed.is_empty() {
        true => Line::new(Tone::Good, "disk", free),
        false => Line::new(Tone::Bad, "disk", format!("{free}; cannot be written: {}", closed.join(", "))),
    }
}

fn ends(snapshot: &Snapshot, now: Timestamp) -> Line {
    let first = |ends: &[Ending]| ends.iter().min_by_key(|end| end.at).cloned();
    let said = |what: &str, end: &Ending| match now < end.at {
        true => format!("{what} in {} ({})", span(seconds(now, end.at)), end.name),
        false => format!("{what} have ended ({})", end.name),
    };
    let ends = [("certificates", first(&snapshot.certificates)), ("signatures", first(&snapshot.signatures))];
    let over = ends.iter().any(|(_, end)| end.as_ref().is_some_and(|end| end.at <= now));
    let told: Vec<String> = ends.iter().filter_map(|(what, end)| Some(said(what, end.as_ref()?))).collect();
    let tone = if over { Tone::Bad } else { Tone::Good };
    Line::new(tone, "first ends", told.join(", "))
}

fn log(snapshot: &Snapshot) -> Line {
    let log = &snapshot.log;
    let tone = if log.panics > 0 || log.errors > 0 { Tone::Warning } else { Tone::Good };
    let mut text = format!("{} errors, {} warnings, {} panics", log.errors, log.warnings, log.panics);
    if tone == Tone::Warning {
        text += ": `journalctl -u mailassay -p err`";
    }
    Line::new(tone, "log", text)
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second() - from.as_second()).unwrap_or(0)
}

/// A time in its two largest units.
fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {} min", minutes % 60),
        (1, ..) => format!("1 day {} h", hours % 24),
        _ => format!("{days} days"),
    }
}
