//! Nothing but a test: see `one_liner.rs`.
