//! Ruled cases: a recipient domain each, with a faulty host first and a sound one behind it, whose records, certificates,
//! policy and behaviour follow from one file by rule, for its permanent name and for that of every trial.

mod entrance;
mod hosts;
mod policy;
mod spec;
mod words;

pub use entrance::Entrance;
pub use policy::{Listed, Oddity, PolicyDefect, PolicySpec, Then};
pub use spec::{
    AddressFamily, CaseCertificate, Expected, Family, HostSpec, Layout, LookupFault, Reach, RuledCase,
    SmtpBehaviour, Standing, Suite, TlsaOf, TlsaPlan, Trait, ZoneState,
};
pub(crate) use words::words;
