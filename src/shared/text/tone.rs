//! How good something is.

/// How good something is. Shown by a symbol as well as by a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// It protects the mail.
    Good,
    /// It does not protect the mail.
    Bad,
    /// It does so far, and should be replaced.
    Warning,
    #[default]
    Info,
    /// It could not be told.
    Inconclusive,
}

impl Tone {
    /// The symbol that stands beside the text, so that no colour is needed.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Good => "✔",
            Self::Bad => "✘",
            Self::Warning => "!",
            Self::Info => "–",
            Self::Inconclusive => "?",
        }
    }

    /// Its name, which is its class in HTML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// Its colour where no style sheet is heeded, as some mail programs do: dark enough on white for WCAG AA.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Good => "#0a6b2d",
            Self::Bad => "#b3161b",
            Self::Warning => "#8a5300",
            Self::Info => "#4a5560",
            Self::Inconclusive => "#8a5300",
        }
    }
}
