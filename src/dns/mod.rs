//! The authoritative zones, their signing and serving; validated look-ups.
