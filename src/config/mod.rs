//! The file as written, and each room's settings from it.
