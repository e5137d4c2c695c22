//! The verdict mail: compose, outbox, delivery.
