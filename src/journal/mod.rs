//! Append-only observations, the addresses apart from them, the outbox; the only writer.
