//! The ready-made actors.
