//! Bind, spawn, connect, stop in order; the self-check; the only clock.
