//! Where the world is met, and which part of it is played.

/// The ports of the demo's service, on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    pub smtp: u16,
    pub dns: u16,
    /// The policy host.
    pub policy_host: u16,
    pub site: u16,
}

/// Which suite the samples send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Played {
    /// The classic one, `et` and `ut`.
    Classic,
    /// The first cases.
    First,
}
