//! What keeps a service alive for years, and needs neither a trial nor a scan for it. Its rooms know the protocols and the
//! files of operators; what they look after is handed in by the roof.

pub mod backup;
pub mod certificates;
pub mod delegation;
pub mod host;
pub mod metrics;
