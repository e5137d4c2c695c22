//! Where the world is met.

/// The ports of the demo's service, on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    pub smtp: u16,
    pub dns: u16,
    /// The policy host.
    pub policy_host: u16,
    pub site: u16,
}
