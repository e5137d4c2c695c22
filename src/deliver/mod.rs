//! The reference sender: acts on what it resolved and fetched.
