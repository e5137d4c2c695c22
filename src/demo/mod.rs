//! A private world on loopback.
