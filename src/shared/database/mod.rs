//! Databases: the files of SQLite that one process has for itself, and PostgreSQL, which several nodes share.

pub mod postgres;
pub mod sqlite;
