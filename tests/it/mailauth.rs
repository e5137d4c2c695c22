//! Tests of `mailauth`.
