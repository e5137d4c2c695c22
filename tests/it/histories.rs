//! Tests of `histories`.
