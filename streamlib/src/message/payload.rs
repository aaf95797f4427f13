//! What makes a type a message.

use crate::time::TimedTick;

/// A value that an output can publish and an input can read.
///
/// Any type that is `Send + Sync + 'static` can be one: write `#[derive(Message)]` on it, or wrap it in
/// a [`DataMessage`](super::DataMessage). Its items stay in the slots of a ring and are read in place.
///
/// By hand, for a type that wants to know when it was published:
///
/// ```
/// use streamlib::message::Message;
/// use streamlib::time::{TimedTick, Timestamp};
///
/// #[derive(Default)]
/// struct Position {
///     pan: f32,
///     tilt: f32,
///     at: Timestamp,
/// }
///
/// impl Message for Position {
///     const NAME: &'static str = "Position";
///
///     fn stamp(&mut self, tick: TimedTick) {
///         self.at = tick.timestamp;
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "it cannot travel between actors",
    note = "write `#[derive(Message)]` on it, or wrap it: `DataMessage<…>`"
)]
pub trait Message: Send + Sync + 'static {
    /// What status tables and graphs call it: the type's bare name.
    const NAME: &'static str;

    /// Called when the item is published on `tick`, before anybody reads it.
    fn stamp(&mut self, tick: TimedTick) {
        let _ = tick;
    }
}
