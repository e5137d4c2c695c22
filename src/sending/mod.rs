//! How a system protects the mail that it sends: personas and zones to send to, listeners that note what comes, the
//! journal, trials, and the judge.

pub mod authority;
pub mod deliver;
pub mod desk;
pub mod history;
pub mod identities;
pub mod journal;
pub mod listener;
pub mod persona;
pub mod trial;
pub mod trials;
pub mod verdict;
pub mod web;
