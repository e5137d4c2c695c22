//! Mailassay: a reference-grade test mail server.
//!
//! Somebody sends one mail to its test addresses and receives a verdict by mail. Two programs share this house:
//! [`receiving`] measures how well a domain receives mail, and [`sending`] how a system protects the mail that it
//! sends. Both stand on [`shared`]: what domains publish, the wire protocols, evidence and texts. [`operations`] keeps a
//! service alive for years, and [`program`] makes one program of all. `ARCHITECTURE.md` has the floor plan, and a test
//! holds the code to it.

pub mod operations;
pub mod program;
pub mod receiving;
pub mod sending;
pub mod shared;
