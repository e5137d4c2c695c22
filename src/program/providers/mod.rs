//! Providers: what the operator publishes of how they send and receive, and the evidence behind every cell.
//!
//! A [`Row`] is a pure function of [`Exhibit`]s, which are redacted; the [`Register`] keeps both, and makes public what the
//! operator says and nothing else. [`tell`] says a row in words, [`export`] gives the published part to other programs.

mod exhibit;
pub mod export;
mod hall;
mod provider;
mod register;
mod reporters;
mod row;
mod settings;
mod statistics;
pub mod tell;

pub use exhibit::{DOCUMENT_OCTETS_MAX, Document, Exhibit};
pub use hall::{Standing, sends_well, standing};
pub use provider::{FileError, NoProvider, NoProviderName, Provider, ProviderName, read_file, write_file};
pub use register::{
    Added, CHANGES_MAX, Cause, Change, ChangeKind, Dated, Entry, HallEntry, Published, Register,
    RegisterError,
};
pub use reporters::{
    Faults, Reporter, SCORES_KEPT_DAYS, joined, kept_reporters, reporters, reporters_json, reporters_text,
    score,
};
pub use row::{
    Amount, Cell, CheckShown, Colour, ConnectionShown, Counting, DomainRow, FetchShown, Freshness, InBoth,
    Measure, Note, Noted, Proof, QuestionShown, Row, RowSchema, Rules, Seen, SendingRow, TrialShown, Worth,
};
pub use settings::Settings;
pub use statistics::{Count, Statistics};
