//! Charts as SVG: each says in words what it shows, for those who hear it, and is readable without colours, on paper too.

use std::fmt::Write;

use crate::receiving::survey::tally::{COLOURS, LETTERS, SCORES, Share};
use crate::shared::time::Timestamp;

const WIDTH: f64 = 640.0;
const LABEL_WIDTH: f64 = 190.0;
const ROW_HEIGHT: f64 = 24.0;
const BAR_HEIGHT: f64 = 16.0;

/// A part of a whole in per cent; of nothing, none.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// Per cent with one digit.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", share(part, whole)) }
}

/// What stands for a character in XML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

struct Bar {
    label: String,
    count: u64,
    fill: &'static str,
}

pub(super) fn colours(of: &Share) -> String {
    let fill = |colour: &str| match colour {
        "green" => "#2e7d32",
        "white" => "#f5f5f5",
        "yellow" => "#f2c230",
        _ => "#c62828",
    };
    let bars =
        COLOURS.map(|colour| Bar { label: colour.to_owned(), count: of.count(colour), fill: fill(colour) });
    bars_of("colours", "Domains by colour", &bars, of.measured, Some(of.not_measured))
}

pub(super) fn letters(of: &Share) -> String {
    let bars =
        LETTERS.map(|letter| Bar { label: letter.to_owned(), count: of.count(letter), fill: "#3d6fb4" });
    bars_of("grades", "Domains by grade", &bars, of.measured, Some(of.not_measured))
}

pub(super) fn scores(of: &Share) -> String {
    let bars =
        SCORES.map(|(range, _)| Bar { label: format!("{range} %"), count: of.count(range), fill: "#3d6fb4" });
    bars_of("scores", "Domains by score", &bars, of.measured, Some(of.not_measured))
}

pub(super) fn faults(faults: &[(&'static str, u64)], counted: u64) -> String {
    let bar = |(check, count): &(&'static str, u64)| Bar {
        label: (*check).to_owned(),
        count: *count,
        fill: "#8a5a2b",
    };
    let bars: Vec<Bar> = faults.iter().map(bar).collect();
    bars_of("faults", "Checks that most domains fail", &bars, counted, None)
}

/// Horizontal bars, each with its count and share beside it.
fn bars_of(id: &str, title: &str, bars: &[Bar], whole: u64, not_measured: Option<u64>) -> String {
    let told = |bar: &Bar| format!("{}: {} ({})", bar.label, bar.count, percent(bar.count, whole));
    let mut words: Vec<String> = bars.iter().map(told).collect();
    words.extend(not_measured.map(|count| format!("not measured, and in no share: {count}")));
    let rows = bars.len() + usize::from(not_measured.is_some());
    let mut svg = head(id, title, &words.join("; "), rows as f64 * ROW_HEIGHT + 4.0);
    let room = WIDTH - LABEL_WIDTH - 150.0;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1) as f64;
    for (row, bar) in bars.iter().enumerate() {
        let (y, width) = (row as f64 * ROW_HEIGHT, bar.count as f64 / most * room);
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABEL_WIDTH:.0}\" y=\"{:.0}\" width=\"{width:.1}\" height=\"{BAR_HEIGHT:.0}\" fill=\"{}\" stroke=\"#333\"/>\
             <text x=\"{:.1}\" y=\"{:.0}\">{} ({})</text>",
            LABEL_WIDTH - 8.0,
            y + 15.0,
            escaped(&bar.label),
            y + 3.0,
            bar.fill,
            LABEL_WIDTH + width + 8.0,
            y + 15.0,
            bar.count,
            percent(bar.count, whole)
        );
    }
    if let Some(count) = not_measured {
        let y = bars.len() as f64 * ROW_HEIGHT + 15.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{y:.0}\" text-anchor=\"end\">not measured</text><text x=\"{:.0}\" y=\"{y:.0}\">{count}, in no share</text>",
            LABEL_WIDTH - 8.0,
            LABEL_WIDTH + 8.0
        );
    }
    svg + "</svg>\n"
}

/// One bar of all colours, for a group; its words are in the table beside it.
pub(super) fn strip(of: &Share) -> String {
    let (width, height) = (160.0, 14.0);
    let mut x = 0.0;
    let mut svg = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" aria-hidden=\"true\">"
    );
    for (colour, fill) in COLOURS.iter().zip(["#2e7d32", "#f5f5f5", "#f2c230", "#c62828"]) {
        let part = share(of.count(colour), of.measured) / 100.0 * width;
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"0\" width=\"{part:.1}\" height=\"{height}\" fill=\"{fill}\" stroke=\"#333\"/>"
        );
        x += part;
    }
    svg + "</svg>"
}

/// Shares over time: points with their values, joined by a line.
pub(super) fn time(points: &[(Timestamp, f64, u64)]) -> String {
    let day = |at: Timestamp| at.to_string().chars().take(10).collect::<String>();
    let told = |(at, share, missing): &(Timestamp, f64, u64)| {
        format!("{}: {share:.1} %, {missing} not measured", day(*at))
    };
    let words: Vec<String> = points.iter().map(told).collect();
    let (height, low, high) = (240.0, 190.0, 20.0);
    let mut svg = head("time", "Share of green and white over time", &words.join("; "), height);
    let first = points.first().map_or(0, |point| point.0.as_second());
    let last = points.last().map_or(0, |point| point.0.as_second());
    let place = |(at, share, _): &(Timestamp, f64, u64)| {
        let part = (at.as_second() - first) as f64 / (last - first).max(1) as f64;
        (60.0 + part * (WIDTH - 140.0), low - share / 100.0 * (low - high))
    };
    for line in [0.0, 50.0, 100.0] {
        let y = low - line / 100.0 * (low - high);
        let _ = writeln!(
            svg,
            "<line x1=\"50\" y1=\"{y:.0}\" x2=\"{:.0}\" y2=\"{y:.0}\" stroke=\"#bbb\"/><text x=\"44\" y=\"{:.0}\" text-anchor=\"end\">{line:.0} %</text>",
            WIDTH - 60.0,
            y + 4.0
        );
    }
    let path: Vec<String> = points
        .iter()
        .map(|point| {
            let (x, y) = place(point);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#3d6fb4\" stroke-width=\"2\"/>",
        path.join(" ")
    );
    for point in points {
        let (x, y) = place(point);
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#3d6fb4\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.1} %</text><text x=\"{x:.1}\" y=\"210\" text-anchor=\"middle\">{}</text><text x=\"{x:.1}\" y=\"228\" text-anchor=\"middle\">n/m {}</text>",
            y - 9.0,
            point.1,
            day(point.0),
            point.2
        );
    }
    svg + "</svg>\n"
}

fn head(id: &str, title: &str, words: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"{id}-title {id}-words\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-words\">{}</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(title),
        escaped(words)
    )
}
