//! What cannot be a message.

use super::parse::Kind;
use crate::errors::Errors;

/// Tells every lifetime: a message outlives whatever it could borrow from.
pub fn check(kind: &Kind, errors: &mut Errors) {
    for lifetime in kind.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            format!(
                "a message cannot borrow: `{}` travels to other tasks, and stays in a ring after the sender has \
                 gone on; own the data, or share it in an `Arc`",
                kind.name
            ),
        );
    }
}
