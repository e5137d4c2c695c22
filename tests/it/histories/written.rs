//! Histories written by hand: tests/histories.
