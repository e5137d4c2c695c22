//! An operator's places: whoever scans, and in however many processes, it sees two connections at a time.

mod contract;
mod processes;
