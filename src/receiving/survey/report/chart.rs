//! Charts as SVG: each says in words what it shows, for those who hear it, and is readable without colours, on paper too.
//! They are narrow, so that letters stay legible on a telephone.

use std::fmt::Write;

use super::words::{day, percent_of, share};
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
/// Of a day below the chart over time.
const TIME_LABEL_WIDTH: f64 = 84.0;
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

/// Of how many domains shares are, and how many are in none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) measured: u64,
    pub(super) not_measured: u64,
    pub(super) nothing: u64,
}

impl Parts {
    pub(super) fn of(share: &Share) -> Self {
        Self { measured: share.measured, not_measured: share.not_measured, nothing: share.nothing_to_measure }
    }
}

/// A survey in the chart over time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    /// How many are green or white.
    pub(super) good: u64,
    pub(super) parts: Parts,
}

struct Bar {
    label: String,
    count: u64,
    fill: &'static str,
}

pub(super) fn colours(words: &Words, of: &Share) -> String {
    let bar = |colour| Bar { label: words.say(colour), count: of.count(colour), fill: fill(colour) };
    bars_of(words, "colours", &COLOURS.map(bar), Parts::of(of), false)
}

pub(super) fn letters(words: &Words, of: &Share) -> String {
    let bar = |letter: &str| Bar { label: letter.to_owned(), count: of.count(letter), fill: BLUE };
    bars_of(words, "grades", &LETTERS.map(bar), Parts::of(of), false)
}

pub(super) fn scores(words: &Words, of: &Share) -> String {
    let bar = |(range, _)| Bar { label: format!("{range} %"), count: of.count(range), fill: BLUE };
    bars_of(words, "scores", &SCORES.map(bar), Parts::of(of), false)
}

pub(super) fn faults(words: &Words, faults: &[(&'static str, u64)], parts: Parts) -> String {
    let bar = |(check, count): &(&str, u64)| Bar { label: (*check).to_owned(), count: *count, fill: BROWN };
    bars_of(words, "faults", &faults.iter().map(bar).collect::<Vec<_>>(), parts, true)
}

/// Horizontal bars, each with its count and share behind it, of how many that is, and how many are in no share. Long labels
/// stand `above`.
fn bars_of(words: &Words, id: &str, bars: &[Bar], parts: Parts, above: bool) -> String {
    let whole = parts.measured;
    let told = |bar: &Bar| format!("{}: {} ({})", bar.label, bar.count, percent_of(words, bar.count, whole));
    let mut all: Vec<String> = bars.iter().map(told).collect();
    let blanks = [
        ("measured", parts.measured.into()),
        ("missing", parts.not_measured.into()),
        ("nothing", parts.nothing.into()),
    ];
    all.push(words.tell("parts-told", &blanks));
    let (row_height, left) = if above { (HIGH_ROW_HEIGHT, 1.0) } else { (ROW_HEIGHT, LABEL_WIDTH) };
    let height = bars.len() as f64 * row_height + 3.0 * ROW_HEIGHT + 4.0;
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
    let (label_x, anchor, count_x) =
        if above { (0.0, "start", LABEL_WIDTH) } else { (left - 8.0, "end", left + 8.0) };
    let none = |count: u64| words.tell("in-no-share", &[("count", count.into())]);
    let rows = [
        ("measured", parts.measured.to_string()),
        ("not-measured", none(parts.not_measured)),
        ("nothing-to-measure", none(parts.nothing)),
    ];
    for (row, (label, count)) in rows.into_iter().enumerate() {
        let y = bars.len() as f64 * row_height + row as f64 * ROW_HEIGHT + 15.5;
        let _ = writeln!(
            svg,
            "<text x=\"{label_x:.0}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\
             <text x=\"{count_x:.0}\" y=\"{y:.1}\">{}</text>",
            escaped(&words.say(label)),
            escaped(&count)
        );
    }
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

/// Shares over time, the oldest first: points with their values, joined by a line where nothing is missing between them.
pub(super) fn time(words: &Words, moments: &[Moment]) -> String {
    let all: Vec<String> = moments.iter().map(|moment| told(words, moment)).collect();
    let (height, low, high) = (250.0, 195.0, 25.0);
    let mut svg = head(words, "time", &all.join("; "), height);
    for line in [0.0, 50.0, 100.0] {
        let y = low - line / 100.0 * (low - high);
        let _ = writeln!(
            svg,
            "<line x1=\"56\" y1=\"{y:.0}\" x2=\"{:.0}\" y2=\"{y:.0}\" stroke=\"#999\"/><text x=\"50\" y=\"{:.0}\" text-anchor=\"end\">{line:.0} %</text>",
            WIDTH - 4.0,
            y + 4.0
        );
    }
    let first = moments.first().map_or(0, |moment| moment.at.as_second());
    let last = moments.last().map_or(0, |moment| moment.at.as_second());
    let across = |moment: &Moment| {
        let part = (moment.at.as_second() - first) as f64 / (last - first).max(1) as f64;
        90.0 + part * (WIDTH - 140.0)
    };
    let up = |moment: &Moment| low - share(moment.good, moment.parts.measured) / 100.0 * (low - high);
    for joined in moments.split(|moment| moment.parts.measured == 0).filter(|joined| !joined.is_empty()) {
        let place = |moment| format!("{:.1},{:.1}", across(moment), up(moment));
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{BLUE}\" stroke-width=\"2\"/>",
            joined.iter().map(place).collect::<Vec<_>>().join(" ")
        );
    }
    // The last one has its label, and of the others those that have room.
    let mut room_to = f64::INFINITY;
    for moment in moments.iter().rev() {
        let (x, y, is_measured) = (across(moment), up(moment), moment.parts.measured > 0);
        if is_measured {
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{BLUE}\"/>");
        }
        if x > room_to {
            continue;
        }
        room_to = x - TIME_LABEL_WIDTH;
        if is_measured {
            let _ = write!(
                svg,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                y - 9.0,
                percent_of(words, moment.good, moment.parts.measured)
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"216\" text-anchor=\"middle\">{}</text><text x=\"{x:.1}\" y=\"236\" text-anchor=\"middle\" font-size=\"12\">({})</text>",
            day(words, moment.at),
            moment.parts.not_measured
        );
    }
    svg + "</svg>\n"
}

fn told(words: &Words, moment: &Moment) -> String {
    let Parts { measured, not_measured, nothing } = moment.parts;
    let mut blanks = vec![
        ("day", day(words, moment.at).into()),
        ("missing", not_measured.into()),
        ("nothing", nothing.into()),
    ];
    if measured == 0 {
        return words.tell("point-empty-told", &blanks);
    }
    blanks
        .extend([("share", percent_of(words, moment.good, measured).into()), ("measured", measured.into())]);
    words.tell("point-told", &blanks)
}

fn head(words: &Words, id: &str, told: &str, height: f64) -> String {
    let title = format!("{}. {}", words.say(id), words.say(&format!("{id}-told")));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"{id}-title {id}-words\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"14\" fill=\"#222\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-words\">{}</desc>\n<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(&title),
        escaped(told)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::survey::report::words;
    use crate::shared::text::Language;

    fn moment(day: i64, measured: u64) -> Moment {
        let at = Timestamp::from_second(day * 86_400).unwrap_or_default();
        Moment { at, good: measured / 2, parts: Parts { measured, not_measured: 3, nothing: 0 } }
    }

    #[test]
    fn time_has_a_gap_where_nothing_was_measured_and_labels_where_there_is_room() {
        let moments: Vec<Moment> = (0..40).map(|day| moment(day, if day == 20 { 0 } else { 10 })).collect();
        let svg = time(words::of(Language::En), &moments);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 39);
        let at = |text: &&str| text.contains("y=\"216\"");
        let x = |text: &str| text.split("x=\"").nth(1)?.split('"').next()?.parse::<f64>().ok();
        let labels: Vec<f64> =
            svg.split("<text ").filter(at).filter_map(|text| x(&format!(" {text}"))).collect();
        assert!((3..=5).contains(&labels.len()), "{labels:?}");
        assert!(labels.windows(2).all(|pair| pair[0] - pair[1] >= TIME_LABEL_WIDTH), "{labels:?}");
        assert!(svg.contains("1970-01-21: none measured, 3 not measured"), "{svg}");
    }
}
