//! Profiles and grades, of findings written by hand and of evidence.

mod profiles;
mod sections;
mod written;
