//! What an actor that is a function hands over on a tick, and the errors that it may return.

use crate::Error;

/// Configuration that a function takes by value: it is copied on every tick.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be handed over on every tick: it is not `Copy`",
    label = "the actor owns it and lends it: write `&{Self}`",
    note = "write `&mut …` for what changes from tick to tick, `&str` for a `String`, `&[T]` for a `Vec<T>`"
)]
pub trait HandedOver: Copy {}

#[diagnostic::do_not_recommend]
impl<T: Copy> HandedOver for T {}

/// The value, once more.
#[inline]
pub fn handed_over<T: HandedOver>(value: &T) -> T {
    *value
}

/// An error that a function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error",
    label = "an actor fails with an error that can be shown",
    note = "return `streamlib::Result<…>`, or implement `std::error::Error` for `{Self}`"
)]
pub trait Failure {
    /// The error as streamlib's own.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> Failure for E {
    fn into_error(self) -> Error {
        // The end of a stream must stay what it is, inside whatever it comes.
        match self.into().downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::Other(other),
        }
    }
}

/// The error as streamlib's own.
#[cold]
pub fn failure<E: Failure>(error: E) -> Error {
    error.into_error()
}
