//! All integration tests, one binary.
// Helpers of tests unwrap as tests do; clippy knows only the functions marked #[test].
#![allow(clippy::unwrap_used)]
#![expect(clippy::disallowed_methods, reason = "the clock: tests run beside programs that run by it")]

mod acme;
mod api;
mod backups;
mod catalogue;
mod commands;
mod configs;
mod debian;
mod deliver;
mod desk;
mod dial;
mod dialogues;
mod dns;
mod documented;
mod documents;
mod domain_checks;
mod domains;
mod expiry;
mod first_hour;
mod floors;
mod fuzz;
mod histories;
mod interop;
mod journal;
mod killed;
mod limits;
mod mailauth;
mod networks;
mod nodes;
mod packages;
mod postgres;
mod providers;
mod rdata;
mod readme;
mod reload;
mod reply;
mod reports;
mod rfcs;
mod rights;
mod scan;
mod scan_names;
mod scans;
mod setup;
mod spf_agree;
mod supervision;
mod survey;
mod tls;
mod tls_probe;
mod tls_reports;
mod trials;
mod watch;
mod web;
mod years;
mod zoo;
