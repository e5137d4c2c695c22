//! All integration tests, one binary.
// Helpers of tests unwrap as tests do; clippy knows only the functions marked #[test].
#![allow(clippy::unwrap_used)]

mod catalogue;
mod commands;
mod configs;
mod deliver;
mod desk;
mod dial;
mod dialogues;
mod dns;
mod domains;
mod expiry;
mod floors;
mod histories;
mod interop;
mod journal;
mod killed;
mod limits;
mod mailauth;
mod networks;
mod rdata;
mod readme;
mod reply;
mod reports;
mod scan;
mod scan_names;
mod scans;
mod spf_agree;
mod supervision;
mod tls;
mod tls_probe;
mod trials;
mod web;
mod zoo;
