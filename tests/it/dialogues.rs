//! Tests of `dialogues`.
