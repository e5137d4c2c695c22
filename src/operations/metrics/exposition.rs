//! A snapshot in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::sending::journal::COMMIT_BUCKETS_S;
use crate::shared::time::Timestamp;

use super::health::parts;
use super::snapshot::{Disk, Ending, Journal, Snapshot};
use super::tally::{ByTwo, Counted};

/// The type of the text (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
pub(super) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// A snapshot as text.
pub(super) fn text(snapshot: Snapshot) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Exposition(snapshot)));
    let mut text = String::new();
    // A string takes all that is written to it.
    let _ = prometheus_text::encode(&mut text, &registry);
    text
}

#[derive(Debug)]
struct Exposition(Snapshot);

impl Collector for Exposition {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (mut page, snapshot) = (Page(encoder), &self.0);
        page.process(snapshot)?;
        page.health(snapshot)?;
        page.trials(snapshot)?;
        page.counted(&snapshot.counted)?;
        page.journal(&snapshot.journal)?;
        page.ends(snapshot)
    }
}

/// The labels of a value.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// What is written.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn process(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let version = [(vec![("version", snapshot.version.as_str())], 1.0)];
        self.gauges("mailassay_build_info", "The program's version.", version)?;
        self.gauge(
            "process_start_time_seconds",
            "When the service began to serve.",
            seconds(snapshot.started),
        )?;
        let Some(process) = &snapshot.process else { return Ok(()) };
        self.gauge("process_resident_memory_bytes", "Memory in use.", real(process.resident_octets))?;
        self.gauge("process_open_fds", "Open files and connections.", real(process.open_files))?;
        if let Some(most) = process.open_files_max {
            self.gauge("process_max_fds", "Files and connections that may be open.", real(most))?;
        }
        let encoder = self.0.encode_descriptor(
            "process_cpu_seconds",
            "Time of processors in user and system mode.",
            None,
            MetricType::Counter,
        )?;
        ConstCounter::new(process.cpu_s).encode(encoder)
    }

    fn health(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let health = &snapshot.health;
        self.gauge(
            "mailassay_ready",
            "Whether a test made now is noted and its verdict holds.",
            bit(health.is_ready()),
        )?;
        self.gauge(
            "mailassay_trouble",
            "Whether something keeps it from its work.",
            bit(health.trouble.is_some()),
        )?;
        self.gauge(
            "mailassay_warnings",
            "Warnings that stand at /ready.",
            real(health.warnings.len() as u64),
        )?;
        let alive = snapshot.parts.iter().map(|(part, alive)| (vec![("part", part.as_str())], bit(*alive)));
        self.gauges("mailassay_part_alive", "Whether a part of the service lives.", alive)?;
        if let Some((at, checked)) = &health.last {
            let green = parts(checked).map(|(part, state)| (vec![("part", part)], bit(state.is_green())));
            self.gauges(
                "mailassay_self_check_green",
                "Whether a part of the last self-check is green.",
                green,
            )?;
            self.gauge("mailassay_self_check_time_seconds", "When the last self-check ended.", seconds(*at))?;
        }
        let levels = [("error", snapshot.log.errors), ("warn", snapshot.log.warnings)];
        let lines = levels.map(|(level, count)| (vec![("level", level)], count));
        self.counters("mailassay_log_lines", "Lines of the log that want attention.", lines)?;
        self.counter(
            "mailassay_panics",
            "Panics, also those that ended a link or a trial alone.",
            snapshot.log.panics,
        )?;
        self.counter("mailassay_clock_jumps", "How often the system's clock was set.", snapshot.clock_jumps)?;
        let disks = |value: fn(&Disk) -> f64| {
            snapshot.disks.iter().map(move |disk| (vec![("place", disk.place.as_str())], value(disk)))
        };
        self.gauges(
            "mailassay_disk_free_bytes",
            "Room on the disk of a place.",
            disks(|disk| real(disk.free_octets)),
        )?;
        self.gauges(
            "mailassay_disk_size_bytes",
            "Size of the disk of a place.",
            disks(|disk| real(disk.size_octets)),
        )?;
        self.gauges(
            "mailassay_place_writable",
            "Whether a place may be written.",
            disks(|disk| bit(disk.writable)),
        )
    }

    fn trials(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let trials = &snapshot.trials;
        let states = [("open", trials.open), ("ended", trials.ended), ("past", trials.past)];
        let states = states.map(|(state, count)| (vec![("state", state)], real(count)));
        self.gauges(
            "mailassay_trials",
            "Trials that are open, that ended lately, and those before.",
            states,
        )?;
        self.gauge("mailassay_trials_open_max", "How many trials may be open.", real(trials.open_max))?;
        let remembered =
            trials.remembered.iter().map(|(what, count)| (vec![("what", what.as_str())], real(*count)));
        self.gauges("mailassay_remembered", "Links, questions and visits in memory.", remembered)?;
        self.gauge(
            "mailassay_checks_waiting",
            "Checks of domains that wait for a place.",
            real(snapshot.checks_waiting),
        )?;
        let Some(outbox) = &snapshot.outbox else { return Ok(()) };
        let states =
            outbox.by_state.iter().map(|(state, count)| (vec![("state", state.as_str())], real(*count)));
        self.gauges("mailassay_outbox_verdicts", "Verdicts by what became of them.", states)?;
        let help = "For how long the verdict waits that is due longest.";
        self.gauge("mailassay_outbox_overdue_seconds", help, real(outbox.overdue_s))
    }

    fn counted(&mut self, counted: &Counted) -> fmt::Result {
        self.counter("mailassay_trials_opened", "Trials that were opened.", counted.trials_opened)?;
        self.counters("mailassay_trials_ended", "Trials that ended.", one("how", &counted.trials_ended))?;
        self.counters(
            "mailassay_verdicts",
            "Verdicts that were handled.",
            one("outcome", &counted.verdicts),
        )?;
        let links = two(["persona", "outcome"], &counted.links);
        self.counters("mailassay_links", "Connections of senders that ended.", links)?;
        let questions = two(["type", "answer"], &counted.questions);
        self.counters("mailassay_dns_questions", "Questions to DNS that were noted.", questions)?;
        let fetches = one("outcome", &counted.fetches);
        self.counters("mailassay_policy_fetches", "Visits to the policy host that were noted.", fetches)?;
        self.counter("mailassay_scans", "Scans of senders' domains.", counted.scans)
    }

    fn journal(&mut self, journal: &Journal) -> fmt::Result {
        let octets =
            journal.octets.iter().map(|(file, octets)| (vec![("file", file.as_str())], real(*octets)));
        self.gauges("mailassay_journal_bytes", "Sizes of the journal's files.", octets)?;
        if let Some(most) = journal.octets_max {
            self.gauge("mailassay_journal_bytes_max", "The largest size of the journal.", real(most))?;
        }
        if let Some(rows) = &journal.rows {
            let rows = rows.iter().map(|(kind, count)| (vec![("kind", kind.as_str())], real(*count)));
            self.gauges("mailassay_journal_rows", "Observations in the journal.", rows)?;
        }
        let figures = &journal.figures;
        self.counter("mailassay_journal_facts", "Observations that were written.", figures.facts)?;
        self.counter(
            "mailassay_journal_failures",
            "Groups of facts that could not be written.",
            figures.failed,
        )?;
        let help = "Observations that were dropped: the queue or the disk was full, or a limit was reached.";
        self.counter("mailassay_dropped_observations", help, figures.dropped)?;
        self.gauge(
            "mailassay_journal_waiting_facts",
            "Facts that wait to be written.",
            real(figures.waiting),
        )?;
        let ends = COMMIT_BUCKETS_S.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = ends.zip(figures.commits).collect();
        let (help, kind) = ("How long commits took.", MetricType::Histogram);
        let mut encoder = self.0.encode_descriptor("mailassay_journal_commit_seconds", help, None, kind)?;
        let all = figures.commits.iter().sum();
        encoder.encode_histogram::<Labels<'_>>(figures.commits_s, all, &buckets, None)
    }

    fn ends(&mut self, snapshot: &Snapshot) -> fmt::Result {
        fn ends<'a>(key: &'static str, ends: &'a [Ending]) -> impl Iterator<Item = (Labels<'a>, f64)> {
            ends.iter().map(move |end| (vec![(key, end.name.as_str())], seconds(end.at)))
        }
        let certificates = ends("name", &snapshot.certificates);
        self.gauges("mailassay_certificate_end_time_seconds", "When a certificate ends.", certificates)?;
        let signatures = ends("zone", &snapshot.signatures);
        self.gauges(
            "mailassay_signature_end_time_seconds",
            "When the first signature of a zone ends.",
            signatures,
        )
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.gauges(name, help, [(Vec::new(), value)])
    }

    fn gauges<'v>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'v>, f64)>,
    ) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in values {
            ConstGauge::new(value).encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.counters(name, help, [(Vec::new(), value)])
    }

    /// Their names go without `_total`, which is added.
    fn counters<'v>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'v>, u64)>,
    ) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            ConstCounter::new(value).encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

fn one<'a>(key: &'static str, counts: &'a BTreeMap<String, u64>) -> impl Iterator<Item = (Labels<'a>, u64)> {
    counts.iter().map(move |(name, count)| (vec![(key, name.as_str())], *count))
}

fn two<'a>(keys: [&'static str; 2], counts: &'a ByTwo) -> impl Iterator<Item = (Labels<'a>, u64)> {
    let [first, second] = keys;
    counts.iter().flat_map(move |(one, counts)| {
        counts.iter().map(move |(two, count)| (vec![(first, one.as_str()), (second, two.as_str())], *count))
    })
}

fn bit(is: bool) -> f64 {
    f64::from(u8::from(is))
}

#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digits say nothing")]
fn real(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit")]
fn seconds(at: Timestamp) -> f64 {
    at.as_second() as f64
}
