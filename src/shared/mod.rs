//! What both halves of the house stand on: names and policies as text, the wire protocols, evidence, texts.
//!
//! Nothing here knows of a trial, a persona or a check.

pub mod database;
pub mod dial;
pub mod dns;
pub mod domain_name;
pub mod evidence;
pub mod keyfile;
pub mod mailauth;
pub mod policy;
pub mod smtp;
pub mod text;
pub mod time;
pub mod tls;
