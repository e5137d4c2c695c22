//! Mailassay: a reference-grade test mail server.
//!
//! Somebody sends one mail to its test addresses and receives a verdict by mail. This is the tour, from the
//! ground up; `ARCHITECTURE.md` has the floor plan, and a test holds the code to it.
//!
//! *Ground floor, pure:* [`trial`] (identities, paces), [`policy`] (what a domain publishes), [`persona`] (the
//! catalogue of virtual MX hosts), [`evidence`] (what was seen of a peer), [`history`] (observations, and the
//! trials computed from them), [`verdict`] (what they mean), [`report`] (how it is said).
//!
//! *First floor, the protocols:* [`keyfile`] (secrets in files), [`tls`], [`dial`], [`dns`], [`mailauth`], [`smtp`].
//!
//! *Second floor, the services:* [`journal`], [`trials`], [`desk`], [`deliver`], [`scan`], [`reply`], [`web`].
//!
//! *The roof:* [`config`], [`demo`], [`app`].

pub mod app;
pub mod config;
pub mod deliver;
pub mod demo;
pub mod desk;
pub mod dial;
pub mod dns;
pub mod evidence;
pub mod history;
pub mod journal;
pub mod keyfile;
pub mod mailauth;
pub mod persona;
pub mod policy;
pub mod reply;
pub mod report;
pub mod scan;
pub mod smtp;
pub mod tls;
pub mod trial;
pub mod trials;
pub mod verdict;
pub mod web;
