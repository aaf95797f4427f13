//! What must hold: integration tests that use streamlib as a user does.
