//! The ways in which a row is run.

/// When a trial ends, how quickly its sender comes back, and whether others make noise beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To the end of the patience: every server must see what the row's cells say.
    Patience,
    /// As soon as all is known.
    Early,
    /// To the end of the patience, with noise and a forger.
    PatienceNoisy,
    /// As soon as all is known, with noise and a forger.
    EarlyNoisy,
    /// As soon as all is known, with retries that are further apart than the window is long.
    Slow,
    /// The same with noise and a forger.
    SlowNoisy,
}

impl Mode {
    const ALL: [Self; 6] =
        [Self::Patience, Self::Early, Self::PatienceNoisy, Self::EarlyNoisy, Self::Slow, Self::SlowNoisy];

    /// What `MAILASSAY_INTEROP_MODES` asks for, with commas between, if anything.
    ///
    /// # Panics
    /// If it names what is no mode.
    pub(crate) fn wanted() -> Option<Vec<Self>> {
        let wanted = std::env::var("MAILASSAY_INTEROP_MODES").ok()?;
        if wanted == "all" {
            return Some(Self::ALL.to_vec());
        }
        let named = |name: &str| Self::ALL.into_iter().find(|mode| mode.name() == name);
        let modes = wanted.split(',').map(|name| named(name).unwrap_or_else(|| panic!("no mode: {name}")));
        Some(modes.collect())
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Patience => "patience",
            Self::Early => "early",
            Self::PatienceNoisy => "patience-noisy",
            Self::EarlyNoisy => "early-noisy",
            Self::Slow => "slow",
            Self::SlowNoisy => "slow-noisy",
        }
    }

    /// The setting `pace.settle`.
    pub(crate) fn settle(self) -> &'static str {
        match self {
            Self::Patience | Self::PatienceNoisy => "patience",
            Self::Early | Self::EarlyNoisy | Self::Slow | Self::SlowNoisy => "early",
        }
    }

    /// Whether strangers make noise and forge beside it.
    pub(crate) fn is_noisy(self) -> bool {
        matches!(self, Self::PatienceNoisy | Self::EarlyNoisy | Self::SlowNoisy)
    }

    /// `pace.window_s` and `pace.patience_s`.
    pub(crate) fn pace_s(self) -> (u32, u32) {
        match self {
            Self::Patience | Self::Early | Self::PatienceNoisy | Self::EarlyNoisy => (8, 70),
            Self::Slow | Self::SlowNoisy => (4, 160),
        }
    }

    /// The sender's pace by name, and the seconds between its attempts, where its product can choose them.
    pub(crate) fn retries(self) -> (&'static str, &'static str) {
        match self {
            Self::Patience | Self::Early | Self::PatienceNoisy | Self::EarlyNoisy => ("quick", "3"),
            Self::Slow | Self::SlowNoisy => ("slow", "7"),
        }
    }
}
