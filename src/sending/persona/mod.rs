//! The catalogue of personas and cases, and the closed vocabulary of their faults.
//!
//! A persona is one file and a case is one file, each stating only how it differs from the sound one. All
//! else derives from them: MX lists, certificates, TLSA and other DNS records, SMTP behaviour, the MTA-STS
//! policy and the tables of the documentation.

mod addresses;
mod catalogue;
mod lack;
mod load;
mod ruled;
mod spec;

pub use addresses::Addresses;
pub use catalogue::Catalogue;
pub use lack::Lack;
pub use load::{CatalogueError, CatalogueFiles};
pub(crate) use ruled::words;
pub use ruled::{
    AddressFamily, CaseCertificate, Entrance, Expected, Family, HostSpec, Layout, Listed, LookupFault,
    Oddity, PolicyDefect, PolicySpec, Reach, RuledCase, SmtpBehaviour, Standing, Suite, Then, TlsaOf,
    TlsaPlan, Trait, ZoneState,
};
pub use spec::{Case, CaseId, Certificate, Dnssec, Persona, PersonaId, StandsFor, TlsaSpec};
