//! Open trials: what to offer, hold or acknowledge.
