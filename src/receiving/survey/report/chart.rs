//! Charts as SVG: each says in words what it shows, for those who hear it, and is readable without colours, on paper too.
//! They are narrow, so that letters stay legible on a telephone.

use std::fmt::Write;

use super::words::{day, percent, percent_of, share};
use crate::receiving::survey::tally::{COLOURS, LETTERS, SCORES, Share};
use crate::shared::text::Words;
use crate::shared::time::Timestamp;

const WIDTH: f64 = 440.0;
/// Of the labels beside bars.
const LABEL_WIDTH: f64 = 124.0;
/// Of the numbers behind bars.
const NUMBERS_WIDTH: f64 = 104.0;
const ROW_HEIGHT: f64 = 26.0;
/// Of a row whose label stands above its bar.
const HIGH_ROW_HEIGHT: f64 = 42.0;
const BAR_HEIGHT: f64 = 16.0;
const BLUE: &str = "#3d6fb4";
const BROWN: &str = "#8a5a2b";

/// What stands for a character in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn fill(colour: &str) -> &'static str {
    match colour {
        "green" => "#2e7d32",
        "white" => "#f5f5f5",
        "yellow" => "#f2c230",
        _ => "#c62828",
    }
}

struct Bar {
    label: String,
    count: u64,
    fill: &'static str,
}

pub(super) fn colours(words: &Words, of: &Share) -> String {
    let bar = |colour| Bar { label: words.say(colour), count: of.count(colour), fill: fill(colour) };
    bars_of(words, "colours", &COLOURS.map(bar), of.measured, of.not_measured, false)
}

pub(super) fn letters(words: &Words, of: &Share) -> String {
    let bar = |letter: &str| Bar { label: letter.to_owned(), count: of.count(letter), fill: BLUE };
    bars_of(words, "grades", &LETTERS.map(bar), of.measured, of.not_measured, false)
}

pub(super) fn scores(words: &Words, of: &Share) -> String {
    let bar = |(range, _)| Bar { label: format!("{range} %"), count: of.count(range), fill: BLUE };
    bars_of(words, "scores", &SCORES.map(bar), of.measured, of.not_measured, false)
}

pub(super) fn faults(
    words: &Words,
    faults: &[(&'static str, u64)],
    checked: u64,
    not_measured: u64,
) -> String {
    let bar = |(check, count): &(&str, u64)| Bar { label: (*check).to_owned(), count: *count, fill: BROWN };
    bars_of(words, "faults", &faults.iter().map(bar).collect::<Vec<_>>(), checked, not_measured, true)
}

/// Horizontal bars, each with its count and share behind it, and how many are in no share. Long labels stand `above`.
fn bars_of(words: &Words, id: &str, bars: &[Bar], whole: u64, not_measured: u64, above: bool) -> String {
    let told = |bar: &Bar| format!("{}: {} ({})", bar.label, bar.count, percent_of(words, bar.count, whole));
    let mut all: Vec<String> = bars.iter().map(told).collect();
    all.push(words.tell("not-measured-told", &[("count", not_measured.into())]));
    let (row_height, left) = if above { (HIGH_ROW_HEIGHT, 1.0) } else { (ROW_HEIGHT, LABEL_WIDTH) };
    let height = bars.len() as f64 * row_height + ROW_HEIGHT + 4.0;
    let mut svg = head(words, id, &all.join("; "), height);
    let room = WIDTH - left - NUMBERS_WIDTH;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1) as f64;
    for (row, bar) in bars.iter().enumerate() {
        let (top, width) = (row as f64 * row_height, bar.count as f64 / most * room);
        let y = if above { top + 22.0 } else { top + 3.0 };
        let (label_x, label_y, anchor) =
            if above { (0.0, top + 15.0, "start") } else { (left - 8.0, y + 12.5, "end") };
        let _ = writeln!(
            svg,
            "<text x=\"{label_x:.0}\" y=\"{label_y:.1}\" text-anchor=\"{anchor}\">{}</text>\
             <rect x=\"{left:.0}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"{BAR_HEIGHT:.0}\" fill=\"{}\" stroke=\"#555\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{} ({})</text>",
            escaped(&bar.label),
            bar.fill,
            left + width + 8.0,
            y + 12.5,
            bar.count,
            percent_of(words, bar.count, whole)
        );
    }
    let y = bars.len() as f64 * row_height + 15.5;
    let (label_x, anchor, count_x) =
        if above { (0.0, "start", LABEL_WIDTH) } else { (left - 8.0, "end", left + 8.0) };
    let _ = writeln!(
        svg,
        "<text x=\"{label_x:.0}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\
         <text x=\"{count_x:.0}\" y=\"{y:.1}\">{}</text>",
        escaped(&words.say("not-measured")),
        escaped(&words.tell("in-no-share", &[("count", not_measured.into())]))
    );
    svg + "</svg>\n"
}

/// One bar of all colours, for a group; its words are in the table beside it.
pub(super) fn strip(of: &Share) -> String {
    let (width, height) = (160.0, 12.0);
    let mut x = 0.0;
    let mut svg = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" aria-hidden=\"true\">"
    );
    for colour in COLOURS.iter().filter(|colour| of.count(colour) > 0) {
        let part = share(of.count(colour), of.measured) / 100.0 * width;
        let fill = fill(colour);
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"0\" width=\"{part:.1}\" height=\"{height}\" fill=\"{fill}\" stroke=\"#555\"/>"
        );
        x += part;
    }
    svg + "</svg>"
}

/// Shares over time: points with their values, joined by a line.
pub(super) fn time(words: &Words, points: &[(Timestamp, f64, u64)]) -> String {
    let told = |(at, share, missing): &(Timestamp, f64, u64)| {
        let blanks = [
            ("day", day(words, *at).into()),
            ("share", percent(words, *share).into()),
            ("missing", (*missing).into()),
        ];
        words.tell("point-told", &blanks)
    };
    let all: Vec<String> = points.iter().map(told).collect();
    let (height, low, high) = (250.0, 195.0, 25.0);
    let mut svg = head(words, "time", &all.join("; "), height);
    let first = points.first().map_or(0, |point| point.0.as_second());
    let last = points.last().map_or(0, |point| point.0.as_second());
    let place = |(at, share, _): &(Timestamp, f64, u64)| {
        let part = (at.as_second() - first) as f64 / (last - first).max(1) as f64;
        (90.0 + part * (WIDTH - 140.0), low - share / 100.0 * (low - high))
    };
    for line in [0.0, 50.0, 100.0] {
        let y = low - line / 100.0 * (low - high);
        let _ = writeln!(
            svg,
            "<line x1=\"56\" y1=\"{y:.0}\" x2=\"{:.0}\" y2=\"{y:.0}\" stroke=\"#999\"/><text x=\"50\" y=\"{:.0}\" text-anchor=\"end\">{line:.0} %</text>",
            WIDTH - 4.0,
            y + 4.0
        );
    }
    let path: Vec<String> = points.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{BLUE}\" stroke-width=\"2\"/>",
        path.join(" ")
    );
    for point in points {
        let (x, y) = place(point);
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{BLUE}\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text x=\"{x:.1}\" y=\"216\" text-anchor=\"middle\">{}</text><text x=\"{x:.1}\" y=\"236\" text-anchor=\"middle\" font-size=\"12\">({})</text>",
            y - 9.0,
            percent(words, point.1),
            day(words, point.0),
            point.2
        );
    }
    svg + "</svg>\n"
}

fn head(words: &Words, id: &str, told: &str, height: f64) -> String {
    let title = format!("{}. {}", words.say(id), words.say(&format!("{id}-told")));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"{id}-title {id}-words\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"14\" fill=\"#222\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-words\">{}</desc>\n<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(&title),
        escaped(told)
    )
}
