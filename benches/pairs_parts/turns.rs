//! Turns, ratios, and how they are told.

use std::error::Error;

/// What a figure must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl Bar {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtMost(bar) => figure <= bar,
            Self::AtLeast(bar) => figure >= bar,
        }
    }

    fn told(self, figure: f64) -> String {
        let word = if self.is_met(figure) { "pass" } else { "FAIL" };
        match self {
            Self::AtMost(bar) => format!("at most {bar}  {word}"),
            Self::AtLeast(bar) => format!("at least {bar}  {word}"),
        }
    }
}

/// Prints a figure with its bar; gives whether it is met.
pub(super) fn tell(what: &str, figure: f64, unit: &str, bar: Bar) -> bool {
    println!("  {what:<44} {figure:>9.3} {unit:<6} {}", bar.told(figure));
    bar.is_met(figure)
}

/// Two figures of each round.
#[derive(Debug, Default)]
pub(super) struct Pair {
    ours: Vec<f64>,
    peer: Vec<f64>,
}

impl Pair {
    pub(super) fn add(&mut self, (ours, peer): (f64, f64)) {
        self.ours.push(ours);
        self.peer.push(peer);
    }

    /// Prints both with their spread, and the median of the rounds' ratios with its bar; gives whether it is met.
    pub(super) fn tell(&self, what: &str, peer: &str, unit: &str, bar: Bar) -> bool {
        let ratios: Vec<f64> = self.ours.iter().zip(&self.peer).map(|(ours, peer)| ours / peer).collect();
        let Spread { least, median, most } = Spread::of(&ratios);
        println!("  {what:<44} ours {}, {peer} {} {unit}", Spread::of(&self.ours), Spread::of(&self.peer));
        println!("  {:<44} {median:.2} ({least:.2} to {most:.2}); {}", "  ratio", bar.told(median));
        bar.is_met(median)
    }
}

/// The median with the least and the most.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(figures: &[f64]) -> Self {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        Self { least: at(0), median: at(sorted.len() / 2), most: at(sorted.len().saturating_sub(1)) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} ({:.3} to {:.3})", self.median, self.least, self.most)
    }
}

/// Somebody's turn in a round.
pub(super) type Turn<'a, T> = &'a mut dyn FnMut(u32) -> Result<T, Box<dyn Error>>;

/// So many rounds, in each of which all have their turn, every second time in the other order. Gives what each of them
/// measured, by round.
pub(super) fn rounds<T>(count: u32, turns: &mut [Turn<'_, T>]) -> Result<Vec<Vec<T>>, Box<dyn Error>> {
    let mut all = Vec::new();
    for round in 0..count {
        let mut measured: Vec<Option<T>> = turns.iter().map(|_| None).collect();
        let mut order: Vec<usize> = (0..turns.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            measured[at] = Some(turns[at](round)?);
        }
        all.push(measured.into_iter().flatten().collect());
    }
    Ok(all)
}

/// The median of figures.
pub(super) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    Spread::of(&figures.into_iter().collect::<Vec<_>>()).median
}

/// The largest of figures.
pub(super) fn most(figures: impl IntoIterator<Item = f64>) -> f64 {
    Spread::of(&figures.into_iter().collect::<Vec<_>>()).most
}
