//! All integration tests, one binary.

mod catalogue;
mod deliver;
mod desk;
mod dialogues;
mod dns;
mod floors;
mod histories;
mod interop;
mod journal;
mod mailauth;
mod reports;
mod tls;
mod web;
