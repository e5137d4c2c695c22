//! Tests of `interop`.
